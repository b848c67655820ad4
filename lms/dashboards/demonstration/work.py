"""One trainee's work in the demonstration, done through the product's own acts, each at its own time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter

from django.core.files.uploadedfile import SimpleUploadedFile

from assessment.api import check_submission, draft_decision, judge_version, open_submission, release
from assessment.domain.check import to_check
from courses.delivery.api import Registration, open_page, reach_end, remember_place
from courses.framework.api import Criterion
from courses.pages.models import CoursePage, LessonPage, TaskPage
from courses.pages.queries import rendered, study_items
from lms.accounts.api import User
from portfolio.api import (
    Evidence,
    EvidenceVersion,
    Link,
    Submission,
    declare,
    new_version,
    save_draft,
    set_links,
    start_evidence,
    submit_criteria,
)
from portfolio.domain.attach import add_file
from portfolio.domain.check import check_now
from portfolio.domain.share import share_with_setting

from .beside import answer, done, notes_and_steps
from .clock import day, moment
from .people import SETTINGS, Trainee
from .pictures import draw
from .stories import TWELFTHS, Round, Story
from .texts import PIECES, compose
from .words import CHANGES, LINKS, PRAISE, RATIONALES, Change

AI_NOTES = (
    "",
    "",
    "I used a spelling checker.",
    "",
    "I asked an AI tool to list the parts of the Code; the rest is mine.",
)

Act = tuple[datetime, Callable[[], object]]


class Work:
    """What one trainee and their assessor do, in order."""

    def __init__(self, number: int, trainee: Trainee, registration: Registration, assessor: User, second: User,
                 criteria: dict[str, Criterion]) -> None:  # fmt: skip
        self.number, self.registration, self.criteria = number, registration, criteria
        self.assessor, self.second = assessor, second  # who decides, and who countersigns what must be
        self.learner = registration.learner
        self.slots = {
            "child": trainee.child, "colleague": trainee.colleague,
            "Colleague": trainee.colleague[0].upper() + trainee.colleague[1:], "partner": trainee.partner,
            "place": SETTINGS[trainee.setting].words,
            "team": "my assistant and I" if trainee.partner != "my manager" else "the three of us in the room",
        }  # fmt: skip
        self.evidence: dict[str, Evidence] = {}
        self.owed: dict[str, Change] = {}  # what the assessor has asked for, by piece
        self.submissions: dict[Round, Submission] = {}
        self.acts: list[Act] = []

    def tell(self, story: Story, course: CoursePage, more: Sequence[Act] = ()) -> None:
        """Everything that has happened to this trainee until today, in the order in which it happened. `more`: what
        is told elsewhere, each with its time."""
        self.acts += more
        self.study(story, course)
        for part in story.rounds:
            for place, key in enumerate(part.pieces):
                ago = part.submitted + 2 + place
                self._later(moment(ago, 20), partial(self._write, key, part, ago))
            self._later(moment(part.submitted, 21), partial(self._submit, part))
            if part.begun or part.decided is not None:
                self._later(moment(part.decided or 1, 13), partial(self._assess, part))
            for after, told in ((2, answer), (21, done)):
                if part.decided is not None and part.decided > after + 3:
                    self._later(moment(part.decided - after, 20), partial(self._beside, told, part, after))
        for place, key in enumerate(story.drafts):
            self._later(moment(3 - place, 20), partial(self._begin, key.removeprefix("~"), 3 - place, key[0] != "~"))
        if story.shared:
            self._later(moment(30, 19), partial(self._share, story.shared))
        for _, act in sorted(self.acts, key=itemgetter(0)):
            act()

    def _later(self, at: datetime, act: Callable[[], object]) -> None:
        self.acts.append((at, act))

    def _beside(self, told: Callable[["Work", Submission, int], None], part: Round, after: int) -> None:
        told(self, self.submissions[part], (part.decided or 0) - after)

    def _share(self, key: str) -> None:
        share_with_setting(self.evidence[key], by=self.learner, at=moment(30, 19))

    def study(self, story: Story, course: CoursePage) -> None:
        """Pages finished, in order and spread over eight weeks, and one left half way."""
        items = study_items(course)
        for place, item in enumerate(items[: len(items) * story.finished // TWELFTHS]):
            ago = 72 - 55 * place // len(items)
            open_page(self.registration, item.pk, at=moment(ago, 20, 3 * self.number))
            ended = moment(ago, 20, 3 * self.number + item.minutes % 60)
            reach_end(self.registration, item.pk, (), at=ended)
        for model in (LessonPage, TaskPage):
            page = model.objects.descendant_of(course).filter(slug=story.reading).first()
            if page is not None:
                headings = rendered(page).headings
                anchor, title = headings[len(headings) // 2]
                remember_place(self.registration, page.pk, anchor, title, at=moment(1, 21, self.number))

    def _begin(self, key: str, ago: int, whole: bool) -> None:
        """A piece that is still a draft: all of its text, or the first lines."""
        version = self._open(key, ago)
        text = compose(PIECES[key], ending=self.number, slots=self.slots)
        shown = text if whole else "\n\n".join(text.split("\n\n")[:2])
        save_draft(version, text=shown, happened_on=day(ago + 4), by=self.learner, at=moment(ago, 20, 50))

    def _submit(self, part: Round) -> None:
        """Declares the pieces of a round and submits its criteria."""
        for key in part.pieces:
            version = EvidenceVersion.objects.get(evidence=self.evidence[key], is_latest=True)
            ai_used = AI_NOTES[(self.number + len(key)) % len(AI_NOTES)]
            declare(version, authentic=True, no_child_identified=True, ai_used=ai_used, by=self.learner,
                    at=moment(part.submitted, 21, self.number))  # fmt: skip
        self.submissions[part] = submit_criteria(
            self.registration, {self.criteria[code].pk for code in part.criteria}, by=self.learner,
            at=moment(part.submitted, 21, 15 + self.number),
        )  # fmt: skip

    def _open(self, key: str, ago: int, links: tuple[str, ...] = ()) -> EvidenceVersion:
        """A draft of a piece: the first version, or the next one with what it said before."""
        at = moment(ago, 20, self.number)
        if key in self.evidence:
            return new_version(self.evidence[key], by=self.learner, at=at)
        piece = PIECES[key]
        version = start_evidence(
            self.registration, kind=piece.kind, title=piece.title, by=self.learner, at=at,
            criterion_ids=tuple(self.criteria[code].pk for code in (links or piece.criteria[:1])),
        )  # fmt: skip
        self.evidence[key] = version.evidence
        return version

    def _write(self, key: str, part: Round, ago: int) -> None:
        """A version that lacks only the declarations: text, links, file."""
        piece, links, again = PIECES[key], part.links[key], key in self.evidence
        version = self._open(key, ago, links)
        sent_back = next((CHANGES[words] for code, words in part.referred if code in links), None)
        version = save_draft(version, text=self._text(key, part, version, sent_back), happened_on=day(ago + 6),
                             by=self.learner, at=moment(ago, 20, 35 + self.number))  # fmt: skip
        if not again:
            named = [Link(self.criteria[code].pk, *LINKS[code]) for code in links]
            version = set_links(version, named, by=self.learner, at=moment(ago, 21, self.number))
            if piece.file:
                upload = SimpleUploadedFile(piece.file, draw(piece.file))
                added = add_file(version, upload, by=self.learner, at=moment(ago, 21, 5 + self.number))
                check_now(added.pk, at=moment(ago, 21, 6 + self.number))
        if sent_back:
            self.owed[key] = sent_back

    def _text(self, key: str, part: Round, version: EvidenceVersion, sent_back: Change | None) -> str:
        """What this version says: as far as the learner has got, or mended as the assessor asked."""
        asked = self.owed.pop(key, None)
        if asked and asked.added:
            return f"{version.text}\n\n{asked.added}"
        if sent_back and sent_back.instead:
            return sent_back.instead
        lacks = sent_back.lacks if sent_back else None
        return compose(PIECES[key], ending=self.number, slots=self.slots, without=part.without, lacks=lacks)

    def _assess(self, part: Round) -> None:
        """The assessor judges each version, decides each criterion and, unless they have only begun, releases."""
        submission, ago = self.submissions[part], part.decided or 1
        open_submission(submission, by=self.assessor, at=moment(ago, 12, self.number))
        faults = {key: (test, note) for key, test, note in part.unsound}
        keys = {evidence.pk: key for key, evidence in self.evidence.items()}
        items = list(submission.items.select_related("criterion").order_by("criterion__position"))
        versions = EvidenceVersion.objects.filter(submitted_for__in=items).select_related("evidence").distinct()
        for version in versions.order_by("pk"):
            test, note = faults.get(keys[version.evidence_id], ("", ""))
            holds = {name: name != test for name in ("valid", "authentic", "current", "reliable")}
            judge_version(version, **holds, note=note, by=self.assessor, at=moment(ago, 13, self.number))
        referred = dict(part.referred)
        for place, item in enumerate(items[: len(items) // 2 + 1] if part.begun else items):
            relied = list(item.versions.order_by("pk"))
            key, code = keys[relied[0].evidence_id], item.criterion.code
            change = CHANGES[referred[code]] if code in referred else None
            turn = self.number + place
            draft_decision(
                submission, item.criterion_id, outcome="referred" if change else "achieved", sufficient=change is None,
                rationale=change.rationale if change else RATIONALES[key][turn % 2],
                feedback=change.feedback if change else PRAISE[turn % len(PRAISE)],
                version_ids={version.pk for version in relied}, by=self.assessor, at=moment(ago, 13, 10 + 3 * turn),
            )  # fmt: skip
        notes_and_steps(self, submission, set(referred), ago)
        if part.decided is not None:
            sent = release(submission, by=self.assessor, at=moment(ago, 16, self.number))
            if sent.is_being_checked and not part.unchecked:
                agreed = {decision.pk: (True, "") for decision in to_check(sent, "countersign")}
                check_submission(sent, "countersign", agreed, by=self.second, at=moment(ago - 1, 10, self.number))
