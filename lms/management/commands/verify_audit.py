"""Walks the audit chains."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lms.audit.api import verify
from lms.common import triggers


class Command(BaseCommand):
    """Exits non-zero and names the first broken event of each stream, or a missing trigger."""

    help = "Checks every audit chain and that the triggers which defend the rules are in place."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in triggers.missing():
            raise CommandError(f"Trigger {name} is missing. Run manage.py migrate.")
        faults = list(verify())
        for fault in faults:
            self.stderr.write(f"{fault.stream} event {fault.sequence}: {fault.reason}")
        if faults:
            raise CommandError(f"{len(faults)} audit streams are broken.")
        self.stdout.write("Audit chains hold.")
