"""A worker in a process of its own, which takes in one upload: to be killed in the middle, or measured.

`python -m tests.content.h5p.worker JOB STEP` hangs when it comes to STEP (a function of the store); without a STEP it
runs to its end and prints by how many bytes its memory grew at most.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

HANGS = "hangs"


def hang(*args: Any, **kwargs: Any) -> None:
    """Says that it is in the middle of its work, and stays there."""
    print(HANGS, flush=True)
    time.sleep(120)


def memory(which: str) -> int:
    """Bytes of this process, now (VmRSS) or at most (VmHWM). Not getrusage, which tells of the parent's memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(which))


def main(job_id: int, step: str = "") -> None:
    """Runs one job as a worker does."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
    import django

    django.setup()
    from content.h5p import store
    from lms.common import jobs

    if step:
        setattr(store, step, hang)
    before = memory("VmRSS")
    jobs.run(job_id)
    print(memory("VmHWM") - before, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
