"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "assessment"
    label = "assessment"
