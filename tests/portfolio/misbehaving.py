"""A child that does what a parser's worst bug would, by the first word of the file: proves the limits around it."""

import ctypes
import json
import os
import socket
import time
from pathlib import Path
from typing import BinaryIO

from portfolio.processing import child

CHECKED = {"type": "text/plain", "clean": False}


def misbehave(order: dict, sources: list[BinaryIO], out: Path) -> None:
    """Does as the file says; "after …" first says what the file is, as a preview that goes wrong would."""
    words = sources[0].read().decode().split()
    if words[0] == "after":
        child.write(out, "check", CHECKED)
    what = words[-1]
    if what == "memory":
        hog = []
        while True:
            hog.append(bytearray(64 * 1024 * 1024))
    elif what == "spin":
        while True:
            pass
    elif what == "sleep":
        time.sleep(600)
    elif what == "crash":
        ctypes.string_at(0)
    elif what == "disk":
        with (out / "huge").open("wb") as huge:
            while True:
                huge.write(b"0" * 1024 * 1024)
    elif what == "garbage":
        (out / "check.json").write_bytes(os.urandom(2000))
    elif what == "link":
        (out / "check.json").symlink_to("/etc/hostname")
    elif what == "list":
        (out / "check.json").write_text(json.dumps(["text/plain"]))
    elif what == "type":
        child.write(out, "check", {"type": "text/html", "clean": False})
    elif what == "unclean":
        child.write(out, "check", {"type": "image/png", "clean": False})
    elif what == "rights":
        child.write(out, "check", CHECKED)
        child.write(out, "show", {"text": _rights()})
    elif what == "pages":
        child.write(out, "check", CHECKED)
        (out / "page-1").symlink_to("/etc/passwd")
        child.write(out, "show", {"pages": [{"width": 10, "height": 10, "text": ""}], "count": 1})
    elif what == "orphan":
        if os.fork() == 0:
            time.sleep(600)
        child.write(out, "check", CHECKED)
        child.write(out, "show", {"text": "left one behind"})


def _rights() -> str:
    try:
        socket.create_connection(("127.0.0.1", 1), 1)
        net = "open"
    except ConnectionRefusedError:
        net = "reached"
    except OSError:
        net = "none"
    return f"uid={os.getuid()} environment={sorted(os.environ)} network={net}"


if __name__ == "__main__":
    child.look_into = misbehave
    child.main()
