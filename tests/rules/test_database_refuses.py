"""The database itself defends the rules: a raw write that breaks one fails on both engines.

Each case is a statement that the rule forbids and everything else allows. It is refused, and then runs once the
triggers are lifted: so it is the trigger that refused it and nothing else. Constraints cannot be lifted: there the
same statement runs with a value that the rule allows.
"""

from typing import Any

import pytest
from django.db import connection

from assessment.api import Decision, draft_decision
from courses.framework.api import Criterion, Qualification
from lms.audit.models import AuditEvent
from lms.common import triggers
from portfolio.api import EvidenceVersion, declare
from tests.factories import (
    World,
    decide_all,
    make_submission,
)
from tests.helpers import COUNT, database_refuses, lifted, run_sql, undone
from tests.rules.raw_writes import EVENT, FORBIDDEN, NOW, Sql, State, decision, event, item_of, make_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(world: World) -> State:
    """See `State`."""
    return make_state(world)


@pytest.mark.parametrize("about", sorted({case.split(":")[0] for case in FORBIDDEN}))
def test_a_raw_write_against_a_rule_is_refused(state: State, about: str):
    """Every case of a rule on the same state: each is taken back before the next."""
    faults = []
    for case, (rule, statement) in FORBIDDEN.items():
        if case.split(":")[0] != about:
            continue
        try:
            with database_refuses(rule):
                sql, *values = statement(state)
                run_sql(sql, *values)
            with undone(), lifted():
                sql, *values = statement(state)
                assert run_sql(sql, *values) >= 1, "the statement is wrong: it writes nothing"
        except AssertionError as fault:
            faults.append(f"{case}: {fault}")
    assert faults == []


def test_every_trigger_is_proven_by_a_case(state: State):
    """A new trigger needs a case above that writes to its table in its way."""
    proven = set()
    for _, statement in FORBIDDEN.values():
        with undone(), lifted():
            verb, *words = statement(state)[0].split()
        proven.add(f"{verb} {words[0] if verb == 'UPDATE' else words[1]}")
    unproven = {f"{t.on} {t.table}" for t in triggers.all_triggers()} - proven
    assert unproven == NOT_BY_A_CASE


# Deleting a parent fails already at its children's foreign keys, which no case can set aside on both engines.
NOT_BY_A_CASE = {
    "DELETE courses_framework", "DELETE courses_section", "DELETE courses_outcome", "DELETE lms_auditstream",
    "DELETE portfolio_evidenceversion", "DELETE portfolio_submission", "DELETE portfolio_submittedcriterion",
    "DELETE assessment_decision",
}  # fmt: skip


def test_deleting_what_is_kept_is_refused_before_its_children_are_asked(state: State):
    """SQLite and PostgreSQL both ask a BEFORE trigger before any foreign key."""
    for table in sorted(name.split()[1] for name in NOT_BY_A_CASE):
        messages = {t.message for t in triggers.all_triggers() if t.table == table and t.on == "DELETE"}
        with pytest.raises(Exception) as caught, undone():  # noqa: PT011 (either engine's own)
            run_sql(f"DELETE FROM {table}")
        assert any(message in str(caught.value) for message in messages), table


# Constraints: the same statement with what the rule allows


