"""Submitting criteria for assessment (rules 1, 2, 3 and 20)."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from courses.delivery.api import (
    Registration,
    lock_registration,
    may_grant_attempts,
    registration_stream,
)
from courses.framework.api import Criterion, criteria_of, policy_of
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.models import (
    AttemptGrant,
    EvidenceVersion,
    Submission,
    SubmittedCriterion,
    SubmittedVersion,
)
from portfolio.policies import attempts_left, check_owner, missing_before_submitting, practice_needed, shows_practice
from portfolio.queries import assessor_of, due_on, latest_versions

from .counts import refresh_open

LACKS = {
    "content": "has no text and no file yet",
    "awarded-by": "does not say who awarded it yet",
    "awarded-on": "does not say when it was awarded yet",
    "kept-where": "does not say where the document is kept yet",
    "kept-by": "does not say who keeps the document yet",
    "file-checking": "has a file that is still being checked. Try again in a minute",
    "file-refused": "has a file that was not taken. Remove it first",
    "criteria": "is not linked to a criterion yet",
    "reference": "does not say for each criterion where in the discussion it is met yet",
    "child-identity": "needs your declaration that no child can be recognised",
    "authenticity": "needs your declaration that it is your own work",
    "true-record": "needs your declaration that it is a true record of your practice",
}
# The step of adding evidence, and its part, where each is mended.
STEPS = {
    "content": "write", "awarded-by": "write", "awarded-on": "write", "kept-where": "write", "kept-by": "write",
    "file-checking": "files", "file-refused": "files", "criteria": "criteria",
    "reference": "criteria?part=why", "child-identity": "declare", "authenticity": "declare", "true-record": "declare",
}  # fmt: skip
RULES = {"child-identity": "rule-03", "reference": "rule-23", "awarded-by": "rule-24", "awarded-on": "rule-24"}


@dataclass
class Candidate:
    """A criterion that could be submitted: the versions it would rest on, what stands in the way, and how many
    attempts have been made at it."""

    criterion: Criterion
    versions: list[EvidenceVersion] = field(default_factory=list)
    reasons: list[Refused] = field(default_factory=list)
    attempts: int = 0
    held: list[EvidenceVersion] = field(default_factory=list)  # on hold, and so left out (rule 4)

    @property
    def ready(self) -> bool:
        """Nothing stands in the way."""
        return not self.reasons

    @property
    def practice_missing(self) -> str:
        """What a skill needs that none of these versions is (rule 21), in a sentence; "" when nothing."""
        return practice_needed(self.criterion.outcome, whose="your") if self.lacks_practice else ""

    @property
    def lacks_practice(self) -> bool:
        """It is a skill, and none of these versions would show practice (rule 21). It may be submitted, but it cannot
        be achieved on them."""
        outcome = self.criterion.outcome
        return outcome.kind == "skill" and not any(shows_practice(v, outcome, as_if_seen=True) for v in self.versions)


def candidates(registration: Registration, *, at: datetime, criterion_ids: set[int] | None = None) -> list[Candidate]:
    """Every criterion with evidence (or those named), with the latest version of each piece linked to it and the
    reasons why it cannot be submitted yet. Constant number of queries."""
    by_criterion: dict[int, list[EvidenceVersion]] = {}
    held: dict[int, list[EvidenceVersion]] = {}
    for version in latest_versions(registration, criterion_ids):
        for link in version.links.all():
            (held if version.is_held else by_criterion).setdefault(link.criterion_id, []).append(version)
    wanted = set(by_criterion) | set(held) if criterion_ids is None else criterion_ids
    known = criteria_of(registration.qualification.framework_id)
    waiting, used, made = _submitted_before(registration, wanted)
    left = attempts_left(registration, list(wanted), policy_of(registration.qualification_id, at=at), made)
    found = []
    for criterion in (criterion for pk, criterion in known.items() if pk in wanted):
        candidate = Candidate(
            criterion, by_criterion.get(criterion.pk, []), attempts=made.get(criterion.pk, 0),
            held=held.get(criterion.pk, []),
        )  # fmt: skip
        candidate.reasons = _reasons(candidate, waiting, used.get(criterion.pk, set()), left)
        found.append(candidate)
    return found


def _submitted_before(registration: Registration, criterion_ids: set[int]) -> tuple[set[int], dict[int, set[int]],
                                                                                    dict[int, int]]:  # fmt: skip
    """By criterion: whether it waits for a decision, the versions it rested on so far, and how many attempts. What
    was withdrawn is none of them. One query."""
    items = SubmittedCriterion.objects.attempts().filter(registration=registration, criterion_id__in=criterion_ids)
    waiting: set[int] = set()
    used: dict[int, set[int]] = {}
    attempts: dict[int, set[int]] = {}
    rows = items.values_list("pk", "criterion_id", "is_open", "submitted_versions__version_id")
    for item_id, criterion_id, is_open, version_id in rows:
        attempts.setdefault(criterion_id, set()).add(item_id)
        used.setdefault(criterion_id, set()).add(version_id)
        if is_open:
            waiting.add(criterion_id)
    return waiting, used, {pk: len(found) for pk, found in attempts.items()}


def _reasons(candidate: Candidate, waiting: set[int], used: set[int], left: dict[int, int]) -> list[Refused]:
    code, pk = candidate.criterion.code, candidate.criterion.pk
    if pk in waiting:
        return [Refused("already-submitted", f"{code} is with your assessor already.")]
    if left.get(pk, 1) <= 0:
        return [Refused("rule-20-attempts",
                        f"{code} has been submitted as often as allowed. The lead internal quality assurer of your "
                        "centre can grant another attempt.")]  # fmt: skip
    if not candidate.versions and candidate.held:
        fix = reverse("portfolio:evidence", args=[candidate.held[0].evidence.ref])
        return [Refused("rule-04-hold", f"{code}: its evidence is on hold, because a child may be recognised in it. "
                        "Open it to see what you can do.", fix_url=fix)]  # fmt: skip
    if not candidate.versions:
        add = f"{reverse('portfolio:evidence_new')}?criterion={code}"
        return [Refused("rule-01-no-evidence", f"{code} has no evidence yet.", fix_url=add)]
    if used and {version.pk for version in candidate.versions} <= used:
        fix = reverse("portfolio:evidence", args=[candidate.versions[0].evidence.ref])
        return [Refused("nothing-new", f"{code}: nothing has changed since you last submitted it. Start a new version "
                        "of your evidence or add another piece.", fix_url=fix)]  # fmt: skip
    return [reason for version in candidate.versions for reason in not_ready(version, code)]


def not_ready(version: EvidenceVersion, code: str) -> list[Refused]:
    """What a draft lacks before it can be submitted for a criterion, each with the address where it is mended; nothing
    of what is submitted already. Needs its evidence, files and links."""
    if not version.is_draft:
        return []
    reasons = []
    states = {file.state for file in version.files.all()}
    for lack in missing_before_submitting(version, file_states=states, has_links=True):
        step, _, part = STEPS[lack].partition("?")
        fix = reverse(f"portfolio:evidence_{step}", args=[version.evidence.ref]) + (f"?{part}" if part else "")
        words = f"{code}: “{version.title}” {LACKS[lack]}."
        reasons.append(Refused(f"{RULES.get(lack, 'rule-01')}-{lack}", words, fix_url=fix))
    return reasons


def submit_criteria(registration: Registration, criterion_ids: set[int], *, by: User, at: datetime) -> Submission:
    """Submits criteria with the latest version of each piece of evidence linked to them; those versions are frozen.

    The learner's assessor is told. Raises Refused (SeveralRefused) with every reason at once, changing nothing.
    """
    if not criterion_ids:
        raise Refused("nothing-chosen", "Choose at least one criterion to submit.")
    with transaction.atomic():
        registration = lock_registration(registration.pk)
        check_owner(by, registration)
        chosen = candidates(registration, at=at, criterion_ids=criterion_ids)
        if {c.criterion.pk for c in chosen} != criterion_ids:
            raise Refused("criterion-unknown", "One of these criteria does not belong to your qualification.")
        reasons = [reason for candidate in chosen for reason in candidate.reasons]
        if reasons:
            raise SeveralRefused(reasons)
        assessor = _assessor_of(registration)
        submission = _write(registration, chosen, assessor, at)
        refresh_open(registration.pk, criterion_ids)
        tell(
            assessor, "submission", f"{by.name} has submitted {_count(len(chosen))} for you to assess",
            url=reverse("assessment:workspace", args=[submission.ref]), at=at,
        )  # fmt: skip
        record(
            registration_stream(registration.pk), Action.SUBMITTED, by=by, role="learner", at=at,
            subject=f"submission:{submission.pk}",
            changes={c.criterion.code: sorted(version.pk for version in c.versions) for c in chosen},
        )  # fmt: skip
    return submission


def _assessor_of(registration: Registration) -> User:
    assessor = assessor_of(registration)
    if assessor is None:
        raise Refused("no-assessor", "You have no assessor yet. Ask your centre; your evidence is saved.")
    return assessor


def _write(registration: Registration, chosen: list[Candidate], assessor: User, at: datetime) -> Submission:
    last = Submission.objects.filter(registration=registration).aggregate(last=Max("number"))["last"] or 0
    submission = Submission.objects.create(
        registration=registration, number=last + 1, submitted_at=at, assessor=assessor,
        due_on=due_on(registration, at=at),
    )  # fmt: skip
    drafts = {version.pk for candidate in chosen for version in candidate.versions if version.is_draft}
    EvidenceVersion.objects.filter(pk__in=drafts).update(state=EvidenceVersion.State.SUBMITTED, submitted_at=at)
    for candidate in chosen:
        item = SubmittedCriterion.objects.create(
            submission=submission, registration=registration, criterion=candidate.criterion,
            attempt=candidate.attempts + 1,
        )  # fmt: skip
        SubmittedVersion.objects.bulk_create(
            SubmittedVersion(item=item, version=version) for version in candidate.versions
        )
    return submission


def _count(number: int) -> str:
    return "1 criterion" if number == 1 else f"{number} criteria"


def grant_attempt(registration: Registration, criterion: Criterion, reason: str, *, by: User,
                  at: datetime) -> AttemptGrant:  # fmt: skip
    """The lead IQA allows one more attempt at a criterion, with a reason (rule 20); the learner is told."""
    if not reason.strip():
        raise Refused("rule-20-reason", "Say why you grant another attempt.")
    with transaction.atomic():
        row = lock_registration(registration.pk)
        if not may_grant_attempts(by, row):
            raise Refused("rule-20-right", "Only the lead internal quality assurer of the centre grants attempts.")
        if criterion.framework_id != row.qualification.framework_id:
            raise Refused("criterion-unknown", "This criterion does not belong to the learner's qualification.")
        grant = AttemptGrant.objects.create(
            registration=row, criterion=criterion, reason=reason.strip(), granted_by=by, granted_at=at
        )
        tell(
            row.learner, "attempt", f"You may submit {criterion.code} once more",
            url=reverse("assessment:criterion", args=[criterion.code]), at=at,
        )  # fmt: skip
        record(
            registration_stream(row.pk), Action.ATTEMPT_GRANTED, by=by, role="lead_iqa", at=at,
            subject=f"criterion:{criterion.code}",
        )  # fmt: skip
    return grant
