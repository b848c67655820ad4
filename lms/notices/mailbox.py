"""A mailbox of files for demonstration and tests: one file a message, named by its message id.

Sending the same message again writes the same file, so a job that runs twice leaves one email.
"""

import hashlib
import os
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FileMailbox(BaseEmailBackend):
    """Email backend that keeps messages in EMAIL_FILE_PATH."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            mime = message.message()
            name = hashlib.sha256(str(mime["Message-ID"]).encode()).hexdigest()[:24]
            part = folder / f"{name}.part.{os.getpid()}"
            part.write_bytes(mime.as_bytes())
            part.replace(folder / f"{name}.eml")  # whole or not at all
        return len(email_messages)


def newest_messages(limit: int = 50) -> list[ParsedMessage]:
    """The latest messages in the mailbox, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.exists():
        return []
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)[:limit]
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
