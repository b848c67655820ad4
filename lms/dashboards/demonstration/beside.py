"""What the demonstration's assessors write beside their decisions: notes in the evidence, next steps, phrases."""

from typing import TYPE_CHECKING

from assessment.domain.annotate import annotate
from assessment.domain.next_steps import agree, ask_about, mark_done, write_next_step
from assessment.domain.phrases import add_phrase, count_use
from assessment.models import NextStep, Phrase
from lms.accounts.api import Organisation, User
from portfolio.api import EvidenceVersion, Link, Submission
from portfolio.places import paragraphs

from .clock import day, moment
from .stories import COHORT_BEGAN

if TYPE_CHECKING:
    from .work import Work

PRAISED = (
    "This is where it shows: you say what you saw, not what you think it means.",
    "A strong paragraph. You name who you spoke with and what changed afterwards.",
    "You put the family first here, and say why. That is what I was looking for.",
)
ASKED = (
    "Here I would like to know when this was, and what the child did next.",
    "You say “we supported him”. Who did what, and how often?",
    "Say how you knew that it had worked. What did you compare?",
)
STEPS = (
    "Ask your manager whether you can sit in on the next review meeting, and note what you say in it.",
    "Read chapter 5 of the Code of Practice once more, and note two things that you do already.",
    "Ask the area SENCO for ten minutes on how they write outcomes with a family.",
    "Keep dated notes for two weeks: one line a day on what you tried and what the child did.",
)
QUESTION = "Our next review meeting is only in eight weeks. May I use the one of last month, which I have notes of?"
OWN = (
    ("feedback", "Say when it was", "{first name}, say when this was and how long it went on: two dates are enough."),
    ("feedback", "What changed", "You tell me clearly what you did. Add what changed for the child afterwards."),
    ("rationale", "Seen in practice", "The account is dated, in the learner’s own words, and shows {criterion} in "
     "practice over several weeks."),
)  # fmt: skip
OURS = (
    ("feedback", "Praise before change", "Thank you, {first name}. What works well here is … To meet {criterion}, …"),
    ("rationale", "Both pieces together", "Neither piece is enough alone. Together they cover all of {criterion}."),
    ("rationale", "Not yet sufficient", "The evidence is valid and the learner’s own, but one example does not yet "
     "show that {criterion} is met."),
)  # fmt: skip


def notes_and_steps(work: "Work", submission: Submission, referred: set[str], ago: int) -> None:
    """A note in each piece, at its second paragraph, and one next step: before the decisions are released."""
    versions = EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct().order_by("pk")
    items = submission.items.select_related("criterion").order_by("criterion__position")
    asked = [item.criterion for item in items if item.criterion.code in referred]
    for turn, version in enumerate(versions, work.number):
        about = next((c for c in asked if submission.items.filter(criterion=c, versions=version).exists()), None)
        words = (ASKED if about else PRAISED)[turn % 3]
        place = Link(0, paragraph=2) if len(paragraphs(version.text)) > 1 else Link(0)
        annotate(submission, version, text=words, criterion_id=about.pk if about else None, place=place,
                 by=work.assessor, at=moment(ago, 15, work.number))  # fmt: skip
    write_next_step(
        submission, text=STEPS[(work.number + submission.number) % len(STEPS)], by=work.assessor,
        criterion_id=asked[0].pk if asked else None, due_on=day(ago - 28), at=moment(ago, 15, 20 + work.number),
    )  # fmt: skip


def answer(work: "Work", submission: Submission, ago: int) -> None:
    """What the trainee says to the next steps of a submission, so many days ago: agreed, or asked about."""
    for step in _shown(submission):
        at = moment(ago, 20, work.number)
        if work.number % 4 == 1 and ago < 30:
            ask_about(step, QUESTION, by=work.learner, at=at)
        else:
            agree(step, by=work.learner, at=at)


def done(work: "Work", submission: Submission, ago: int) -> None:
    """The trainee has done the next steps of a submission, so many days ago."""
    for step in _shown(submission):
        mark_done(step, done=True, by=work.learner, at=moment(ago, 20, work.number))


def _shown(submission: Submission) -> list[NextStep]:
    return list(NextStep.objects.filter(submission=submission, submission__released_at__isnull=False))


def phrases(people: dict[str, User], organisations: dict[str, Organisation]) -> None:
    """A few phrases of two assessors, and the centre's."""
    at = moment(COHORT_BEGAN - 3, 10)
    for key in ("dana", "ruth"):
        for use, title, text in OWN:
            add_phrase(centre=None, use=use, title=title, text=text, by=people[key], at=at)
    for use, title, text in OURS:
        add_phrase(centre=organisations["centre"], use=use, title=title, text=text, by=people["iqa"], at=at)
    for phrase in Phrase.objects.filter(title__in=("Say when it was", "Not yet sufficient")):
        count_use(phrase, by=people["dana"], at=at)
