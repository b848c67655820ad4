"""What people are told, on the page and by email."""

from django.conf import settings
from django.db import models

from lms.common.models import notes


class Notice(models.Model):
    """Something a person should know: shown on their home until read. Written in the transaction of the event."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    personal_data = notes("id", "kind", "url", user="who is told", title="what they are told",
                          created_at="when they were told", read_at="when they read it")  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="notice_what_is_new_for")]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """The email of a notice. Its message id is made from the row, so that a second sending is the same message."""

    notice = models.OneToOneField(Notice, on_delete=models.CASCADE, related_name="delivery")
    sent_at = models.DateTimeField(null=True)

    personal_data = notes("id", notice="which notice", sent_at="when it was sent")

    def __str__(self) -> str:
        return f"Email of notice {self.notice_id}"
