"""Triggers survive a migration with data. What happens where one is missing: `tests/lms/test_triggers.py`."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection, models

from lms.common import triggers
from portfolio.api import EvidenceVersion
from tests.factories import make_submission, make_world, settle
from tests.helpers import contents, database_refuses

TABLES = ["portfolio.EvidenceVersion", "assessment.Decision", "lms.AuditEvent", "courses.Registration"]


def rebuild(label: str) -> None:
    """What an AlterField migration does to a table: on SQLite it is made anew and its rows are copied over."""
    model: Any = apps.get_model(label)
    old = next(field for field in model._meta.local_fields if isinstance(field, models.CharField | models.DateField))
    new = old.clone()
    new.set_attributes_from_name(old.name)
    new.model = model
    new.db_default = "x" if isinstance(old, models.CharField) else None
    if new.db_default is None:
        new.null = not old.null
    with connection.schema_editor() as editor:
        editor.alter_field(model, old, new, strict=False)
    with connection.schema_editor() as editor:
        editor.alter_field(model, new, old, strict=False)


def migrate_with(operation: Callable[[], None]) -> None:
    """As `manage.py migrate` does: the signal before, the operations, the signal after."""
    emit_pre_migrate_signal(0, False, "default")
    operation()
    emit_post_migrate_signal(0, False, "default")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("label", TABLES)
def test_a_migration_with_data_keeps_every_trigger(label: str):
    settle(make_submission(make_world().registration, "1.1"), by=_assessor())
    wanted, rows = triggers.installed(), contents()
    assert triggers.missing() == []
    migrate_with(lambda: rebuild(label))
    assert triggers.installed() == wanted
    assert contents() == rows
    with database_refuses("Rule 2"):
        EvidenceVersion.objects.update(text="Changed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="Only SQLite makes a table anew to change it")
def test_without_the_step_before_it_sqlite_would_lose_them():
    """Shows that the test above can fail: the same with the triggers left in place, on a table that no other reads."""
    rebuild("portfolio.AttemptGrant")
    lost = triggers.missing()
    triggers.install()
    assert lost == ["senco_rule_20_grant_stays_delete", "senco_rule_20_grant_stays_update"]


def _assessor() -> Any:
    from lms.accounts.api import User

    return User.objects.get(name="Asha Patel")
