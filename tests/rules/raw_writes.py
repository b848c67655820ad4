"""Raw statements that the rules forbid, each on a state in which everything else allows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.utils import timezone

from assessment.api import Decision, declare_interest, resolve_interest
from courses.framework.api import Criterion, Framework, Outcome, Section, set_policy
from lms.audit.models import AuditEvent, AuditStream
from portfolio.api import (
    EvidenceFile,
    EvidenceVersion,
    Submission,
    SubmittedCriterion,
    declare,
    grant_attempt,
    withdraw,
)
from tests.factories import (
    World,
    criterion,
    decide_all,
    make_draft,
    make_file,
    make_ready_evidence,
    make_submission,
    opened,
    settle,
    submit,
)
from tests.helpers import COUNT, run_sql
from tests.rules.raw_writes_checks import CHECKS
from tests.rules.raw_writes_desk import DESK
from tests.rules.raw_writes_development import DEVELOPMENT
from tests.rules.raw_writes_h5p import H5P
from tests.rules.raw_writes_holds import HOLDS
from tests.rules.raw_writes_local import LOCAL
from tests.rules.raw_writes_plan import PLANS
from tests.rules.raw_writes_records import RECORDS

Sql = tuple[Any, ...]


@dataclass
class State:
    """Evidence at every stage: a draft, one submitted with a draft decision, one decided; and a draft framework."""

    world: World
    draft: EvidenceVersion
    submitted: EvidenceVersion
    decided: EvidenceVersion
    waiting: Submission
    released: Submission
    drafted: Decision
    counting: Decision
    item: SubmittedCriterion
    framework: Framework
    section: Section
    outcome: Outcome


def make_state(world: World) -> State:
    """See `State`."""
    at, learner = timezone.now(), world.registration
    decided = make_ready_evidence(learner, "1.1")
    make_file(decided, "notes.txt", b"Notes", at=at)
    EvidenceFile.objects.create(version=decided, name="song.mp3", state="ready", size=1, sha256="", stored_as="s",
                                added_at=at, checked_at=at)  # fmt: skip
    declare(decided, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    released = settle(submit(learner, "1.1"), by=world.assessor)
    submitted = make_ready_evidence(learner, "4.8")
    waiting = submit(learner, "4.8")
    decide_all(waiting, by=world.assessor)
    opened(make_submission(learner, "4.7"))
    make_submission(learner, "4.6", title="Nobody has opened it")
    withdraw(make_submission(learner, "4.5", title="Taken back"), by=world.trainee, at=at)
    declare_interest(learner, "family", "", by=world.second_assessor, at=at)
    done = declare_interest(learner, "money", "", by=world.iqa, at=at)
    resolve_interest(done, "cleared", "Ended", by=world.lead_iqa, at=at)
    grant_attempt(learner, criterion("1.1"), "Illness", by=world.lead_iqa, at=at)
    set_policy(world.qualification, by=None, at=at, attempt_limit=3)
    framework = Framework.objects.create(
        code="next-edition", title="Next", publisher="X", edition="2", level=3, sector="early_years", licence="",
        attribution="", source_digest="",
    )  # fmt: skip
    section = Section.objects.create(framework=framework, code="1", title="One", position=1)
    outcome = Outcome.objects.create(
        framework=framework, section=section, code="1.1", text="x", kind="skill", position=1
    )
    Criterion.objects.create(framework=framework, outcome=outcome, code="1.1", text="x", position=1)
    for version in (decided, submitted):
        version.refresh_from_db()
    return State(
        world, make_draft(learner, "1.2.a"), submitted, decided, waiting, released,
        Decision.objects.get(submission=waiting), Decision.objects.get(submission=released), waiting.items.get(),
        framework, section, outcome,
    )  # fmt: skip


def version_column(column: str, value: str) -> Callable[[State], Sql]:
    return lambda s: (f"UPDATE portfolio_evidenceversion SET {column} = {value} WHERE id = %s", s.submitted.pk)


def published(sql: str) -> Callable[[State], Sql]:
    return lambda s: (sql, s.world.qualification.framework_id)


EVENT = "INSERT INTO lms_auditevent (stream_id, sequence, at, role, acting_as, action, subject, canonical, previous_hash, hash) VALUES (%s, %s, %s, 'system', '', 'policy.set', 'x:1', '{}', %s, 'h')"  # noqa: E501
DECISION = "INSERT INTO assessment_decision (submission_id, registration_id, learner_id, criterion_id, decider_id, state, outcome, sufficient, rationale, feedback, started_at, saved_at, released_at, decided_on, needs_countersigning, scrutiny_for, dual_role, always_sample, is_held) VALUES (%s, %s, %s, %s, %s, %s, 'achieved', TRUE, 'Because', '', %s, %s, %s, CURRENT_DATE, FALSE, '', '', FALSE, FALSE)"  # noqa: E501
VERSION = "INSERT INTO portfolio_evidenceversion (evidence_id, number, is_latest, state, kind, title, text, ai_used, place, source, own_practice, created_at, saved_at, authenticity_declared_at, child_identity_declared_at) VALUES (%s, 9, FALSE, 'submitted', 'case_study', 't', 'x', '', '', '', FALSE, %s, %s, %s, %s)"  # noqa: E501
JUDGEMENT = "INSERT INTO assessment_versionjudgement (version_id, valid, authentic, current, reliable, note, judged_by_id, judged_at) VALUES (%s, TRUE, TRUE, TRUE, TRUE, '', %s, %s)"  # noqa: E501
NOW = timezone.now()


def decision(s: State, *, learner=None, decider=None, criterion_id=None, state: str = "draft") -> Sql:
    item = SubmittedCriterion.objects.get(submission__registration=s.world.registration, criterion__code="4.7")
    return (DECISION, item.submission_id, s.world.registration.pk, (learner or s.world.trainee).pk,
            criterion_id or item.criterion_id, (decider or s.world.assessor).pk, state, NOW, NOW,
            None if state == "draft" else NOW)  # fmt: skip


def _waiting_for_judgement(s: State) -> int:
    return SubmittedCriterion.objects.get(criterion__code="4.7").versions.get().pk


def item_of(s: State, code: str) -> SubmittedCriterion:
    return SubmittedCriterion.objects.get(submission__registration=s.world.registration, criterion__code=code)


def head(s: State) -> AuditStream:
    return AuditStream.objects.get(name__endswith=f"{s.world.registration.pk:012d}", name__startswith="registration:")


def event(s: State, *, skip: int = 0, previous: str | None = None) -> Sql:
    last = head(s)
    return (EVENT, last.pk, last.last_sequence + 1 + skip, NOW, last.last_hash if previous is None else previous)


FORBIDDEN: dict[str, tuple[str, Callable[[State], Sql]]] = {
    "1: evidence that was never a draft": (
        "Rule 1", lambda s: (VERSION, s.draft.evidence_id, NOW, NOW, NOW, NOW)),
    "2: the text of submitted evidence": ("Rule 2", version_column("text", "'Changed'")),
    "2: its title": ("Rule 2", version_column("title", "'Changed'")),
    "2: its kind": ("Rule 2", version_column("kind", "'case_study'")),
    "2: its number": ("Rule 2", version_column("number", "7")),
    "2: when it happened": ("Rule 2", version_column("happened_on", "'2026-01-01'")),
    "2: when it was submitted": ("Rule 2", version_column("submitted_at", "NULL")),
    "2: its declaration": ("Rule 2", version_column("authenticity_declared_at", f"'{NOW.isoformat()}'")),
    "2: back to draft": ("Rule 2", version_column("state", "'draft'")),
    "2: from decided back to submitted": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidenceversion SET state = 'submitted' WHERE id = %s", s.decided.pk)),
    "2: moving it to another piece": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidenceversion SET evidence_id = %s, number = 9, is_latest = FALSE "
                             "WHERE id = %s", s.draft.evidence_id, s.submitted.pk)),
    "2: moving the piece to another learner": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidence SET registration_id = %s WHERE id = %s",
                             s.world.other_registration.pk, s.submitted.evidence_id)),
    "2: a link of submitted evidence": (
        "Rule 2", lambda s: ("DELETE FROM portfolio_evidencelink WHERE version_id = %s", s.submitted.pk)),
    "2: the words of a link": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidencelink SET why = 'x' WHERE version_id = %s", s.submitted.pk)),
    "2: a further link": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidencelink SET version_id = %s WHERE version_id = %s",
                             s.draft.pk, s.submitted.pk)),
    "2: a new link to submitted evidence": (
        "Rule 2", lambda s: ('INSERT INTO portfolio_evidencelink (version_id, criterion_id, "where", why, '
                             "region) VALUES (%s, %s, '', '', '')", s.submitted.pk, criterion("1.3").pk)),
    "2: a file of decided evidence": (
        "Rule 2", lambda s: ("DELETE FROM portfolio_evidencefile WHERE version_id = %s AND name = 'song.mp3'",
                             s.decided.pk)),
    "2: what is shown of a file": (
        "Rule 2", lambda s: ("UPDATE portfolio_filerendition SET text = 'x' WHERE file_id IN "
                             "(SELECT id FROM portfolio_evidencefile WHERE version_id = %s)", s.decided.pk)),
    "2: what is shown of a file taken away": (
        "Rule 2", lambda s: ("DELETE FROM portfolio_filerendition WHERE file_id IN "
                             "(SELECT id FROM portfolio_evidencefile WHERE version_id = %s)", s.decided.pk)),
    "2: where a file is kept": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidencefile SET stored_as = 'x' WHERE version_id = %s", s.decided.pk)),
    "2: a submission in another name": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submission SET submitted_at = %s WHERE id = %s", NOW,
                                     s.waiting.pk)),
    "2: a released submission opened again": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submission SET released_at = NULL WHERE id = %s",
                                     s.released.pk)),
    "2: what a submission rests on": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submittedversion SET version_id = %s WHERE item_id = %s",
                                     s.draft.pk, s.item.pk)),
    "2: the time at which it was opened": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submission SET opened_at = %s WHERE id = %s", NOW,
                                     s.waiting.pk)),
    "2: an opened submission closed again": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submission SET opened_at = NULL WHERE id = %s", s.waiting.pk)),
    "2: a withdrawn submission put forward again": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submission SET withdrawn_at = NULL WHERE id = %s",
                                     item_of(s, "4.5").submission_id)),
    "2: what a submission that nobody has opened rests on, let go": (
        "Rules 2 and 20", lambda s: ("DELETE FROM portfolio_submittedversion WHERE item_id = %s",
                                     item_of(s, "4.6").pk)),
    "2: back to draft while it waits": (
        "Rule 2", lambda s: ("UPDATE portfolio_evidenceversion SET state = 'draft', submitted_at = NULL WHERE id = %s",
                             item_of(s, "4.6").versions.get().pk)),
    "6: a decision before it is opened": (
        "Rule 6", lambda s: (DECISION, item_of(s, "4.6").submission_id, s.world.registration.pk, s.world.trainee.pk,
                             criterion("4.6").pk, s.world.assessor.pk, "draft", NOW, NOW, None)),
    "6: a judgement before it is opened": (
        "Rule 6", lambda s: (JUDGEMENT, item_of(s, "4.6").versions.get().pk, s.world.assessor.pk, NOW)),
    "20: a withdrawn criterion opened again": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submittedcriterion SET is_open = TRUE WHERE id = %s",
                                     item_of(s, "4.5").pk)),
    "6: a decision that begins as counting": ("Rule 6", lambda s: decision(s, state="counts")),
    "6: the outcome of a released decision": (
        "Rule 6", lambda s: ("UPDATE assessment_decision SET outcome = 'referred', feedback = 'x' WHERE id = %s",
                             s.counting.pk)),
    "6: its rationale": (
        "Rule 6", lambda s: ("UPDATE assessment_decision SET rationale = 'Other' WHERE id = %s", s.counting.pk)),
    "6: its decider": (
        "Rule 6", lambda s: ("UPDATE assessment_decision SET decider_id = %s WHERE id = %s",
                             s.world.unallocated_assessor.pk, s.counting.pk)),
    "6: what it rests on": (
        "Rule 6", lambda s: ("DELETE FROM assessment_decisionversion WHERE decision_id = %s", s.counting.pk)),
    "6: what it rests on, exchanged": (
        "Rule 6", lambda s: ("UPDATE assessment_decisionversion SET version_id = %s WHERE decision_id = %s",
                             s.draft.pk, s.counting.pk)),
    "6: evidence that was not submitted for the criterion": (
        "Rule 6", lambda s: ("INSERT INTO assessment_decisionversion (decision_id, version_id) VALUES (%s, %s)",
                             s.drafted.pk, s.decided.pk)),
    "6: achieved on evidence judged unsound": (
        "Rule 6", lambda s: (
            run_sql("UPDATE assessment_versionjudgement SET valid = FALSE WHERE version_id = %s", s.submitted.pk),
            f"{COUNT} WHERE id = %s", NOW, s.drafted.pk)[1:]),
    "6: achieved on evidence that nobody judged": (
        "Rule 6", lambda s: (
            run_sql("DELETE FROM assessment_versionjudgement WHERE version_id = %s", s.submitted.pk),
            f"{COUNT} WHERE id = %s", NOW, s.drafted.pk)[1:]),
    "6: a judgement that a released decision rests on": (
        "Rule 6", lambda s: ("UPDATE assessment_versionjudgement SET valid = FALSE WHERE version_id = %s",
                             s.decided.pk)),
    "8: a decider with an open interest": ("Rule 8", lambda s: decision(s, decider=s.world.second_assessor)),
    "8: a draft taken by somebody with an open interest": (
        "Rule 8", lambda s: ("UPDATE assessment_decision SET decider_id = %s WHERE id = %s",
                             s.world.second_assessor.pk, s.drafted.pk)),
    "8: a decision in another learner's name, so that the learner may decide": (
        "Rule 8", lambda s: decision(s, learner=s.world.other_trainee, decider=s.world.trainee)),
    "8: a decision on a criterion that was not submitted": (
        "Rule 8", lambda s: decision(s, criterion_id=criterion("1.3").pk)),
    "8: the learner judges their own evidence": (
        "Rule 8", lambda s: (JUDGEMENT, _waiting_for_judgement(s), s.world.trainee.pk, NOW)),
    "8: somebody with an open interest judges": (
        "Rule 8", lambda s: (JUDGEMENT, _waiting_for_judgement(s), s.world.second_assessor.pk, NOW)),
    "8: a declared interest taken away": (
        "Rule 8", lambda s: ("DELETE FROM assessment_interestdeclaration WHERE user_id = %s",
                             s.world.second_assessor.pk)),
    "8: a declared interest given to somebody else": (
        "Rule 8", lambda s: ("UPDATE assessment_interestdeclaration SET user_id = %s WHERE user_id = %s",
                             s.world.unallocated_assessor.pk, s.world.second_assessor.pk)),
    "8: a resolved interest rewritten": (
        "Rule 8", lambda s: ("UPDATE assessment_interestdeclaration SET resolution = 'x' WHERE user_id = %s",
                             s.world.iqa.pk)),
    "18: achieved without a decision": (
        "Rule 18", lambda s: ("UPDATE courses_criterionstatus SET achieved_decisions = 1 WHERE registration_id = %s "
                              "AND criterion_id = %s", s.world.registration.pk, criterion("1.3").pk)),
    "18: achieved by a draft decision": (
        "Rule 18", lambda s: ("UPDATE courses_criterionstatus SET achieved_decisions = 1 WHERE registration_id = %s "
                              "AND criterion_id = %s", s.world.registration.pk, s.drafted.criterion_id)),
    "18: another learner's achievement": (
        "Rule 18", lambda s: ("UPDATE courses_criterionstatus SET achieved_decisions = 1 WHERE registration_id = %s "
                              "AND criterion_id = %s", s.world.other_registration.pk, criterion("1.1").pk)),
    "18: a decision that stops counting while the status shows it": (
        "Rule 18", lambda s: ("UPDATE assessment_decision SET state = 'reopened' WHERE id = %s", s.counting.pk)),
    "20: an attempt taken back": (
        "Rules 2 and 20", lambda s: (
            run_sql("DELETE FROM assessment_decisionversion WHERE decision_id = %s", s.drafted.pk),
            run_sql("DELETE FROM assessment_decision WHERE id = %s", s.drafted.pk),
            "DELETE FROM portfolio_submittedversion WHERE item_id = %s", s.item.pk)[2:]),
    "20: an attempt numbered again": (
        "Rules 2 and 20", lambda s: ("UPDATE portfolio_submittedcriterion SET attempt = 0 WHERE id = %s", s.item.pk)),
    "20: a granted attempt rewritten": (
        "Rule 20", lambda s: ("UPDATE portfolio_attemptgrant SET criterion_id = %s", criterion("4.8").pk)),
    "20: a granted attempt taken away": ("Rule 20", lambda s: ("DELETE FROM portfolio_attemptgrant",)),
    "37: a registration for somebody else": (
        "Rule 37", lambda s: ("UPDATE courses_registration SET learner_id = %s WHERE id = %s", s.world.eqa.pk,
                              s.world.registration.pk)),
    "37: a registration for another qualification": (
        "Rule 37", lambda s: ("UPDATE courses_registration SET qualification_id = %s WHERE id = %s",
                              s.world.other.qualification.pk, s.world.registration.pk)),
    "37: another edition under a qualification with learners": (
        "Rule 37", lambda s: ("UPDATE courses_qualification SET framework_id = %s WHERE id = %s", s.framework.pk,
                              s.world.qualification.pk)),
    "39: an event rewritten": (
        "Rule 39", lambda s: ("UPDATE lms_auditevent SET role = 'x' WHERE id = %s",
                              AuditEvent.objects.latest("pk").pk)),
    "39: an event deleted": (
        "Rule 39", lambda s: ("DELETE FROM lms_auditevent WHERE id = %s", AuditEvent.objects.latest("pk").pk)),
    "39: an event that leaves a gap": ("Rule 39", lambda s: event(s, skip=1)),
    "39: an event that does not follow": ("Rule 39", lambda s: event(s, previous="0" * 64)),
    "39: a head set back": (
        "Rule 39", lambda s: ("UPDATE lms_auditstream SET last_sequence = last_sequence - 1 WHERE id = %s",
                              head(s).pk)),
    "39: a stream renamed": (
        "Rule 39", lambda s: ("UPDATE lms_auditstream SET name = 'x' WHERE id = %s", head(s).pk)),
    "39: a stream that begins in the middle": (
        "Rule 39", lambda s: ("INSERT INTO lms_auditstream (name, last_sequence, last_hash) VALUES ('x', 4, 'h')",)),
    "framework: its title": (
        "published framework", published("UPDATE courses_framework SET title = 'x' WHERE id = %s")),
    "framework: unpublished": (
        "published framework", published("UPDATE courses_framework SET published_at = NULL WHERE id = %s")),
    "framework: a section's title": (
        "published framework", published("UPDATE courses_section SET title = 'x' WHERE framework_id = %s")),
    "framework: an outcome's kind": (
        "published framework", published("UPDATE courses_outcome SET kind = 'skill' WHERE framework_id = %s")),
    "framework: an outcome's list made a closed one": (
        "published framework", published("UPDATE courses_outcome SET list_force = 'all' WHERE framework_id = %s")),
    "framework: a criterion's words": (
        "published framework", published("UPDATE courses_criterion SET text = 'x' WHERE framework_id = %s")),
    "framework: a criterion taken out": (
        "published framework", lambda s: (
            run_sql("UPDATE courses_framework SET published_at = %s WHERE id = %s", NOW, s.framework.pk),
            "DELETE FROM courses_criterion WHERE framework_id = %s", s.framework.pk)[1:]),
    "framework: a section added": (
        "published framework", published("INSERT INTO courses_section (framework_id, code, title, position) "
                                          "VALUES (%s, '5', 'Five', 5)")),
    "framework: a section moved into it": (
        "published framework", lambda s: ("UPDATE courses_section SET framework_id = %s, code = '9' WHERE id = %s",
                                          s.world.qualification.framework_id, s.section.pk)),
    "framework: an outcome of a draft hung under its section": (
        "same framework", lambda s: ("UPDATE courses_outcome SET section_id = %s WHERE id = %s",
                                     criterion("1.1").outcome.section_id, s.outcome.pk)),
    "framework: a criterion of a draft hung under its outcome": (
        "same framework", lambda s: ("UPDATE courses_criterion SET outcome_id = %s WHERE framework_id = %s",
                                     criterion("1.1").outcome_id, s.framework.pk)),
    "framework: an outcome added": (
        "published framework", published(
            "INSERT INTO courses_outcome (framework_id, section_id, code, text, kind, list_force, note, footnote, "
            "position) SELECT framework_id, section_id, '9.9', 'x', 'skill', '', '', '', 99 FROM courses_outcome "
            "WHERE framework_id = %s AND code = '1.1'")),
    "framework: a criterion added": (
        "published framework", published(
            "INSERT INTO courses_criterion (framework_id, outcome_id, code, text, position) "
            "SELECT framework_id, outcome_id, '9.9', 'x', 99 FROM courses_criterion "
            "WHERE framework_id = %s AND code = '1.1'")),
    "2: a file added to submitted evidence": (
        "Rule 2", lambda s: (
            "INSERT INTO portfolio_evidencefile (ref, version_id, name, stored_as, content_type, size, sha256, "
            "added_at, state, problem, stored_size, pages) VALUES (%s, %s, 'n', 's', 'text/plain', 1, '', %s, "
            "'checking', '', 0, 0)", uuid4().hex, s.submitted.pk, NOW)),
    "6: a judgement taken away": (
        "Rule 6", lambda s: ("DELETE FROM assessment_versionjudgement WHERE version_id = %s", s.decided.pk)),
    "18: a status that is born achieved": (
        "Rule 18", lambda s: (
            run_sql("DELETE FROM courses_criterionstatus WHERE registration_id = %s AND criterion_id = %s",
                    s.world.registration.pk, criterion("1.3").pk),
            "INSERT INTO courses_criterionstatus (registration_id, criterion_id, evidence_count, open_submissions, "
            "achieved_decisions, referred_decisions, holds) VALUES (%s, %s, 0, 0, 1, 0, 0)", s.world.registration.pk,
            criterion("1.3").pk)[1:]),
    "policy: rewritten": (
        "assessment policy", lambda s: ("UPDATE courses_assessmentpolicy SET attempt_limit = 99",)),
    "policy: taken away": ("assessment policy", lambda s: ("DELETE FROM courses_assessmentpolicy",)),
    **CHECKS,
    **DESK,
    **DEVELOPMENT,
    **H5P,
    **HOLDS,
    **LOCAL,
    **PLANS,
    **RECORDS,
}  # fmt: skip
