"""The door of the notices room."""

from .domain import mark_read, tell
from .models import Notice

__all__ = ["Notice", "mark_read", "tell"]
