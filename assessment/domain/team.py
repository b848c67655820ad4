"""Who assesses, assures, supports and mentors a learner: giving, handing over, ending, sharing out (rules 8-11, 35).

Everything here locks the centre first, so that two people who allocate at once see each other's loads, and then the
registrations in their order.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from assessment.policies.allocating import Part
from assessment.queries_ground import Candidate, Proposal, ground_of
from courses.delivery.api import Allocation, Registration, allocate, end_allocation, may_allocate
from lms.accounts.api import Organisation, User
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell

DAY = timedelta(days=1)
DOES = {
    Part.ASSESSOR: "assesses your work",
    Part.SECOND_ASSESSOR: "gives a second opinion on decisions about your work",
    Part.IQA: "checks the quality of your assessment",
    Part.SUPPORTER: "supports you",
    Part.TUTOR: "teaches you",
    Part.MENTOR: "is your mentor",
}
AUTOMATIC = (Part.ASSESSOR, Part.SECOND_ASSESSOR, Part.IQA)  # in the order in which they are shared out


def assign(registration: Registration, user: User, part: str, *, starts_on: date, ends_on: date | None = None,
           reason: str = "", by: User, at: datetime) -> Allocation:  # fmt: skip
    """Gives somebody to a learner in a role, from a day, until a day if one is given. A borrowed assessor at most until
    they are lent no more. The person and the learner are told.

    Refused for anybody but the centre's administrators and lead IQAs, for a day that is over, and for somebody who may
    not have the role: the reason says why."""
    _check_dates(starts_on, ends_on, at)
    with transaction.atomic():
        locked = lock_team(registration.centre_id, [registration.pk], by=by)
        candidate = find_candidate(locked, user, part, starts_on=starts_on, ends_on=ends_on, at=at)
        allocation = give(registration, candidate, part, starts_on=starts_on, ends_on=ends_on, reason=reason, by=by,
                          at=at)  # fmt: skip
        _tell_begun(allocation, at)
    return allocation


def replace(allocation: Allocation, user: User, *, starts_on: date, reason: str, by: User, at: datetime) -> Allocation:
    """Gives a role to somebody else from a day on; who has it now has it until the day before. What is open moves to
    the new assessor on that day. Both and the learner are told. Refused as `assign`, without a reason, and when the
    allocation has ended by then."""
    if not reason.strip():
        raise Refused("allocation-reason", "Say why somebody else takes over. It stays on record.")
    _check_dates(starts_on, None, at)
    registration = allocation.registration
    with transaction.atomic():
        locked = lock_team(registration.centre_id, [registration.pk], by=by)
        before = Allocation.objects.select_related("user").get(pk=allocation.pk)
        if before.ends_on is not None and before.ends_on < starts_on:
            raise Refused("allocation-ended", f"{before.user.name} does not have this role any more then.")
        if before.user_id == user.pk:
            raise Refused("allocation-held", f"{user.name} has this role already.")
        candidate = find_candidate(locked, user, before.role, starts_on=starts_on, ends_on=None, at=at,
                                   leaving=before.pk)  # fmt: skip
        end_allocation(before, ends_on=starts_on - DAY, because=reason, by=by, at=at)
        after = give(registration, candidate, before.role, starts_on=starts_on, ends_on=None, reason=reason, by=by,
                     at=at)  # fmt: skip
        learner, day = registration.learner.name, _day(starts_on)
        tell(before.user, "team", f"From {day} {user.name} takes over from you: {learner}", url=reverse("home"), at=at)
        _tell_begun(after, at, instead_of=before.user)
    return after


def finish(allocation: Allocation, *, ends_on: date, reason: str, by: User, at: datetime) -> None:
    """Ends somebody's role towards a learner; `ends_on` is the last day, yesterday at the earliest: then it ends at
    once. Both are told. Refused for anybody but the centre's administrators and lead IQAs, and without a reason."""
    if not reason.strip():
        raise Refused("allocation-reason", "Say why it ends. It stays on record.")
    if ends_on < _today(at) - DAY:
        raise Refused("allocation-past", "The last day cannot lie further back than yesterday: what was done since was "
                      "done in that role.")  # fmt: skip
    registration = allocation.registration
    with transaction.atomic():
        lock_team(registration.centre_id, [registration.pk], by=by)
        row = Allocation.objects.select_related("user").get(pk=allocation.pk)
        if row.ends_on is not None and row.ends_on <= ends_on:
            raise Refused("allocation-ended", f"This allocation ends on {_day(row.ends_on)} already.")
        end_allocation(row, ends_on=ends_on, because=reason, by=by, at=at)
        role, day = row.get_role_display().lower(), _day(max(ends_on, row.starts_on - DAY))
        tell(row.user, "team", f"You are {role} of {registration.learner.name} until {day}", url=reverse("home"), at=at)
        tell(
            registration.learner,
            "team",
            f"{row.user.name} is your {role} until {day}",
            url=reverse("assessment:people"),
            at=at,
        )


