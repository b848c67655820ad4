"""What the demonstration's authority adds to the course: local information, one part of it due for review and one
missing, and a lesson of its own."""

from content.blocks import BodyBlock
from content.models import LocalInformation, LocalLink
from courses.pages.local import keep_local, lessons_page
from courses.pages.models import CoursePage, LocalLessonPage, UnitPage
from courses.pages.source_boxes import blocks_of
from lms.accounts.api import Organisation, User

from .clock import day, moment

SITE = "https://ashcombe-vale.example"
# Slot, days since it was checked, text, links. Funding and training are missing: the page says so.
WORDS: tuple[tuple[str, int, str, dict[str, str]], ...] = (
    ("contacts", 12, "<p><b>Early years inclusion team</b>, Monday to Friday, 9 to 4:30: 01632 960 140.</p><p>Your "
     "Area SENCO visits once a term. Between visits the duty line answers the same day.</p>",
     {"Who covers which settings": f"{SITE}/early-years/area-sencos"}),
    ("local_offer", 12, "<p>Ours is called <b>Ashcombe Vale Together</b>. The page “What to expect in the early years” "
     "was written with parents last spring.</p>",
     {"Ashcombe Vale Together": f"{SITE}/local-offer",
      "What to expect in the early years": f"{SITE}/local-offer/eyfs"}),
    ("referral", 205, "<p>One form for speech and language, occupational therapy and the paediatrician. The parents "
     "sign it. You hear within ten working days.</p>", {"The referral form": f"{SITE}/early-years/refer"}),
    ("templates", 60, "<p>Use ours, or your own if it asks the same.</p>",
     {"Support plan": f"{SITE}/early-years/plan", "One-page profile": f"{SITE}/early-years/profile"}),
)  # fmt: skip
LESSON = """
Once a month, on a Tuesday afternoon, seven people sit round a table in Ashcombe Town Hall and read what you sent them.

## Who is there

The lead for early years inclusion, an educational psychologist, a speech and language therapist, a health visitor, a
parent from the carers’ forum, and two SENCOs of settings like yours. Each SENCO does it for a year. You can
ask to be one.

## What they can give

- Up to twelve weeks of inclusion funding
- A visit by a specialist teacher
- Advice in writing, always, whatever else they decide

:::key They read three things first
What the child enjoys, what you have tried and for how long, and what the parents say. If these three are there, the
rest is soon read.
:::

## When to send it

By noon on the first Friday of the month. What comes later waits for the next month, also when it is urgent: then ring
the duty line instead.
"""


def local(authority: Organisation, people: dict[str, User]) -> None:
    """Writes local information as the cohort manager does, and publishes the lesson."""
    by = people["authority"]
    for slot, ago, text, links in WORDS:
        row = LocalInformation(authority=authority, slot=slot, text=text, checked_on=day(ago))

        def save(row: LocalInformation = row, links: dict[str, str] = links) -> None:
            row.save()
            for order, (title, url) in enumerate(links.items()):
                LocalLink.objects.create(information=row, title=title, url=url, sort_order=order)

        keep_local(row, save, by=by, at=moment(ago, 15))
    course = CoursePage.objects.live().order_by("path").first()
    unit = UnitPage.objects.live().descendant_of(course).order_by("path").first() if course is not None else None
    if unit is None:
        return
    lesson = LocalLessonPage(
        title="How our inclusion panel works", slug="inclusion-panel", minutes=6, unit=unit,
        summary="Who sits on it in Ashcombe Vale, what they can give, and what they read first.",
        body=BodyBlock().to_python(blocks_of(LESSON, "inclusion-panel")),
    )  # fmt: skip
    lessons_page(authority, by=by).add_child(instance=lesson)
    lesson.save_revision(user=by).publish()
