"""Large data by set-based SQL: registrations with 60 statuses each, every tenth learner at work.

Each learner at work has, by the position p of the criterion: 1-24 decided in four released submissions of six (every
sixth referred), 25-44 waiting in ten open submissions of two, 45-50 drafts, 51-60 nothing. Two criteria share a piece
of evidence. The first hundred registrations' learners at work have declared drafts for 51-60, ready to submit.
The audit chain of every registration is real: `verify_audit` holds.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from wagtail.models import Page

from courses.framework.api import Qualification
from courses.pages.models import CoursePage
from lms.common import triggers
from lms.dashboards.demonstration.texts import PIECES

BASE = 1_000_000  # ids made here lie above those of the tables' own counting
LEARNERS_PER_ASSESSOR = 200
EVENTS = 41  # audit events of a learner at work
TEXT = PIECES["cycle"].text.format(child="Child A", team="we")


@dataclass(frozen=True)
class Measured:
    """Whom the benchmark signs in as: the numbers of registrations."""

    learner: int
    submitters: tuple[int, ...]

    @classmethod
    def of(cls, size: int) -> "Measured":
        """Learners at work: one in the middle, and those who have something to submit."""
        return cls(max(10, size // 20 * 10), tuple(range(10, min(size, 100) + 1, 10)))


def generate(size: int) -> None:
    """Fills the database with so many registrations, triggers lifted meanwhile, and gathers its statistics."""
    course = CoursePage.objects.select_related("qualification").get()
    names = _names(course.qualification, course, size)
    with triggers.lifted(), transaction.atomic(), connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, names)
        for sequence in range(1, EVENTS + 1):
            cursor.execute(AUDIT_EVENT, {**names, "sequence": sequence})
            cursor.execute(AUDIT_HEAD, {"sequence": sequence})
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _names(qualification: Qualification, course: CoursePage, size: int) -> dict[str, object]:
    pages = Page.objects.descendant_of(course).filter(live=True, depth=course.depth + 2).order_by("path")
    return {
        "base": BASE, "size": size, "per": LEARNERS_PER_ASSESSOR, "qualification": qualification.pk,
        "framework": qualification.framework_id, "course": course.pk, "text": TEXT,
        "pages": list(pages.values_list("pk", flat=True)[:8]),
    }  # fmt: skip


PEOPLE = """
INSERT INTO lms_user (id, email, name, password, is_active, is_staff, is_superuser, date_joined)
SELECT %(base)s + i, 'learner' || i || '@bench.example', 'Learner ' || i, '!', true, false, false, now()
FROM generate_series(1, %(size)s) i
UNION ALL SELECT %(base)s - a, 'assessor' || a || '@bench.example', 'Assessor ' || a, '!', true, false, false, now()
FROM generate_series(1, (%(size)s + %(per)s - 1) / %(per)s) a
"""
ORGANISATIONS = """
INSERT INTO lms_organisation (id, kind, name, ukprn, ofsted_urn, gss_code, local_authority_id, evidence_limit_mb,
                              area_senco_title)
SELECT %(base)s, 'local_authority', 'Bench Council', '', '', '', NULL::bigint, 500, ''
UNION ALL SELECT %(base)s + 1, 'centre', 'Bench Centre', '', '', '', %(base)s, 500, ''
UNION ALL SELECT %(base)s + 10 + n, 'setting', 'Setting ' || n, '', '', '', %(base)s, 500, ''
FROM generate_series(0, %(size)s / 20) n
"""
ROLES = """
INSERT INTO lms_membership (user_id, organisation_id, role, starts_on)
SELECT id, %(base)s + 1, 'assessor', current_date - 90 FROM lms_user WHERE email LIKE 'assessor%%@bench.example'
"""
QUALIFIED = """
INSERT INTO lms_staffqualification (ref, user_id, kind, title, awarded_by, awarded_on, sector, stored_as, file_name,
                                    content_type, recorded_at, checked_by_id, checked_at)
SELECT gen_random_uuid(), id, 'assessing', 'Level 3 Award in Assessing', '', current_date - 900, '', '', '', '', now(),
       %(base)s + 1, now() FROM lms_user WHERE email LIKE 'assessor%%@bench.example'
