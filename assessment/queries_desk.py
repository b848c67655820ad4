"""A submission laid out for deciding: its criteria, the evidence that they rest on, and who is at it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Aggregate, Exists, OuterRef, Q, QuerySet, Subquery, TextField, prefetch_related_objects
from django.utils import timezone

from assessment.models import (
    Annotation,
    Decision,
    DecisionVersion,
    DeskLease,
    NextStep,
    SecondCheck,
    VersionJudgement,
)
from assessment.policies import is_on_hold
from assessment.queries_next_steps import next_steps_at_desk
from assessment.queries_notes import notes_at_desk
from courses.pages.models import CriterionGuidance
from courses.pages.queries import guidance_for
from lms.accounts.api import User
from portfolio.api import EvidenceLink, EvidenceVersion, Submission, SubmittedCriterion, SubmittedVersion
from portfolio.queries import FACTS

CHECKED = (Decision.State.PROVISIONAL, Decision.State.PENDING_SCRUTINY)
LEASE = timedelta(minutes=5)  # so long without a sign, and somebody is taken to have left the desk


class Ids(Aggregate):
    """The ids of a group's rows, with commas: one query where the rows themselves would be another."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL joins texts only."""
        return self.as_sql(compiler, connection, template="STRING_AGG((%(expressions)s)::text, ',')", **context)


def fresh_leases(at: datetime) -> QuerySet[DeskLease]:
    """Who has which submission open now: those who gave a sign of it in the last five minutes."""
    return DeskLease.objects.filter(seen_at__gte=at - LEASE)


def with_others(rows: QuerySet[Submission], user: User) -> QuerySet[Submission]:
    """Submissions with who else came first to each of them and has it open now, and since when."""
    leases = fresh_leases(timezone.now()).filter(submission=OuterRef("pk")).exclude(user=user).order_by("since", "pk")
    return rows.annotate(at_desk=Subquery(leases.values("user__name")[:1]),
                         at_desk_since=Subquery(leases.values("since")[:1]))  # fmt: skip


def others_at(submission: Submission, user: User, *, at: datetime) -> list[DeskLease]:
    """Who else has the submission open now, whoever came first first."""
    rows = fresh_leases(at).filter(submission=submission).exclude(user=user)
    return list(rows.select_related("user").order_by("since", "pk"))


@dataclass
class Line:
    """One criterion of a submission as the user sees it. Another assessor's unreleased draft says only whose it is."""

    item: SubmittedCriterion
    decision: Decision | None
    user: User

    @property
    def code(self) -> str:
        """The criterion's code."""
        return self.item.criterion.code

    @property
    def is_mine(self) -> bool:
        """The user may read the decision: it is released, or it is the user's own draft."""
        return self.decision is not None and (not self.decision.is_draft or self.decision.decider_id == self.user.pk)

    @property
    def holder(self) -> Decision | None:
        """The draft of another assessor, who is deciding this criterion."""
        return self.decision if self.decision is not None and not self.is_mine else None

    @property
    def outcome(self) -> str:
        """achieved, referred, or "" when nothing is decided, it is to be decided anew, or it is not the user's to
        read."""
        if self.decision is None or not self.is_mine or self.is_returned:
            return ""
        return self.decision.outcome

    @property
    def is_returned(self) -> bool:
        """A second assessor did not agree, so that it is decided anew (rules 9 and 10)."""
        return self.decision is not None and self.decision.state == Decision.State.REOPENED

    @property
    def is_checked(self) -> bool:
        """Handed on: a second assessor has still to confirm it, or has agreed and it waits for the others."""
        return self.decision is not None and self.decision.state in CHECKED

    @property
    def is_settled(self) -> bool:
        """Nothing is left to decide here: handed on, or released."""
        return self.decision is not None and not self.decision.is_draft and not self.is_returned

    @property
    def can_undo(self) -> bool:
        """Its draft decision can go one step back."""
        return self.decision is not None and self.decision.is_draft and hasattr(self.decision, "step")

    @property
    def status(self) -> str:
        """One of the six statuses, for the sign."""
        return {"achieved": "achieved", "referred": "changes_needed"}.get(self.outcome, "submitted")

    @property
    def words(self) -> str:
        """The state in words."""
        if self.holder:
            return f"With {self.holder.decider.name}"
        if not self.outcome:
            return "Decide again" if self.is_returned else "Not decided"
        word = "Achieved" if self.outcome == "achieved" else "Changes needed"
        if self.is_checked:
            return f"{word}, being checked"
        return f"{word}, draft" if self.decision and self.decision.is_draft else word


