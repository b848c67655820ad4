"""Loads a specification or the pathway from its data file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from courses.framework.api import load_file
from lms.common.errors import Refused


class Command(BaseCommand):
    """Idempotent: a file that is loaded already changes nothing. The file's name is the framework's code."""

    help = "Loads a specification (or the pathway) from a JSON file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8")
            self.stdout.write(load_file(path.stem, text, at=timezone.now()))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read {path}: {error}") from error
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