"""
COHORTS = """
INSERT INTO courses_cohort (id, ref, name, centre_id, local_authority_id, qualification_id, course_id, places,
                            starts_on, ends_on)
SELECT %(base)s + n, gen_random_uuid(), 'Cohort ' || n, %(base)s + 1, %(base)s, %(qualification)s, %(course)s, 100,
       current_date - 80, current_date + 200
FROM generate_series(0, %(size)s / 100) n
"""
REGISTRATIONS = """
INSERT INTO courses_registration (id, ref, learner_id, qualification_id, centre_id, cohort_id, state, registered_on,
                                  target_on)
SELECT %(base)s + i, gen_random_uuid(), %(base)s + i, %(qualification)s, %(base)s + 1, %(base)s + i / 100, 'active',
       current_date - 80, current_date + 200
FROM generate_series(1, %(size)s) i
"""
PLACEMENTS = """
INSERT INTO courses_placement (registration_id, setting_id, starts_on)
SELECT %(base)s + i, %(base)s + 10 + i / 20, current_date - 80 FROM generate_series(1, %(size)s) i
"""
ALLOCATIONS = """
INSERT INTO courses_allocation (registration_id, user_id, role, starts_on, reason, ended_because)
SELECT %(base)s + i, %(base)s - 1 - (i - 1) / %(per)s, 'assessor', current_date - 80, '', ''
FROM generate_series(1, %(size)s) i
"""
# Learners at work by number, and the criteria by position: each statement below joins what it needs of them.
WORKING = """
CREATE TEMPORARY TABLE bench_working ON COMMIT DROP AS
SELECT i, %(base)s + i AS registration, %(base)s + i AS learner, %(base)s - 1 - (i - 1) / %(per)s AS assessor,
       %(base)s + i * 100 AS first
FROM generate_series(10, %(size)s, 10) i
"""
POSITIONS = """
CREATE TEMPORARY TABLE bench_position ON COMMIT DROP AS
SELECT c.id AS criterion, p, CASE WHEN p <= 24 THEN (p + 5) / 6 WHEN p <= 44 THEN 4 + (p - 23) / 2 END AS submission,
       CASE WHEN p <= 50 THEN (p + 1) / 2 ELSE p - 25 END AS piece
FROM (SELECT id, row_number() OVER (ORDER BY position)::int AS p FROM courses_criterion
      WHERE framework_id = %(framework)s) c
"""
STATUSES = """
INSERT INTO courses_criterionstatus (registration_id, criterion_id, evidence_count, open_submissions,
                                     achieved_decisions, referred_decisions, holds)
SELECT %(base)s + i, criterion, (i %% 10 = 0 AND (p <= 50 OR i <= 100))::int,
       (i %% 10 = 0 AND p BETWEEN 25 AND 44)::int,
       (i %% 10 = 0 AND p <= 24 AND p %% 6 <> 0)::int, (i %% 10 = 0 AND p <= 24 AND p %% 6 = 0)::int, 0
FROM generate_series(1, %(size)s) i CROSS JOIN bench_position
"""
STUDY = """
INSERT INTO courses_studyprogress (registration_id, page_id, anchor, anchor_title, opened_at, seen_at, finished_at)
SELECT %(base)s + i, page, 'the-plan', 'The plan', seen, seen, CASE WHEN place < 7 THEN seen END
FROM generate_series(1, %(size)s) i CROSS JOIN unnest(%(pages)s::bigint[]) WITH ORDINALITY AS shown (page, place)
CROSS JOIN LATERAL (SELECT now() - make_interval(days => 30 - place::int) AS seen) s
WHERE (i %% 10 = 0 AND place <= 7) OR (i %% 3 = 0 AND i %% 10 <> 0 AND place <= 2)
"""
EVIDENCE = """
INSERT INTO portfolio_evidence (id, ref, registration_id, created_at)
SELECT first + piece, gen_random_uuid(), registration, now() - make_interval(days => 70 - piece)
FROM bench_working, generate_series(1, 35) piece WHERE piece <= 25 OR i <= 100
"""
# Pieces 3 and 6 have a second version in work; the id of a second version lies 50 above the first.
VERSIONS = """
INSERT INTO portfolio_evidenceversion (id, evidence_id, number, is_latest, state, kind, title, text, happened_on,
    ai_used, place, source, own_practice, authenticity_declared_at, child_identity_declared_at, created_at, saved_at,
    submitted_at)
