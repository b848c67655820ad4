"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "portfolio"
    label = "portfolio"

    def ready(self) -> None:
        from portfolio.domain import bin  # noqa: F401  (what is done each night)
        from portfolio.domain import check, combine, upload  # noqa: F401  (a worker checks files, the clock ends old uploads)
