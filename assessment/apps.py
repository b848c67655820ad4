"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "assessment"
    label = "assessment"

    def ready(self) -> None:
        from assessment import queues  # noqa: F401  (what is done each night)
        from assessment.domain import (
            cover,  # noqa: F401  (absences begin by date)
            dual_role,  # noqa: F401  (whoever is allocated is asked to declare; reminders)
            location_sheet,  # noqa: F401  (a worker must know how to make one)
            remind_staff,  # noqa: F401  (each night, too)
        )
