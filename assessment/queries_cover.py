"""Who is away, which of their learners somebody covers for, and who else could."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils import timezone

from assessment.policies.allocating import Part
from assessment.queries_ground import Candidate, ground_of
from courses.delivery.api import Absence, Allocation, Registration
from lms.accounts.api import User
from portfolio.api import Submission


@dataclass
class CoverLine:
    """A learner of somebody who is away: who covers now, who could (the least loaded first), who cannot and why, and
    how many submissions wait in the absent person's queue. `suggested`: the balanced choice, if it was asked for."""

    registration: Registration
    now: User | None
    suggested: User | None
    can: list[Candidate]
    cannot: list[Candidate]
    waiting: int

    @property
    def name(self) -> str:
        """The name of the line's field in a form."""
        return f"r{self.registration.pk}"


def covered_by(absence: Absence) -> QuerySet[Registration]:
    """The open registrations whose assessor the absent person is on one of the days away, other than as cover for
    somebody else."""
    theirs = Allocation.objects.filter(
        registration=OuterRef("pk"), user=absence.user_id, role=Allocation.Role.ASSESSOR,
        starts_on__lte=absence.ends_on, covers__isnull=True,
    ).exclude(ends_on__lt=absence.starts_on).exclude(ends_on__lt=F("starts_on"))  # fmt: skip
    return Registration.objects.open().filter(Exists(theirs), centre=absence.centre_id)


def cover_of(absence: Absence) -> dict[int, Allocation]:
    """Who covers for the absent person now or later, by registration; for an absence that is over, who did. One
    query."""
    rows = Allocation.objects.filter(covers=absence, ends_on__gte=F("starts_on"))
    rows = rows.select_related("user", "registration__learner")
    if absence.ends_on >= timezone.localdate():
        rows = rows.filter(ends_on__gte=timezone.localdate())
    return {row.registration_id: row for row in rows.order_by("pk")}


def cover_lines(absence: Absence, *, at: datetime, suggest: bool = False) -> list[CoverLine]:
    """Each learner of the absent person, by name. As many queries whatever their number; as many again to suggest."""
    now, today = cover_of(absence), timezone.localtime(at).date()
    rows = covered_by(absence)
    ground = ground_of(rows, centre_id=absence.centre_id, starts_on=max(absence.starts_on, today),
                       ends_on=absence.ends_on, at=at)  # fmt: skip
    waiting = Submission.objects.waiting().filter(assessor=absence.user_id, registration__in=rows).order_by()
    numbers = dict(waiting.values_list("registration").annotate(n=Count("pk")))
    cases = {pk: [one for one in ground.candidates(row, Part.ASSESSOR) if one.user.pk != absence.user_id]
             for pk, row in ground.registrations.items()}  # fmt: skip
    proposed = ground.share_cover(set(now)) if suggest else []
    suggested = {one.registration.pk: one.user for one in proposed if one.user is not None}
    lines = []
    for pk, registration in ground.registrations.items():
        cover = now[pk].user if pk in now else None
        can = [one for one in cases[pk] if one.user == cover or (one.is_eligible and one.load.away_until is None)]
        cannot = [one for one in cases[pk] if one not in can]
        lines.append(CoverLine(registration, cover, suggested.get(pk), can, cannot, numbers.get(pk, 0)))
    return sorted(lines, key=lambda line: (line.registration.learner.name, line.registration.pk))
