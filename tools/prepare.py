"""Makes the demonstration's database ready: tables, the specification, the course, the people. Run by tools.run.

The course and the people are loaded once for each database: what somebody then changes there stays. A framework's
data file is loaded again when it has changed; loading is idempotent.
"""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "courses" / "framework" / "data"
FRAMEWORKS = ["early-years-senco-level-3-2022.json", "pathway.json"]


def migrate() -> None:
    """Bring the tables up to date."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    print(f"Database: {len(plan)} changes to make" if plan else "Database: up to date", flush=True)
    call_command("migrate", interactive=False, verbosity=0)


def identity() -> str:
    """What tells this database from one made later under the same name: when its first table came."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(applied) FROM django_migrations")
        return str(cursor.fetchone()[0])


def loads() -> dict[str, tuple[list[str], str]]:
    """What to load: a title, the command, and the state it depends on."""
    plan = {}
    for name in FRAMEWORKS:
        path = DATA / name
        plan[f"Specification {name}"] = (["load_framework", str(path)], hashlib.sha256(path.read_bytes()).hexdigest())
    plan["Course"] = (["load_course"], "once")
    plan["People and their work"] = (["load_demo"], "once")
    return plan


def main() -> int:
    """Migrate, and load what this database has not had yet; remembered one by one, so that a stop loses little."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.demo")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    migrate()
    memory = Path(settings.VAR_DIR) / "prepared.json"
    database = identity()
    known = json.loads(memory.read_text()) if memory.exists() else {}
    done = known.get("done", {}) if known.get("database") == database else {}
    for title, (command, state) in loads().items():
        if done.get(title) == state:
            continue
        print(f"{title} ...", flush=True)
        started = time.monotonic()
        call_command(*command)
        print(f"{title}: done, {time.monotonic() - started:.0f} s", flush=True)
        done[title] = state
        memory.write_text(json.dumps({"database": database, "done": done}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
