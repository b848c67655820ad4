"""Where the data is: a database's address becomes connection settings."""

from typing import Any

import pytest
from django.db import connection

from lms.settings.base import SQLITE_OPTIONS, database


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:////srv/senco/senco.sqlite3", "/srv/senco/senco.sqlite3"), ("sqlite:///senco.sqlite3", "senco.sqlite3"),
     ("sqlite://:memory:", ":memory:")],
)  # fmt: skip
def test_sqlite_writes_ahead_takes_its_turn_and_keeps_its_connection(url: str, name: str):
    found = database(url)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", name)
    assert found["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    assert found["OPTIONS"] is not SQLITE_OPTIONS
    assert found["CONN_MAX_AGE"] is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_keeps_connections_for_ten_minutes_and_asks_whether_they_live(scheme: str):
    found = database(f"{scheme}://senco:p%40ss%2Fword@db.example:6432/pathway?sslmode=require")
    wanted: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql", "NAME": "pathway", "USER": "senco", "PASSWORD": "p@ss/word",
        "HOST": "db.example", "PORT": 6432, "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"sslmode": "require", "options": "-c jit=off"},
    }  # fmt: skip
    assert {key: found[key] for key in wanted} == wanted
    assert not found.get("ATOMIC_REQUESTS")


def test_an_address_of_something_else_is_refused():
    with pytest.raises(ValueError, match="mongodb"):
        database("mongodb://127.0.0.1/senco")


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="of SQLite only")
def test_the_open_database_is_as_the_settings_say():
    with connection.cursor() as cursor:
        found = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 1, 1]
