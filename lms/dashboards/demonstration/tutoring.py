"""Drafts that trainees sent to their tutor, Nadia Frost: one with her comments, others that wait. Which ones depends on
the lessons that the course has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from courses.delivery.api import Registration, save_answer, send_comments, send_draft
from courses.pages.models import CoursePage, LessonPage
from courses.pages.queries import address, rendered
from lms.accounts.api import User

from .clock import moment


@dataclass(frozen=True)
class Sent:
    """Whose draft, in which lesson, how many days ago; the tutor's comments, if she has sent any."""

    trainee: str
    lesson: str
    ago: int
    text: str
    comments: str = ""


COUNCIL, ENGLISH, REFERRAL = (
    "linking-with-your-council", "is-it-just-the-english", "a-referral-that-gets-an-answer"
)  # fmt: skip
PLEASE = (
    "Child A understands us when he can see our faces. From behind he does not turn, also when we say his name. His "
    "mum sees the same at home with the television off. Could you tell us how soon a hearing test is possible, and "
    "what we should do in the room until then?"
)
SENT = (
    Sent("Priya Nair", REFERRAL, 9, PLEASE, "You begin with what you saw, and with his mum’s own words. That makes it "
         "easy to answer.\n\nOne question: how often, and since when? “From behind he does not turn” is strong. “Four "
         "times out of five, in the last two weeks” is stronger.\n\nTry adding that one sentence and send it again if "
         "you like."),
    Sent("Amara Obi", REFERRAL, 3, "We have a girl who does not eat with us. She eats at home. Her parents are "
         "worried, and so are we. What do you offer?"),
    Sent("Dilys Parry", COUNCIL, 1, "Four families have asked us this term for a group where nobody minds the noise. "
         "The nearest is two buses away. Our hall is free on Tuesdays. Who in your team could talk it over with us?"),
    Sent("Priya Nair", ENGLISH, 9, "He has heard English for eight months. In Malayalam he tells his grandmother long "
         "stories, with jokes. He understands two-step instructions in both. When words hardly matter, at the sand, he "
         "plans and negotiates. I would change my mind if his mother told me that he loses words at home.",
         "You used all four questions and you said what would change your mind: a colleague can work with this.\n\n"
         "Where does “long stories” come from? Say who told you, and one story. Then nobody has to take it on trust."),
    Sent("Amara Obi", ENGLISH, 3, "I think that it is only the English because his brother was the same and is fine "
         "now."),
    Sent("Dilys Parry", REFERRAL, 1, "Lewis lines up cars before he eats, each day this term. If one is moved he "
         "starts again. We let him finish, and then he eats well."),
)  # fmt: skip


def drafts(registration: Registration, course: CoursePage, tutor: User) -> list[tuple[datetime, Callable[[], object]]]:
    """What a trainee sent and what came back, each with its own time."""
    acts: list[tuple[datetime, Callable[[], object]]] = []
    for sent in SENT:
        page = LessonPage.objects.live().descendant_of(course).filter(slug=sent.lesson).first()
        block = _block(page) if page is not None and sent.trainee == registration.learner.name else None
        if page is None or block is None:
            continue
        acts.append((moment(sent.ago, 20, 40), partial(_send, registration, page, block, sent)))
        if sent.comments:
            acts.append((moment(sent.ago - 1, 12), partial(_comment, registration, page, block, sent, tutor)))
    return acts


def _block(page: LessonPage) -> UUID | None:
    return next((UUID(live.block) for live in rendered(page).live if live.kind == "draft"), None)


def _send(registration: Registration, page: LessonPage, block: UUID, sent: Sent) -> None:
    at = moment(sent.ago, 20, 40)
    save_answer(registration, page.pk, block, "draft", {"text": sent.text}, at=at)
    send_draft(registration, page.pk, block, by=registration.learner, at=at)


def _comment(registration: Registration, page: LessonPage, block: UUID, sent: Sent, tutor: User) -> None:
    draft = registration.tutor_drafts.get(page=page, block=block)
    send_comments(draft, sent.comments, url=f"{address(page)}#block-{block}", by=tutor, at=moment(sent.ago - 1, 12))
