"""A private PostgreSQL that lives as long as one command: `python tools/postgres.py -- CMD ...`.

The command runs with DATABASE_URL set. The cluster listens on 127.0.0.1 only, on a free port, trusts local
connections, forgoes fsync, and is stopped and deleted afterwards whatever happened: for tests and benchmarks only.
"""

import contextlib
import glob
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.system import Missing, install, say

USER = "senco"
DATABASE = "senco"
PREFIX = "senco-postgres-"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    # Nothing here outlives the run: speed before safety.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "log_min_messages": "error",
}


def programs() -> Path:
    """The folder that holds initdb and postgres: the newest on this machine, installed with apt when there is none."""
    for attempt in (1, 2):
        found = shutil.which("initdb")
        if found and (Path(found).resolve().parent / "postgres").exists():
            return Path(found).resolve().parent
        versions = glob.glob("/usr/lib/postgresql/*/bin/initdb")
        if versions:
            newest = max(versions, key=lambda path: int(re.findall(r"\d+", path)[0]))
            return Path(newest).parent
        if attempt == 1:
            install("postgresql", "The tests run on PostgreSQL 15 or newer, and this machine has none.")
    raise Missing("PostgreSQL was installed, but its initdb was not found in PATH or /usr/lib/postgresql/*/bin.")


def server_user() -> dict[str, object]:
    """Who the server runs as: ourselves, or the user `postgres` for root, since initdb refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise Missing("Root cannot run PostgreSQL. Add a user for it: useradd --system postgres") from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def scratch_folder() -> Path:
    """A folder outside the clone that the server's user can reach (root's home cannot be entered by others)."""
    for parent in (Path(tempfile.gettempdir()), Path("/var/tmp")):
        if parent.is_dir() and all(folder.stat().st_mode & 0o001 for folder in (parent, *parent.parents)):
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    return Path(tempfile.mkdtemp(prefix=PREFIX))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alive(pid: int) -> bool:
    """Whether a process of this number exists."""
    return Path(f"/proc/{pid}").exists() if Path("/proc/self").exists() else _signal(pid, 0)


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True


def sweep() -> None:
    """Delete clusters whose starter was killed before it could clean up."""
    for folder in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with contextlib.suppress(OSError, ValueError):
            if alive(int((folder / "starter").read_text())):
                continue
            server = folder / "data" / "postmaster.pid"
            if server.exists():
                pid = int(server.read_text().split()[0])
                _signal(pid, signal.SIGQUIT)
                for _ in range(50):
                    if not alive(pid):
                        break
                    time.sleep(0.1)
            shutil.rmtree(folder, ignore_errors=True)


def _start(binaries: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Make the cluster and start it. Raises Missing with the server's own words when it does not come up."""
    who = server_user()
    if who:
        os.chown(folder, int(str(who["user"])), int(str(who["group"])))
    (folder / "starter").write_text(str(os.getpid()))
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    common: dict[str, object] = {"cwd": folder, "env": environment, "stdin": subprocess.DEVNULL, **who}
    data = folder / "data"
    made = subprocess.run(  # type: ignore[call-overload]
        [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "--locale=C.UTF-8", "--encoding=UTF8", "-N"],
        capture_output=True,
        text=True,
        check=False,
        **common,
    )
    if made.returncode:
        raise Missing(f"initdb failed:\n{made.stdout}{made.stderr}")
    settings = [f"--{name}={value}" for name, value in OPTIONS.items()]
    log = folder / "log"
    with log.open("wb") as output:
        # A session of its own: Ctrl-C must reach the command first, and the server only when the command has ended.
        server: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload]
            [binaries / "postgres", "-D", data, "-p", str(port), "-k", folder, *settings],
            stdout=output,
            stderr=output,
            start_new_session=True,
            **common,
        )
    address = ["-h", "127.0.0.1", "-p", str(port), "-U", USER]
    for _ in range(300):
        ready = subprocess.run(
            [binaries / "createdb", *address, DATABASE], capture_output=True, env=environment, check=False
        )
        if ready.returncode == 0:
            return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    _stop(server)
    raise Missing(f"PostgreSQL did not start:\n{log.read_text()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server at once; nothing in it is worth keeping."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(10)


@contextlib.contextmanager
def private_postgres() -> Iterator[str]:
    """A running private cluster; gives its database URL, and stops and deletes the cluster at the end."""
    binaries = programs()
    sweep()
    folder = scratch_folder()
    server = None
    try:
        port = free_port()
        server = _start(binaries, folder, port)
        yield f"postgres://{USER}@127.0.0.1:{port}/{DATABASE}"
    finally:
        if server:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    """Run a command beside a private cluster; returns the command's exit code."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        say("Usage: python tools/postgres.py -- COMMAND [ARGUMENT ...]")
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        with private_postgres() as url:
            child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
            try:
                code = child.wait()
            except KeyboardInterrupt:
                # The terminal sent it to the command as well: let it finish its own clean-up first.
                code = child.wait(30)
            finally:
                if child.poll() is None:
                    child.terminate()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(10)
                    child.kill()
            return code if code >= 0 else 128 - code
    except (Missing, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
