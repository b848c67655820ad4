"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "portfolio"
    label = "portfolio"

    def ready(self) -> None:
        # Jobs that a worker does, and what is done each night.
        from portfolio.domain import bin, check, combine, destroy, upload  # noqa: F401
