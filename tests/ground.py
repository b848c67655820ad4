"""The database that every test starts from: migrated, with the real specification, the pathway and the shipped course.

It is loaded once for each pytest worker. A test in a transaction is rolled back to it. A test that commits is
followed by a flush and a reload from copies inside the same database, because a flush alone would also take away
what the migrations put there (Wagtail's root page) and what was loaded.
"""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connections, transaction
from django.test import TransactionTestCase

from lms.common import triggers

DATA = Path(settings.BASE_DIR) / "courses" / "framework" / "data"
SPECIFICATION = DATA / "early-years-senco-level-3-2022.json"
PATHWAY = DATA / "pathway.json"
# Its rows come back by triggers of SQLite's own when the search index is reloaded.
DERIVED = {"wagtailsearch_indexentry_fts"}
_copies: dict[str, tuple[str, str]] = {}


def load() -> None:
    """Loads what every test may count on."""
    for file in (SPECIFICATION, PATHWAY):
        call_command("load_framework", str(file), verbosity=0, stdout=_Silence())
    call_command("load_course", verbosity=0, stdout=_Silence())


class _Silence:
    """Takes a command's words and forgets them."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def keep(using: str = "default") -> None:
    """Keeps a copy of every table with rows, inside the database, to go back to after tests that commit."""
    connection = connections[using]
    if hasattr(connection, "_test_serialized_contents"):
        del connection._test_serialized_contents  # ours does its work, with triggers in place
    quote = connection.ops.quote_name
    models = apps.get_models(include_auto_created=True)
    fields = ((model._meta.db_table, field) for model in models for field in model._meta.local_concrete_fields)
    computed = {(table, field.column) for table, field in fields if field.generated}
    with connection.cursor() as cursor:
        for number, table in enumerate(sorted(set(tables(using)) - DERIVED)):
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {quote(table)})")
            if not cursor.fetchone()[0]:
                continue
            described = connection.introspection.get_table_description(cursor, table)
            columns = ", ".join(quote(c.name) for c in described if (table, c.name) not in computed)
            copy = f"kept_{number}"
            cursor.execute(f"DROP TABLE IF EXISTS {copy}")
            cursor.execute(f"CREATE TABLE {copy} AS SELECT {columns} FROM {quote(table)}")
            _copies[table] = (copy, columns)


def go_back(using: str = "default") -> None:
    """Empties every table and reloads the kept copies. Numbers of rows go on rising, as they do in life."""
    connection = connections[using]
    quote = connection.ops.quote_name
    with triggers.lifted(using):
        flush = connection.ops.sql_flush(no_style(), tables(using), reset_sequences=False, allow_cascade=False)
        connection.ops.execute_sql_flush(flush)
        with transaction.atomic(using=using), connection.cursor() as cursor:
            for table, (copy, columns) in _copies.items():
                cursor.execute(f"INSERT INTO {quote(table)} ({columns}) SELECT {columns} FROM {copy}")


def tables(using: str = "default") -> list[str]:
    """Names of the tables of every model."""
    return connections[using].introspection.django_table_names(only_existing=True, include_views=False)


def _teardown(case: TransactionTestCase) -> None:
    for name in case._databases_names(include_mirrors=False):
        go_back(name)


def install() -> None:
    """From now on every test that commits ends with `go_back` instead of Django's bare flush."""
    TransactionTestCase._fixture_teardown = _teardown  # type: ignore[method-assign]