@dataclass
class Piece:
    """One evidence version with all that an assessor needs beside it."""

    version: EvidenceVersion
    judgement: VersionJudgement | None
    links: list[EvidenceLink]  # what its owner says about the criteria at hand
    claimed_for: list[str]
    serves: list[str]  # the criteria of this submission that rest on it
    earlier: list[tuple[int, datetime | None]]  # numbers of the versions before it, with when each was submitted
    is_locked: bool  # a released decision rests on it
    is_relied_on: bool  # the decision at hand rests on it
    is_held: bool  # somebody reported that a child may be recognised in it (rule 4)

    @property
    def link(self) -> EvidenceLink | None:
        """What its owner says about the criterion at hand."""
        return self.links[0] if self.links else None

    def before(self, at: datetime) -> int | None:
        """The number of the version that stood at a time, when it is an earlier one."""
        return max((number for number, sent in self.earlier if sent is not None and sent <= at), default=None)


@dataclass
class Desk:
    """A submission laid out for deciding: its criteria, the one at hand, the evidence and the history of it."""

    submission: Submission
    lines: list[Line]
    place: int
    rests_on: dict[int, list[int]] = field(default_factory=dict)  # ids of versions by the submitted criterion's
    pieces: list[Piece] = field(default_factory=list)
    history: list[Decision] = field(default_factory=list)

    @property
    def line(self) -> Line:
        """The criterion at hand."""
        return self.lines[self.place]

    @property
    def learner(self) -> User:
        """Whose work it is."""
        return self.submission.registration.learner

    @property
    def previous(self) -> Line | None:
        """The criterion before."""
        return self.lines[self.place - 1] if self.place else None

    @property
    def next(self) -> Line | None:
        """The criterion after."""
        return self.lines[self.place + 1] if self.place + 1 < len(self.lines) else None

    @property
    def decided(self) -> int:
        """How many criteria have an outcome that the user can read."""
        return sum(bool(line.outcome) for line in self.lines)

    @property
    def items(self) -> list[SubmittedCriterion]:
        """The submitted criteria."""
        return [line.item for line in self.lines]

    @property
    def todo(self) -> list[SubmittedCriterion]:
        """The submitted criteria that are not settled: what a release is about."""
        return [line.item for line in self.lines if not line.is_settled]

    @property
    def drafts(self) -> dict[int, Decision]:
        """Unreleased decisions by criterion id, whoever's they are."""
        found = {line.item.criterion_id: line.decision for line in self.lines}
        return {pk: decision for pk, decision in found.items() if decision is not None and decision.is_draft}

    def is_decidable(self, line: Line) -> bool:
        """Nobody else is deciding a criterion, and it is still open."""
        is_here = self.submission.is_open and not self.submission.is_being_checked
        return is_here and line.holder is None and not line.is_settled

    @property
    def is_on_hold(self) -> bool:
        """The criterion at hand rests on evidence that is on hold (rule 4), and nothing has been handed in for it."""
        replaced = {piece.version.evidence_id for piece in self.pieces if not piece.is_held}
        return any(piece.is_held and piece.version.evidence_id not in replaced for piece in self.pieces)

    @property
    def beside(self) -> list[Line]:
        """The other undecided criteria that rest on evidence of the one at hand: they may be decided together."""
        here = set(self.rests_on.get(self.line.item.pk, ()))
        return [
            line for line in self.lines
            if line is not self.line and not line.outcome and self.is_decidable(line)
            and here & set(self.rests_on.get(line.item.pk, ()))
        ]  # fmt: skip

    @cached_property
    def notes(self) -> dict[int, list[Annotation]]:
        """What is noted in the evidence at hand, by version. One query, when a page shows it."""
        return notes_at_desk(self.submission, [piece.version.pk for piece in self.pieces if not piece.is_held])

    @cached_property
    def next_steps(self) -> tuple[list[NextStep], list[NextStep]]:
        """Next steps written with this submission, and those before. One query, when a page shows them."""
        return next_steps_at_desk(self.submission)

    @cached_property
    def guidance(self) -> CriterionGuidance | None:
        """What good evidence looks like for the criterion at hand, as the learner's course says. One query."""
        criterion = self.line.item.criterion_id
        return guidance_for(self.submission.registration, [criterion]).get(criterion)

    @property
    def earlier(self) -> list[tuple[Decision, list[tuple[EvidenceVersion, int]]]]:
        """Each earlier decision on the criterion at hand, with the evidence that its learner has changed since and the
        number of the version that was before the assessor then."""
        return [
            (decision, [(piece.version, number) for piece in self.pieces
                        if not piece.is_held and (number := piece.before(decision.submission.submitted_at))])
            for decision in self.history
        ]  # fmt: skip

    @property
    def next_undecided(self) -> Line | None:
        """The next criterion that nobody has decided, after the one at hand and then from the top."""
        turned = self.lines[self.place + 1 :] + self.lines[: self.place]
        return next((line for line in turned if not line.outcome and not line.holder), None)


