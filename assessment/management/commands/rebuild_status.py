"""Recomputes criterion statuses from evidence, submissions and decisions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment.status import differences, rebuild
from courses.delivery.api import Registration


class Command(BaseCommand):
    """With --check changes nothing, and exits non-zero naming the first difference."""

    help = "Rebuilds every criterion's status, or with --check looks whether any is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail on the first difference")

    def handle(self, *args: Any, **options: Any) -> None:
        rebuilt = 0
        for registration in Registration.objects.select_related("qualification__framework").order_by("pk").iterator():
            found = next(differences(registration), None)
            if found and options["check"]:
                raise CommandError(found)
            if found:
                rebuild(registration)
                rebuilt += 1
        self.stdout.write("Every status is right." if not rebuilt else f"{rebuilt} registrations rebuilt.")
