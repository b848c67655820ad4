"""Office documents as PDF, through LibreOffice where it is installed (runs in the limited process)."""

import resource
import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO

SECONDS = 60


def _more_memory() -> None:
    """LibreOffice maps more than it uses: it may have all that the worker allows an office program."""
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def to_pdf(office: str, source: BinaryIO, suffix: str, out: Path) -> Path | None:
    """Has LibreOffice print the document to a PDF in a home of its own; None when it could not."""
    home = out / "office"
    home.mkdir()
    document = home / f"document{suffix}"
    with document.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    command = [
        office, "--headless", "--norestore", "--nolockcheck", "--nodefault", f"-env:UserInstallation=file://{home}/profile",
        "--convert-to", "pdf", "--outdir", str(home), str(document),
    ]  # fmt: skip
    try:
        subprocess.run(
            command, cwd=home, timeout=SECONDS, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"HOME": str(home), "TMPDIR": str(home), "PATH": "/usr/bin:/bin"},
            preexec_fn=_more_memory,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        return None
    made = home / "document.pdf"
    return made if made.is_file() else None
