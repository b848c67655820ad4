"""The one next step on a trainee's home: what to do, how long it takes, and where."""

from dataclasses import dataclass

from django.template.defaultfilters import date as format_date
from django.template.defaultfilters import truncatewords
from django.urls import reverse

from courses.delivery.api import Registration, StudyProgress
from courses.pages.outline import words_for_minutes
from courses.pages.queries import StudyItem

from .queries import TraineeHome, codes

QUOTED_WORDS = 24


@dataclass(frozen=True)
class NextStep:
    """One thing to do: the props of the `next_step` component, and `kind` for tests and statistics."""

    kind: str
    title: str
    text: str
    url: str = ""
    button: str = ""
    eyebrow: str = "Your next step"


def next_step(home: TraineeHome) -> NextStep:
    """What a trainee does next: whatever somebody waits for or they began comes before what is new.

    In order: nothing, when the registration is closed; the pathway, when everything needed is achieved; an assessment
    plan to agree; feedback to act on; the lesson they are in; evidence to submit; a draft to finish; the next lesson or
    task; a criterion to start; waiting for the assessor.
    """
    makers = (_closed, _complete, _plan, _feedback, _lesson_begun, _submit, _draft, _next_lesson, _start, _waiting)
    return next((step for step in (maker(home) for maker in makers) if step), _stuck())


def _closed(home: TraineeHome) -> NextStep | None:
    state = Registration.State(home.registration.state)
    if state in Registration.OPEN_STATES:
        return None
    if state in (Registration.State.CLAIMED, Registration.State.AWARDED):
        return _complete_step()
    return NextStep(
        "closed", f"Your registration is {'suspended' if state == Registration.State.SUSPENDED else 'on a break'}",
        "You can read everything here. To go on with your work, ask your centre.", reverse("learner_details"),
        "See whom to ask", "Nothing to do now",
    )  # fmt: skip


def _complete(home: TraineeHome) -> NextStep | None:
    return _complete_step() if home.progress.is_complete else None


def _complete_step() -> NextStep:
    return NextStep(
        "complete", "You have achieved everything your qualification needs",
        "Well done. See what happens now, and where you could go from here.", reverse("assessment:pathway"),
        "See your pathway",
    )  # fmt: skip


def _plan(home: TraineeHome) -> NextStep | None:
    asked = home.planned.asked
    if asked is None:
        return None
    again = " It takes the place of the one before." if asked.number > 1 and home.planned.next else ""
    return NextStep(
        "plan", "Agree your assessment plan",
        f"{asked.who} asks you to agree what is assessed, how, by when, and when they visit.{again}",
        reverse("assessment:my_plan"), "Read the plan", "Your next step · about 5 minutes",
    )  # fmt: skip


def _feedback(home: TraineeHome) -> NextStep | None:
    if not home.feedback:
        return None
    told = home.feedback[0]
    day = format_date(told.when, "j F Y")
    more = len(home.feedback) - 1
    text = f"{told.who} wrote on {day}: “{truncatewords(told.text, QUOTED_WORDS)}”"
    if more:
        text += f" After this, {'one more criterion needs' if more == 1 else f'{more} more criteria need'} changes."
    if told.draft is not None:
        number = told.draft.version.number
        button = f"Carry on with version {number}" if number > 1 else "Carry on with your draft"
        return NextStep("feedback", f"Finish your changes for {told.criterion.code}", text, told.draft.url, button)
    return NextStep("feedback", f"Make changes for {told.criterion.code}", text, told.url, "Read the feedback")


def _lesson_begun(home: TraineeHome) -> NextStep | None:
    lessons = {item.pk: item for item in home.lessons if not item.is_task}
    begun = [row for row in home.study.values() if row.finished_at is None and row.page_id in lessons]
    if not begun:
        return None
    row = max(begun, key=lambda progress: progress.seen_at)
    return _study_step("lesson-begun", lessons[row.page_id], row)


