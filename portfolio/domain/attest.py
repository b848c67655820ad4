"""Attesting to a document that never leaves its setting (rules 6 and 21)."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from courses.delivery.api import lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.errors import Refused, SeveralRefused
from lms.notices.api import tell
from portfolio.kinds import Kind
from portfolio.models import Attestation, Evidence, EvidenceVersion
from portfolio.policies import check_may_record


def attest(version: EvidenceVersion, *, seen_on: date | None, place: str, note: str, by: User,
           at: datetime) -> Attestation:  # fmt: skip
    """The learner's assessor says that they have seen a submitted document in its setting: when, where, and what it
    showed. From then on a criterion can be achieved on it. The learner is told. It is done once and stays.

    Raises SeveralRefused for what is missing; Refused for a draft, another kind, a second time, and for anybody but
    the learner's assessor.
    """
    lacks = _lacks(seen_on, place, note, at)
    if lacks:
        raise SeveralRefused(lacks)
    assert seen_on is not None  # or it would lack the day
    with transaction.atomic():
        registration_id = Evidence.objects.values_list("registration_id", flat=True).get(pk=version.evidence_id)
        registration = lock_registration(registration_id)
        check_may_record(by, registration)
        row = EvidenceVersion.objects.select_related("evidence", "attestation").get(pk=version.pk)
        if row.kind != Kind.HELD_IN_SETTING or row.is_draft:
            raise Refused("attest-what", "You attest to a document that is held in the setting and has been submitted.")
        if row.is_seen:
            raise Refused("attest-once", "It is on record already that this document has been seen.")
        made = Attestation.objects.create(
            version=row, seen_by=by, seen_on=seen_on, place=place.strip()[:160], note=note.strip(), attested_at=at
        )
        record(
            registration_stream(registration.pk), Action.EVIDENCE_ATTESTED, by=by, role="assessor", at=at,
            subject=f"evidence:{row.evidence_id}/{row.number}",
        )  # fmt: skip
        tell(
            registration.learner, "attested", f"{by.name} has seen the document that you keep in your setting",
            url=reverse("portfolio:evidence", args=[row.evidence.ref]), at=at,
        )  # fmt: skip
    return made


def _lacks(seen_on: date | None, place: str, note: str, at: datetime) -> list[Refused]:
    lacks = []
    if seen_on is None:
        lacks.append(Refused("attest-date", "Say on which day you saw it.", fix_url="#id_seen_on_0"))
    elif seen_on > timezone.localtime(at).date():
        lacks.append(Refused("attest-date", "The day must be today or in the past.", fix_url="#id_seen_on_0"))
    if not place.strip():
        lacks.append(Refused("attest-place", "Say where you saw it.", fix_url="#id_place"))
    if not note.strip():
        lacks.append(Refused("attest-note", "Say what the document showed.", fix_url="#id_note"))
    return lacks
