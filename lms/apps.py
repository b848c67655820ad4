"""The shell: accounts, audit, notices, jobs and what every room stands on."""

from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"
    label = "lms"
    verbose_name = "SENCO Pathway"

    def ready(self) -> None:
        from lms.common import checks, triggers  # noqa: F401  (registers system checks)
        from lms.dashboards import homes  # noqa: F401  (adds homes to the header)
        from lms.notices import domain  # noqa: F401  (a worker must know how to send an email)

        triggers.connect_signals()
