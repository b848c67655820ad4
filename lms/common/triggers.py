"""Database triggers: the rules that the database itself defends, in one registry for both engines.

A trigger is a condition, in SQL that SQLite and PostgreSQL both read, under which a row may not be written.
They are installed after each migrate. On SQLite they are lifted before it, because a table rebuild silently
loses the table's own triggers and fails when another table's trigger reads it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

PREFIX = "senco_"


@dataclass(frozen=True)
class Trigger:
    """`name` says the rule, `on` is INSERT, UPDATE or DELETE, `when` the forbidden condition over NEW and OLD."""

    name: str
    table: str
    on: str
    when: str
    message: str

    @property
    def full_name(self) -> str:
        return f"{PREFIX}{self.name}_{self.on.lower()}"


_registry: dict[str, Trigger] = {}


def refuse(name: str, table: str, on: str, *, when: str, message: str) -> None:
    """Registers triggers that refuse a write. `on` may name several events: "UPDATE DELETE"."""
    for event in on.split():
        trigger = Trigger(name, table, event, " ".join(when.split()), message.replace("'", "’"))
        _registry[trigger.full_name] = trigger


def all_triggers() -> list[Trigger]:
    """Every registered trigger, by name."""
    return [_registry[key] for key in sorted(_registry)]


def _sqlite_sql(trigger: Trigger) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {trigger.full_name}",
        f"CREATE TRIGGER {trigger.full_name} BEFORE {trigger.on} ON {trigger.table} FOR EACH ROW "
        f"WHEN ({trigger.when}) BEGIN SELECT RAISE(ABORT, '{trigger.message}'); END",
    ]


def _postgres_sql(trigger: Trigger) -> list[str]:
    row = "OLD" if trigger.on == "DELETE" else "NEW"
    statements = [
        f"CREATE OR REPLACE FUNCTION {trigger.full_name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF ({trigger.when}) THEN RAISE EXCEPTION '{trigger.message}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {row}; END $$",
        f"CREATE OR REPLACE TRIGGER {trigger.full_name} BEFORE {trigger.on} ON {trigger.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {trigger.full_name}()",
    ]
    if trigger.on == "DELETE":
        statements += [
            f"CREATE OR REPLACE FUNCTION {trigger.full_name}_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{trigger.message}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            f"CREATE OR REPLACE TRIGGER {trigger.full_name}_all BEFORE TRUNCATE ON {trigger.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {trigger.full_name}_all()",
        ]
    return statements


def installed(using: str = "default") -> set[str]:
    """Names of our triggers that are in the database now (PostgreSQL: and enabled)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        return {row[0] for row in cursor.fetchall() if row[0].startswith(PREFIX)}


def missing(using: str = "default") -> list[str]:
    """Names of triggers that ought to be in the database and are not."""
    wanted = {trigger.full_name for trigger in all_triggers()}
    if connections[using].vendor == "postgresql":
        wanted |= {f"{trigger.full_name}_all" for trigger in all_triggers() if trigger.on == "DELETE"}
    return sorted(wanted - installed(using))


def install(using: str = "default") -> None:
    """Puts every trigger whose table exists in place, replacing older definitions."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    render = _sqlite_sql if connection.vendor == "sqlite" else _postgres_sql
    with connection.cursor() as cursor:
        for trigger in all_triggers():
            if trigger.table in tables:
                for statement in render(trigger):
                    cursor.execute(statement)


def drop(using: str = "default") -> None:
    """Takes every trigger of ours away. Only for migrations on SQLite and for tests' flush."""
    connection = connections[using]
    names = installed(using)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in names:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            return
        cursor.execute(
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
        )
        for name, table in cursor.fetchall():
            if name in names:
                cursor.execute(f"DROP TRIGGER {name} ON {table}")


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without triggers for a moment: tests flush tables with it."""
    drop(using)
    try:
        yield
    finally:
        install(using)


def connect_signals() -> None:
    """Installs after migrate; on SQLite also lifts before it."""
    pre_migrate.connect(_before_migrate, dispatch_uid="senco-triggers-before")
    post_migrate.connect(_after_migrate, dispatch_uid="senco-triggers-after")


def _before_migrate(app_config: Any, using: str, **kwargs: Any) -> None:
    if app_config.label == "lms" and connections[using].vendor == "sqlite":
        drop(using)


def _after_migrate(app_config: Any, using: str, **kwargs: Any) -> None:
    # Django announces each app once all migrations have run; the shell's turn is enough for all.
    if app_config.label == "lms":
        install(using)
