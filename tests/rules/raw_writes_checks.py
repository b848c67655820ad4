"""Raw statements that the rules on holds, dual roles, countersigning and scrutiny forbid (4, 8, 9, 10)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from assessment.models import DualRoleDeclaration, DualRolePolicy, InterestDeclaration, Objection, SecondCheck
from courses.delivery.api import Allocation, Hold, set_counts
from tests.factories import declare_roles, make_unqualified
from tests.helpers import COUNT, run_sql

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]
NOW = timezone.now()
CHECK = "INSERT INTO assessment_secondcheck (decision_id, kind, checked_by_id, checked_on, checked_at, agrees, note) VALUES (%s, %s, %s, CURRENT_DATE, %s, TRUE, '')"  # noqa: E501


def _counting(s: "State") -> Sql:
    return (f"{COUNT} WHERE id = %s", NOW, s.drafted.pk)


def _by_unqualified(s: "State") -> Sql:
    make_unqualified(s.world.assessor)
    return _counting(s)


def _with_interest(s: "State") -> Sql:
    InterestDeclaration.objects.create(
        registration=s.world.registration, user=s.world.assessor, kind="family", declared_at=NOW, resolved_at=NOW,
        resolved_by=s.world.lead_iqa, outcome="unavoidable", resolution="The only assessor near",
    )  # fmt: skip
    return _counting(s)


def _declared(s: "State") -> DualRoleDeclaration:
    mine = Allocation.objects.get(registration=s.world.registration, user=s.world.assessor, role="assessor")
    return declare_roles(mine, supports=True)


def _dual(s: "State") -> Sql:
    _declared(s)
    return _counting(s)


def _objected(s: "State", sql: Sql) -> Sql:
    Objection.objects.create(registration=s.world.registration, about=s.world.assessor, reason="We fell out",
                             raised_at=NOW)  # fmt: skip
    return sql


def _drafting(s: "State") -> Sql:
    from tests.rules.raw_writes import decision

    return decision(s)


def _handed_on(s: "State", state: str) -> int:
    """A decision that waits for its second check."""
    countersigning, scrutiny = ("TRUE", "") if state == "provisional" else ("FALSE", "interest")
    run_sql(f"UPDATE assessment_decision SET state = '{state}', decided_on = CURRENT_DATE, needs_countersigning = "
            f"{countersigning}, scrutiny_for = '{scrutiny}' WHERE id = %s", s.drafted.pk)  # fmt: skip
    return s.drafted.pk


def _unchecked(s: "State", state: str) -> Sql:
    return ("UPDATE assessment_decision SET state = 'counts', released_at = %s WHERE id = %s", NOW,
            _handed_on(s, state))  # fmt: skip


def _checking(s: "State", kind: str, state: str, by: Any) -> Sql:
    return (CHECK, _handed_on(s, state), kind, by.pk, NOW)


def _checked(s: "State", sql: str) -> Sql:
    SecondCheck.objects.create(
        decision_id=_handed_on(s, "provisional"), kind="countersign", checked_by=s.world.unallocated_assessor,
        checked_on=timezone.localdate(), checked_at=NOW, agrees=True,
    )  # fmt: skip
    return (sql,)


def _policy(s: "State", sql: str) -> Sql:
    DualRolePolicy.objects.create(organisation=s.world.ao, tier="foundation", rule="forbid", in_force_from=NOW)
    return (sql,)


def _declaration(s: "State", sql: str) -> Sql:
    _declared(s)
    return (sql,)


def hold(s: "State", version: Any) -> Hold:
    """A piece of evidence on hold, without what the domain does beside."""
    return Hold.objects.create(
        registration=s.world.registration, subject=version.evidence.ref, through_number=version.number,
        reason="A name can be read", reported_by=s.world.assessor, reported_at=NOW,
    )  # fmt: skip


def _on_hold(s: "State") -> Sql:
    hold(s, s.submitted)
    return _counting(s)


def _counted_on_hold(s: "State") -> Sql:
    set_counts(s.world.registration.pk, {s.counting.criterion_id: {"achieved_decisions": 0}})
    hold(s, s.decided)
    run_sql("UPDATE assessment_decision SET is_held = TRUE WHERE id = %s", s.counting.pk)
    return ("UPDATE assessment_decision SET is_held = FALSE WHERE id = %s", s.counting.pk)


CHECKS: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "4: a decision on evidence that is on hold": ("Rule 4", _on_hold),
    "4: a decision that counts again while its evidence is on hold": ("Rule 4", _counted_on_hold),
    "9: a decision of somebody with an unavoidable interest, unscrutinised": ("Rule 9", _with_interest),
    "9: a decision of somebody with a declared dual role, without its policy": ("Rule 9", _dual),
    "9: a draft begun by somebody to whom the learner objects": ("Rule 9", lambda s: _objected(s, _drafting(s))),
    "9: a decision of somebody to whom the learner objects": ("Rule 9", lambda s: _objected(s, _counting(s))),
    "9: a decision that counts before scrutiny": ("Rule 9", lambda s: _unchecked(s, "pending_scrutiny")),
    "9: scrutiny by the decider": (
        "Rule 9", lambda s: _checking(s, "scrutiny", "pending_scrutiny", s.world.assessor)),
    "9: scrutiny by somebody with an interest": (
        "Rule 9", lambda s: _checking(s, "scrutiny", "pending_scrutiny", s.world.second_assessor)),
    "9: scrutiny of what does not wait for it": (
        "Rule 9", lambda s: _checking(s, "scrutiny", "provisional", s.world.unallocated_assessor)),
    "9: a second check rewritten": (
        "Rules 9 and 10", lambda s: _checked(s, "UPDATE assessment_secondcheck SET note = 'x'")),
    "9: a second check taken away": ("Rules 9 and 10", lambda s: _checked(s, "DELETE FROM assessment_secondcheck")),
    "9: a policy rewritten": (
        "Rule 9", lambda s: _policy(s, "UPDATE assessment_dualrolepolicy SET rule = 'allow'")),
    "9: a policy taken away": ("Rule 9", lambda s: _policy(s, "DELETE FROM assessment_dualrolepolicy")),
    "9: a declaration rewritten": (
        "Rule 9", lambda s: _declaration(s, "UPDATE assessment_dualroledeclaration SET supports = FALSE")),
    "9: a declaration taken away": (
        "Rule 9", lambda s: _declaration(s, "DELETE FROM assessment_dualroledeclaration")),
    "9: an objection rewritten": (
        "Rule 9", lambda s: _objected(s, ("UPDATE assessment_objection SET reason = 'x'",))),
    "9: an objection taken away": ("Rule 9", lambda s: _objected(s, ("DELETE FROM assessment_objection",))),
    "10: a decision of an assessor who is not qualified": ("Rule 10", _by_unqualified),
    "10: a decision that counts before it is countersigned": ("Rule 10", lambda s: _unchecked(s, "provisional")),
    "10: countersigning one's own decision": (
        "Rule 10", lambda s: _checking(s, "countersign", "provisional", s.world.assessor)),
    "10: countersigning without a qualification": (
        "Rule 10", lambda s: _checking(s, "countersign", "provisional", make_unqualified(s.world.area_senco))),
}  # fmt: skip
