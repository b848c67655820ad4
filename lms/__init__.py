"""SENCO Pathway: the shell and the ground floor."""

from .celery import app as celery_app

__all__ = ["celery_app"]
