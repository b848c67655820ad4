"""Raw statements that what an authority adds to a course forbids: nothing of it moves to another authority."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.factories.tutoring import make_author, make_local, make_local_lesson

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]


def _information(s: "State") -> Sql:
    row = make_local(s.world.authority)
    statement = "UPDATE content_localinformation SET authority_id = %s WHERE id = %s"
    return statement, s.world.other.authority.pk, row.pk


def _lessons(s: "State") -> Sql:
    make_local_lesson(s.world.authority, make_author(s.world.authority))
    return "UPDATE courses_authoritypage SET authority_id = %s", s.world.other.authority.pk


LOCAL: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "local: information moved to another authority": ("one authority for good", _information),
    "local: lessons moved to another authority": ("belong to it for good", _lessons),
}
