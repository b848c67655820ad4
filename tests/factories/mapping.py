"""A small qualification of an awarding organisation, mapped onto the DfE's statements."""

from django.utils import timezone

from courses.framework.api import Criterion, CriterionMapping, Framework, Outcome, Qualification, Section

from .learning import FRAMEWORK, make_qualification

Relation = CriterionMapping.Relation
# Four units, each a section with its criteria: (code, text, kind, what it answers of the DfE's list and how).
UNITS: dict[str, list[tuple[str, str, str, dict[str, str]]]] = {
    "Understand special educational needs": [
        ("U1.1", "Define special educational needs", "knowledge", {"1.1": "exact"}),
        ("U1.2", "Describe the four areas of need", "knowledge", {f"1.2.{letter}": "part" for letter in "abcd"}),
    ],
    "The graduated approach": [
        ("U2.1", "Explain the assess, plan, do, review cycle", "knowledge",
         {f"1.7.{letter}": "part" for letter in "abcd"}),
        ("U2.2", "Review a child's support plan", "skill", {"1.12": "related"}),
    ],
    "Reflective practice": [("U3.1", "Reflect on your own practice", "skill", {"2.4": "exact"})],
    "Working with others": [
        ("U4.1", "Work with a therapist on one child's plan", "skill", {"4.2.c": "exact", "2.2.d": "related"}),
        ("U4.2", "Use the awarding organisation's log book", "knowledge", {}),
    ],
}  # fmt: skip


def make_mapped_qualification(code: str = "ao-units") -> Qualification:
    """A qualification on a published framework of four units, mapped onto the DfE's statements."""
    framework = Framework.objects.create(
        code=code, title="Units of Northern Awards", publisher="Northern Awards", edition="2026", level=3,
        sector="early_years", licence="Made up for tests", attribution="Made up for tests", source_digest="0" * 64,
    )  # fmt: skip
    answered = dict(Criterion.objects.filter(framework__code=FRAMEWORK).values_list("code", "pk"))
    position = 0
    for number, (title, rows) in enumerate(UNITS.items(), 1):
        section = Section.objects.create(framework=framework, code=f"U{number}", title=title, position=number)
        for row_code, text, kind, answers in rows:
            position += 1
            place = {"framework": framework, "code": row_code, "text": text, "position": position}
            outcome = Outcome.objects.create(section=section, kind=kind, **place)
            criterion = Criterion.objects.create(outcome=outcome, **place)
            for target, relation in answers.items():
                CriterionMapping.objects.create(
                    source=criterion, target_id=answered[target], relation=Relation(relation)
                )
    framework.published_at = timezone.now()
    framework.save()
    return make_qualification(framework=framework, policy={})
