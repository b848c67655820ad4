"""A database without one of its triggers is noticed, by the check, by /health/ready and by verify_audit.

That each trigger refuses what its rule forbids: `tests/rules/test_database_refuses.py`.
"""

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection
from django.test import Client

from lms.common import checks, triggers
from tests.helpers import run_sql, undone

ONE = "senco_rule_39_log_is_append_only_update"


def take_away(name: str) -> None:
    """One trigger out of the database, with nobody told."""
    table = next(t.table for t in triggers.all_triggers() if name in (t.full_name, f"{t.full_name}_all"))
    run_sql(f"DROP TRIGGER {name}" if connection.vendor == "sqlite" else f"DROP TRIGGER {name} ON {table}")


@pytest.mark.django_db
def test_whichever_trigger_is_missing_it_is_named():
    assert triggers.missing() == []
    names = sorted(triggers.installed())
    assert len(names) >= len(triggers.all_triggers()) > 30
    for name in names:
        with undone():
            take_away(name)
            assert triggers.missing() == [name]
    assert triggers.missing() == []


@pytest.mark.django_db
def test_with_every_trigger_in_place_check_ready_and_verify_are_content(client: Client, capsys):
    call_command("check", databases=["default"])
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    call_command("verify_audit")
    assert "Audit chains hold." in capsys.readouterr().out


@pytest.mark.django_db
def test_a_missing_trigger_fails_the_check_ready_and_verify_which_name_it_and_leaves_live_alone(client: Client):
    take_away(ONE)
    with pytest.raises(SystemCheckError, match=rf"\(lms\.E001\) Trigger {ONE} is missing"):
        call_command("check", databases=["default"])
    call_command("check")  # asks no database unless told to
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "missing_triggers": [ONE]})
    live = client.get("/health/live")
    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    with pytest.raises(CommandError, match=f"Trigger {ONE} is missing. Run manage.py migrate"):
        call_command("verify_audit")
    triggers.install()
    assert client.get("/health/ready").status_code == 200


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite cannot switch a trigger off")
def test_a_trigger_that_is_switched_off_counts_as_missing(client: Client):
    run_sql(f"ALTER TABLE lms_auditevent DISABLE TRIGGER {ONE}")
    assert triggers.missing() == [ONE]
    assert client.get("/health/ready").status_code == 503


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_not_ready_and_says_no_more_than_that(client: Client, monkeypatch):
    def fails(using: str = "default") -> list[str]:
        raise DatabaseError("password of senco_app is wrong")

    monkeypatch.setattr(triggers, "missing", fails)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "reason": "DatabaseError"})
    assert client.get("/health/live").status_code == 200


@pytest.mark.django_db
def test_a_database_that_has_not_been_migrated_yet_is_not_blamed(monkeypatch):
    take_away(ONE)
    assert [error.id for error in checks.triggers_are_in_place(databases=["default"])] == ["lms.E001"]
    monkeypatch.setattr(connection.introspection, "table_names", lambda *args, **kwargs: ["django_session"])
    assert checks.triggers_are_in_place(databases=["default"]) == []


@pytest.mark.django_db
def test_installing_again_puts_back_what_was_weakened():
    """A trigger of the right name that refuses nothing is replaced by the next migrate."""
    trigger = next(t for t in triggers.all_triggers() if t.full_name == ONE)
    harmless = triggers.Trigger(trigger.name, trigger.table, trigger.on, "1 = 2", "never")
    render = triggers._sqlite_sql if connection.vendor == "sqlite" else triggers._postgres_sql
    for statement in render(harmless):
        run_sql(statement)
    assert "1 = 2" in source()
    triggers.install()
    assert "1 = 2" not in source()


def source() -> str:
    """The text of the trigger as the database has it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [ONE])
        else:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [ONE])
        return str(cursor.fetchone()[0])
