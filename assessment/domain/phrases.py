"""The phrases library: words that an assessor uses again and again, their own and their centre's."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from assessment.models import Phrase
from lms.accounts.api import Organisation, Role, User, is_staff_of
from lms.common.errors import Refused

MOST = 300  # phrases that one person, or one centre, keeps
LONGEST, LONGEST_TITLE = 2000, 60  # letters


def add_phrase(*, centre: Organisation | None, use: str, title: str, text: str, by: User, at: datetime) -> Phrase:
    """Adds a phrase: the user's own or, with `centre`, that centre's, which its lead internal quality assurers keep.

    Refused for another's library, when it is full, and without a name or words. Not audited: a phrase says nothing
    about anybody, and a decision keeps the words that were used.
    """
    with transaction.atomic():
        phrase = Phrase(centre=centre, owner=None if centre else by)
        check_may_keep(phrase, by)
        kept = Phrase.objects.filter(centre=centre) if centre else Phrase.objects.filter(owner=by)
        if kept.count() >= MOST:
            raise Refused("phrases-full", f"There are {MOST} phrases already. Delete one that nobody uses.")
        return _write(phrase, use, title, text, at)


def change_phrase(phrase: Phrase, *, use: str, title: str, text: str, by: User, at: datetime) -> Phrase:
    """Changes a phrase; decisions that used it keep their words."""
    with transaction.atomic():
        row = Phrase.objects.select_for_update().get(pk=phrase.pk)
        check_may_keep(row, by)
        return _write(row, use, title, text, at)


def remove_phrase(phrase: Phrase, *, by: User, at: datetime) -> None:
    """Deletes a phrase. Deleting twice is once."""
    with transaction.atomic():
        row = Phrase.objects.filter(pk=phrase.pk).first()
        if row is None:
            return
        check_may_keep(row, by)
        row.delete()


def count_use(phrase: Phrase, *, by: User, at: datetime) -> None:
    """A phrase was inserted: those most used come first."""
    Phrase.objects.filter(pk=phrase.pk).update(used=F("used") + 1)


def may_keep(phrase: Phrase, user: User) -> bool:
    """The phrase is the user's to change: their own as an assessor, or their centre's as its lead IQA."""
    if phrase.centre_id is not None:
        return is_staff_of(user, phrase.centre_id, Role.LEAD_IQA)
    return phrase.owner_id == user.pk and user.has_role(Role.ASSESSOR)


def check_may_keep(phrase: Phrase, user: User) -> None:
    """Raises Refused when the phrase is not the user's to change."""
    if not may_keep(phrase, user):
        raise Refused("phrase-right", "The centre’s phrases are kept by its lead internal quality assurer."
                      if phrase.centre_id else "This phrase is not yours.")  # fmt: skip


def _write(phrase: Phrase, use: str, title: str, text: str, at: datetime) -> Phrase:
    title, text = " ".join(title.split()), text.strip()
    if use not in Phrase.Use.values:
        raise Refused("phrase-use", "Choose what the phrase is for.", fix_url="#id_use_0")
    if not title or len(title) > LONGEST_TITLE:
        raise Refused("phrase-title", f"Give it a name of {LONGEST_TITLE} characters or fewer.", fix_url="#id_title")
    if not text or len(text) > LONGEST:
        raise Refused("phrase-text", f"Write the phrase, in {LONGEST} characters or fewer.", fix_url="#id_text")
    phrase.use, phrase.title, phrase.text, phrase.saved_at = use, title, text, at
    phrase.save()
    return phrase
