"""What the permission tests look at of drafts for comments and of what an authority adds to a course."""

from courses.pages.models import AuthorityPage
from courses.pages.queries import address
from lms.accounts.api import User
from tests.factories import World
from tests.factories.tutoring import (
    begin,
    draft_block,
    make_author,
    make_draft_lesson,
    make_local,
    make_local_lesson,
    make_sent,
    make_tutor,
    write,
)


def tutoring(world: World, words: dict[str, str]) -> tuple[dict[str, str], dict[str, User | None]]:
    """The owner's draft, sent, rewritten since and half commented on; the authority's words and its own lesson. Returns
    what addresses name, and the people who came along."""
    tutor, foreign = make_tutor(world.centre), make_tutor(world.other.centre, "Tim North")
    author = make_author(world.authority)
    lesson = make_draft_lesson()
    draft = make_sent(world.registration, lesson, f"I saw {words['sent draft']}.")
    write(world.registration, lesson, f"I saw {words['unsent draft']}, too.")
    begin(draft, tutor, f"When was {words['draft comments']}?")
    row = make_local(world.authority, text=f"<p>Ring {words['local words']}.</p>")
    own = make_local_lesson(world.authority, author, text=f"We meet at {words['local lesson']}.")
    refs = {
        "draft_lesson": address(lesson), "draft_lesson_id": str(lesson.pk), "draft_block": str(draft_block(lesson)),
        "sent_draft": str(draft.ref), "local_words": str(row.pk), "local_lesson": address(own),
        "local_lesson_id": str(own.pk), "local_home": address(AuthorityPage.objects.get()),
    }  # fmt: skip
    return refs, {"tutor": tutor, "foreign_tutor": foreign, "local_author": author}
