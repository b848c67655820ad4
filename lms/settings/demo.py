"""Demonstration on one machine: `make run` uses it. Never for real learners: its secrets are public."""

from .base import *  # noqa: F403
from .base import VAR_DIR

DEMO = True
SECRET_KEY = "demonstration-only-not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DEMO_PASSWORD = "nursery-garden-2026"
EMAIL_BACKEND = "lms.notices.mailbox.FileMailbox"
EMAIL_FILE_PATH = VAR_DIR / "mailbox"
