"""The demonstration: everybody stands where they are meant to, by way of the product's own acts, and it loads once."""

import hashlib
from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, TestCase
from django.utils import timezone

from assessment.api import Decision, InterestDeclaration, VersionJudgement
from courses.delivery.api import (
    Allocation,
    Cohort,
    CriterionStatus,
    LearnerNumber,
    NumberMatch,
    Registration,
    StudyProgress,
)
from courses.delivery.identifiers import is_valid_uln
from courses.framework.api import Criterion
from courses.pages.models import CoursePage
from lms.accounts.api import Organisation, User
from lms.audit.models import AuditEvent
from lms.common.models import Job
from lms.dashboards.demonstration import people, pictures, stories, texts, words
from lms.notices.models import Delivery, Notice
from portfolio.api import Evidence, EvidenceFile, EvidenceVersion, Submission, candidates
from portfolio.processing.kinds import WORD

# Each trainee: criteria achieved, submitted, changes needed and in draft, and the state of the registration.
STANDING = {
    "Priya Nair": (16, 6, 1, 1, "active"),
    "Gwen Tate": (0, 0, 0, 0, "active"),
    "Zoe Hartley": (0, 0, 0, 0, "active"),
    "Siobhan Dunne": (0, 0, 0, 0, "active"),
    "Hana Suzuki": (0, 0, 0, 1, "active"),
    "Imelda Cruz": (0, 0, 0, 2, "active"),
    "Olivia Stanton": (0, 0, 0, 1, "active"),
    "Esi Asante": (0, 6, 0, 0, "active"),
    "Rachel Goodwin": (0, 8, 0, 1, "active"),
    "Farida Rahman": (0, 10, 0, 0, "active"),
    "Beth Lowry": (8, 7, 0, 1, "active"),
    "Chloe Rust": (8, 7, 0, 1, "active"),
    "Kayleigh Moss": (12, 3, 0, 1, "active"),
    "Tessa Bramley": (10, 8, 0, 0, "active"),
    "Sunita Patel": (20, 1, 0, 1, "active"),
    "Dilys Parry": (31, 8, 0, 1, "active"),
    "Liam Cartwright": (31, 0, 0, 1, "active"),
    "Joanne Whitlock": (33, 14, 0, 0, "active"),
    "Magda Nowak": (31, 6, 0, 1, "active"),
    "Ngozi Okafor": (39, 8, 0, 1, "active"),
    "Farah Khan": (16, 0, 1, 0, "active"),
    "Paula Reyes": (18, 0, 4, 0, "active"),
    "Amara Obi": (57, 0, 0, 0, "complete"),
    "Vera Popescu": (60, 0, 0, 0, "complete"),
}
pytestmark = [pytest.mark.slow, pytest.mark.alike]


def _load() -> str:
    """What the command printed."""
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def _of(name: str) -> Registration:
    return Registration.objects.get(learner__name=name)