def apply_shared(rows: Sequence[Registration], parts: Collection[str], shown: Collection[tuple], *, centre_id: int,
                 by: User, at: datetime) -> list[Allocation]:  # fmt: skip
    """Allocates exactly what a preview has shown (`Proposal.key` of each), from today on; people are told once each.
    Refused, and nothing done, when the facts have changed: the reasons say who would get somebody else now."""
    with transaction.atomic():
        locked = lock_team(centre_id, [row.pk for row in rows], by=by)
        found = propose(locked, parts, centre_id=centre_id, at=at)
        if {one.key for one in found} != set(shown):
            raise SeveralRefused(_what_changed(found, set(shown)))
        today, made = _today(at), []
        for one in sorted((one for one in found if one.user), key=lambda one: (one.registration.pk, one.part)):
            case = Candidate(one.user, one.load, None, one.notes)  # type: ignore[arg-type]
            made.append(give(one.registration, case, one.part, starts_on=today, ends_on=None,
                             reason="Balanced allocation", by=by, at=at))  # fmt: skip
        _tell_shared(made, at)
    return made


def propose(rows: Sequence[Registration], parts: Collection[str], *, centre_id: int, at: datetime) -> list[Proposal]:
    """Who would take which learner today in each of the roles. Writes nothing."""
    wanted = Registration.objects.filter(pk__in=[row.pk for row in rows])
    ground = ground_of(wanted, centre_id=centre_id, starts_on=_today(at), at=at)
    return [one for part in AUTOMATIC if part in parts for one in ground.share_out(part)]


def lock_team(centre_id: int, registration_ids: Collection[int], *, by: User) -> list[Registration]:
    """Locks the centre and these registrations of it for the rest of the transaction. Refused for anybody but the
    centre's administrators and lead IQAs."""
    if not may_allocate(by, centre_id):
        raise Refused("allocation-right", "Only the centre’s administrators and lead internal quality assurers can do "
                      "this.")  # fmt: skip
    # Not FOR UPDATE: a row elsewhere may point at the centre meanwhile.
    Organisation.objects.select_for_update(no_key=True).get(pk=centre_id)
    rows = Registration.objects.select_for_update().filter(pk__in=registration_ids, centre=centre_id)
    return list(rows.order_by("pk"))


def find_candidate(rows: Sequence[Registration], user: User, part: str, *, starts_on: date, ends_on: date | None,
                   at: datetime, leaving: int | None = None) -> Candidate:  # fmt: skip
    """Somebody's case for one locked learner. Raises the reason why they cannot be given to them."""
    wanted = Registration.objects.filter(pk__in=[row.pk for row in rows])
    ground = ground_of(wanted, centre_id=rows[0].centre_id, starts_on=starts_on, ends_on=ends_on, at=at,
                       leaving=leaving)  # fmt: skip
    registration = ground.registrations[rows[0].pk]
    found = next((one for one in ground.candidates(registration, part) if one.user.pk == user.pk), None)
    if found is None:
        role = Part(part).label.lower()
        raise Refused("allocation-role", f"{user.name} cannot be allocated as {role} here on that day: they do not "
                      "hold the role then.")  # fmt: skip
    if found.refusal is not None:
        raise found.refusal
    return found


