"""A valid example of what is posted to each address: who, from which page, and what is filled in there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import criterion, judge_all, make_learner, make_organisation, make_qualification

from .forms import Fields
from .scene import Scene
from .table import AT, EVIDENCE

Filled = dict[str, Any]


@dataclass
class Example:
    """`page` holds the form; without one a script posts. `once`: the form carries a once-token, so that posting it
    again must change nothing at all; the others are idempotent by nature, and `stamps` are the columns that may say
    when it was asked last. `effect`: tables that the first POST changes ("" = the session only)."""

    address: str
    role: str
    effect: str
    page: str = ""
    fill: Filled | Callable[[Scene, Fields], Filled] = field(default_factory=dict)
    once: bool = True
    stamps: tuple[str, ...] = ()
    prepare: Callable[[Scene], None] = lambda scene: None

    def filled(self, scene: Scene, fields: Fields) -> Filled:
        """The form as the person sends it."""
        typed = self.fill(scene, fields) if callable(self.fill) else self.fill
        return {**fields, **typed}


def second_registration(scene: Scene) -> None:
    """The owner takes up another qualification."""
    qualification = make_qualification(make_organisation("awarding_organisation"))
    made = make_learner(qualification=qualification, learner=scene.world.trainee)
    scene.refs["second"] = str(made.ref)


def everything_decided(scene: Scene) -> None:
    """The assessor has decided all of the open submission."""
    from assessment.api import draft_decision
    from portfolio.api import Submission

    submission = Submission.objects.get(ref=scene.refs["open"])
    judge_all(submission, by=scene.world.assessor)
    for item in submission.items.all():
        draft_decision(
            submission, item.criterion_id, outcome="achieved", sufficient=True, rationale="It shows it.",
            version_ids=set(item.submitted_versions.values_list("version_id", flat=True)), by=scene.world.assessor,
            at=submission.submitted_at,
        )  # fmt: skip


def ticked(scene: Scene, fields: Fields) -> Filled:
    """The four boxes of the evidence at hand, and the button of its judgement."""
    prefix = next(name for name in fields if name.startswith("initial-v")).split("-")[1]
    boxes = {f"{prefix}-{name}": "on" for name in ("valid", "authentic", "current", "reliable")}
    return {**boxes, "judge": prefix.removeprefix("v")}


def a_file(scene: Scene, fields: Fields) -> Filled:
    """A new text file each time it is asked for: a file can be read once."""
    return {"files": SimpleUploadedFile("plan.txt", b"What we agreed.", "text/plain"), "then": "add"}


def why(scene: Scene, fields: Fields) -> Filled:
    """Where and why for the one criterion of the draft."""
    prefix = f"link{criterion('1.6').pk}"
    return {f"{prefix}-where": "Page 2", f"{prefix}-why": "It says what I did."}


DRAFT, SUBMITTED = EVIDENCE % "draft", EVIDENCE % "submitted"
OPEN = AT % "open"
WRITES = "portfolio_evidenceversion"
EXAMPLES = [
    Example("/learn/registration/", "owner", "", "/learn/", prepare=second_registration, once=False,
            fill=lambda scene, fields: {"registration": scene.refs["second"]}),
    Example("/learn/details/", "peer", "courses_learnernumber", "/learn/details/", {"uln": "1234567899"}),
    Example("/notices/", "owner", "lms_notice", "/notices/", once=False),
    Example("/portfolio/evidence/new/", "owner", "portfolio_evidence", "/portfolio/evidence/new/?criterion=1.1",
            {"kind": "case_study", "title": "A new piece"}),
    Example("/portfolio/evidence/new/?draft={draft}", "owner", WRITES, "/portfolio/evidence/new/?draft={draft}",
            {"title": "Another title"}, once=False),
    Example(DRAFT + "write/", "owner", WRITES, DRAFT + "write/", {"text": "What I did."}, once=False),
    Example(DRAFT + "files/", "owner", "portfolio_evidencefile", DRAFT + "files/", a_file, once=False),
    Example(DRAFT + "criteria/", "owner", "portfolio_evidencelink", DRAFT + "criteria/",
            {"criterion": ["1.6", "1.7.a"]}, once=False),
    Example(DRAFT + "criteria/?part=why", "owner", "portfolio_evidencelink", DRAFT + "criteria/?part=why", why,
            once=False),
    Example(DRAFT + "declare/", "owner", WRITES, DRAFT + "declare/",
            {"no_child_identified": "on", "authentic": "on"}, once=False),
    Example(DRAFT + "autosave/", "owner", WRITES, fill={"text": "As I type"}, once=False),
    Example(SUBMITTED + "new-version/", "owner", WRITES, SUBMITTED),
    Example(DRAFT + "delete/", "owner", "portfolio_evidence", DRAFT + "delete/"),
    Example(SUBMITTED + "share/", "owner", "courses_accessgrant", SUBMITTED),
    Example(EVIDENCE % "shared" + "stop-sharing/", "owner", "courses_accessgrant", EVIDENCE % "shared"),
    Example("/portfolio/files/{draft_file}/remove/", "owner", "portfolio_evidencefile", DRAFT + "files/"),
    Example("/portfolio/submit/check/?criterion=1.5", "owner", "portfolio_submission",
            "/portfolio/submit/check/?criterion=1.5"),
    Example(OPEN + "judge/", "assessor", "assessment_versionjudgement", OPEN + "?criterion=1.3", ticked),
    Example(OPEN + "decide/", "assessor", "assessment_decision", OPEN + "?criterion=1.3",
            {"outcome": "referred", "rationale": "Not yet.", "feedback": "Say more."}),
    Example(OPEN + "decide/autosave/", "assessor", "assessment_decision", once=False, stamps=("saved_at",),
            fill={"criterion": "1.3", "rationale": "As I type"}),
    Example(OPEN + "take-over/", "second_assessor", "assessment_decision", OPEN + "take-over/?criterion=1.4"),
    Example(OPEN + "release/", "assessor", "assessment_decision", OPEN + "release/", prepare=everything_decided),
    Example(OPEN + "interest/", "assessor", "assessment_interestdeclaration", OPEN + "interest/",
            {"kind": "family", "detail": "A cousin."}),
    Example("/quality/interests/{interest}/", "lead_iqa", "assessment_interestdeclaration",
            "/quality/interests/{interest}/", {"resolution": "Another assessor decides."}),
    Example("/quality/attempts/{registration}/1.2.a/", "lead_iqa", "portfolio_attemptgrant",
            "/quality/attempts/{registration}/1.2.a/", {"reason": "The task was unclear."}),
    Example("/cohorts/numbers/{match}/", "centre_admin", "courses_numbermatch", "/cohorts/numbers/{match}/",
            {"outcome": "Checked with the learner."}),
    Example("/learn/study/{lesson_id}/place/", "owner", "courses_studyprogress", fill={"anchor": ""}, once=False,
            stamps=("seen_at",)),
    Example("/learn/study/{lesson_id}/finish/", "owner", "courses_studyprogress", "{lesson}", once=False),
]  # fmt: skip
