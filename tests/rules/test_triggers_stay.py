"""Triggers survive a migration with data; where one is missing, the checks, the health address and the audit say so."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DatabaseError, connection, models
from django.test import Client

from lms.common import triggers
from portfolio.api import EvidenceVersion
from tests.factories import make_submission, make_world, settle
from tests.helpers import contents, database_refuses, run_sql

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
def test_without_the_step_before_it_sqlite_would_lose_them_or_fail():
    """Shows that the test above can fail: the same rebuild with the triggers left in place."""
    settle(make_submission(make_world().registration, "1.1"), by=_assessor())
    failed = ""
    try:
        rebuild("portfolio.EvidenceVersion")
    except DatabaseError as error:
        failed = str(error)
    lost = triggers.missing()
    triggers.drop()
    triggers.install()
    assert failed or lost


def _assessor() -> Any:
    from lms.accounts.api import User

    return User.objects.get(name="Asha Patel")


@pytest.mark.django_db
def test_all_is_well_while_every_trigger_is_there(capsys):
    call_command("check", databases=["default"])
    assert Client().get("/health/ready").json() == {"status": "ok"}
    call_command("verify_audit")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["senco_rule_39_log_is_append_only_update", "senco_rule_08_no_open_interest_insert"])
def test_a_missing_trigger_fails_the_check_the_health_address_and_the_audit(name: str):
    trigger = next(t for t in triggers.all_triggers() if t.full_name == name)
    connection.check_constraints()
    run_sql(f"DROP TRIGGER {name}" + (f" ON {trigger.table}" if connection.vendor == "postgresql" else ""))
    assert triggers.missing() == [name]
    with pytest.raises(SystemCheckError, match=name):
        call_command("check", databases=["default"])
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert json.loads(answer.content) == {"status": "unavailable", "missing_triggers": [name]}
    with pytest.raises(CommandError, match=name):
        call_command("verify_audit")


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="Only PostgreSQL can put a trigger to sleep")
def test_a_trigger_put_to_sleep_counts_as_missing():
    connection.check_constraints()
    run_sql("ALTER TABLE lms_auditevent DISABLE TRIGGER senco_rule_39_log_is_append_only_update")
    assert triggers.missing() == ["senco_rule_39_log_is_append_only_update"]


@pytest.mark.django_db
def test_the_process_lives_though_it_is_not_ready():
    connection.check_constraints()
    triggers.drop()
    assert Client().get("/health/live").status_code == 200
    assert Client().get("/health/ready").status_code == 503
