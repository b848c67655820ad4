"""A worker that stops dead in the middle of an email. `test_jobs_killed` starts it, sees it hang, and kills it.

`python -m tests.lms.hanging_worker JOB BACKEND`, with the database of the test in DATABASE_URL.
"""

import os
import sys
import time
from collections.abc import Sequence

from django.core.mail import EmailMessage

from lms.notices.mailbox import FileMailbox

HANGS = "hangs"


def hang() -> None:
    """Says that it is in the middle of its work, and stays there."""
    print(HANGS, flush=True)
    time.sleep(120)


class BeforeWriting(FileMailbox):
    """Takes the message and writes nothing."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        hang()
        return 0


class AfterWriting(FileMailbox):
    """Writes the message and never says so."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        written = super().send_messages(email_messages)
        hang()
        return written


def main(job_id: int, backend: str) -> None:
    """Runs one job as a worker does."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
    import django
    from django.conf import settings

    django.setup()
    from lms.common import jobs

    settings.EMAIL_BACKEND = f"tests.lms.hanging_worker.{backend}"
    jobs.run(job_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
