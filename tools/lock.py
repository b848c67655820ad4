"""`make lock`: writes the hashed lists of packages anew from their .in files; with UPGRADE=1, newer ones."""

import os
import subprocess
import sys
import venv

from tools.setup import ROOT, environment
from tools.system import say

TOOLS = ROOT / "var" / "lock-tools"
UV = "uv==0.13.9"
LISTS = {
    "requirements.txt": ["requirements.in"],
    "requirements-dev.txt": ["requirements.in", "requirements-dev.in"],
    "requirements-node.txt": ["requirements-node.in"],
}
FLAGS = [
    "--universal",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--python-version",
    "3.11",
    "--quiet",
]


def main() -> int:
    """Write each list; returns 1 when one of them names a host, which would tie everybody to one registry."""
    if not (TOOLS / "bin" / "uv").exists():
        say(f"Installing {UV} into {TOOLS.relative_to(ROOT)} ...")
        venv.create(TOOLS, with_pip=True)
        subprocess.run([TOOLS / "bin" / "pip", "install", "-q", "--disable-pip-version-check", UV], check=True)
    newer = ["--upgrade"] if os.environ.get("UPGRADE") else []
    for target, sources in LISTS.items():
        say(f"{target} from {', '.join(sources)}")
        command = [str(TOOLS / "bin" / "uv"), "pip", "compile", *FLAGS, *newer, *sources, "--output-file", target]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    say("package-lock.json from package.json")
    update = "update" if newer else "install"
    subprocess.run(["npm", update, "--package-lock-only", "--ignore-scripts"], cwd=ROOT, env=environment(), check=True)
    hosted = [name for name in [*LISTS, "package-lock.json"] if "://" in (ROOT / name).read_text()]
    if "package-lock.json" in hosted and '"resolved"' not in (ROOT / "package-lock.json").read_text():
        hosted.remove("package-lock.json")  # funding addresses are no registry
    for name in hosted:
        say(f"{name} names a host: take it out before committing.")
    return 1 if hosted else 0


if __name__ == "__main__":
    sys.exit(main())
