"""A valid example of what is posted to each address: who, from which page, and what is filled in there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from portfolio.models import SkillsCheck
from tests.factories import criterion, judge_all, make_learner, make_organisation, make_qualification
from tests.factories.development import outcome, rate_all

from .forms import Fields
from .scene import Scene
from .table import AT, EVIDENCE, RECORD, SIGNED

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
    headers: dict[str, str] = field(default_factory=dict)
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


def everything_rated(scene: Scene) -> None:
    """The owner has answered all of the open skills check."""
    check = SkillsCheck.objects.get(finished_at__isnull=True)
    rate_all(check, scene.world.registration)


def one_rated(scene: Scene, fields: Fields) -> Filled:
    """An answer and a note for the first outcome."""
    pk = outcome(scene.world.registration, "1.1").pk
    return {f"o{pk}-confidence": "4", f"o{pk}-note": "I explained it to a parent."}


DRAFT, SUBMITTED = EVIDENCE % "draft", EVIDENCE % "submitted"
OPEN = AT % "open"
WRITES = "portfolio_evidenceversion"
ACTIVITY = {"kind": "visit", "title": "A morning", "done_on_day": "3", "done_on_month": "3", "done_on_year": "2026",
            "minutes_hours": "2", "minutes_minutes": "30"}  # fmt: skip
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
    Example(DRAFT + "delete/", "owner", WRITES, DRAFT + "delete/"),
    Example("/portfolio/bin/{binned}/1/restore/", "owner", WRITES, "/portfolio/bin/"),
    Example("/portfolio/bin/{binned}/1/delete/", "owner", WRITES, "/portfolio/bin/{binned}/1/delete/"),
    Example("/portfolio/bin/empty/", "owner", WRITES, "/portfolio/bin/empty/"),
    Example("/portfolio/location-sheet/", "owner", "portfolio_report", "/portfolio/location-sheet/"),
    Example(SUBMITTED + "share/", "owner", "courses_accessgrant", SUBMITTED),
    Example(EVIDENCE % "shared" + "stop-sharing/", "owner", "courses_accessgrant", EVIDENCE % "shared"),
    Example(DRAFT + "uploads/", "owner", "portfolio_upload", once=False, headers={
        "Tus-Resumable": "1.0.0", "Upload-Length": "900", "Upload-Metadata": "filename cGxhbi5wZGY=,key b25l",
    }),
    Example("/portfolio/uploads/{upload}/end/", "owner", "portfolio_upload", DRAFT + "files/"),
    Example(DRAFT + "combine/", "owner", "portfolio_evidencefile", DRAFT + "combine/"),
    Example("/portfolio/files/{draft_file}/remove/", "owner", "portfolio_evidencefile", DRAFT + "files/"),
    Example("/portfolio/submit/check/?criterion=1.5", "owner", "portfolio_submission",
            "/portfolio/submit/check/?criterion=1.5", {"checked": "on"}),
    Example("/portfolio/submissions/{peer_submission}/withdraw/", "peer", "portfolio_submission",
            "/portfolio/submissions/{peer_submission}/withdraw/"),
    Example(AT % "foreign_submission" + "open/", "foreign_assessor", "portfolio_submission", AT % "foreign_submission"),
    Example(OPEN + "take/", "second_assessor", "portfolio_submission", "/assess/?show=others"),
    Example(OPEN + "judge/", "assessor", "assessment_versionjudgement", OPEN + "?criterion=1.3", ticked),
    Example(OPEN + "decide/", "assessor", "assessment_decision", OPEN + "?criterion=1.3",
            {"outcome": "referred", "rationale": "Not yet.", "feedback": "Say more."}),
    Example(OPEN + "decide/autosave/", "assessor", "assessment_decision", once=False, stamps=("saved_at",),
            fill={"criterion": "1.3", "rationale": "As I type"}),
    Example(OPEN + "take-over/", "second_assessor", "assessment_decision", OPEN + "take-over/?criterion=1.4"),
    Example(OPEN + "release/", "assessor", "assessment_decision", OPEN + "release/", prepare=everything_decided),
    Example(OPEN + "interest/", "assessor", "assessment_interestdeclaration", OPEN + "interest/",
            {"kind": "family", "detail": "A cousin."}),
    Example("/assess/learners/{registration}/record/", "assessor", "portfolio_evidence",
            "/assess/learners/{registration}/record/", {"kind": "observation", "title": "Seen today"}),
    Example("/assess/learners/{registration}/witnesses/new/?record={record}", "assessor", "portfolio_witness",
            "/assess/learners/{registration}/witnesses/new/?record={record}",
            {"name": "Wanda Fox", "job": "Manager", "workplace": "Willow Tree Nursery"}),
    Example(RECORD, "assessor", WRITES, RECORD, {"text": "She led it."}, once=False),
    Example(RECORD + "autosave/", "assessor", WRITES, fill={"text": "As I type"}, once=False),
    Example(RECORD + "criteria/", "assessor", "portfolio_evidencelink", RECORD + "criteria/",
            {"criterion": ["4.5", "1.7.a"]}, once=False),
    Example(RECORD + "sign/", "assessor", WRITES, RECORD + "sign/"),
    Example(RECORD + "delete/", "assessor", "portfolio_evidence", RECORD + "delete/"),
    Example(SIGNED + "take-back/", "assessor", WRITES, SIGNED),
    Example("/assess/documents/{held}/1/", "assessor", "portfolio_attestation", "/assess/documents/{held}/1/",
            {"seen_on_day": "1", "seen_on_month": "9", "seen_on_year": "2026", "note": "A plan with two reviews."}),
    Example("/quality/interests/{interest}/", "lead_iqa", "assessment_interestdeclaration",
            "/quality/interests/{interest}/", {"resolution": "Another assessor decides."}),
    Example("/quality/attempts/{registration}/1.2.a/", "lead_iqa", "portfolio_attemptgrant",
            "/quality/attempts/{registration}/1.2.a/", {"reason": "The task was unclear."}),
    Example("/cohorts/centre/", "centre_admin", "lms_organisation", "/cohorts/centre/",
            lambda scene, fields: {next(name for name in fields if name.endswith("-limit")): "250"}),
    Example("/cohorts/numbers/{match}/", "centre_admin", "courses_numbermatch", "/cohorts/numbers/{match}/",
            {"outcome": "Checked with the learner."}),
    Example("/learn/study/{lesson_id}/place/", "owner", "courses_studyprogress", fill={"anchor": ""}, once=False,
            stamps=("seen_at",)),
    Example("/learn/study/{lesson_id}/finish/", "owner", "courses_studyprogress", "{lesson}", once=False),
    Example("/portfolio/skills/start/", "peer", "portfolio_skillscheck", "/portfolio/skills/"),
    Example("/portfolio/skills/2/1/rate/", "owner", "portfolio_skillsrating", "/portfolio/skills/2/1/rate/", one_rated,
            once=False),
    Example("/portfolio/skills/2/autosave/", "owner", "portfolio_skillsrating", fill=one_rated, once=False),
    Example("/portfolio/skills/2/finish/", "owner", "portfolio_skillscheck", "/portfolio/skills/2/finish/",
            prepare=everything_rated),
    Example("/portfolio/skills/2/delete/", "owner", "portfolio_skillscheck", "/portfolio/skills/2/delete/"),
    Example("/portfolio/skills/evidence/", "owner", WRITES, "/portfolio/skills/evidence/"),
    Example("/portfolio/plan/add/", "owner", "portfolio_developmentgoal", "/portfolio/plan/"),
    Example("/portfolio/plan/new/", "owner", "portfolio_developmentgoal", "/portfolio/plan/new/",
            {"goal": "Lead a meeting"}),
    Example("/portfolio/plan/{goal}/", "owner", "portfolio_developmentgoal", "/portfolio/plan/{goal}/",
            {"action": "Ask Ruth", "by_when_day": "1", "by_when_month": "3", "by_when_year": "2030"}, once=False),
    Example("/portfolio/plan/{goal}/autosave/", "owner", "portfolio_developmentgoal", fill={"action": "As I type"},
            once=False),
    Example("/portfolio/plan/{goal}/not-done/", "owner", "portfolio_developmentgoal", "/portfolio/plan/"),
    Example("/portfolio/plan/{goal}/remove/", "owner", "portfolio_developmentgoal", "/portfolio/plan/{goal}/remove/"),
    Example("/portfolio/cpd/new/", "owner", "portfolio_cpdentry", "/portfolio/cpd/new/", ACTIVITY),
    Example("/portfolio/cpd/{entry}/", "owner", "portfolio_cpdentry", "/portfolio/cpd/{entry}/", ACTIVITY, once=False),
    Example("/portfolio/cpd/{entry}/learned/", "owner", "portfolio_cpdentry_outcomes",
            "/portfolio/cpd/{entry}/learned/", {"reflection": "Much", "outcome": ["2.4"]}, once=False),
    Example("/portfolio/cpd/{entry}/autosave/", "owner", "portfolio_cpdentry", fill={"reflection": "As I type"},
            once=False),
    Example("/portfolio/cpd/{entry}/delete/", "owner", "portfolio_cpdentry", "/portfolio/cpd/{entry}/delete/"),
    Example("/portfolio/cpd/evidence/", "owner", WRITES, "/portfolio/cpd/evidence/"),
]  # fmt: skip
