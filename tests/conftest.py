"""Fixtures that every test may use. People and their work come from `tests.factories`."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import ground
from tests.browser import chromium as chromium
from tests.clamd import clamd as clamd
from tests.factories import World
from tests.rules_ran import pytest_runtest_logreport as pytest_runtest_logreport
from tests.rules_ran import pytest_sessionfinish as pytest_sessionfinish
from tests.template import Template
from tests.world_once import world_again

hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The test database stands already when a template of it was copied; see `tests.template`."""
    return True


@pytest.fixture(scope="session")
def copied(django_db_modify_db_settings: None, django_db_blocker: Any) -> Iterator[tuple[Template, bool]]:
    """A copy of the loaded database, if one was made before. Holds the lock until this worker's database stands."""
    with django_db_blocker.unblock():
        template = Template()
        found = template.begin()
    yield template, found
    template.end()


@pytest.fixture(scope="session")
def django_db_setup(copied: tuple[Template, bool], django_db_setup: None, django_db_blocker: Any) -> None:
    """The database with specification, pathway and course, made once and copied for each worker."""
    template, found = copied
    with django_db_blocker.unblock():
        if not found:
            ground.load()
        ground.keep_files()
        ground.keep()
        if not found:
            template.keep()
    template.end()
    ground.install()


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    """Nothing that a process remembers, and no file, comes from another test."""
    forget()
    yield
    forget()
    evidence = django_settings.STORAGES["evidence"]["OPTIONS"]["location"]
    for folder in (django_settings.EMAIL_FILE_PATH, evidence, django_settings.EVIDENCE_SPOOL):
        shutil.rmtree(folder, ignore_errors=True)
    ground.put_files_back()


def forget() -> None:
    """Empties the caches of the process."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Site

    from courses.framework import queries as framework
    from courses.pages import queries
    from portfolio import suggest

    cache.clear()
    Site.clear_site_root_paths_cache()
    ContentType.objects.clear_cache()
    queries._kept.cache_clear()
    framework.forget()
    suggest.forget()


@pytest.fixture
def at() -> datetime:
    """Now, for domain functions."""
    return timezone.now()


@pytest.fixture
def client_of() -> Callable[[Any], Client]:
    """A browser in which a person is signed in: `client_of(world.trainee).get("/")`."""

    def sign_in(user: Any, **kwargs: Any) -> Client:
        browser = Client(**kwargs)
        if user is not None:
            browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return sign_in


@pytest.fixture
def mailbox() -> Path:
    """The folder that holds one file for each email sent in this test."""
    return Path(django_settings.EMAIL_FILE_PATH)


@pytest.fixture
def world(db: None) -> World:
    """Everybody of two tenants: see `tests.factories.world`."""
    return world_again()


class Queries:
    """Counting queries of whole requests. Savepoints are the tests' own and are left out."""

    @contextmanager
    def __call__(self, exactly: int) -> Iterator[None]:
        """Fails unless the block makes exactly so many queries, and lists them."""
        with CaptureQueriesContext(connection) as captured:
            yield
        _compare(captured, exactly, "the block")

    def of(self, browser: Client, url: str, status: int = 200) -> list[str]:
        """The queries of one GET. The first one warms what a process remembers and is not counted."""
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                response = browser.get(url)
            assert response.status_code == status, f"{url} answered {response.status_code}, not {status}"
        return _statements(captured)

    def pin(self, browser: Client, url: str, *, grow: Callable[[], Any], exactly: int) -> None:
        """The page takes exactly so many queries with what is there now (1 item), and as many after `grow` (3)."""
        for size in ("1 item", "3 items"):
            found = self.of(browser, url)
            assert len(found) == exactly, _list(found, exactly, f"{url} at {size}")
            if size == "1 item":
                grow()


def _statements(captured: CaptureQueriesContext) -> list[str]:
    return [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))]


def _list(found: list[str], exactly: int, what: str) -> str:
    lines = "\n".join(f"{number:3}. {sql[:300]}" for number, sql in enumerate(found, 1))
    return f"{what} took {len(found)} queries, not {exactly}:\n{lines}"


def _compare(captured: CaptureQueriesContext, exactly: int, what: str) -> None:
    found = _statements(captured)
    assert len(found) == exactly, _list(found, exactly, what)


@pytest.fixture
def queries() -> Queries:
    """`with queries(3): ...`, or `queries.pin(browser, url, grow=add_two_more, exactly=9)`."""
    return Queries()
