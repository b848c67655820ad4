"""Celery tasks of the shell: they carry a number to the function that does the work."""

from celery import shared_task
from django.utils import timezone

from . import housekeeping, jobs


@shared_task(name="lms.run_job")
def run_job(job_id: int) -> None:
    """Runs one job, if nobody else has it."""
    jobs.run(job_id)


@shared_task(name="lms.sweep_jobs")
def sweep_jobs() -> None:
    """Sends lost jobs again."""
    jobs.sweep(at=timezone.now())


@shared_task(name="lms.each_minute")
def each_minute() -> None:
    """Does what people set for this minute."""
    housekeeping.tick(at=timezone.now())


@shared_task(name="lms.nightly")
def nightly() -> None:
    """Clears what has no more use: spent form tokens, sessions, jobs done long ago."""
    housekeeping.clear(at=timezone.now())
