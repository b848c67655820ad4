"""`manage.py h5p_check FILE…`: what is in H5P packages and what is wrong with them, as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from content.h5p.archive import Reason
from content.h5p.package import Package, read_package


class Command(BaseCommand):
    help = "Checks H5P packages by the rules of the upload. Writes nothing; exits 1 when any would be refused."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        sound = True
        for name in options["files"]:
            package = _read(Path(name))
            sound = sound and package.is_valid
            self.stdout.write(json.dumps(_said(name, package), ensure_ascii=False))
        if not sound:
            sys.exit(1)


def _read(path: Path) -> Package:
    try:
        return read_package(path)
    except OSError as error:
        reason = Reason("unreadable", f"The file cannot be read: {error.strerror or type(error).__name__}.")
        return Package(reasons=[reason])


def _said(name: str, package: Package) -> dict[str, Any]:
    libraries = [{"name": one.name, "tree_hash": one.tree_hash, "files": len(one.files)} for one in package.libraries]
    return {
        "file": name,
        "valid": package.is_valid,
        "reasons": [{"code": one.code, "message": one.message} for one in package.reasons],
        "main_library": package.main_library or None,
        "libraries": libraries,
    }
