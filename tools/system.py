"""What the machine itself must have: finds programs, installs Debian packages when allowed, or says what to install."""

import os
import shutil
import subprocess
import sys


class Missing(Exception):
    """Something this machine lacks. The message tells a person what to install."""


def say(text: str) -> None:
    """Print one line at once, so that progress is seen while the work goes on."""
    print(text, flush=True)


def administrator() -> list[str] | None:
    """The words to put before a command to run it as root: none for root, sudo without a question, or None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def install(package: str, why: str) -> None:
    """Install one Debian package when root or sudo lets us; otherwise raise Missing with the words to type."""
    advice = f"{why} Install it yourself, on Debian or Ubuntu with: sudo apt-get install {package}"
    before = administrator()
    if before is None or not shutil.which("apt-get"):
        raise Missing(advice)
    say(f"    {why} Installing {package} with apt-get ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*before, "apt-get", "install", "-y", "--no-install-recommends", "-q", package]
    for words in (command, [*before, "apt-get", "update", "-q"], command):
        done = subprocess.run(
            words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if words is command and done.returncode == 0:
            return
    sys.stderr.write((done.stdout + done.stderr)[-2000:])
    raise Missing(f"apt-get could not install {package}. {advice}")
