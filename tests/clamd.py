"""A virus scanner of the tests' own: clamd on a socket, with one signature and limits small enough to reach."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import clamav

VIRUS = b"this-is-the-one-virus-of-the-senco-pathway-tests"
MOST_IN_A_FILE, MOST_IN_A_STREAM = 1024 * 1024, 4 * 1024 * 1024
SECONDS = 60


@pytest.fixture(scope="session")
def clamd() -> Iterator[str]:
    """Where a scanner listens, as the setting EVIDENCE_SCANNER says it. It knows one virus and nothing else."""
    found = clamav.find()
    assert found, "The tests of virus scanning need clamd: `make test` fetches it, or `python -m tools.clamav`."
    program, variables = found
    folder = Path(tempfile.mkdtemp(prefix="senco-clamd-"))
    (folder / "own.ndb").write_text(f"Senco.Test:0:*:{VIRUS.hex()}\n")
    address = folder / "clamd.sock"
    (folder / "clamd.conf").write_text(
        f"LocalSocket {address}\nDatabaseDirectory {folder}\nTemporaryDirectory {folder}\nForeground yes\n"
        f"AlertExceedsMax yes\nMaxFileSize {MOST_IN_A_FILE}\nStreamMaxLength {MOST_IN_A_STREAM}\nMaxThreads 2\n"
    )
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [str(program), "--config-file", str(folder / "clamd.conf")], env={**os.environ, **variables},
        stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        over = time.monotonic() + SECONDS
        while not address.exists() and process.poll() is None and time.monotonic() < over:
            time.sleep(0.05)
        assert address.exists(), (folder / "log").read_text(errors="replace")
        yield f"unix:{address}"
    finally:
        process.terminate()
        process.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)
