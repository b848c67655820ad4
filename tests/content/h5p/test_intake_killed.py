"""A worker that takes in a large package: killed in the middle it leaves nothing half stored, and it needs little
memory."""

import random
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from content.h5p import store
from content.models import H5PLibrary, H5PUpload, H5PVersion
from lms.accounts.api import Role
from lms.common import jobs
from lms.common.models import Job
from tests.factories import make_organisation, make_person
from tests.factories.h5p import library, make_upload, package
from tests.lms.test_jobs_killed import environment

from .test_intake import assert_whole
from .worker import HANGS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MEGABYTE = 1024 * 1024


@pytest.fixture
def upload(monkeypatch: pytest.MonkeyPatch) -> H5PUpload:
    """13 MB in 1,800 files, as large as any that was seen."""
    monkeypatch.setattr("lms.common.tasks.run_job.delay", lambda pk: None)
    chance = random.Random(7)
    parts = {f"libs/{number}.png": chance.randbytes(7_300) for number in range(1_800)}
    house = make_organisation("awarding_organisation")
    author = make_person("Ada Author", (Role.AUTHOR, house))
    return make_upload(package(libraries=[library(others=parts)]), by=author, organisation=house)


def worker(*arguments: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.content.h5p.worker", *map(str, arguments)], text=True,
        cwd=django_settings.BASE_DIR, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("step", ["place", "keep_original"])
def test_a_killed_worker_leaves_nothing_half_stored_and_the_job_runs_again(upload: H5PUpload, step: str):
    job = Job.objects.get(kind="content.h5p_intake")
    process = worker(job.pk, step)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == HANGS, process.communicate(timeout=20)[1]
        upload.refresh_from_db()
        assert (upload.state, upload.done, upload.total) == ("checking", 1804, 1804)
        process.send_signal(signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
    finally:
        process.kill()
        process.communicate(timeout=20)
    assert not H5PVersion.objects.exists() | H5PLibrary.objects.exists()
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.run(job.pk) is True
    upload.refresh_from_db()
    assert (upload.state, upload.reasons) == ("stored", [])
    assert_whole()
    assert not store.incoming(upload.ref).exists()


def test_taking_in_a_large_package_needs_little_memory(upload: H5PUpload):
    process = worker(Job.objects.get(kind="content.h5p_intake").pk)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    upload.refresh_from_db()
    assert (upload.state, upload.done) == ("stored", 1804)
    print(f"Memory grew by {int(out) / MEGABYTE:.0f} MB")
    assert int(out) < 150 * MEGABYTE
