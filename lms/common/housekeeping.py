"""What is thrown away each night because nobody can need it any more."""

from datetime import datetime, timedelta

from django.core.management import call_command

from .models import Job, OnceToken


def clear(*, at: datetime) -> None:
    """Deletes form tokens past their age, jobs done a month ago and expired sessions."""
    OnceToken.objects.filter(used_at__lt=at - timedelta(days=8)).delete()
    Job.objects.filter(state=Job.State.DONE, done_at__lt=at - timedelta(days=30)).delete()
    call_command("clearsessions")
