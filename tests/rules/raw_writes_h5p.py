"""Raw statements that bind an activity to other bytes, or let a library run that nobody approved."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from content.models import H5PActivity, H5PVersion
from lms.accounts.api import Role
from tests.factories import make_person
from tests.factories.h5p import library, make_activity, package, take

if TYPE_CHECKING:
    from tests.rules.raw_writes import State

Sql = tuple[Any, ...]
OTHER = package(libraries=[library("Test.Other 1.0")], main="Test.Other 1.0")


def _ready(s: "State") -> H5PActivity:
    return make_activity(by=make_person("Ada Author", (Role.AUTHOR, s.world.ao)), organisation=s.world.ao)


def _waiting(s: "State") -> H5PVersion:
    found = take(OTHER, by=make_person("Ada Author", (Role.AUTHOR, s.world.ao)), organisation=s.world.ao).version
    assert found is not None
    return found


def _library_bytes(s: "State") -> Sql:
    row = _ready(s).current.main_library
    return "UPDATE content_h5plibrary SET tree_hash = %s WHERE id = %s", "0" * 64, row.pk


def _version_bytes(s: "State") -> Sql:
    return "UPDATE content_h5pversion SET content_hash = %s WHERE id = %s", "0" * 64, _ready(s).current.pk


def _pin(s: "State") -> Sql:
    other = _waiting(s).main_library
    return "UPDATE content_h5ppin SET library_id = %s WHERE version_id = %s", other.pk, _ready(s).current.pk


def _ready_unapproved(s: "State") -> Sql:
    return "UPDATE content_h5pversion SET state = 'ready' WHERE id = %s", _waiting(s).pk


def _pin_unapproved(s: "State") -> Sql:
    version, row = _ready(s).current, _waiting(s).main_library
    statement = "INSERT INTO content_h5ppin (version_id, library_id, position, is_main) VALUES (%s, %s, 9, %s)"
    return statement, version.pk, row.pk, False


def _unapproved_while_ready(s: "State") -> Sql:
    return "UPDATE content_h5plibrary SET state = 'waiting' WHERE id = %s", _ready(s).current.main_library.pk


H5P: dict[str, tuple[str, Callable[["State"], Sql]]] = {
    "h5p: a library with other bytes": ("bytes for good", _library_bytes),
    "h5p: a version with other content": ("what was uploaded for good", _version_bytes),
    "h5p: a version with another library": ("stored with", _pin),
    "h5p: ready with a library that waits": ("is not approved", _ready_unapproved),
    "h5p: a library that waits put under one that is ready": ("approved libraries only", _pin_unapproved),
    "h5p: a library that runs no longer approved": ("is ready runs this library", _unapproved_while_ready),
}
