"""Notes in evidence, on the pages that show it."""

from django import template

from assessment.models import Annotation
from assessment.queries_desk import Desk
from assessment.queries_notes import notes_on
from lms.accounts.api import User
from portfolio.api import EvidenceVersion

register = template.Library()


@register.simple_tag
def desk_notes(desk: Desk, version: EvidenceVersion) -> list[Annotation]:
    """What is noted on a version, in the workspace. One query for all of the desk's versions."""
    return desk.notes.get(version.pk, [])


@register.simple_tag
def released_notes(version: EvidenceVersion, user: User) -> list[Annotation]:
    """What assessors noted on a version in submissions that have been released, as the user may read it. One query;
    none for a draft."""
    return [] if version.is_draft else notes_on(version, user)
