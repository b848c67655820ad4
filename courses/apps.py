"""Frameworks, delivery and the course's pages."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "courses"
    label = "courses"

    def ready(self) -> None:
        from courses.delivery import homes  # noqa: F401  (adds homes to the header)
        from courses.pages import authors  # noqa: F401  (keeps authors' rights in step with their roles)
