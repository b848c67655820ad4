"""Loads the demonstration's people and their work."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lms.common.errors import Refused
from lms.dashboards.demonstration.load import load
from lms.dashboards.demonstration.people import SIGN_INS


class Command(BaseCommand):
    """Runs once: a second run says that the demonstration is there and changes nothing. Demonstration settings only."""

    help = "Loads a made-up authority, centre and cohort of 24 trainees at believable stages."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load(self.stdout.write)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        if not loaded:
            self.stdout.write("The demonstration is there already: nothing changed.")
        self.stdout.write("Sign in as:")
        for email in SIGN_INS:
            self.stdout.write(f"  {email}")
        self.stdout.write(f"Password: {settings.DEMO_PASSWORD}")
