"""The migrated and loaded test database is made once and copied for each pytest worker.

Migrating takes twenty seconds, a copy takes none. The copy is kept under a name made from whatever the database's
content depends on, so that a changed migration, model, trigger or source text makes a new one.
"""

import fcntl
import hashlib
import os
import shutil
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection, connections

PARTS = (
    "*/migrations/*.py", "*/*/models.py", "*/models.py", "*/models/*.py", "*/rules*.py",
    "portfolio/kinds.py", "lms/common/triggers.py",
    "lms/audit/actions.py", "courses/framework/load.py", "courses/framework/data/*", "courses/source/**/*",
    "courses/pages/*.py", "content/*.py", "content/h5p/*.py", "content/h5p/types/**/*",
    "tests/ground.py", "tests/template.py", "requirements.txt",
)  # fmt: skip


def fingerprint() -> str:
    """Changes with anything that the content of the test database depends on."""
    seen = hashlib.sha256()
    root = Path(settings.BASE_DIR)
    for pattern in PARTS:
        for file in sorted(root.glob(pattern)):
            if file.is_file():
                seen.update(str(file.relative_to(root)).encode())
                seen.update(file.read_bytes())
    return seen.hexdigest()[:16]


class Template:
    """Holds the lock among workers from `begin` until `end`: one builds, the others wait and copy."""

    def __init__(self) -> None:
        self.base = Path(os.environ["SENCO_TEST_BASE"])
        self.name = f"ground_{fingerprint()}"
        self.sqlite = connection.vendor == "sqlite"
        self.lock: IO[str] | None = None

    def begin(self) -> bool:
        """Waits for its turn and puts a copy in the place of the test database; False when there is none yet."""
        self.base.mkdir(parents=True, exist_ok=True)
        self.lock = (self.base / f"ground_{connection.vendor}.lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        return self._copy_to_test() if self.sqlite else self._create_from_template()

    def keep(self) -> None:
        """Makes the template of the database that has just been built."""
        if self.sqlite:
            for older in self.base.glob("ground_*.sqlite3"):
                older.unlink(missing_ok=True)
            with connection.cursor() as cursor:
                cursor.execute(f"VACUUM INTO '{self._file()}'")
            return
        name = connection.settings_dict["NAME"]
        for each in connections.all():
            each.close()
        with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{name}"')

    def end(self) -> None:
        """The next worker's turn."""
        if self.lock:
            self.lock.close()
            self.lock = None

    def _file(self) -> Path:
        return self.base / f"{self.name}.sqlite3"

    def _copy_to_test(self) -> bool:
        target = Path(connection.settings_dict["TEST"]["NAME"])
        for left in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
            left.unlink(missing_ok=True)
        if not self._file().exists():
            return False
        self.copy_to(target)
        return True

    def copy_to(self, target: Path) -> None:
        """Copies SQLite's template, which stands once a test has asked for the database."""
        shutil.copyfile(self._file(), target)

    def _create_from_template(self) -> bool:
        test = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
        with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f'DROP DATABASE IF EXISTS "{test}" WITH (FORCE)')
            cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = %s)", [self.name])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(f'CREATE DATABASE "{test}" TEMPLATE "{self.name}"')
        return True