def give(registration: Registration, candidate: Candidate, part: str, *, starts_on: date, ends_on: date | None,
         by: User, at: datetime, **more: object) -> Allocation:  # fmt: skip
    """Allocates a candidate whose case has been found good; a borrowed one at most until they are lent no more."""
    lent = candidate.load.lent_until
    if lent is not None and ends_on is not None and ends_on > lent:
        raise Refused("allocation-lent", f"{candidate.user.name} is lent until {_day(lent)} only.")
    return allocate(registration, candidate.user, Allocation.Role(part), starts_on=starts_on, ends_on=ends_on or lent,
                    by=by, at=at, **more)  # type: ignore[arg-type]  # fmt: skip


def _check_dates(starts_on: date, ends_on: date | None, at: datetime) -> None:
    if starts_on < _today(at):
        raise Refused("allocation-past", "The first day cannot be in the past.")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("allocation-dates", "The last day cannot be before the first day.")


def _tell_begun(allocation: Allocation, at: datetime, instead_of: User | None = None) -> None:
    registration, user, part = allocation.registration, allocation.user, Part(allocation.role)
    dates = f"From {_day(allocation.starts_on)}"
    dates += f" to {_day(allocation.ends_on)}" if allocation.ends_on else ""
    tell(user, "team", f"{dates} you are {part.label.lower()} of {registration.learner.name}", url=_desk(part), at=at)
    instead = f" instead of {instead_of.name}" if instead_of else ""
    tell(
        registration.learner,
        "team",
        f"{dates} {user.name} {DOES[part]}{instead}",
        url=reverse("assessment:people"),
        at=at,
    )


def _tell_shared(made: Sequence[Allocation], at: datetime) -> None:
    """Each learner is told of each person; each person how many learners they have been given."""
    many = Counter((row.user, Part(row.role)) for row in made)
    for (user, part), number in sorted(many.items(), key=lambda pair: (pair[0][0].pk, pair[0][1])):
        words = f"{number} more trainee{'' if number == 1 else 's'}"
        tell(user, "team", f"From today you are {part.label.lower()} of {words}", url=_desk(part), at=at)
    for row in made:
        tell(row.registration.learner, "team", f"From today {row.user.name} {DOES[Part(row.role)]}",
             url=reverse("assessment:people"), at=at)  # fmt: skip


def _desk(part: str) -> str:
    """Where somebody with this role reads on."""
    pages = {Part.ASSESSOR: "learners", Part.SECOND_ASSESSOR: "queue", Part.IQA: "quality"}
    return reverse(f"assessment:{pages[Part(part)]}" if part in pages else "home")


def _what_changed(found: Sequence[Proposal], shown: set[tuple]) -> list[Refused]:
    """What differs from a preview, in words."""
    before = {(row, part): user for row, part, user in shown}
    now = {(one.registration.pk, one.part): one for one in found}
    names = {user.pk: user.name for user in User.objects.filter(pk__in=[pk for pk in before.values() if pk])}
    said = []
    for key, one in now.items():
        if key not in before or before[key] != one.key[2]:
            was = names.get(before.get(key) or 0, "nobody")
            said.append(f"{one.registration.learner.name}, {Part(one.part).label.lower()}: "
                        f"{one.user.name if one.user else 'nobody'} instead of {was}.")  # fmt: skip
    gone = len(before.keys() - now.keys())
    if gone:
        said.append(f"{gone} learner{'' if gone == 1 else 's'} of the list no longer need{'s' if gone == 1 else ''} "
                    "somebody.")  # fmt: skip
    lead = "Something has changed since you looked. Nothing was done: check the new list and confirm again."
    return [Refused("shared-changed", words) for words in (lead, *said)]


def _today(at: datetime) -> date:
    return timezone.localtime(at).date()


def _day(day: date) -> str:
    return date_format(day, "j F Y")
