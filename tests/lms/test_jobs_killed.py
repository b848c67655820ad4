"""A worker killed in mid-job: the job runs again, and its effect is there once (bad input of step 1)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import timezone

from lms.common import jobs
from lms.common.models import Job
from lms.notices.api import tell
from lms.notices.models import Delivery
from tests.factories import make_person
from tests.lms.hanging_worker import HANGS


def environment() -> dict[str, str]:
    """What another process needs to stand on this test's own database and folder."""
    values = {key: str(value) for key, value in connection.settings_dict.items() if isinstance(value, str | int)}
    if connection.vendor == "sqlite":
        url = f"sqlite:///{values['NAME']}"
    else:
        who = f"{values['USER']}:{values['PASSWORD']}" if values["PASSWORD"] else values["USER"]
        url = f"postgres://{who}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "lms.settings.test"}


@contextmanager
def worker(job_id: int, backend: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, in the middle of the job."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.lms.hanging_worker", str(job_id), backend],
        cwd=django_settings.BASE_DIR, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line == HANGS, process.communicate(timeout=20)[1]
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("backend", "written"), [("AfterWriting", 1), ("BeforeWriting", 0)])
def test_a_job_whose_worker_is_killed_runs_again_and_sends_one_email(
    backend: str, written: int, mailbox: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    person = make_person("Tara Walsh")
    with transaction.atomic():
        tell(person, "feedback", "Your work has been assessed", url="/learn/", at=timezone.now())
    job = Job.objects.get()
    settings.EMAIL_BACKEND = "lms.notices.mailbox.FileMailbox"  # pytest-django puts memory in its place

    with worker(job.pk, backend) as process:
        job.refresh_from_db()
        assert (job.state, job.attempts) == (Job.State.RUNNING, 1)
        assert jobs.run(job.pk) is False, "two workers at once"
        process.send_signal(signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
    assert len(list(mailbox.glob("*"))) == written
    assert not Delivery.objects.filter(sent_at__isnull=False).exists()
    assert jobs.due(timezone.now()) == [], "its lease has not run out"

    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sent: list[int] = []
    monkeypatch.setattr("lms.common.tasks.run_job.delay", sent.append)
    assert jobs.sweep(at=timezone.now()) == 1
    assert sent == [job.pk]
    assert jobs.run(job.pk) is True
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error, job.lease_until) == (Job.State.DONE, 2, "", None)
    assert [file.suffix for file in mailbox.iterdir()] == [".eml"]
    assert Delivery.objects.get().sent_at is not None
    assert jobs.run(job.pk) is False
    assert jobs.due(timezone.now() + timedelta(days=1)) == []
    assert len(list(mailbox.iterdir())) == 1


def test_a_fresh_process_knows_how_to_do_every_job():
    """A worker imports nothing but the apps: whatever can be enqueued must have its handler there."""
    script = "import django; django.setup(); from lms.common import jobs; print(*sorted(jobs._handlers))"
    found = subprocess.run([sys.executable, "-c", script], cwd=django_settings.BASE_DIR, env=environment_of_anybody(),
                           capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
    assert found.stdout.split() == sorted(kind for kind in jobs._handlers if not kind.startswith("test."))
    assert set(found.stdout.split()) == {
        "assessment.location_sheet", "content.h5p_intake", "courses.copy", "courses.tell_change",
        "courses.tell_not_expired", "notices.send_email", "portfolio.check_file", "portfolio.combine",
        "portfolio.destroy_bytes", "submissions.find_assessors",
    }  # fmt: skip


def environment_of_anybody() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.test"}