@pytest.mark.parametrize(
    ("rule", "forbidden", "allowed"),
    [
        ("rule_08_decider", lambda s: decision(s, decider=s.world.trainee), lambda s: decision(s)),
        (
            "rule_01_authenticity",
            lambda s: _submitted(s, "authenticity_declared_at = NULL"),
            lambda s: _submitted(s, "title = title"),
        ),
        (
            "opened_submission_is_not_withdrawn",
            lambda s: ("UPDATE portfolio_submission SET withdrawn_at = %s WHERE id = %s", NOW, s.waiting.pk),
            lambda s: (
                "UPDATE portfolio_submission SET withdrawn_at = %s WHERE id = %s",
                NOW,
                item_of(s, "4.6").submission_id,
            ),
        ),
        (
            "only_a_draft_is_in_the_bin",
            lambda s: (
                "UPDATE portfolio_evidenceversion SET is_latest = FALSE, binned_at = %s WHERE id = %s",
                NOW,
                s.submitted.pk,
            ),
            lambda s: (
                "UPDATE portfolio_evidenceversion SET is_latest = FALSE, binned_at = %s WHERE id = %s",
                NOW,
                s.draft.pk,
            ),
        ),
        (
            "only_a_draft_is_in_the_bin",
            lambda s: ("UPDATE portfolio_evidenceversion SET binned_at = %s WHERE id = %s", NOW, s.draft.pk),
            lambda s: ("UPDATE portfolio_evidenceversion SET is_latest = FALSE WHERE id = %s", s.draft.pk),
        ),
        (
            "rule_03_child_identity",
            lambda s: _submitted(s, "child_identity_declared_at = NULL"),
            lambda s: _submitted(s, "title = title"),
        ),
        (
            "rule_07_referral",
            lambda s: _released(s, "outcome = 'referred', feedback = ''"),
            lambda s: _released(s, "outcome = 'referred', feedback = 'Say when'"),
        ),
        (
            "rule_06_achieved_is",
            lambda s: _released(s, "sufficient = FALSE"),
            lambda s: _released(s, "sufficient = TRUE"),
        ),
        ("rule_06_decision_has", lambda s: _released(s, "rationale = ''"), lambda s: _released(s, "rationale = 'Why'")),
        (
            "rule_08_interest",
            lambda s: _resolved(s, s.world.second_assessor),
            lambda s: _resolved(s, s.world.lead_iqa),
        ),
        (
            "audit_action",
            lambda s: (EVENT.replace("policy.set", "lunch.eaten"), *event(s)[1:]),
            lambda s: event(s),
        ),
        (
            "user_email",
            lambda s: ("UPDATE lms_user SET email = 'Ann@X.example' WHERE id = %s", s.world.eqa.pk),
            lambda s: ("UPDATE lms_user SET email = 'ann@x.example' WHERE id = %s", s.world.eqa.pk),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_constraint_refuses_what_the_rule_forbids_and_lets_the_rest_through(state: State, rule, forbidden, allowed):
    with database_refuses(rule):
        sql, *values = forbidden(state)
        run_sql(sql, *values)
    with undone():
        sql, *values = allowed(state)
        assert run_sql(sql, *values) == 1


def _submitted(s: State, change: str) -> Sql:
    declare(s.draft, authentic=True, no_child_identified=True, ai_used="", by=s.world.trainee, at=NOW)
    return (f"UPDATE portfolio_evidenceversion SET state = 'submitted', {change} WHERE id = %s", s.draft.pk)


def _released(s: State, change: str) -> Sql:
    draft_decision(s.waiting, s.drafted.criterion_id, rationale="Why", by=s.world.assessor, at=NOW)
    return (f"{COUNT}, {change} WHERE id = %s", NOW, s.drafted.pk)


def _resolved(s: State, by: Any) -> Sql:
    return ("UPDATE assessment_interestdeclaration SET resolved_at = %s, resolved_by_id = %s, outcome = 'cleared', "
            "resolution = 'Ended' "
            "WHERE user_id = %s", NOW, by.pk, s.world.second_assessor.pk)  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "sql"),
    [
        ("a criterion", "DELETE FROM portfolio_evidencelink WHERE version_id = %s"),
        ("content", "UPDATE portfolio_evidenceversion SET text = '' WHERE id = %s"),
    ],
)
def test_rule_01_evidence_without_a_criterion_or_content_is_not_submitted_by_a_raw_write(state: State, missing, sql):
    statement, *values = _submitted(state, "title = title")
    with undone():
        assert run_sql(statement, *values) == 1
    run_sql(sql, state.draft.pk)
    with database_refuses("Rule 1"):
        run_sql(statement, *values)


def test_rule_18_one_decision_counts_for_a_criterion(state: State):
    """UNIQUE(registration, criterion) where it counts: a second one fails though each is a proper decision."""
    second = make_submission(state.world.registration, "1.1", title="Another piece")
    decide_all(second, by=state.world.assessor)
    with database_refuses():
        run_sql(f"{COUNT} WHERE submission_id = %s", NOW, second.pk)


def test_rule_06_one_decision_for_a_submitted_criterion(state: State):
    with undone():
        assert run_sql(*decision(state)) == 1
    run_sql(*decision(state))
    with database_refuses():
        run_sql(*decision(state))


def test_querysets_and_bulk_writes_are_raw_writes_too(state: State):
    for act, rule in [
        (lambda: EvidenceVersion.objects.filter(pk=state.submitted.pk).update(text="Changed"), "Rule 2"),
        (lambda: Decision.objects.filter(pk=state.counting.pk).update(rationale="Other"), "Rule 6"),
        (lambda: AuditEvent.objects.all().update(role="x"), "Rule 39"),
        (lambda: Criterion.objects.filter(code="1.1").update(text="x"), "published framework"),
        (lambda: Qualification.objects.filter(pk=state.world.qualification.pk).update(framework=state.framework), "37"),
        (lambda: _bulk(state.submitted, "text"), "Rule 2"),
        (lambda: EvidenceVersion.objects.filter(pk=state.submitted.pk)._raw_delete("default"), "Rule 2"),
    ]:
        with database_refuses(rule):
            act()


def _bulk(version: EvidenceVersion, field: str) -> None:
    setattr(version, field, "Changed")
    EvidenceVersion.objects.bulk_update([version], [field])


@pytest.mark.postgres
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")
def test_tables_that_keep_records_cannot_be_truncated(state: State):
    kept = sorted({trigger.table for trigger in triggers.all_triggers() if trigger.on == "DELETE"})
    assert {"lms_auditevent", "assessment_decision", "portfolio_evidenceversion", "courses_criterion"} <= set(kept)
    connection.check_constraints()
    for table in kept:
        with database_refuses():
            run_sql(f"TRUNCATE {table} CASCADE")
    with undone(), lifted():
        run_sql("TRUNCATE lms_auditevent")
        assert not AuditEvent.objects.exists()


def test_what_the_rules_allow_is_not_in_the_way(state: State):
    """A draft is edited and deleted by raw writes too: triggers defend what is submitted, nothing else."""
    with undone():
        assert run_sql("UPDATE portfolio_evidenceversion SET text = 'x' WHERE id = %s", state.draft.pk) == 1
        assert run_sql("DELETE FROM portfolio_evidencelink WHERE version_id = %s", state.draft.pk) == 1
        assert run_sql("DELETE FROM portfolio_evidenceversion WHERE id = %s", state.draft.pk) == 1
        assert run_sql("UPDATE portfolio_evidenceversion SET is_latest = FALSE WHERE id = %s", state.submitted.pk) == 1
        assert run_sql("UPDATE courses_section SET title = 'x' WHERE id = %s", state.section.pk) == 1
        sql, *values = event(state)
        assert run_sql(sql, *values) == 1


def test_lifting_puts_every_trigger_back(state: State):
    with lifted():
        assert triggers.installed() == set()
    assert triggers.missing() == []
