"""Telling people: on the page and by email, in the transaction of what they are told of."""

from email.message import EmailMessage as Parsed
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from lms.accounts.api import User
from lms.common import jobs
from lms.common.models import Job
from lms.notices.api import Notice, mark_read, tell
from lms.notices.domain import send_email
from lms.notices.mailbox import FileMailbox, newest_messages
from lms.notices.models import Delivery
from tests.factories import make_person
from tests.helpers import nothing_changes

TITLE = "Ann & Bo <b>have</b> assessed your work: 2 achieved"


@pytest.fixture
def tara(db: None) -> User:
    return make_person("Tara Walsh", email="tara@people.example")


def tell_tara(tara: User, title: str = TITLE) -> Notice:
    return tell(tara, "feedback", title, url="/portfolio/submissions/x/", at=timezone.now())


def test_telling_writes_the_notice_its_delivery_and_a_job_that_names_only_the_notice(tara: User, at):
    notice = tell(tara, "feedback", TITLE, url="/learn/", at=at)
    assert list(Notice.objects.values_list("user", "kind", "title", "url", "created_at", "read_at")) == [
        (tara.pk, "feedback", TITLE, "/learn/", at, None)
    ]
    assert list(Delivery.objects.values_list("notice", "sent_at")) == [(notice.pk, None)]
    assert list(Job.objects.values_list("kind", "key", "payload", "state", "run_after")) == [
        ("notices.send_email", f"notice-email-{notice.pk}", {"notice_id": notice.pk}, "queued", at)
    ]
    assert mail.outbox == []


def test_all_three_go_with_the_transaction_that_is_taken_back(tara: User):
    with nothing_changes(), transaction.atomic():
        tell_tara(tara)
        assert (Notice.objects.count(), Delivery.objects.count(), Job.objects.count()) == (1, 1, 1)
        transaction.set_rollback(True)


def test_the_email_greets_says_the_title_and_the_address_and_holds_nothing_else(tara: User, settings: Any):
    settings.SITE_ADDRESS = "https://pathway.example:8443"
    notice = tell_tara(tara)
    assert jobs.run(Job.objects.get().pk)
    (message,) = mail.outbox
    assert isinstance(message, EmailMessage)
    assert (message.subject, message.to, message.cc, message.bcc) == (TITLE, ["tara@people.example"], [], [])
    assert message.attachments == []
    assert message.body == (
        f"Hello Tara,\n\n{TITLE}\n\nRead it here (you will be asked to sign in):\n"
        "https://pathway.example:8443/portfolio/submissions/x/\n\nSENCO Pathway\n"
    )
    assert message.extra_headers == {"Message-ID": f"<notice-{notice.pk}@pathway.example>"}
    assert Delivery.objects.get().sent_at is not None


def test_sending_again_sends_nothing(tara: User):
    notice = tell_tara(tara)
    send_email(notice_id=notice.pk)
    send_email(notice_id=notice.pk)
    assert len(mail.outbox) == 1
    send_email(notice_id=notice.pk + 1)
    assert len(mail.outbox) == 1


def test_an_email_that_cannot_be_sent_stays_unsent_and_is_tried_again(tara: User, monkeypatch: pytest.MonkeyPatch):
    tell_tara(tara)
    job = Job.objects.get()
    with monkeypatch.context() as down:

        def refuses(self: Any) -> int:
            raise ConnectionRefusedError("no post office")

        down.setattr(EmailMessage, "send", refuses)
        jobs.run(job.pk)
    assert Delivery.objects.get().sent_at is None
    job.refresh_from_db()
    assert (job.state, job.error) == ("queued", "ConnectionRefusedError: no post office")
    Job.objects.update(run_after=timezone.now())
    assert jobs.run(job.pk)
    assert len(mail.outbox) == 1


def test_a_name_with_a_line_break_in_it_does_not_stop_the_email(tara: User):
    tell_tara(tara, "Ann\r\nBcc: everybody@people.example has assessed your work")
    assert jobs.run(Job.objects.get().pk)
    (message,) = mail.outbox
    assert message.subject == "Ann Bcc: everybody@people.example has assessed your work"
    assert message.recipients() == ["tara@people.example"]
    assert message.message()["Bcc"] is None


def test_reading_the_notices_marks_the_persons_own_and_only_once(tara: User, at):
    other = make_person("Ben Low")
    first = tell_tara(tara)
    tell(other, "feedback", "Other news", url="/", at=at)
    assert (tara.unread_notices, other.unread_notices) == (1, 1)
    mark_read(tara, at=at)
    mark_read(tara, at=timezone.now())
    first.refresh_from_db()
    assert first.read_at == at
    assert list(Notice.objects.filter(read_at__isnull=True).values_list("user", flat=True)) == [other.pk]


def send_to_files(message_id: str, subject: str) -> None:
    FileMailbox().send_messages(
        [EmailMessage(subject, "Hello", "a@people.example", ["b@people.example"], headers={"Message-ID": message_id})]
    )


def test_the_mailbox_keeps_one_file_a_message_and_reads_the_newest_first(mailbox: Path):
    assert newest_messages() == []
    send_to_files("<notice-1@x>", "First")
    send_to_files("<notice-2@x>", "Second – ü")
    send_to_files("<notice-1@x>", "First")
    assert len(list(mailbox.iterdir())) == 2
    found = newest_messages()
    assert [isinstance(message, Parsed) and message["Subject"] for message in found] == ["First", "Second – ü"]
    assert [message["Subject"] for message in newest_messages(1)] == ["First"]
