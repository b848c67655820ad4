"""Pango, which draws the letters of PDFs: named by `make setup`, installed for `make test`. Everything else runs
without it."""

from ctypes.util import find_library

from tools.system import Missing, install, say

# The libraries that WeasyPrint opens, and the Debian packages that they are in (as lms.common.pdf names them).
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
PACKAGES = tuple(LIBRARIES.values())


def missing() -> list[str]:
    """The packages that this machine lacks."""
    return [package for library, package in LIBRARIES.items() if find_library(library) is None]


def note() -> None:
    """Say what PDFs would need. Nothing is installed and nothing fails."""
    if packages := missing():
        say(f"PDFs cannot be made on this machine yet: sudo apt-get install {' '.join(packages)} (the rest works).")


def fetch() -> None:
    """Make sure of Pango for the tests. Raises Missing."""
    for package in missing():
        install(package, "PDFs need Pango and HarfBuzz.")
    if left := missing():
        raise Missing(f"{', '.join(left)} is installed but its library is not found. Run ldconfig as root.")
