"""What an assessor records: witnesses, observations, testimonies, discussions; and documents that stay in a setting."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from courses.delivery.api import Registration
from lms.accounts.api import User
from portfolio.api import EvidenceVersion, declare, save_draft
from portfolio.domain.record import save_record, sign_record, start_record
from portfolio.domain.witness import add_witness
from portfolio.domain.write import Link, set_links
from portfolio.models import Witness

from .work import TEXT, criterion_ids, make_draft

Kind = EvidenceVersion.Kind
EXPERT = {"knows_unit": True, "is_competent": True, "evaluates_staff": True, "verified_how": "Met at the setting."}


def make_witness(registration: Registration, *, by: User, expert: bool = True, **fields: Any) -> Witness:
    """A witness of a learner's work; an expert with all that rule 22 asks for, unless told."""
    said = {"name": "Wanda Fox", "job": "Nursery manager", "workplace": "Willow Tree Nursery"} | fields
    return add_witness(registration, **said | (EXPERT if expert else {}), by=by, at=timezone.now())


# The beginning of a recording as a browser makes it: sound without pictures.
WEBM = b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff\x42\x82\x84webm" + b"\x86\x86A_OPUS" + b"\xff" * 3000


def make_record(registration: Registration, kind: str = Kind.OBSERVATION, *, by: User, sign: bool = True,
                title: str = "Leading a review", at: datetime | None = None,
                **fields: Any) -> EvidenceVersion:  # fmt: skip
    """A record with all that signing asks for, signed unless told. A testimony needs its witness in `fields`."""
    at = at or timezone.now()
    version = start_record(registration, kind=kind, title=title, by=by, at=at)
    said = {"text": TEXT, "happened_on": timezone.localdate(), "place": "Willow Tree Nursery", "minutes": 45} | fields
    version = save_record(version, **said, by=by, at=at)
    return sign_record(version, by=by, at=at) if sign else version


def link_and_declare(version: EvidenceVersion, *codes: str, where: str = "Second paragraph") -> EvidenceVersion:
    """The learner says which criteria a piece meets and declares it, so that it can be submitted."""
    registration = version.evidence.registration
    by, at = registration.learner, timezone.now()
    links = [Link(pk, where=where, why="It shows what I did") for pk in criterion_ids(registration, codes).values()]
    set_links(version, links, by=by, at=at)
    return declare(version, authentic=True, no_child_identified=True, ai_used="", by=by, at=at)


def make_held(registration: Registration, *codes: str, **fields: Any) -> EvidenceVersion:
    """A document that stays in the setting, ready to submit."""
    version = make_draft(registration, kind=Kind.HELD_IN_SETTING, title="Support plan")
    said = {"place": "Willow Tree Nursery, office", "source": "The manager"} | fields
    save_draft(version, **said, by=registration.learner, at=timezone.now())
    return link_and_declare(version, *codes)
