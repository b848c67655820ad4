"""Proves that nothing submitted is lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessment.queues import faults


class Command(BaseCommand):
    """Changes nothing. Exits non-zero and names the first submitted criterion that is astray."""

    help = "Checks that each submitted criterion stands in exactly one assessor's queue, is decided or was withdrawn."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults())
        if found:
            raise CommandError(f"{found[0]}" + (f" ({len(found)} in all)" if len(found) > 1 else ""))
        self.stdout.write("Each submitted criterion is in one assessor's queue, decided or withdrawn.")
