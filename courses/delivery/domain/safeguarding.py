"""Concerns for a child's safety (rule 5): for the safeguarding leads of a centre alone. Each has an audit stream of its
own; nothing of it is written anywhere else."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from courses.delivery.models import Registration, SafeguardingConcern, SafeguardingNote
from courses.delivery.policies import centres_to_tell
from lms.accounts.memberships import on_change
from lms.accounts.models import Membership, Organisation, Role, User
from lms.accounts.policies import is_staff_of
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused
from lms.notices.api import tell

NAME_ONE = "A safeguarding concern waits, and your centre has no safeguarding lead: name one now"


def raise_concern(centre: Organisation, concern: str, *, about: Registration | None = None, by: User,
                  at: datetime) -> SafeguardingConcern:  # fmt: skip
    """Records a concern for the safeguarding leads of a centre, who are told that there is one and nothing of it. Where
    the centre has no lead, its administrators are told to name one, and the concern waits. `about`: the registration in
    whose work it arose. Refused without words, to a centre that the person has nothing to do with, or about somebody
    whom they may not see."""
    if not concern.strip():
        raise Refused("rule-05-concern", "Say what you saw or heard.")
    if not centres_to_tell(by).filter(pk=centre.pk).exists():
        raise Refused("rule-05-centre", "Choose a centre that you learn or work with.")
    if about is not None and not Registration.objects.visible_to(by).filter(pk=about.pk, centre=centre).exists():
        raise Refused("rule-05-about", "You can only name somebody whose progress you can see.")
    with transaction.atomic():
        row = SafeguardingConcern.objects.create(
            centre=centre, raised_by=by, raised_at=at, concern=concern.strip(), about=about
        )
        _tell(row, at)
        _record(row, Action.CONCERN_RAISED, by, "anybody", at)
    return row


def read_concern(concern: SafeguardingConcern, *, by: User, at: datetime) -> None:
    """Writes down that a safeguarding lead has read a concern. Refused to anybody else."""
    with transaction.atomic():
        row = _locked(concern, by, open_only=False)
        _record(row, Action.CONCERN_READ, by, "safeguarding_lead", at)


def note_concern(concern: SafeguardingConcern, text: str, *, by: User, at: datetime) -> SafeguardingNote:
    """Writes down what was done about a concern; it stays. Refused without words, and once the concern is closed."""
    with transaction.atomic():
        row = _locked(concern, by)
        note = _note(row, text, by, at)
        _record(row, Action.CONCERN_NOTED, by, "safeguarding_lead", at, note=note.pk)
    return note


def close_concern(concern: SafeguardingConcern, text: str, *, by: User, at: datetime) -> None:
    """Closes a concern with a last note on what was done. Refused without it, and when it is closed already."""
    with transaction.atomic():
        row = _locked(concern, by)
        note = _note(row, text, by, at)
        row.closed_at, row.closed_by = at, by
        row.save(update_fields=["closed_at", "closed_by"])
        _record(row, Action.CONCERN_CLOSED, by, "safeguarding_lead", at, note=note.pk)


def leads_of(centre_id: int) -> list[User]:
    """The safeguarding leads of a centre today."""
    return _holders(centre_id, Role.SAFEGUARDING_LEAD)


@on_change
def hand_over(membership: Membership) -> None:
    """Who becomes a safeguarding lead is told of what is open there."""
    if membership.role != Role.SAFEGUARDING_LEAD or membership.ends_on is not None:
        return
    waiting = SafeguardingConcern.objects.filter(centre=membership.organisation_id, closed_at__isnull=True)
    latest = waiting.order_by("-raised_at").first()
    if latest is not None:
        tell(membership.user, "safeguarding", "Safeguarding concerns wait for you", at=latest.raised_at,
             url=reverse("safeguarding:concerns"))  # fmt: skip


def _tell(row: SafeguardingConcern, at: datetime) -> None:
    leads = leads_of(row.centre_id)
    for lead in leads:
        tell(lead, "safeguarding", "Somebody has raised a safeguarding concern. Read it now.", at=at,
             url=reverse("safeguarding:concern", args=[row.ref]))  # fmt: skip
    for administrator in [] if leads else _holders(row.centre_id, Role.CENTRE_ADMINISTRATOR):
        tell(administrator, "safeguarding", NAME_ONE, url=reverse("delivery:centre"), at=at)


def _holders(centre_id: int, role: Role) -> list[User]:
    holders = Membership.objects.current().filter(organisation=centre_id, role=role).values("user")
    return list(User.objects.filter(pk__in=holders, is_active=True).order_by("pk"))


def _locked(concern: SafeguardingConcern, by: User, *, open_only: bool = True) -> SafeguardingConcern:
    row = SafeguardingConcern.objects.select_for_update().get(pk=concern.pk)
    if not is_staff_of(by, row.centre_id, Role.SAFEGUARDING_LEAD):
        raise Refused("rule-05-right", "Only a safeguarding lead of the centre reads and settles concerns.")
    if open_only and row.closed_at is not None:
        raise Refused("rule-05-closed", "This concern has been closed. Raise a new one if there is something new.")
    return row


def _note(row: SafeguardingConcern, text: str, by: User, at: datetime) -> SafeguardingNote:
    if not text.strip():
        raise Refused("rule-05-note", "Say what was done.")
    return SafeguardingNote.objects.create(concern=row, text=text.strip(), written_by=by, written_at=at)


def _record(row: SafeguardingConcern, action: Action, by: User, role: str, at: datetime, **changes: object) -> None:
    record(
        stream_of("safeguarding", row.pk), action, by=by, role=role, acting_as=f"centre:{row.centre_id}", at=at,
        subject=f"concern:{row.pk}", changes=dict(changes),
    )  # fmt: skip
