"""Raw statements against what a learner says of their own skills: a finished check stays as it is."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from portfolio.models import SkillsCheck
from tests.factories.development import make_check

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]
NOW = timezone.now()
RATING = (
    "INSERT INTO portfolio_skillsrating (check_of_id, outcome_id, confidence, competence, note) SELECT %s, o.id, 1, 1, "
    "'' FROM courses_outcome o WHERE o.framework_id = %s AND o.code = '1.1'"
)


def _finished(s: "State") -> SkillsCheck:
    return make_check(s.world.registration)


def _without_ratings(s: "State") -> SkillsCheck:
    """A check that was finished by a raw write: nothing hangs on it."""
    return SkillsCheck.objects.create(
        registration=s.world.registration, number=9, started_at=NOW, saved_at=NOW, finished_at=NOW
    )


DEVELOPMENT: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "skills: a finished check opened again": (
        "finished skills check", lambda s: ("UPDATE portfolio_skillscheck SET finished_at = NULL WHERE id = %s",
                                            _finished(s).pk)),
    "skills: a finished check taken away": (
        "finished skills check", lambda s: ("DELETE FROM portfolio_skillscheck WHERE id = %s",
                                            _without_ratings(s).pk)),
    "skills: an answer of a finished check": (
        "finished skills check", lambda s: ("UPDATE portfolio_skillsrating SET confidence = 5 WHERE check_of_id = %s",
                                            _finished(s).pk)),
    "skills: an answer taken out of a finished check": (
        "finished skills check", lambda s: ("DELETE FROM portfolio_skillsrating WHERE check_of_id = %s",
                                            _finished(s).pk)),
    "skills: an answer added to a finished check": (
        "finished skills check", lambda s: (RATING, _without_ratings(s).pk, s.world.qualification.framework_id)),
}  # fmt: skip
