"""The assessment plan of a learner: the assessor writes and proposes it, the learner agrees it or sends it back."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.urls import reverse

from assessment.models import AssessmentPlan, Decision, PlannedAssessment
from assessment.policies import check_no_interest
from assessment.queries_plan import lacks_of, latest_plan
from courses.delivery.api import Allocation, Registration, in_force, lock_registration, registration_stream
from courses.framework.api import Criterion
from lms.accounts.api import Role, User
from lms.audit.api import Action, record
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.api import Submission

State = AssessmentPlan.State
WHAT_LENGTH = PlannedAssessment._meta.get_field("what").max_length or 0


@dataclass(frozen=True)
class Line:
    """What an assessor typed in one line of a plan; a draft may lack any of it."""

    what: str = ""
    method: str = ""
    criteria: frozenset[int] = frozenset()
    due_on: date | None = None
    is_visit: bool = False
    starts: time | None = None
    minutes: int | None = None
    place: str = ""

    @classmethod
    def of(cls, row: PlannedAssessment) -> "Line":
        """What is saved."""
        criteria = frozenset(criterion.pk for criterion in row.criteria.all())
        return cls(row.what, row.method, criteria, row.due_on, row.is_visit, row.starts, row.minutes, row.place)

    @property
    def base(self) -> str:
        """A digest that the line's form carries, so that a colleague's change is never overwritten unseen."""
        words = [self.what, self.method, self.due_on, self.is_visit, self.starts, self.minutes, self.place]
        said = "\n".join(str(word) for word in (*words, *sorted(self.criteria)))
        return uuid5(UUID(int=0), said).hex[:16]


class LineChanged(Refused):
    """A line was saved elsewhere since its form was shown. `saved`: what stands there now."""

    def __init__(self, saved: Line) -> None:
        super().__init__("plan-line-changed", "This line was changed in another tab or by a colleague. What is saved "
                         "now is shown below. Save again to keep what you typed instead.")  # fmt: skip
        self.saved = saved


def why_not_plan(user: User, registration: Registration) -> Refused | None:
    """Why somebody may not write a learner's plan today; None when they may: an allocated assessor who still holds the
    role, while the registration is open."""
    if registration.learner_id == user.pk:
        return Refused("plan-own-work", "This is your own plan. Your assessor writes it, and you agree it.")
    if not user.has_role(Role.ASSESSOR) or user.pk not in _assessors(registration):
        return Refused("plan-not-allocated", "You are not this trainee’s assessor now.")
    if registration.state not in Registration.OPEN_STATES:
        return Refused("registration-closed", f"The registration is closed ({registration.get_state_display()}). Its "
                       "plan can be read, but not changed.")  # fmt: skip
    return None


def begin_plan(registration: Registration, *, after: Submission | None = None, by: User,
               at: datetime) -> AssessmentPlan:  # fmt: skip
    """The draft to go on with: the one that is open, or a new revision that begins as a copy of the latest plan.
    `after`: the released submission whose criteria with changes needed get a line of their own, once."""
    with transaction.atomic():
        registration = _locked(registration.pk, by)
        latest = latest_plan(registration)
        if latest is not None and latest.state == State.PROPOSED:
            raise Refused("plan-waits", f"{registration.learner.name} has not answered plan {latest.number} yet. Take "
                          "it back if you want to change it.")  # fmt: skip
        plan = latest if latest is not None and latest.state == State.DRAFT else _copy(registration, latest, by, at)
        if after is not None:
            _add_after(plan, after)
    return plan


def _copy(registration: Registration, latest: AssessmentPlan | None, by: User, at: datetime) -> AssessmentPlan:
    plan = AssessmentPlan.objects.create(
        registration=registration, number=latest.number + 1 if latest else 1, written_by=by, written_at=at,
        reason=latest.reason if latest and latest.state == State.SENT_BACK else "",
    )  # fmt: skip
    for row in latest.lines.prefetch_related("criteria") if latest else []:
        _write(PlannedAssessment(plan=plan, ref=row.ref), Line.of(row))
    return plan


def _add_after(plan: AssessmentPlan, submission: Submission) -> None:
    """A line for what a submission left to do. Its ref follows from the submission: asked twice, it is added once."""
    referred = Decision.objects.filter(
        submission=submission, registration=plan.registration_id, state=Decision.State.COUNTS,
        outcome=Decision.Outcome.REFERRED,
    )  # fmt: skip
    criteria = frozenset(referred.values_list("criterion_id", flat=True))
    ref = uuid5(submission.ref, "assessment-plan")
    if not criteria or plan.lines.filter(ref=ref).exists():
        return
    words = f"New evidence after the feedback on submission {submission.number}"
    _write(PlannedAssessment(plan=plan, ref=ref), Line(what=words, criteria=criteria))
    if not plan.reason:
        plan.reason = f"After the feedback on submission {submission.number}."
        plan.save(update_fields=["reason"])


def save_line(plan: AssessmentPlan, ref: UUID, line: Line, *, base: str = "", by: User,
              at: datetime) -> PlannedAssessment:  # fmt: skip
    """Saves a line of a draft, or adds it. Never refused for what is missing; only for what a colleague saved since
    the form was shown (`base`: see Line.base), and for criteria of another qualification."""
    with transaction.atomic():
        draft = _draft(plan, by)
        row = draft.lines.filter(ref=ref).prefetch_related("criteria").first()
        if row is not None and base not in ("", (saved := Line.of(row)).base) and saved != line:
            raise LineChanged(saved)
        if row is not None and Line.of(row) == line:
            return row
        framework = draft.registration.qualification.framework_id
        if Criterion.objects.filter(pk__in=line.criteria, framework=framework).count() != len(line.criteria):
            raise Refused("plan-criterion-unknown", "One of these criteria does not belong to the qualification.")
        draft.written_at = at
        draft.save(update_fields=["written_at"])
        return _write(row or PlannedAssessment(plan=draft, ref=ref), line)


def _write(row: PlannedAssessment, line: Line) -> PlannedAssessment:
    row.what, row.method, row.due_on = line.what.strip()[:WHAT_LENGTH], line.method, line.due_on
    row.is_visit, row.starts, row.minutes, row.place = line.is_visit, line.starts, line.minutes, line.place.strip()
    row.save()
    row.criteria.set(line.criteria)
    return row


def remove_line(plan: AssessmentPlan, ref: UUID, *, by: User, at: datetime) -> None:
    """Takes a line out of a draft. Nothing happens when it is out already."""
    with transaction.atomic():
        draft = _draft(plan, by)
        if draft.lines.filter(ref=ref).delete()[0]:
            draft.written_at = at
            draft.save(update_fields=["written_at"])


def save_reason(plan: AssessmentPlan, reason: str, *, by: User, at: datetime) -> None:
    """Saves why the plan is revised."""
    with transaction.atomic():
        draft = _draft(plan, by)
        draft.reason, draft.written_at = reason.strip(), at
        draft.save(update_fields=["reason", "written_at"])


def discard_plan(plan: AssessmentPlan, *, by: User) -> None:
    """Deletes a draft that was never proposed. The plan in force stays as it is."""
    with transaction.atomic():
        _draft(plan, by).delete()


def propose_plan(plan: AssessmentPlan, *, reason: str = "", by: User, at: datetime) -> None:
    """Asks the learner to agree a draft. Refused with everything that it lacks."""
    with transaction.atomic():
        draft = _draft(plan, by)
        draft.reason = reason.strip() or draft.reason
        if lacks := lacks_of(draft):
            raise SeveralRefused(lacks)
        draft.state, draft.proposed_at, draft.written_by, draft.written_at = State.PROPOSED, at, by, at
        draft.save()
        learner = draft.registration.learner
        _record(draft, Action.PLAN_PROPOSED, "assessor", by, at)
        tell(learner, "plan-proposed", f"{by.name} asks you to agree your assessment plan. Read it, then agree it or "
             "say what should change.", url=reverse("assessment:my_plan"), at=at)  # fmt: skip


def take_back_plan(plan: AssessmentPlan, *, by: User, at: datetime) -> None:
    """The assessor takes a plan back that the learner has not answered. It stays on record, sent back without a
    comment; the next revision begins as a copy of it."""
    with transaction.atomic():
        registration = _locked(plan.registration_id, by)
        row = _proposed(plan, registration)
        _answer(row, State.SENT_BACK, "", Action.PLAN_SENT_BACK, "assessor", by, at)
        tell(registration.learner, "plan-taken-back", f"{by.name} took the assessment plan back to change it. You are "
             "asked again when it is ready.", url=reverse("assessment:my_plan"), at=at)  # fmt: skip


def agree_plan(plan: AssessmentPlan, *, by: User, at: datetime) -> None:
    """The learner agrees the plan that they were asked about: it is in force from now on and never changes."""
    with transaction.atomic():
        row = _asked(plan, by)
        _answer(row, State.AGREED, "", Action.PLAN_AGREED, "learner", by, at)
        _tell_assessors(row, "plan-agreed", f"{by.name} has agreed the assessment plan.", at)


def send_back_plan(plan: AssessmentPlan, comment: str, *, by: User, at: datetime) -> None:
    """The learner sends the plan back and says what should change. The plan in force stays in force."""
    with transaction.atomic():
        row = _asked(plan, by)
        if not comment.strip():
            raise Refused("plan-comment", "Say what should change.", fix_url="#id_comment")
        _answer(row, State.SENT_BACK, comment.strip(), Action.PLAN_SENT_BACK, "learner", by, at)
        _tell_assessors(row, "plan-sent-back", f"{by.name} has sent the assessment plan back with a comment.", at)


def _answer(row: AssessmentPlan, state: str, comment: str, action: Action, role: str, by: User,
            at: datetime) -> None:  # fmt: skip
    row.state, row.comment, row.answered_at = state, comment, at
    row.save(update_fields=["state", "comment", "answered_at"])
    _record(row, action, role, by, at)


def _locked(registration_id: int, by: User) -> Registration:
    """The registration, locked, for somebody who may write its plan."""
    registration = lock_registration(registration_id)
    if refusal := why_not_plan(by, registration):
        raise refusal
    check_no_interest(by, registration)
    return registration


def _draft(plan: AssessmentPlan, by: User) -> AssessmentPlan:
    _locked(plan.registration_id, by)
    row = AssessmentPlan.objects.filter(pk=plan.pk, state=State.DRAFT).select_related("registration__learner").first()
    if row is None:
        raise Refused("plan-not-draft", "This plan is no draft any more, so it cannot be changed. Open the plan again "
                      "to see where it stands.")  # fmt: skip
    return row


def _proposed(plan: AssessmentPlan, registration: Registration) -> AssessmentPlan:
    row = registration.plans.filter(pk=plan.pk, state=State.PROPOSED).first()
    if row is None:
        raise Refused("plan-answered", "This plan waits for no answer any more. See below where it stands now.")
    return row


def _asked(plan: AssessmentPlan, by: User) -> AssessmentPlan:
    registration = lock_registration(plan.registration_id)
    if registration.learner_id != by.pk:
        raise Refused("plan-not-learner", "Only the trainee can answer their assessment plan.")
    if registration.state not in Registration.OPEN_STATES:
        raise Refused("registration-closed", f"Your registration is closed ({registration.get_state_display()}).")
    return _proposed(plan, registration)


def _assessors(registration: Registration) -> list[int]:
    rows = registration.allocations.filter(in_force(), role=Allocation.Role.ASSESSOR).order_by("starts_on", "pk")
    return list(rows.values_list("user_id", flat=True))


def _tell_assessors(row: AssessmentPlan, kind: str, title: str, at: datetime) -> None:
    """Tells the one who wrote the plan; when they assess this learner no longer, those who do."""
    assessors = _assessors(row.registration)
    told = [row.written_by_id] if row.written_by_id in assessors else assessors
    url = reverse("assessment:plan", args=[row.registration.ref])
    for user in User.objects.filter(pk__in=told, is_active=True).order_by("pk"):
        tell(user, kind, title, url=url, at=at)


def _record(row: AssessmentPlan, action: Action, role: str, by: User, at: datetime) -> None:
    """Rule 39: ids, numbers and dates only."""
    changes: dict[str, Any] = {"number": row.number}
    if action == Action.PLAN_PROPOSED:
        lines = row.lines.prefetch_related("criteria").order_by("pk")
        changes["lines"] = [
            {"ref": str(line.ref), "due_on": str(line.due_on), "visit": line.is_visit,
             "criteria": sorted(criterion.pk for criterion in line.criteria.all())}
            for line in lines
        ]  # fmt: skip
    record(registration_stream(row.registration_id), action, by=by, role=role, subject=f"plan:{row.pk}", at=at,
           changes=changes)  # fmt: skip
