"""The database that every test starts from: migrated, with the real specification, the pathway and the shipped course.

It is loaded once for each pytest worker. A test in a transaction is rolled back to it. A test that commits is
followed by a flush and a reload from copies inside the same database, because a flush alone would also take away
what the migrations put there (Wagtail's root page) and what was loaded.
"""

import os
import shutil
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
STORE = Path(settings.STORAGES["h5p"]["OPTIONS"]["location"])
FILES = STORE.with_name("h5p-ground")
# Its rows come back by triggers of SQLite's own when the search index is reloaded.
DERIVED = {"wagtailsearch_indexentry_fts"}
_copies: dict[str, tuple[str, str]] = {}


def load() -> None:
    """Loads what every test may count on."""
    for file in (SPECIFICATION, PATHWAY):
        call_command("load_framework", str(file), verbosity=0, stdout=_Silence())
    call_command("load_course", verbosity=0, stdout=_Silence())
    complete_course()


def complete_course() -> None:
    """Maps what the shipped course leaves out, on the last lesson and the task of each unit, and publishes it: most
    tests need a course that is live. Does nothing for a course that is."""
    from courses.framework.api import Criterion
    from courses.pages.load import content_digest
    from courses.pages.models import CoursePage, LessonPage, PageCriterion, TaskPage, UnitPage

    course = CoursePage.objects.get()
    if course.live:
        return
    inside = PageCriterion.objects.filter(page__path__startswith=course.path)
    for unit in UnitPage.objects.child_of(course):
        for model, use in ((LessonPage, "teaches"), (TaskPage, "assesses")):
            wanted = Criterion.objects.filter(outcome__section=unit.section_id)
            missing = wanted.exclude(pk__in=inside.filter(use=use).values("criterion")).order_by("position")
            page = model.objects.child_of(unit).order_by("path").last()
            for criterion in missing:
                page.criterion_uses.add(PageCriterion(criterion=criterion, use=use))
            page.loaded_digest = content_digest(page)
            page.save_revision().publish()
    course.save_revision().publish()


def keep_files() -> None:
    """Keeps the files of the course's activities apart: the database may be a copy, made where the store was another
    one, and each test leaves an empty store."""
    from courses.pages.load import load_activities

    load_activities()
    shutil.rmtree(FILES, ignore_errors=True)
    _linked(STORE, FILES)


def put_files_back() -> None:
    """The store as it was before the first test. Its files are only ever replaced, never written to, so that a link is
    enough."""
    shutil.rmtree(STORE, ignore_errors=True)
    if FILES.exists():
        _linked(FILES, STORE)


def _linked(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=os.link, ignore=shutil.ignore_patterns("incoming", ".lock"))


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
