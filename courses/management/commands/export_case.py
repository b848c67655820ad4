"""Prints a framework as IMS CASE 1.1 JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courses.framework.case import case_package
from lms.common.errors import Refused


class Command(BaseCommand):
    """One CFPackage on stdout."""

    help = "Prints a published framework as an IMS CASE 1.1 package."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            package = case_package(options["code"])
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(json.dumps(package, indent=2, ensure_ascii=False))