def _submit(home: TraineeHome) -> NextStep | None:
    if not home.ready:
        return None
    count = "1 criterion" if len(home.ready) == 1 else f"{len(home.ready)} criteria"
    return NextStep(
        "submit", f"Submit {count} for assessment",
        f"Your evidence for {codes(home.ready)} is ready. Check it once more and send it to your assessor.",
        reverse("portfolio:submit"), "Choose what to submit", "Your next step · about 5 minutes",
    )  # fmt: skip


# "It still needs …", for each code of portfolio.policies.missing_before_submitting.
LACKS = {
    "content": "some text or a file",
    "awarded-by": "who awarded it",
    "awarded-on": "when it was awarded",
    "kept-where": "where the document is kept",
    "kept-by": "who keeps the document",
    "file-checking": "its file to be checked, which takes a minute",
    "file-refused": "another file in place of the one that was not taken",
    "criteria": "the criteria that it proves",
    "reference": "where in the discussion each criterion is met",
    "child-identity": "your declaration about children",
    "authenticity": "your declaration that it is your own work",
    "true-record": "your declaration that it is a true record of your practice",
}


def _draft(home: TraineeHome) -> NextStep | None:
    drafts = home.unfinished_drafts
    if not drafts:
        return None
    piece = drafts[0]
    lacks = [LACKS[code] for code in piece.missing]
    listed = f"{', '.join(lacks[:-1])} and {lacks[-1]}" if len(lacks) > 1 else lacks[0]
    return NextStep(
        "draft", f"Finish “{piece.version.title}”", f"It is saved as a draft. It still needs {listed}.", piece.url,
        "Carry on with your draft",
    )  # fmt: skip


def _next_lesson(home: TraineeHome) -> NextStep | None:
    """The next lesson or task after the one finished last, since people may begin with the unit that they need."""
    done = {row.finished_at: row.page_id for row in home.study.values() if row.finished_at}
    last = done[max(done)] if done else None
    place = next((n + 1 for n, item in enumerate(home.lessons) if item.pk == last), 0)
    for item in [*home.lessons[place:], *home.lessons[:place]]:
        if not home.is_finished(item):
            return _study_step("lesson-next", item, home.study.get(item.pk))
    return None


def _study_step(kind: str, item: StudyItem, row: StudyProgress | None) -> NextStep:
    eyebrow = f"Your next step · {words_for_minutes(item.minutes)}"
    if row is None:
        button = "Open the task" if item.is_task else "Start the lesson"
        return NextStep(kind, item.title, item.summary, item.url, button, eyebrow)
    url = f"{item.url}#{row.anchor}" if row.anchor else item.url
    text = f"You stopped at “{row.anchor_title}”." if row.anchor_title else "You have opened it before."
    return NextStep(kind, item.title, text, url, "Carry on", eyebrow)


def _start(home: TraineeHome) -> NextStep | None:
    if home.to_start is None:
        return None
    code = home.to_start.code
    return NextStep(
        "start", f"Add evidence for {code}", home.to_start.full_text,
        f"{reverse('portfolio:evidence_new')}?criterion={code}", "Add evidence",
    )  # fmt: skip


def _waiting(home: TraineeHome) -> NextStep | None:
    if not home.with_assessor:
        return None
    first = home.with_assessor[0]
    count = "1 criterion" if first.criteria == 1 else f"{first.criteria} criteria"
    return NextStep(
        "waiting", f"{first.who} is assessing your work",
        f"You submitted {count}. You will hear by {format_date(first.due_on, 'j F Y')}: we email you when it is done.",
        first.url, "See what you submitted", "Nothing to do now",
    )  # fmt: skip


def _stuck() -> NextStep:
    return NextStep(
        "stuck", "Ask your centre about another attempt",
        "The criteria that are left have been submitted as often as allowed. The lead internal quality assurer of your "
        "centre can grant another attempt.", reverse("portfolio:grid"), "See your criteria",
    )  # fmt: skip
