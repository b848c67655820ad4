"""Creates the shipped course from its source files."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.pages.load import load_course
from lms.common.errors import Refused


class Command(BaseCommand):
    """Idempotent: what stands already is left as it is."""

    help = "Creates the course, its units, lessons and tasks from courses/source/."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for line in load_course():
                self.stdout.write(line)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
