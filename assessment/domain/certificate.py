"""The certificate of a staff qualification: checked when it comes, kept in the private store, and no stray left."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.uploadedfile import UploadedFile

from lms.accounts.api import StaffQualification
from lms.accounts.competence import Certificate
from portfolio.domain.single import keep_single
from portfolio.files import store_room

KINDS = {"application/pdf", "image/jpeg", "image/png"}
MOST_BYTES = 10 * 1024 * 1024


@contextmanager
def checked_certificate(upload: UploadedFile | None) -> Iterator[Certificate | None]:
    """The certificate that came with a form, checked and stored, while it is put on a record; None without a file.
    When no record has it in the end (a refusal, a form posted twice), it is destroyed again. Raises Refused for a file
    that cannot be taken."""
    if upload is None:
        yield None
        return
    kept = keep_single(upload, kinds=KINDS, most_bytes=MOST_BYTES)
    try:
        yield Certificate(kept.stored_as, kept.name, kept.content_type)
    finally:
        if not StaffQualification.objects.filter(stored_as=kept.stored_as).exists():
            store_room().delete(kept.stored_as)
