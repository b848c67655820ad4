"""A valid example of what is posted to each address: who, from which page, and what is filled in there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessment.api import ask_to_replace
from assessment.domain.plan import discard_plan, propose_plan
from assessment.models import AssessmentPlan, Decision
from courses.delivery.api import Hold, open_page
from courses.pages.models import LessonPage
from portfolio.api import Evidence, EvidenceVersion, declare, new_version, save_draft
from portfolio.models import SkillsCheck
from tests.factories import criterion, judge_all, make_file, make_learner, make_organisation, make_qualification
from tests.factories.development import outcome, rate_all
from tests.factories.records import WEBM
from tests.factories.tutoring import make_author_of, make_sent

from .forms import Fields
from .scene import Scene
from .table import (
    AT,
    EVIDENCE,
    ITS_LINE,
    OWN_PLAN,
    PLACE,
    PLAN,
    RECORD,
    SIGNED,
    STAFF_RECORD,
    STATEMENT,
    TEAM,
)

Filled = dict[str, Any]


@dataclass
class Example:
    """`page` holds the form; without one a script posts. `once`: the form carries a once-token, so that posting it
    again must change nothing at all; the others are idempotent by nature, and `stamps` are the columns that may say
    when it was asked last. `effect`: tables that the first POST changes ("" = the session only); `cookie`: what is kept
    in the person's browser alone."""

    address: str
    role: str
    effect: str
    page: str = ""
    fill: Filled | Callable[[Scene, Fields], Filled] = field(default_factory=dict)
    once: bool = True
    stamps: tuple[str, ...] = ()
    cookie: str = ""
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


def lesson_opened(scene: Scene) -> None:
    """The owner was at the lesson some days ago."""
    open_page(scene.world.registration, int(scene.refs["lesson_id"]), at=timezone.now() - timedelta(days=3))


def peer_sent(scene: Scene) -> None:
    """The peer has sent a draft, too."""
    lesson = LessonPage.objects.get(pk=scene.refs["draft_lesson_id"])
    make_sent(scene.world.other_registration, lesson, "I saw it too.")


def foreign_authors(scene: Scene) -> None:
    """The other authority's manager writes lessons, too."""
    make_author_of(scene.world.other.authority_manager, scene.world.other.authority)


def nobody_assesses(scene: Scene) -> None:
    """One more learner, who has nobody yet."""
    make_learner(scene.world.cohort)


def idle_assessor(scene: Scene, fields: Fields) -> Filled:
    """The centre's assessor who has no learner yet."""
    return {"who": str(scene.world.unallocated_assessor.pk)}


def one_decided(scene: Scene) -> None:
    """The assessor has decided one criterion of the open submission in the workspace."""
    from assessment.domain.draft_several import Draft, draft_several
    from portfolio.api import Submission

    submission = Submission.objects.get(ref=scene.refs["open"])
    draft = Draft(criterion("1.3").pk, outcome="achieved", rationale="It shows it.")
    draft_several(submission, [draft], by=scene.world.assessor, at=submission.submitted_at)


def decided_on(code: str, **values: str) -> Filled:
    """One criterion of the page on which several are decided."""
    return {f"c{criterion(code).pk}-{name}": value for name, value in values.items()}


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


def asked_to_replace(scene: Scene) -> None:
    """The owner was asked to replace what is on hold, and the new version is ready."""
    hold, owner = Hold.objects.get(ref=scene.refs["hold"]), scene.world.trainee
    ask_to_replace(hold, "There is a face in it.", by=scene.people["data_protection"], at=hold.reported_at)
    made = new_version(Evidence.objects.get(ref=scene.refs["on_hold"]), by=owner, at=hold.reported_at)
    save_draft(made, text="Nobody is named.", by=owner, at=hold.reported_at)
    declare(made, authentic=True, no_child_identified=True, ai_used="", by=owner, at=hold.reported_at)


HELD, CONCERN = EVIDENCE % "on_hold", "/safeguarding/{concern}/"


