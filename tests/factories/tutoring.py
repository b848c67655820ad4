"""A lesson with a draft for comments and local information, tutors, and what an authority adds."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from content.blocks import BodyBlock
from content.models import LocalInformation, LocalLink
from courses.delivery.api import Registration, TutorDraft, save_answer, save_comments, send_comments, send_draft
from courses.pages.local import lessons_page
from courses.pages.models import LessonPage, LocalLessonPage, UnitPage
from courses.pages.source_boxes import blocks_of
from lms.accounts.api import Organisation, Role, User, grant_membership

from .lessons import live, make_lesson
from .people import make_person

TEXT = """
Lewis is three. He lines up the cars before he eats.

:::draft three-sentences [1.7.a]
Write three sentences to a therapist about what you have seen.
:::

:::local contacts

:::local funding
"""


def make_draft_lesson(lesson: LessonPage | None = None) -> LessonPage:
    """Publishes the second lesson of the course (or another one) with a draft block and two of local information."""
    return make_lesson(TEXT, lesson or LessonPage.objects.filter(kind="lesson").order_by("path")[1])


def draft_block(lesson: LessonPage) -> UUID:
    """The lesson's draft block."""
    return UUID(live(lesson, "draft").block)


def make_tutor(centre: Organisation, name: str = "Tilda Moss") -> User:
    """A tutor of a centre."""
    return make_person(name, (Role.TUTOR, centre))


def write(registration: Registration, lesson: LessonPage, text: str) -> None:
    """The learner writes in the draft block; nothing is sent."""
    save_answer(registration, lesson.pk, draft_block(lesson), "draft", {"text": text}, at=timezone.now())


def make_sent(registration: Registration, lesson: LessonPage, text: str = "Lewis lines up cars.") -> TutorDraft:
    """The learner writes and sends it."""
    write(registration, lesson, text)
    return send_draft(registration, lesson.pk, draft_block(lesson), by=registration.learner, at=timezone.now())


def begin(draft: TutorDraft, by: User, text: str = "Say when.") -> TutorDraft:
    """The tutor writes, and sends nothing yet."""
    return save_comments(draft, text, by=by, at=timezone.now())


def comment(draft: TutorDraft, by: User, text: str = "Say when and where.") -> TutorDraft:
    """The tutor sends comments."""
    return send_comments(draft, text, url="/learn/", by=by, at=timezone.now())


def make_local(authority: Organisation, slot: str = "contacts", text: str = "<p>Ring 0300.</p>",
               checked_on: date | None = None, **links: str) -> LocalInformation:  # fmt: skip
    """What an authority says under a heading, with links by title."""
    row = LocalInformation.objects.create(
        authority=authority, slot=slot, text=text, checked_on=checked_on or timezone.localdate()
    )
    for title, url in links.items():
        LocalLink.objects.create(information=row, title=title, url=url)
    return row


def make_author(authority: Organisation, name: str = "Lena Ward") -> User:
    """Somebody who writes an authority's own lessons."""
    return make_person(name, (Role.AUTHOR, authority))


def make_author_of(user: User, authority: Organisation) -> User:
    """Gives somebody that role too."""
    grant_membership(user, authority, Role.AUTHOR, starts_on=timezone.localdate(), by=None, at=timezone.now())
    vars(user).pop("current_memberships", None)
    return user


def make_local_lesson(authority: Organisation, by: User, *, title: str = "Our own panel", text: str = "How it meets.",
                      unit: UnitPage | None = None, minutes: int = 7, **fields: Any) -> LocalLessonPage:  # fmt: skip
    """A published lesson of an authority, after the first unit unless told."""
    page = LocalLessonPage(
        title=title, summary="How we do it here", minutes=minutes, unit=unit or UnitPage.objects.order_by("path")[0],
        body=BodyBlock().to_python(blocks_of(text, "local")), **fields,
    )  # fmt: skip
    lessons_page(authority, by=by).add_child(instance=page)
    page.save_revision().publish()
    return LocalLessonPage.objects.get(pk=page.pk)
