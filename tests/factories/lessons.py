"""A lesson with one of every block that takes an answer, and what is posted to it."""

from typing import Any

from content.blocks import BodyBlock
from content.marking import key_of
from content.pieces import Live
from courses.pages.models import LessonPage, PageCriterion, TaskPage
from courses.pages.queries import rendered
from courses.pages.source_boxes import blocks_of

LESSON = """
Pip is two. At snack she takes the bowl under the table and eats there.

## What is going on?

:::check who-decides
kind: single
question: Who decides that a child should have SEN support?
options:
  - text: The SENCO alone
    feedback: You will often see it first, but a decision made alone leaves out those who know the child best.
  - text: The SENCO and key person, with the parents
    right: true
    feedback: Yes. The parents are formally told, and they know what nobody else does.
  - text: The Area SENCO
    feedback: They advise. Nobody from outside has to agree before you begin.
:::

:::check what-helps
kind: multiple
question: Which of these help you to find out what a child needs?
options:
  - text: Watching at different times of day
    right: true
    feedback: Yes, one moment shows one moment only.
  - text: Asking the parents what happens at home
    right: true
    feedback: Yes. They have known the child since birth.
  - text: Waiting until the child is three
    feedback: Waiting tells you nothing that watching would not, and the child waits too.
feedback: Bring together what staff see, what parents know and what the child shows.
:::

:::check four-steps
kind: ordering
question: Put the four steps in order, starting when a worry comes up.
items: [Assess, Plan, Do, Review]
feedback: Then round again, knowing more.
wrong: Look at what has to be known before anything can be agreed.
:::

:::check who-does-what
kind: matching
question: Who does what?
pairs:
  - {item: Works with the child each day, match: The key person, feedback: The SENCO does not take over.}
  - {item: Makes sure that support happens, match: The SENCO, feedback: Through other people.}
  - {item: Owns the legal duties, match: The provider}
:::

:::check in-your-words
kind: short
question: In your own words, what does “graduated” mean?
model: Support grows or shrinks to match what you learn. It does not start with everything at once.
look_for: [support can grow and shrink, it follows what you learn]
:::

:::scenario pip-at-snack
title: Pip at snack time
start: arrives
steps:
  - id: arrives
    text: It is ten o’clock. Pip takes her bowl and crawls under the table. The agency worker looks at you.
    choices:
      - {text: Ask the key person what she has seen, feedback: She has a guess., goes_to: talks}
      - {text: Lift Pip out and put her on her chair, feedback: Pip screams., goes_to: waits}
  - id: talks
    text: “She goes under when the trolley comes,” says Ola. “Every time.”
    choices:
      - {text: Move the trolley for a week and watch, feedback: It tells you something., goes_to: quiet}
      - {text: Ring the Area SENCO, feedback: "“What have you tried?” she asks. It is a fair question.", goes_to: waits}
  - id: waits
    text: Snack is over, and you still do not know why Pip went under the table.
    ending: You can try again tomorrow. Begin by asking somebody who has seen more than you.
  - id: quiet
    text: On Thursday the trolley stays in the kitchen. Pip eats at the table.
    ending: One change, written down, with a guess behind it. That is assessing.
:::

:::checklist before-you-meet Before you meet the parents
- You have asked when suits them
- You have the notes with you
- You know one thing that the child loves
:::

:::activity Watch one snack
Watch one child at one snack, for ten minutes, without helping.

sheet:
- What I saw
- What happened just before
- What I guess
:::

:::reflect louder [1.7.a 1.7.b]
Whose voice is loudest when your setting decides something about a child?
:::
"""


def make_lesson(text: str = LESSON, lesson: LessonPage | None = None) -> LessonPage:
    """Publishes the first lesson of the course (or another one) with this text of a source file."""
    page = lesson or LessonPage.objects.filter(kind="lesson").order_by("path").first()
    page.body = BodyBlock().to_python(blocks_of(text, page.slug))
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)


def live(page: LessonPage, key: str) -> Live:
    """A live block of a lesson: a check by its kind ("ordering"), another by its own ("scenario")."""
    return next(one for one in rendered(page).live if key in (one.kind, getattr(one.made, "kind", "")))


def chosen(*texts: str) -> dict[str, Any]:
    """What is posted when these options are chosen."""
    return {"choice": [key_of(text) for text in texts], "act": "answer"}


def placed(*texts: str) -> dict[str, Any]:
    """What is posted when lines are put in this order."""
    return {"act": "answer"} | {f"place-{key_of(text)}": str(place) for place, text in enumerate(texts, 1)}


def matched(**pairs: str) -> dict[str, Any]:
    """What is posted when items are matched: `matched(**{"Works with the child each day": "The key person"})`."""
    return {"act": "answer"} | {f"match-{key_of(item)}": key_of(match) for item, match in pairs.items()}


def spare(page: LessonPage | TaskPage) -> None:
    """Maps what a page covers on another of its kind, too, so that it may go offline while its course stays live."""
    other = type(page).objects.live().exclude(pk=page.pk).order_by("path").last()
    assert other is not None
    known = set(other.criterion_uses.values_list("criterion", "use"))
    for row in page.criterion_uses.all():
        if (row.criterion_id, row.use) not in known:
            other.criterion_uses.add(PageCriterion(criterion_id=row.criterion_id, use=row.use))
    other.save_revision().publish()
