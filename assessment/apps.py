"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "assessment"
    label = "assessment"

    def ready(self) -> None:
        from assessment import queues  # noqa: F401  (what is done each night)
        from assessment.domain import location_sheet  # noqa: F401  (a worker must know how to make one)
