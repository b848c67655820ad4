"""Submissions that an assessor had begun before opening was an act of its own are opened: their learner cannot take
them back."""

from django.db import migrations


def open_what_was_begun(apps, schema_editor):
    Submission = apps.get_model("portfolio", "Submission")
    Decision = apps.get_model("assessment", "Decision")
    VersionJudgement = apps.get_model("assessment", "VersionJudgement")
    waiting = Submission.objects.filter(opened_at=None, released_at=None, withdrawn_at=None)
    for submission in waiting.iterator():
        times = list(Decision.objects.filter(submission=submission).values_list("started_at", flat=True))
        judged = VersionJudgement.objects.filter(version__submitted_for__submission=submission)
        times += judged.values_list("judged_at", flat=True)
        if times:
            Submission.objects.filter(pk=submission.pk).update(opened_at=min(times))


class Migration(migrations.Migration):
    dependencies = [
        ("assessment", "0003_initial"),
        ("portfolio", "0002_portfolio_of_every_kind"),
    ]

    operations = [migrations.RunPython(open_what_was_begun, migrations.RunPython.noop)]