def submissions_for(user: User) -> QuerySet[Submission]:
    """Submissions that the user may see as their staff; never one's own as a learner (rule 8)."""
    rows = Submission.objects.visible_to(user).exclude(registration__learner=user)
    rows = rows.select_related(
        "registration__learner", "registration__cohort", "registration__qualification", "assessor"
    )  # fmt: skip
    return with_others(rows, user)


def desk_of(submission: Submission, user: User, code: str = "", *, with_evidence: bool = True) -> Desk | None:
    """The desk at a criterion (the first undecided one by default); None when the submission has no such criterion."""
    returned = SecondCheck.objects.filter(
        decision__submission=OuterRef("submission"), decision__criterion=OuterRef("criterion"), agrees=False
    ).order_by("-checked_at")  # fmt: skip
    rests = SubmittedVersion.objects.filter(item=OuterRef("pk")).order_by().values("item")
    items = submission.items.select_related("criterion__outcome__section").annotate(
        rests_on=Subquery(rests.annotate(ids=Ids("version")).values("ids")),
        returned_note=Subquery(returned.values("note")[:1]), returned_on=Subquery(returned.values("checked_on")[:1]),
        returned_by=Subquery(returned.values("checked_by__name")[:1]),
    ).order_by("criterion__position")  # fmt: skip
    decisions = _decisions_of(submission)
    by_criterion = {row.criterion_id: row for row in decisions if row.submission_id == submission.pk}
    lines = [Line(item, by_criterion.get(item.criterion_id), user) for item in items]
    if code:
        place = next((n for n, line in enumerate(lines) if line.code == code), None)
    else:
        place = next((n for n, line in enumerate(lines) if not line.outcome and not line.holder), 0)
    if place is None or not lines:
        return None
    desk = Desk(submission, lines, place)
    desk.rests_on = {item.pk: sorted(int(pk) for pk in (item.rests_on or "").split(",") if pk) for item in items}
    if with_evidence:
        desk.pieces = pieces_of(desk, [desk.line])
        desk.history = [
            row for row in reversed(decisions)
            if row.submission_id != submission.pk and row.criterion_id == desk.line.item.criterion_id
        ]  # fmt: skip
    return desk


def _decisions_of(submission: Submission) -> list[Decision]:
    """The decisions of a submission, and the released ones on its criteria from other submissions, oldest first."""
    mine = Q(submission=submission, released_at__isnull=False)
    if submission.released_at is None:
        mine = Q(submission=submission) & ~Q(state=Decision.State.SUPERSEDED)
    others = Q(released_at__isnull=False, criterion__in=submission.items.values("criterion"))
    rows = Decision.objects.filter(mine | (others & ~Q(submission=submission)), registration=submission.registration_id)
    return list(rows.select_related("decider", "step", "submission").order_by("released_at", "pk"))


def pieces_of(desk: Desk, lines: list[Line]) -> list[Piece]:
    """The evidence that these submitted criteria rest on, each version once. Four queries, whatever there is."""
    ids = {pk for line in lines for pk in desk.rests_on.get(line.item.pk, ())}
    at_hand = {line.item.criterion_id for line in lines}
    fixed = DecisionVersion.objects.filter(version=OuterRef("pk")).exclude(
        decision__state__in=[Decision.State.DRAFT, Decision.State.REOPENED]
    )
    relied = DecisionVersion.objects.filter(
        version=OuterRef("pk"), decision__in=[line.decision.pk for line in lines if line.decision]
    )
    # With the versions before them: what is read of those is short.
    found: list[Any] = list(
        EvidenceVersion.objects.filter(evidence__in=EvidenceVersion.objects.filter(pk__in=ids).values("evidence"))
        .exclude(state=EvidenceVersion.State.DRAFT)
        .select_related("evidence", "judgement__judged_by", "tombstone", *FACTS)
        .annotate(is_locked=Exists(fixed), is_relied_on=Exists(relied), is_held_now=is_on_hold()).order_by("pk")
    )  # fmt: skip
    versions = [version for version in found if version.pk in ids]
    prefetch_related_objects(versions, "files__renditions")
    links = _links_of(versions)
    return [
        Piece(
            version, getattr(version, "judgement", None),
            [link for link in links[version.pk] if link.criterion_id in at_hand],
            [link.criterion.code for link in links[version.pk]],
            [line.code for line in desk.lines if version.pk in desk.rests_on.get(line.item.pk, ())],
            [(row.number, row.submitted_at) for row in found
             if row.evidence_id == version.evidence_id and row.number < version.number and not row.is_held_now],
            version.is_locked, version.is_relied_on, version.is_held_now,
        )
        for version in versions
    ]  # fmt: skip


def _links_of(versions: list[EvidenceVersion]) -> defaultdict[int, list[EvidenceLink]]:
    found: defaultdict[int, list[EvidenceLink]] = defaultdict(list)
    rows = EvidenceLink.objects.filter(version__in=versions).select_related("criterion", "file")
    for link in rows.order_by("criterion__position"):
        found[link.version_id].append(link)
    return found
