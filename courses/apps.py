"""Frameworks, delivery and the course's pages."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "courses"
    label = "courses"

    def ready(self) -> None:
        from courses.delivery import homes  # noqa: F401  (adds homes to the header)
        from courses.pages import (
            activities,  # noqa: F401  (writes down which pages show which activities)
            authors,  # noqa: F401  (keeps authors' rights in step with their roles)
            copying,  # noqa: F401  (the worker fills copies)
            guard,  # noqa: F401  (no published course loses a criterion)
            local_admin,  # noqa: F401  (authorities' rights, and their part of the editor)
            moderation,  # noqa: F401  (takes the place of Wagtail's own emails)
            publishing,  # noqa: F401  (audits what is published, tells of changes)
            schedule,  # noqa: F401  (publishes what is due)
            wagtail_hooks,  # noqa: F401  (Wagtail finds them in an app's own folder only)
        )
        from courses.pages.domain import remind_law  # noqa: F401  (tells authors each night what law is due)