def a_recording(scene: Scene) -> None:
    """The assessor's open record has a recording, as a browser makes it."""
    version = EvidenceVersion.objects.get(evidence__ref=scene.refs["record"])
    scene.refs["recording"] = str(make_file(version, "one.webm", WEBM, by=scene.world.assessor).ref)


def agreed(scene: Scene, fields: Fields) -> Filled:
    """Agreement to every decision that waits for a second check."""
    waiting = Decision.objects.filter(submission__ref=scene.refs["checked"])
    return {f"d{pk}-agrees": "yes" for pk in waiting.values_list("pk", flat=True)}


STAFF_QUALIFICATION = "lms_staffqualification"
AWARDED = {"title": "CAVA", "state": "held", "awarded_on_day": "1", "awarded_on_month": "2", "awarded_on_year": "2020"}
STAFF_CPD = {"title": "A course", "happened_on_day": "3", "happened_on_month": "3", "happened_on_year": "2026",
             "minutes_hours": "2", "minutes_minutes": "30"}  # fmt: skip


def no_draft(scene: Scene) -> None:
    """The draft of the owner's plan is deleted."""
    discard_plan(AssessmentPlan.objects.get(state="draft"), by=scene.world.assessor)


def plan_proposed(scene: Scene) -> None:
    """The owner is asked to agree the revision of their plan."""
    plan = AssessmentPlan.objects.get(state="draft")
    propose_plan(plan, reason="More time.", by=scene.world.assessor, at=plan.written_at)


DRAFT, SUBMITTED = EVIDENCE % "draft", EVIDENCE % "submitted"
OPEN = AT % "open"
WRITES = "portfolio_evidenceversion"
ACTIVITY = {"kind": "visit", "title": "A morning", "done_on_day": "3", "done_on_month": "3", "done_on_year": "2026",
            "minutes_hours": "2", "minutes_minutes": "30"}  # fmt: skip
