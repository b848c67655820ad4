"""Telling people: a notice on the page, and its email through a job."""

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from lms.accounts.models import User
from lms.common.jobs import enqueue, job

from .models import Delivery, Notice


def tell(user: User, kind: str, title: str, *, url: str, at: datetime) -> Notice:
    """Tells a person something, in the transaction of the event that they are told of.

    `title` is the whole message, without confidential facts; `url` is where to read on, after signing in.
    """
    notice = Notice.objects.create(user=user, kind=kind, title=title, url=url, created_at=at)
    Delivery.objects.create(notice=notice)
    enqueue("notices.send_email", at=at, key=f"notice-email-{notice.pk}", notice_id=notice.pk)
    return notice


@job("notices.send_email")
def send_email(notice_id: int) -> None:
    """Sends a notice's email. Harmless to run again: a sent one is not sent twice."""
    delivery = Delivery.objects.select_related("notice__user").filter(notice_id=notice_id, sent_at__isnull=True).first()
    if delivery is None:
        return
    notice = delivery.notice
    body = render_to_string("notices/email.txt", {"notice": notice, "address": settings.SITE_ADDRESS})
    EmailMessage(
        subject=" ".join(notice.title.split()),  # a header is one line
        body=body,
        to=[notice.user.email],
        headers={"Message-ID": f"<notice-{notice.pk}@{settings.SITE_ADDRESS.split('://')[-1].split(':')[0]}>"},
    ).send()
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=timezone.now())


def mark_read(user: User, *, at: datetime) -> None:
    """The person has opened the page of notices."""
    Notice.objects.filter(user=user, read_at__isnull=True).update(read_at=at)
