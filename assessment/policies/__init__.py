"""Who may decide what (rules 4, 6-11, 21), each a business fact with its plain reason."""

from .competence import (
    Standing,
    is_occupationally_competent,
    needs_countersigning,
    standing_of,
    working_towards_until,
)
from .deciding import (
    CHECKED_STATES,
    Position,
    check_may_decide,
    check_no_interest,
    has_agreed,
    position_of,
    waiting_for,
    why_not_allocated,
    why_not_check,
    why_not_decide,
)
from .facts import Facts, facts_of
from .interest import (
    dual_role_rule,
    rule_for,
    scrutiny_of,
    strictest,
    why_dual_role_stops,
    why_interest_stops,
    why_objection_stops,
)
from .practice import why_no_feedback, why_not_achieved, why_unsound
from .protection import held_versions, is_on_hold, on_hold, why_on_hold

__all__ = [
    "CHECKED_STATES",
    "Facts",
    "Position",
    "Standing",
    "check_may_decide",
    "check_no_interest",
    "dual_role_rule",
    "facts_of",
    "has_agreed",
    "held_versions",
    "is_occupationally_competent",
    "is_on_hold",
    "needs_countersigning",
    "on_hold",
    "position_of",
    "rule_for",
    "scrutiny_of",
    "standing_of",
    "strictest",
    "waiting_for",
    "why_dual_role_stops",
    "why_interest_stops",
    "why_no_feedback",
    "why_not_achieved",
    "why_not_allocated",
    "why_not_check",
    "why_not_decide",
    "why_objection_stops",
    "why_on_hold",
    "why_unsound",
    "working_towards_until",
]
