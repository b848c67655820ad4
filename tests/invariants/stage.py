"""What the state machine plays with: its people, a small specification, its acts and the transitions it must reach."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from courses.framework.api import Criterion, Framework, Outcome, Section, set_policy
from portfolio.api import EvidenceVersion
from tests import ground
from tests.factories import (
    allocate_assessor,
    make_cohort,
    make_learner,
    make_organisation,
    make_person,
    make_qualification,
)

WATCHED = ("portfolio_", "assessment_", "courses_criterionstatus", "courses_accessgrant", "courses_registration",
           "lms_audit", "lms_notice", "lms_delivery", "lms_job")  # fmt: skip
LIMIT = 2
ACTS = {
    "start": 2, "make_ready": 5, "make_ready_and_submit": 7, "do_it_all": 6, "edit": 12, "declare_draft": 4,
    "submit": 5, "start_new_version": 6, "improve_and_submit_again": 20, "discard": 9, "restore": 16,
    "share": 12, "judge": 12,
    "decide_one": 14, "take_a_decision_over": 6, "settle": 20, "release_one": 5, "declare_an_interest": 6,
    "resolve_an_interest": 9, "grant": 7, "open_one": 6, "take_back": 9, "take_one": 5,
}  # fmt: skip

# What is seldom reached by chance, and what leads to it: done more often while it has been reached least.
STEERED = {
    "decision: saved again": "decide_again", "decision: achieved supersedes changes needed": "achieve_after_all",
    "registration: active to complete": "do_it_all", "registration: complete to active": "do_it_all",
    "evidence: destroyed in the bin": "restore", "judgement: mended": "judge",
    "evidence: declaration taken back by a change": "edit", "submission: by a granted attempt": "grant",
    "evidence: new version of submitted work": "start_new_version", "interest: resolved": "resolve_an_interest",
    "submission: taken by another assessor": "take_one", "evidence: no longer shared": "share",
    "interest: drops a draft": "declare_an_interest", "submission: withdrawn": "take_back",
    "decision: taken over": "take_a_decision_over",
}  # fmt: skip

# Every change of state that the rules allow. The test wants each at least so often.
LEAST = 20
TRANSITIONS = (
    "evidence: started", "evidence: text saved", "evidence: links set", "evidence: declared",
    "evidence: declaration taken back by a change", "evidence: only draft discarded",
    "evidence: draft of a new version discarded", "evidence: taken out of the bin", "evidence: destroyed in the bin",
    "evidence: new version of submitted work",
    "evidence: new version of decided work", "evidence: shared", "evidence: no longer shared",
    "version: draft to submitted", "version: submitted to decided",
    "submission: first attempt", "submission: again after changes needed", "submission: again after achieved",
    "submission: by a granted attempt",
    "submission: opened", "submission: withdrawn", "submission: taken by another assessor",
    "version: submitted to draft", "judgement: made", "judgement: mended",
    "decision: drafted", "decision: saved again", "decision: taken over",
    "decision: counts as achieved", "decision: counts as changes needed",
    "decision: achieved supersedes changes needed", "decision: changes needed supersedes achieved",
    "submission: released", "interest: declared", "interest: drops a draft", "interest: resolved",
    "attempt: granted", "registration: active to complete", "registration: complete to active",
)  # fmt: skip


def make_framework(code: str) -> Framework:
    """A published specification of three criteria."""
    framework = Framework.objects.create(
        code=code, title="Small", publisher="X", edition="1", level=3, sector="early_years", licence="",
        attribution="", source_digest="",
    )  # fmt: skip
    section = Section.objects.create(framework=framework, code="1", title="One", position=1)
    for position, (outcome_code, letters) in enumerate([("1.1", ""), ("1.2", "ab")], 1):
        outcome = Outcome.objects.create(
            framework=framework, section=section, code=outcome_code, text="x", kind="knowledge",
            list_force="all" if letters else "", position=position,
        )  # fmt: skip
        for each in [f"{outcome_code}.{letter}" for letter in letters] or [outcome_code]:
            Criterion.objects.create(framework=framework, outcome=outcome, code=each, text="x",
                                     position=position * 10 + len(each))  # fmt: skip
    Framework.objects.filter(pk=framework.pk).update(published_at=timezone.now())
    return framework


class Stage:
    """The people and the small specification, made once; each example is rolled back to it."""

    def __init__(self) -> None:
        at = timezone.now()
        self.framework = make_framework("machine")
        self.criteria = list(self.framework.criteria.order_by("position"))
        qualification = make_qualification(framework=self.framework)
        set_policy(qualification, by=None, at=at - timedelta(days=9), attempt_limit=LIMIT)
        centre, setting = make_organisation("centre"), make_organisation()
        cohort = make_cohort(qualification, centre)
        self.assessors = [make_person(f"Assessor {n}", ("assessor", centre)) for n in (1, 2)]
        self.lead = make_person("Lead", ("lead_iqa", centre))
        self.stranger = make_person("Stranger", ("assessor", centre))
        self.registrations = [make_learner(cohort, setting=setting, name=f"Learner {n}") for n in (1, 2)]
        for registration in self.registrations:
            for assessor in self.assessors:
                allocate_assessor(registration, assessor)


def said(version: EvidenceVersion) -> tuple[Any, ...]:
    """Everything that a version says."""
    links = sorted((link.criterion_id, link.where, link.why) for link in version.links.all())
    return (
        version.number, version.kind, version.title, version.text, version.ai_used, version.happened_on,
        version.authenticity_declared_at, version.child_identity_declared_at, version.submitted_at, links,
    )  # fmt: skip


def unwatched() -> set[str]:
    """Tables that no act of the machine writes to."""
    return {table for table in ground.tables() if not table.startswith(WATCHED)}
