"""Django application."""

from django.apps import AppConfig


class Config(AppConfig):
    name = "content"
    label = "content"
