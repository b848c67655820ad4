"""`manage.py rules`: one JSON object for each workflow rule, for people who check the product against them."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from lms.dashboards.rulebook import as_json, entries


class Command(BaseCommand):
    """Prints each rule's number, text, functions, triggers and constraints, and tests; later ones as "not yet"."""

    help = "Prints the workflow rules, one JSON object a line."

    def handle(self, *args: Any, **options: Any) -> None:
        for entry in entries():
            self.stdout.write(json.dumps(as_json(entry), ensure_ascii=False))