SELECT e.id + 50 * (n - 1), e.id, n, NOT (n = 1 AND piece IN (3, 6)), state, 'work_product', 'Evidence ' || piece,
       %(text)s, current_date - 60, '', '', '', false, declared, declared, e.created_at,
       e.created_at + '1 hour'::interval, CASE WHEN state <> 'draft' THEN declared END
FROM bench_working CROSS JOIN generate_series(1, 2) n CROSS JOIN generate_series(1, 35) piece
JOIN portfolio_evidence e ON e.id = first + piece
CROSS JOIN LATERAL (SELECT CASE WHEN n = 2 THEN 'draft' WHEN piece <= 12 THEN 'decided'
                           WHEN piece <= 22 THEN 'submitted' ELSE 'draft' END AS state) s
CROSS JOIN LATERAL (SELECT CASE WHEN state <> 'draft' OR piece > 25
                           THEN e.created_at + '1 day'::interval END AS declared) d
WHERE n = 1 OR piece IN (3, 6)
"""
LINKS = """
INSERT INTO portfolio_evidencelink (version_id, criterion_id, "where", why, paragraph, region)
SELECT v.id, criterion, 'Second paragraph', 'It shows what I did and what came of it.', 2, ''
FROM bench_working CROSS JOIN bench_position JOIN portfolio_evidenceversion v ON v.evidence_id = first + piece
"""
FILES = """
INSERT INTO portfolio_evidencefile (ref, version_id, name, state, problem, stored_as, content_type, size, stored_size,
                                    sha256, pages, added_at, checked_at)
SELECT gen_random_uuid(), first + piece, 'plan.pdf', 'ready', '', 'no/file', 'application/pdf', 14000, 14000,
       repeat('0', 64), 3, now(), now()
FROM bench_working, generate_series(5, 25, 5) piece
"""
RENDITIONS = """
INSERT INTO portfolio_filerendition (file_id, kind, number, stored_as, width, height, text)
SELECT f.id, 'page', n, 'no/page', 1240, 1754, 'What the plan says on page ' || n
FROM portfolio_evidencefile f, generate_series(1, 3) n WHERE f.stored_as = 'no/file'
"""
SUBMISSIONS = """
INSERT INTO portfolio_submission (id, ref, registration_id, number, submitted_at, assessor_id, due_on, opened_at,
                                  released_at)
SELECT first + s, gen_random_uuid(), registration, s, at, assessor, (at + '14 days'::interval)::date,
       CASE WHEN s <= 5 THEN at + '6 hours'::interval END, CASE WHEN s <= 4 THEN at + '7 days'::interval END
FROM bench_working CROSS JOIN generate_series(1, 14) s
CROSS JOIN LATERAL (SELECT now() - make_interval(days => CASE WHEN s <= 4 THEN 60 - 8 * s ELSE 25 - s END,
                                                 mins => i %% 997) AS at) t
"""
SUBMITTED = """
INSERT INTO portfolio_submittedcriterion (id, submission_id, registration_id, criterion_id, attempt, is_open)
SELECT first + p, first + submission, registration, criterion, 1, p > 24
FROM bench_working CROSS JOIN bench_position WHERE p <= 44
"""
SUBMITTED_VERSIONS = """
INSERT INTO portfolio_submittedversion (item_id, version_id)
SELECT first + p, first + piece FROM bench_working CROSS JOIN bench_position WHERE p <= 44
"""
# What is decided has been judged; of the oldest open submission, which is opened, so has the first piece.
JUDGEMENTS = """
INSERT INTO assessment_versionjudgement (version_id, valid, authentic, current, reliable, note, judged_by_id, judged_at)
SELECT first + piece, true, true, true, true, '', assessor, now() - make_interval(days => 30 - piece)
FROM bench_working, generate_series(1, 13) piece
"""
DECISIONS = """
INSERT INTO assessment_decision (id, submission_id, registration_id, learner_id, criterion_id, decider_id, state,
    outcome, sufficient, rationale, feedback, started_at, saved_at, released_at, decided_on, needs_countersigning,
    scrutiny_for, dual_role, always_sample, is_held)
