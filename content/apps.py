"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "content"
    label = "content"

    def ready(self) -> None:
        from . import checks, freshness  # noqa: F401  (system checks; what is kept rendered follows its snippets)
        from .h5p import clean, intake  # noqa: F401  (jobs that a worker does, and what is done each night)
