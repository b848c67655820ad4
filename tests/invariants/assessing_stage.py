"""What the assessment machine plays with: its people, and every change of state that the rules allow."""

from datetime import timedelta

from django.utils import timezone

from assessment.models import (
    Decision,
    DualRoleDeclaration,
    DualRolePolicy,
    InterestDeclaration,
    Objection,
    VersionJudgement,
)
from courses.delivery.api import Allocation, Hold
from courses.framework.api import set_policy
from portfolio.api import Submission
from tests.factories import (
    allocate_assessor,
    make_cohort,
    make_learner,
    make_organisation,
    make_person,
    make_qualification,
    make_unqualified,
)

from .stage import make_framework

LEAST = 20
ALLOWED = {
    "submission": (
        "new to waiting", "waiting to opened", "opened to released", "opened to handed on", "handed on to opened",
        "handed on to released",
    ),
    "judgement": ("new to made", "made to mended", "mended to mended"),
    "decision": (
        "new to draft", "draft to dropped", "draft to counts", "draft to provisional", "draft to pending_scrutiny",
        "provisional to pending_scrutiny", "provisional to counts", "provisional to reopened",
        "pending_scrutiny to counts", "pending_scrutiny to reopened", "reopened to superseded",
        "counts to superseded", "counts to held", "held to counts", "held to superseded", "held to reopened",
    ),
    "interest": ("new to open", "open to cleared", "open to stands_aside", "open to unavoidable"),
    "declaration": ("new to dual", "new to single"),
    "policy": ("new to forbid", "new to second_scrutiny", "new to always_sampled", "new to allow"),
    "objection": ("new to open", "open to upheld", "open to not_upheld"),
    "hold": (
        "new to open", "open to released", "open to replace", "open to destroyed", "replace to released",
        "replace to destroyed",
    ),
}  # fmt: skip
TRANSITIONS = [f"{kind}: {change}" for kind, changes in ALLOWED.items() for change in changes] + [
    "criterion: submitted again after changes needed", "criterion: submitted again after it was reopened",
    "release: refused for a dual role", "release: always sampled", "check: refused while evidence is on hold",
]  # fmt: skip


class AssessingStage:
    """Two learners; two qualified assessors, one who is not, an Area SENCO, a second assessor who checks."""

    def __init__(self) -> None:
        at = timezone.now()
        self.framework = make_framework("assessing")
        self.criteria = list(self.framework.criteria.order_by("position"))
        self.ao = make_organisation("awarding_organisation")
        qualification = make_qualification(self.ao, framework=self.framework)
        set_policy(qualification, by=None, at=at - timedelta(days=9), attempt_limit=None)
        authority = make_organisation("local_authority")
        centre, setting = make_organisation("centre"), make_organisation()
        cohort = make_cohort(qualification, centre, authority)
        self.qualified = [make_person(f"Assessor {n}", ("assessor", centre)) for n in (1, 2)]
        self.trainee_assessor = make_unqualified(make_person("Unqualified", ("assessor", centre)))
        self.area_senco = make_person("Area SENCO", ("assessor", centre), ("area_senco", authority))
        self.checker = make_person("Checker", ("assessor", centre))
        self.lead = make_person("Lead", ("lead_iqa", centre))
        self.protector = make_person("Protector", ("data_protection", centre))
        self.administrator = make_person("Administrator", ("centre_administrator", self.ao))
        self.deciders = [*self.qualified, self.trainee_assessor, self.area_senco]
        self.registrations = [make_learner(cohort, setting=setting, name=f"Learner {n}") for n in (1, 2)]
        for registration in self.registrations:
            for user in self.deciders:
                allocate_assessor(registration, user)
            allocate_assessor(registration, self.checker, Allocation.Role.SECOND_ASSESSOR)


def snapshot(stage: AssessingStage) -> dict[tuple[str, int], str]:
    """The state of everything that has one."""
    mine = {"registration__in": stage.registrations}
    found: dict[tuple[str, int], str] = {}
    for row in Submission.objects.filter(**mine):
        found["submission", row.pk] = (
            "released" if row.released_at else "handed on" if row.handed_on_at else "opened" if row.opened_at
            else "waiting"
        )  # fmt: skip
    for pk, state, is_held in Decision.objects.filter(**mine).values_list("pk", "state", "is_held"):
        found["decision", pk] = "held" if is_held else state
    for pk, outcome in InterestDeclaration.objects.filter(**mine).values_list("pk", "outcome"):
        found["interest", pk] = outcome or "open"
    for pk, outcome in Objection.objects.filter(**mine).values_list("pk", "outcome"):
        found["objection", pk] = outcome or "open"
    for pk, state in Hold.objects.filter(**mine).values_list("pk", "state"):
        found["hold", pk] = state
    for declared in DualRoleDeclaration.objects.filter(**mine):
        found["declaration", declared.pk] = "dual" if declared.is_dual else "single"
    for pk, rule in DualRolePolicy.objects.filter(organisation=stage.ao).values_list("pk", "rule"):
        found["policy", pk] = rule
    judged = VersionJudgement.objects.filter(version__evidence__registration__in=stage.registrations)
    for pk, note in judged.values_list("pk", "note"):
        found["judgement", pk] = f"mended {note}" if note else "made"
    return found


def changes(before: dict[tuple[str, int], str], after: dict[tuple[str, int], str]) -> list[str]:
    """What moved from which state to which."""
    found = []
    for kind, pk in sorted(before.keys() | after.keys()):
        was, now = before.get((kind, pk), "new"), after.get((kind, pk), "dropped")
        if was != now:
            found.append(f"{kind}: {was.split(' ')[0] if kind == 'judgement' else was} to "
                         f"{now.split(' ')[0] if kind == 'judgement' else now}")  # fmt: skip
    return found
