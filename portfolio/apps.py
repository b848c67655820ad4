"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "portfolio"
    label = "portfolio"

    def ready(self) -> None:
        # Jobs that a worker does, what is done each night, and what looks into files that authors add.
        from portfolio.domain import bin, check, combine, destroy, look, upload  # noqa: F401