ALLOCATION = "courses_allocation"
EXAMPLES = [
    Example("/learn/registration/", "owner", "", "/learn/", prepare=second_registration, once=False,
            fill=lambda scene, fields: {"registration": scene.refs["second"]}),
    Example("/learn/details/", "peer", "courses_learnernumber", "/learn/details/", {"uln": "1234567899"}),
    Example("/notices/", "owner", "lms_notice", "/notices/", once=False),
    Example("/authoring/law/{law}/checked/", "author", "content_legalreference", "/authoring/law/"),
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
    Example(EVIDENCE % "shared" + "report/", "setting_manager", "courses_hold", EVIDENCE % "shared" + "report/",
            {"reason": "A name stands in it."}),
    Example(HELD + "replace/", "owner", "portfolio_submittedversion", HELD, prepare=asked_to_replace),
    *(Example("/holds/{hold}/" + act, "data_protection", "courses_hold", "/holds/{hold}/" + act,
              {"answer": "I looked at it.", "agreed": "on"}) for act in ("release/", "replace/", "destroy/")),
    Example("/safeguarding/new/", "owner", "courses_safeguardingconcern", "/safeguarding/new/",
            {"concern": "I saw something."}),
    Example(CONCERN + "read/", "safeguarding_lead", "lms_auditevent", CONCERN),
    Example(CONCERN + "note/", "safeguarding_lead", "courses_safeguardingnote", CONCERN, {"text": "I called."}),
    Example(CONCERN + "close/", "safeguarding_lead", "courses_safeguardingconcern", CONCERN, {"text": "I called."}),
    Example(OPEN + "take/", "second_assessor", "portfolio_submission", "/assess/?show=others"),
    Example("/assess/checks/{checked}/countersign/", "second_assessor", "assessment_secondcheck",
            "/assess/checks/{checked}/countersign/", agreed),
    Example("/assess/competence/new/?kind=assessing", "assessor", STAFF_QUALIFICATION,
            "/assess/competence/new/?kind=assessing", AWARDED),
    Example(STAFF_RECORD, "assessor", STAFF_QUALIFICATION, STAFF_RECORD, {"title": "Nursery SENCO for ten years"}),
    Example(STAFF_RECORD + "remove/", "lead_iqa", STAFF_QUALIFICATION, STAFF_RECORD + "remove/",
            {"reason": "mistake"}),
    Example("/assess/competence/cpd/new/", "assessor", "lms_staffcpd", "/assess/competence/cpd/new/", STAFF_CPD),
    Example("/assess/competence/cpd/{staff_cpd}/", "assessor", "lms_staffcpd", "/assess/competence/cpd/{staff_cpd}/",
            {"title": "Another course"}),
    Example("/assess/competence/cpd/{staff_cpd}/remove/", "assessor", "lms_staffcpd",
            "/assess/competence/cpd/{staff_cpd}/remove/"),
    Example("/quality/staff/{assessor}/new/?kind=assessing", "centre_admin", STAFF_QUALIFICATION,
            "/quality/staff/{assessor}/new/?kind=assessing", AWARDED),
    Example("/quality/staff/qualifications/{staff_record}/seen/", "lead_iqa", STAFF_QUALIFICATION,
            "/quality/staff/{assessor}/"),
    Example(OPEN + "judge/", "assessor", "assessment_versionjudgement", OPEN + "?criterion=1.3", ticked),
    Example(OPEN + "decide/", "assessor", "assessment_decision", OPEN + "?criterion=1.3",
            {"outcome": "referred", "rationale": "Not yet.", "feedback": "Say more."}),
    Example(OPEN + "decide/autosave/", "assessor", "assessment_decision", once=False, stamps=("saved_at",),
            fill={"criterion": "1.3", "rationale": "As I type"}),
    Example(OPEN + "undo/", "assessor", "assessment_decision", OPEN + "?criterion=1.3&saved=1.3", prepare=one_decided),
    Example(OPEN + "together/", "assessor", "assessment_decision", OPEN + "together/?criterion=1.3&criterion=1.4",
            lambda scene, fields: decided_on("1.3", outcome="referred", rationale="Not yet.", feedback="Say more.")),
    Example(OPEN + "together/autosave/", "assessor", "assessment_decision", once=False, stamps=("saved_at",),
            fill=lambda scene, fields: decided_on("1.3", rationale="As I type")),
    Example(OPEN + "here/", "assessor", "assessment_desklease", once=False, stamps=("seen_at",)),
    Example(OPEN + "take-over/", "second_assessor", "assessment_decision", OPEN + "take-over/?criterion=1.4"),
    Example(OPEN + "release/", "assessor", "assessment_decision", OPEN + "release/", prepare=everything_decided),
    Example(OPEN + "interest/", "assessor", "assessment_interestdeclaration", OPEN + "interest/",
            {"kind": "family", "detail": "A cousin."}),
    Example(OPEN + "notes/new/?version={noted}", "assessor", "assessment_annotation",
            OPEN + "notes/new/?version={noted}", {"note-why": "Say when."}),
    Example(OPEN + "notes/{note}/", "assessor", "assessment_annotation", OPEN + "notes/{note}/",
            {"note-why": "Say where."}),
    Example(OPEN + "notes/{note}/remove/", "assessor", "assessment_annotation", OPEN + "notes/{note}/remove/"),
    Example(OPEN + "next-steps/new/", "assessor", "assessment_nextstep", OPEN + "next-steps/new/",
            {"text": "Lead a meeting."}),
    Example(OPEN + "next-steps/{open_step}/", "assessor", "assessment_nextstep", OPEN + "next-steps/{open_step}/",
            {"text": "Lead a meeting."}),
    Example(OPEN + "next-steps/{open_step}/remove/", "assessor", "assessment_nextstep",
            OPEN + "next-steps/{open_step}/remove/"),
    Example("/portfolio/next-steps/{step}/agree/", "owner", "assessment_nextstep", "/portfolio/next-steps/"),
    Example("/portfolio/next-steps/{step}/ask/", "owner", "assessment_nextstep", "/portfolio/next-steps/",
            {"comment": "Which one?"}),
    Example("/portfolio/next-steps/{step}/done/", "owner", "assessment_nextstep", "/portfolio/next-steps/"),
    Example("/assess/phrases/new/", "assessor", "assessment_phrase", "/assess/phrases/new/",
            {"use": "feedback", "title": "Dates", "text": "Say when."}),
    Example("/assess/phrases/{phrase}/", "assessor", "assessment_phrase", "/assess/phrases/{phrase}/",
            {"text": "Say when."}),
    Example("/assess/phrases/{phrase}/remove/", "assessor", "assessment_phrase", "/assess/phrases/{phrase}/remove/"),
    Example("/assess/phrases/{phrase}/used/", "assessor", "assessment_phrase", once=False, stamps=("used",)),
    Example("/assess/learners/{registration}/record/", "assessor", "portfolio_evidence",
            "/assess/learners/{registration}/record/", {"kind": "observation", "title": "Seen today"}),
    Example("/assess/learners/{registration}/witnesses/new/?record={record}", "assessor", "portfolio_witness",
            "/assess/learners/{registration}/witnesses/new/?record={record}",
            {"name": "Wanda Fox", "job": "Manager", "workplace": "Willow Tree Nursery"}),
    Example("/assess/learners/{registration}/on-site/send/", "assessor", "portfolio_evidence", once=False, fill={
        "id": "6d9f5b7e-2f7b-4a54-9a3c-0d5c1b0f2a11", "kind": "observation", "title": "Written on the phone",
        "text": "She led it.", "criterion": "4.5",
    }),
    Example(RECORD + "marks/", "assessor", "portfolio_evidencelink", once=False, prepare=a_recording,
            fill=lambda scene, fields: {"file": scene.refs["recording"], "mark": "4.5 2 9"}),
    Example(RECORD + "transcript/{record_file}/", "assessor", WRITES, RECORD),
    Example(RECORD, "assessor", WRITES, RECORD, {"text": "She led it."}, once=False),
    Example(RECORD + "autosave/", "assessor", WRITES, fill={"text": "As I type"}, once=False),
    Example(RECORD + "criteria/", "assessor", "portfolio_evidencelink", RECORD + "criteria/",
            {"criterion": ["4.5", "1.7.a"]}, once=False),
    Example(RECORD + "sign/", "assessor", WRITES, RECORD + "sign/"),
    Example(RECORD + "delete/", "assessor", "portfolio_evidence", RECORD + "delete/"),
    Example(SIGNED + "take-back/", "assessor", WRITES, SIGNED),
    Example("/assess/documents/{held}/1/", "assessor", "portfolio_attestation", "/assess/documents/{held}/1/",
            {"seen_on_day": "1", "seen_on_month": "9", "seen_on_year": "2026", "note": "A plan with two reviews."}),
    Example(PLAN + "begin/", "assessor", "assessment_assessmentplan", PLAN, prepare=no_draft),
    Example(ITS_LINE, "assessor", "assessment_plannedassessment", ITS_LINE, {"what": "A visit", "is_visit": "on"},
            once=False, stamps=("written_at",)),
    Example(ITS_LINE + "remove/", "assessor", "assessment_plannedassessment", ITS_LINE + "remove/"),
    Example(PLAN + "propose/", "assessor", "assessment_assessmentplan", PLAN,
            {"reason": "More time.", "then": "propose"}),
    Example(PLAN + "take-back/", "assessor", "assessment_assessmentplan", PLAN, prepare=plan_proposed),
    Example(PLAN + "discard/", "assessor", "assessment_assessmentplan", PLAN + "discard/"),
    Example(OWN_PLAN + "answer/", "owner", "assessment_assessmentplan", OWN_PLAN, {"answer": "agree"},
            prepare=plan_proposed),
    Example("/account/calendar/make/", "owner", "assessment_calendarkey", "/account/calendar/"),
    Example("/account/calendar/end/", "peer", "assessment_calendarkey", "/account/calendar/"),
    Example("/quality/interests/{interest}/", "lead_iqa", "assessment_interestdeclaration",
            "/quality/interests/{interest}/", {"outcome": "stands_aside", "resolution": "Another assessor decides."}),
    Example("/assess/learners/{registration}/declare/", "assessor", "assessment_dualroledeclaration",
            "/assess/learners/{registration}/declare/", {"roles": ["manages"], "detail": "We share an office."}),
    Example("/portfolio/people/{allocation}/object/", "owner", "assessment_objection",
            "/portfolio/people/{allocation}/object/", {"reason": "We know each other."}),
    Example("/quality/objections/{objection}/", "lead_iqa", "assessment_objection", "/quality/objections/{objection}/",
            {"outcome": "not_upheld", "answer": "I looked at it."}),
    Example("/quality/dual-role/{authority}/foundation/", "authority", "assessment_dualrolepolicy",
            "/quality/dual-role/{authority}/foundation/", {"rule": "forbid"}),
    Example("/quality/dual-role/report/export/", "lead_iqa", "lms_auditevent", fill={"form": "csv"}, once=False),
    *(Example(address, role, "lms_auditevent", fill={"table": "assessors", "form": "xlsx"}, once=False)
      for address, role in (("/quality/figures/export/", "lead_iqa"), ("/assess/figures/export/", "assessor"),
                            ("/cohorts/{cohort}/figures/export/", "authority"))),
    Example("/quality/policy/{qualification}/", "ao_admin", "courses_assessmentpolicy",
            "/quality/policy/{qualification}/", {"decision_days": "10"}),
    Example("/cohorts/support/", "authority", "courses_settingsupport", "/cohorts/support/",
            lambda scene, fields: {"settings": [scene.world.other_setting.pk], "person": scene.world.area_senco.pk}),
    Example("/cohorts/support/{support}/end/", "authority", "courses_settingsupport",
            "/cohorts/support/{support}/end/"),
    Example("/cohorts/support/title/", "authority", "lms_organisation", "/cohorts/support/title/",
            {"title": "Inclusion Officer"}),
    Example("/quality/attempts/{registration}/1.2.a/", "lead_iqa", "portfolio_attemptgrant",
            "/quality/attempts/{registration}/1.2.a/", {"reason": "The task was unclear."}),
    Example("/cohorts/{cohort}/team/automatic/", "centre_admin", ALLOCATION, "/cohorts/{cohort}/team/automatic/",
            prepare=nobody_assesses),
    Example(TEAM + "add/?role=assessor", "centre_admin", ALLOCATION, TEAM + "add/?role=assessor", idle_assessor),
    Example(TEAM + "{allocation}/change/", "lead_iqa", ALLOCATION, TEAM + "{allocation}/change/",
            lambda scene, fields: {**idle_assessor(scene, fields), "reason": "Moves to another team."}),
    Example(TEAM + "{allocation}/end/", "centre_admin", ALLOCATION, TEAM + "{allocation}/end/",
            {"reason": "Leaves."}),
    Example("/quality/workload/{membership}/", "centre_admin", "lms_membership", "/quality/workload/{membership}/",
            {"limit": "12"}),
    Example("/quality/absences/new/", "lead_iqa", "courses_absence", "/quality/absences/new/",
            lambda scene, fields: {"who": str(scene.world.assessor.pk), "ends_on_day": "1", "ends_on_month": "12",
                                   "ends_on_year": "2099"}),
    Example("/quality/absences/{absence}/", "centre_admin", ALLOCATION, "/quality/absences/{absence}/?suggest=1",
            lambda scene, fields: {f"r{scene.world.registration.pk}": str(scene.world.unallocated_assessor.pk)}),
    Example("/quality/absences/{absence}/end/", "centre_admin", "courses_absence", "/quality/absences/{absence}/end/"),
    Example("/quality/assessors/borrow/", "centre_admin", "lms_membership", "/quality/assessors/borrow/",
            lambda scene, fields: {"email": scene.world.other.assessor.email, "ends_on_day": "1",
                                   "ends_on_month": "12", "ends_on_year": "2099"}),
    Example("/quality/assessors/{borrowed}/give-back/", "lead_iqa", "lms_membership",
            "/quality/assessors/{borrowed}/give-back/"),
    Example("/cohorts/centre/", "centre_admin", "lms_organisation", "/cohorts/centre/",
            lambda scene, fields: {next(name for name in fields if name.endswith("-limit")): "250"}),
    Example("/cohorts/numbers/{match}/", "centre_admin", "courses_numbermatch", "/cohorts/numbers/{match}/",
            {"outcome": "Checked with the learner."}),
    Example("/learn/study/{lesson_id}/place/", "owner", "courses_studyprogress", fill={"anchor": ""}, once=False,
            stamps=("seen_at",)),
    Example("/learn/study/{lesson_id}/bookmark/", "peer", "courses_bookmark", "{lesson}", {"anchor": ""}, once=False),
    Example("/learn/study/{lesson_id}/bookmark/remove/", "owner", "courses_bookmark", "/learn/bookmarks/", once=False),
    Example("/learn/study/{lesson_id}/note/", "peer", "courses_studynote", "/learn/study/{lesson_id}/note/",
            {"text": "Ask Ola."}, once=False),
    Example("/learn/study/{lesson_id}/note/autosave/", "peer", "courses_studynote", fill={"text": "Ask Ola."},
            once=False),
    Example("/courses/reading/", "owner", "", "/courses/reading/", {"size": "large"}, once=False, cookie="reading"),
    Example("/learn/study/{lesson_id}/answers/{lesson_reflection}/", "owner", "courses_studyanswer", "{lesson}",
            {"text": "And another thought."}, once=False, stamps=("saved_at",)),
    Example("/portfolio/reflections/{lesson_id}/{lesson_reflection}/", "owner", "portfolio_evidence",
            "/portfolio/reflections/{lesson_id}/{lesson_reflection}/"),
    Example("/learn/activities/{activity_lesson}/{activity_block}/start/", "peer", "courses_activityattempt",
            once=False),
    Example("/learn/activities/attempts/{attempt}/statements/", "owner", "courses_activitystatement",
            fill={"message": STATEMENT}, once=False),
    Example("/learn/activities/attempts/{attempt}/state/", "owner", "courses_activitystate", fill={"message": PLACE},
            once=False),
    Example("/learn/study/{lesson_id}/seen/", "owner", "courses_studyprogress", once=False, stamps=("seen_at",),
            prepare=lesson_opened),
    Example("/authoring/courses/{course_id}/copy/", "author", "courses_coursepage",
            "/authoring/courses/{course_id}/copy/", {"title": "A copy", "slug": "a-copy"}),
    Example("/learn/study/{draft_lesson_id}/drafts/{draft_block}/send/", "peer", "courses_tutordraft", "{draft_lesson}",
            {"text": "I saw it too."}, once=False),
    Example("/learn/study/{draft_lesson_id}/drafts/{draft_block}/take-back/", "peer", "courses_tutordraft",
            "{draft_lesson}", prepare=peer_sent, once=False),
    Example("/tutor/drafts/{sent_draft}/", "tutor", "courses_tutordraft", "/tutor/drafts/{sent_draft}/",
            {"comments": "Say when."}),
    Example("/tutor/drafts/{sent_draft}/comments/", "tutor", "courses_tutordraft", fill={"comments": "As I type"},
            once=False),
    Example("/cohorts/local/lessons/begin/", "foreign_authority", "courses_authoritypage", "/cohorts/local/",
            prepare=foreign_authors),
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