SELECT first + p, s.id, registration, learner, criterion, assessor, CASE WHEN p <= 24 THEN 'counts' ELSE 'draft' END,
       CASE WHEN p %% 6 = 0 THEN 'referred' ELSE 'achieved' END, p %% 6 <> 0, 'Described with who did what and why.',
       'Please add how the child took part.', s.submitted_at, s.submitted_at + '1 day'::interval, s.released_at,
       s.released_at::date, false, '', '', false, false
FROM bench_working CROSS JOIN bench_position JOIN portfolio_submission s ON s.id = first + submission WHERE p <= 25
"""
DECISION_VERSIONS = """
INSERT INTO assessment_decisionversion (decision_id, version_id)
SELECT first + p, first + piece FROM bench_working CROSS JOIN bench_position WHERE p <= 25
"""
NOTICES = """
INSERT INTO lms_notice (user_id, kind, title, url, created_at, read_at)
SELECT learner, 'feedback', 'Assessor 1 has assessed your work: 5 achieved and 1 with changes needed',
       '/portfolio/submissions/', now() - make_interval(days => n), CASE WHEN n > 3 THEN now() END
FROM bench_working, generate_series(1, 15) n
UNION ALL SELECT assessor, 'submission', 'Learner ' || i || ' has submitted 2 criteria for you to assess', '/assess/',
       now() - make_interval(days => n), CASE WHEN n > 3 THEN now() END
FROM bench_working, generate_series(1, 10) n
"""
DELIVERIES = "INSERT INTO lms_delivery (notice_id, sent_at) SELECT id, created_at FROM lms_notice"
STREAMS = """
INSERT INTO lms_auditstream (id, name, last_sequence, last_hash)
SELECT %(base)s + i, 'registration:' || lpad((%(base)s + i)::text, 12, '0'), 0, '' FROM generate_series(1, %(size)s) i
"""
# One more event for each chain that is that long; the text is canonical JSON (RFC 8785), as the product writes it.
AUDIT_EVENT = """
INSERT INTO lms_auditevent (stream_id, sequence, at, actor_id, role, acting_as, action, subject, canonical,
                            previous_hash, hash)
SELECT id, %(sequence)s, at, id, 'learner', '', action, subject, canonical, last_hash,
       encode(sha256(convert_to(canonical, 'UTF8')), 'hex')
FROM lms_auditstream
CROSS JOIN LATERAL (
    SELECT date_trunc('day', now()) - make_interval(days => 60 - %(sequence)s) AS at, 'registration:' || id AS subject,
           CASE WHEN %(sequence)s = 1 THEN 'registration.registered' ELSE 'evidence.created' END AS action) f
CROSS JOIN LATERAL (
    SELECT '{"acting_as":"","action":"' || action || '","actor":' || id || ',"at":"'
        || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+00:00","changes":{},"previous":"' || last_hash
        || '","role":"learner","sequence":' || %(sequence)s || ',"stream":"' || name || '","subject":"' || subject
        || '"}' AS canonical) c
WHERE id > %(base)s AND last_sequence = %(sequence)s - 1 AND (%(sequence)s = 1 OR (id - %(base)s) %% 10 = 0)
"""
AUDIT_HEAD = """
UPDATE lms_auditstream s SET last_sequence = e.sequence, last_hash = e.hash FROM lms_auditevent e
WHERE e.stream_id = s.id AND e.sequence = %(sequence)s AND s.last_sequence = e.sequence - 1
"""
STATEMENTS = (
    PEOPLE, ORGANISATIONS, ROLES, QUALIFIED, COHORTS, REGISTRATIONS, PLACEMENTS, ALLOCATIONS, WORKING, POSITIONS,
    STATUSES, STUDY, EVIDENCE, VERSIONS, LINKS, FILES, RENDITIONS, SUBMISSIONS, SUBMITTED, SUBMITTED_VERSIONS,
    JUDGEMENTS, DECISIONS, DECISION_VERSIONS, NOTICES, DELIVERIES, STREAMS,
)  # fmt: skip
