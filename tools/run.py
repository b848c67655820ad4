"""`make run`: the web server, the worker and the clock under one supervisor, on the demonstration's data.

Each child has a process group of its own, so that Ctrl-C reaches this process alone and it stops them in order.
A child that dies is started again, later each time. When this process ends, for whatever reason, no child is left.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from types import FrameType

from tools.system import say

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
READY_WITHIN = 120.0  # seconds until we say that it does not come up
GRACE = 8.0  # seconds a child has to finish what it is doing
STEADY = 30.0  # seconds a child must have run for its next fall to count as the first
LONGEST_WAIT = 30.0
GIVE_UP = 4  # falls of one child before anything was ever ready

# Asks Linux to end the child when its parent is gone, even if that was by `kill -9`; then becomes the command.
TIED = (
    "import ctypes, os, signal, sys\n"
    "if sys.platform == 'linux': ctypes.CDLL(None).prctl(1, signal.SIGTERM)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)


class Stop(Exception):
    """Somebody asked us to stop."""


class Child:
    """One supervised program: its process, its output under its name, its falls."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.process: subprocess.Popen[str] | None = None
        self.started = self.again_at = 0.0
        self.falls = 0

    def start(self) -> None:
        """Start it in a session of its own and pass its lines on."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-c", TIED, *self.command],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._pass_on, args=(self.process,), daemon=True).start()

    def _pass_on(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            say(f"{self.name:>7} | {line.rstrip()}")

    def signal_group(self, number: int) -> None:
        """Signal everything it started, if anything is left."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def look(self) -> None:
        """Notice that it died, clear its remains, and start it again when its wait is over."""
        now = time.monotonic()
        if self.process and self.process.poll() is not None:
            code = self.process.returncode
            self.signal_group(signal.SIGKILL)
            self.process = None
            self.falls = self.falls + 1 if now - self.started < STEADY else 1
            wait = min(2.0 ** (self.falls - 1), LONGEST_WAIT)
            self.again_at = now + wait
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            say(f"The {self.name} {how}. Starting it again in {wait:.0f} s.")
        if self.process is None and now >= self.again_at:
            self.start()


class Supervisor:
    """Prepares the database, starts the children, keeps them alive and stops them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.began = time.monotonic()
        self.stopping = 0
        self.parent = os.getppid()
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        self.environment = {
            "SITE_ADDRESS": self.address,
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lms.settings.demo",
            "PYTHONUNBUFFERED": "1",
            # A demonstration in a container runs as root; Celery's page about that helps nobody here.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
            "PATH": path,
        }
        celery = [sys.executable, "-m", "celery", "--quiet", "-A", "lms.celery"]
        quiet = ["--loglevel", "WARNING"]
        web = ["--workers", "2", "--threads", "8", "--worker-class", "gthread", "--bind", f"{HOST}:{port}"]
        limits = ["--timeout", "120", "--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning"]
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self.children = [
            self._child("web", [sys.executable, "-m", "gunicorn", *web, *limits, "lms.wsgi:application"]),
            self._child("worker", [*celery, "worker", "--concurrency", "2", *alone, *quiet]),
            self._child("beat", [*celery, "beat", "--pidfile", "", *quiet]),
        ]

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{HOST}:{self.port}"

    def _child(self, name: str, command: list[str]) -> Child:
        return Child(name, command, self.environment)

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """Ask the main loop to stop; a second time, at once."""
        self.stopping += 1

    def _pause(self, seconds: float) -> None:
        """Wait a little. Raises Stop when somebody asked us to stop."""
        until = time.monotonic() + seconds
        while True:
            if self.stopping or interrupted(self.parent):
                raise Stop
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.1))

    def prepare(self) -> bool:
        """Tables, specification, course and people; False when that failed."""
        step = self._child("prepare", [sys.executable, "-m", "tools.prepare"])
        step.start()
        assert step.process
        try:
            while step.process.poll() is None:
                self._pause(0.1)
        finally:
            end([step])
        return step.process.returncode == 0

    def wait_until_ready(self) -> bool:
        """Start all and wait until the health address says that they can serve; False when they cannot."""
        for child in self.children:
            child.start()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        latest = "nothing"
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            self._pause(0.2)
            for child in self.children:
                child.look()
                if child.falls >= GIVE_UP:
                    say(f"The {child.name} does not stay up: its own words are above.")
                    return False
            try:
                with opener.open(f"{self.address}/health/ready", timeout=5) as answer:
                    if answer.status == 200:
                        return True
            except OSError as problem:
                latest = str(problem)
        say(f"Not ready after {READY_WITHIN:.0f} s: {self.address}/health/ready says {latest}.")
        return False

    def serve(self) -> int:
        """All of it, from the empty folder to the last child's end; returns the exit code."""
        try:
            if not self.prepare():
                say("The database could not be made ready: the reason is above.")
                return 1
            say("Starting the web server, the worker and the clock ...")
            if not self.wait_until_ready():
                return 1
            seconds = time.monotonic() - self.began
            say(f"SENCO Pathway is ready: {self.address}/ ({seconds:.0f} s)")
            say(f"Sign in at {self.address}/account/login/ with a button. Ctrl-C stops everything.")
            while True:
                self._pause(0.5)
                for child in self.children:
                    child.look()
        except Stop:
            say("Stopping ...")
            return 0
        finally:
            end(self.children, lambda: self.stopping > 1)
            say("Stopped.")


def end(children: list[Child], at_once: object = None) -> None:
    """Ask each child to finish, wait for its grace, then kill what is left of its group."""
    impatient = at_once if callable(at_once) else lambda: False
    running = [child for child in children if child.process]
    for child in running:
        assert child.process
        if child.process.poll() is None:
            child.process.terminate()
    until = time.monotonic() + GRACE
    for child in running:
        assert child.process
        while child.process.poll() is None and time.monotonic() < until and not impatient():
            time.sleep(0.05)
        child.signal_group(signal.SIGKILL)
        child.process.wait()


def interrupted(parent: int) -> bool:
    """Whether the `make` that started us was sent a Ctrl-C that did not reach us.

    GNU make answers SIGINT by taking its handler off and waiting for its children, which it expects to have had
    the signal from the terminal. Sent to make alone, the signal would stop nothing: so look for the missing handler.
    A make that ignores SIGINT, as one started in the background of a script does, has not been sent one.
    """
    try:
        status = Path(f"/proc/{parent}/status").read_text()
    except OSError:
        return False
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    minded = int(fields["SigCgt"], 16) | int(fields["SigIgn"], 16)
    return fields.get("Name") == "make" and not minded >> (signal.SIGINT - 1) & 1


def port_is_free(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def main() -> int:
    """Run the demonstration on PORT (8000)."""
    given = os.environ.get("PORT", "8000")
    if not given.isdigit() or not 0 < int(given) < 65536:
        say(f"PORT is {given!r}: give a number between 1 and 65535.")
        return 1
    port = int(given)
    if not port_is_free(port):
        say(f"Port {port} of {HOST} is in use by another program. Stop it, or choose another: PORT=8001 make run")
        return 1
    supervisor = Supervisor(port)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.on_signal)
    return supervisor.serve()


if __name__ == "__main__":
    sys.exit(main())
