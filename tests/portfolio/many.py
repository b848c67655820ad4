"""Looking into many files quickly: one process loads the parsers, then a fork for each file does what the product's
own child does, with its limits. Run as the child itself: `python -m tests.portfolio.many ORDER`."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from portfolio.processing import child, run
from portfolio.processing.kinds import SUFFIXES


def look_into_many(files: list[tuple[str, bytes]]) -> list[run.Findings]:
    """What the product finds in each (name, content). The findings' own files are gone: only facts are kept."""
    with tempfile.TemporaryDirectory(prefix="senco-many-") as scratch:
        root = Path(scratch)
        orders = [_order(root, number, name, content) for number, (name, content) in enumerate(files)]
        (root / "orders.json").write_text(json.dumps(orders))
        subprocess.run(
            [sys.executable, "-m", "tests.portfolio.many", str(root / "orders.json")], cwd=run.HOME, check=True,
            env={"PATH": "/usr/bin:/bin"}, stderr=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
        return [run._findings(Path(order["out"])) for order in orders]


def _order(root: Path, number: int, name: str, content: bytes) -> dict:
    source, out = root / f"{number}.in", root / f"{number}.out"
    source.write_bytes(content)
    out.mkdir()
    user = run._nobody()
    if user:
        os.chmod(root, 0o711)
        os.chown(out, *user)
    known = {kind: sorted(endings) for kind, endings in SUFFIXES.items()}
    return {**run.LIMITS, "task": "file", "suffix": Path(name).suffix.lower(), "suffixes": known, "office": "",
            "out": str(out), "source": str(source), "user": user}  # fmt: skip


def main() -> None:
    """Loads every parser, then forks for each order."""
    for suffix in child.PARSERS:
        child.prepare(suffix)
    for order in json.loads(Path(sys.argv[1]).read_text()):
        pid = os.fork()
        if not pid:
            try:
                order["inputs"] = [os.open(order["source"], os.O_RDONLY)]
                child.limit(order)
                child.run(child.look_into, order)
                os._exit(0)
            except BaseException:
                os._exit(1)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
