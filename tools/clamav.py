"""The virus scanner for the tests: clamd from Debian's packages, unpacked into `var/`, without installing anything.

Installing the package would also install and start services that fetch signatures from the network. Unpacked, nothing
runs but what a test starts itself, with a signature of its own; and neither root nor sudo is needed. A clamd that is
installed already is used as it is (only its program: never its service, settings or signatures).
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.setup import ROOT
from tools.system import Missing, administrator, say

PACKAGE = "clamav-daemon"
FOLDER = ROOT / "var" / "clamav"
ADVICE = f"Install it yourself, on Debian or Ubuntu with: sudo apt-get install {PACKAGE}"


def find(folder: Path = FOLDER) -> tuple[Path, dict[str, str]] | None:
    """clamd and the variables it is started with, or None when this machine has none yet."""
    installed = shutil.which(
        "clamd", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/usr/local/sbin"
    )
    if installed:
        return Path(installed), {}
    unpacked = folder / "usr" / "sbin" / "clamd"
    if not unpacked.is_file():
        return None
    libraries = sorted({str(path.parent) for path in folder.glob("**/*.so.*")})
    return unpacked, {"LD_LIBRARY_PATH": os.pathsep.join(libraries)}


def fetch(folder: Path = FOLDER) -> None:
    """Make sure of clamd: download its packages and unpack them, if need be. Raises Missing."""
    if find(folder):
        return
    why = "The tests of virus scanning need ClamAV's clamd, and this machine has none."
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise Missing(f"{why} {ADVICE}")
    say(f"    {why} Unpacking Debian’s {PACKAGE} into var ...")
    packages = needed()
    if not packages:
        before = administrator()
        if before is not None:
            run([*before, "apt-get", "update", "-q"])
            packages = needed()
    if not packages:
        raise Missing(f"apt-get knows no package {PACKAGE}. {why} {ADVICE}")
    unpack(packages, folder)
    found = find(folder)
    if not found or run([str(found[0]), "--help"], extra=found[1]).returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise Missing(f"The unpacked clamd does not run here. {ADVICE}")


def needed() -> list[str]:
    """The daemon and those of its libraries that this machine lacks, as apt reckons it; nothing is installed."""
    done = run(["apt-get", "install", "--simulate", "--no-install-recommends", "-q", PACKAGE])
    names = re.findall(r"^Inst (\S+)", done.stdout, re.MULTILINE)
    return [name for name in names if name == PACKAGE or name.startswith("lib")]


def unpack(packages: list[str], folder: Path) -> None:
    """Download packages and unpack them into a folder, whole or not at all. Raises Missing."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    done = run(["apt-get", "download", "-q", *packages], cwd=part)
    if done.returncode:
        raise Missing(f"apt-get could not download {', '.join(packages)}: {done.stderr[-500:]} {ADVICE}")
    for archive in sorted(part.glob("*.deb")):
        run(["dpkg-deb", "--extract", str(archive), str(part)])
        archive.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def run(command: list[str], cwd: Path | None = None,
        extra: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """A command to its end, without questions."""
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C", **(extra or {})}
    return subprocess.run(
        command, cwd=cwd, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    try:
        fetch()
    except Missing as problem:
        sys.exit(str(problem))