def _rows() -> dict[str, str]:
    """A digest of every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


class TestDemonstration(TestCase):
    """The demonstration, loaded once for all of these and rolled back."""

    printed: str

    @classmethod
    def setUpTestData(cls) -> None:
        cls.printed = _load()

    def test_everybody_stands_where_they_are_meant_to(self):
        kept = ("achieved", "submitted", "referred", "in_progress")
        found = {}
        for registration in Registration.objects.select_related("learner"):
            counts = Counter(CriterionStatus.objects.filter(registration=registration).values_list("status", flat=True))
            found[registration.learner.name] = (*(counts[status] for status in kept), registration.state)
        assert found == STANDING
        stages = Counter(story.stage for story in stories.STORIES.values())
        assert stages == {"not started": 3, "drafting": 3, "waiting": 3, "on the way": 6, "half way": 5,
                          "changes needed": 2, "complete": 2}  # fmt: skip

    def test_chains_hold_in_the_order_of_time_and_every_status_follows(self):
        call_command("verify_audit", stdout=StringIO())
        call_command("rebuild_status", "--check", stdout=StringIO())
        events = AuditEvent.objects.order_by("stream_id", "sequence").values_list("stream_id", "stream__name", "at")
        backwards = [
            (name, at)
            for (stream, name, at), (earlier_stream, _, earlier) in zip(events[1:], events, strict=False)
            if stream == earlier_stream and at < earlier and name.startswith("registration")
        ]
        assert backwards == []
        assert AuditEvent.objects.filter(at__gt=timezone.now()).count() == 0

    def test_one_authority_one_centre_one_cohort_in_twelve_settings(self):
        kinds = Counter(Organisation.objects.values_list("kind", flat=True))
        assert kinds == {"awarding_organisation": 1, "local_authority": 1, "centre": 1, "setting": 12}
        cohort = Cohort.objects.get()
        assert (cohort.places, cohort.registrations.count()) == (24, 24)
        assert cohort.course_id == CoursePage.objects.get(slug="level-3-early-years-senco").pk
        used = Organisation.objects.filter(placements__registration__cohort=cohort).distinct()
        assert used.count() == 12
        assert set(used.filter(ofsted_urn="").values_list("name", flat=True)) == {
            "Farida Rahman, childminder", "Siobhan Dunne, childminder"
        }  # fmt: skip
        assessors = Counter(Allocation.objects.filter(role="assessor").values_list("user__name", flat=True))
        assert assessors == {"Dana Hughes": 10, "Ruth Mensah": 7, "Marcus Oyelaran": 7}
        supported = Allocation.objects.filter(role="supporter").values_list("user__name", flat=True)
        assert list(supported) == ["Ruth Mensah"] * 17

    def test_the_trainee_whom_visitors_see_has_something_of_everything(self):
        registration = _of("Priya Nair")
        submissions = list(Submission.objects.filter(registration=registration).order_by("number"))
        assert [submission.is_open for submission in submissions] == [False, False, True]
        assert set(submissions[0].decisions.values_list("outcome", flat=True)) == {"achieved"}
        sent_back = submissions[1].decisions.get(outcome="referred")
        assert (sent_back.criterion.code, sent_back.feedback != "") == ("1.12", True)
        unread = Notice.objects.filter(user=registration.learner, read_at__isnull=True)
        assert set(unread.values_list("url", flat=True)) == {
            "/portfolio/assessment-plan/", f"/portfolio/submissions/{submissions[1].ref}/"
        }  # fmt: skip
        drafts = EvidenceVersion.objects.filter(evidence__registration=registration, state="draft")
        own, recorded = drafts.filter(recorded_by=None), drafts.exclude(recorded_by=None)
        assert list(own.values_list("title", flat=True)) == ["The morning that went wrong"]
        signed = {version.kind: version.signed_at is not None for version in recorded}
        assert signed == {"observation": True, "professional_discussion": False}
        half_read = StudyProgress.objects.get(registration=registration, finished_at__isnull=True)
        assert half_read.anchor
        manager = User.objects.get(name="Anita Brook")
        assert list(Evidence.objects.visible_to(manager).values_list("versions__title", flat=True)) == [
            "One child, one cycle"
        ]

    def test_queues_hold_overdue_begun_and_barred_work(self):
        waiting = Submission.objects.filter(released_at__isnull=True)
        late = waiting.filter(due_on__lt=timezone.localdate()).values_list("registration__learner__name", flat=True)
        assert set(late) == {"Rachel Goodwin", "Farida Rahman", "Beth Lowry", "Joanne Whitlock"}
        begun = Decision.objects.filter(state="draft").values_list("registration__learner__name", flat=True)
        assert set(begun) == {"Farida Rahman", "Magda Nowak"}
        interest = InterestDeclaration.objects.get(resolved_at__isnull=True)
        assert (interest.user.name, interest.registration.learner.name) == ("Marcus Oyelaran", "Tessa Bramley")
        assert waiting.filter(registration=interest.registration).exists()
        unsound = VersionJudgement.objects.get(current=False)
        assert unsound.note
        at_limit = candidates(_of("Farah Khan"), at=timezone.now())
        codes = {c.criterion.code: [reason.code for reason in c.reasons] for c in at_limit}
        assert codes["2.3"] == ["rule-20-attempts"]

    def test_numbers_are_valid_and_one_waits_for_the_centre(self):
        assert LearnerNumber.objects.count() == 20
        assert all(is_valid_uln(uln) for uln in LearnerNumber.objects.values_list("uln", flat=True))
        match = NumberMatch.objects.get(settled_at__isnull=True)
        assert match.registration.learner.name == "Olivia Stanton"
        assert LearnerNumber.objects.get(uln=match.uln).learner.name == "Kayleigh Moss"

    def test_no_email_is_left_over_and_only_the_news_is_sent_now(self):
        assert set(Job.objects.values_list("state", flat=True)) == {"done"}
        assert Delivery.objects.filter(sent_at__isnull=True).count() == 0
        news = Notice.objects.filter(created_at__gte=timezone.now() - timedelta(days=4))
        assert 0 < news.count() < 30
        assert not Notice.objects.exclude(pk__in=news).filter(read_at__isnull=True).exists()

    def test_the_named_people_sign_in_and_nobody_is_a_superuser(self):
        assert self.printed.count("Trainee ") == 24
        assert f"Password: {django_settings.DEMO_PASSWORD}" in self.printed
        for email in people.SIGN_INS:
            assert f"  {email}\n" in self.printed
            assert Client().login(email=email, password=django_settings.DEMO_PASSWORD), email
        assert not User.objects.filter(is_superuser=True).exists()
        course = CoursePage.objects.get(slug="level-3-early-years-senco")
        may_edit = {
            user.email for user in User.objects.all() if course.permissions_for_user(user).can_edit()
        }  # fmt: skip
        assert may_edit == {"author@demo.example", "reviewer@demo.example", "publisher@demo.example"}

    def test_a_second_run_changes_no_row(self):
        before = _rows()
        assert "nothing changed" in _load()
        assert _rows() == before

    def test_evidence_reads_as_somebody_wrote_it(self):
        submitted = EvidenceVersion.objects.exclude(state="draft")
        assert not [v.title for v in submitted if not 60 <= v.words <= 260]
        assert not [v.text for v in EvidenceVersion.objects.all() if "{" in v.text or "}" in v.text]
        kinds = Counter(EvidenceFile.objects.values_list("content_type", flat=True))
        assert set(kinds) == {"image/png", "application/pdf", WORD}
        same = Counter(submitted.values_list("text", flat=True)).most_common(1)[0]
        assert same[1] == 1, same[0]


def test_it_is_refused_where_the_password_is_not_public(db: None, settings: Any):
    settings.DEMO_PASSWORD = ""
    with pytest.raises(CommandError, match="demo only"):
        call_command("load_demo")
    assert User.objects.count() == 0


def test_every_criterion_has_a_piece_a_reason_and_a_rationale(db: None):
    codes = set(Criterion.objects.values_list("code", flat=True))
    assert {code for piece in texts.PIECES.values() for code in piece.criteria} == codes
    assert set(words.LINKS) == codes
    assert set(words.RATIONALES) == set(texts.PIECES)
    assert {trainee.name for trainee in people.TRAINEES} == set(stories.STORIES)
    attached = {piece.file for piece in texts.PIECES.values()} - {""}
    assert attached == pictures.BOARDS.keys() | pictures.PAGES.keys() | pictures.LETTERS.keys()
