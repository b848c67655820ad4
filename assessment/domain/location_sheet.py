"""Making an evidence location sheet: asked for on a page, made in a job, kept for a day."""

import logging
from datetime import datetime, timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from assessment.queries_location import location_sheet
from courses.delivery.api import Allocation, Registration, is_allocated_to, lock_registration, registration_stream
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common import jobs
from lms.common.errors import Refused
from lms.common.housekeeping import each_night
from lms.common.pdf import FONTS, CannotMakePdf, make_pdf
from portfolio.files import store_room
from portfolio.models import Report

log = logging.getLogger("senco.reports")
KEPT = timedelta(days=1)
BEING_MADE = timedelta(minutes=10)  # after this long somebody may ask again
NOT_HERE = "The sheet cannot be made here at the moment. Tell your centre: their system administrator can mend it."
READERS = (Allocation.Role.ASSESSOR, Allocation.Role.IQA)


def ask_for_sheet(registration: Registration, *, by: User, at: datetime) -> Report:
    """Asks for a sheet as the person may see it; one that is being made for them already is returned instead.
    Refused to anybody but the learner and who assesses or quality-assures their work today (rule 35)."""
    with transaction.atomic():
        row = lock_registration(registration.pk)
        if row.learner_id != by.pk and not is_allocated_to(by, row, *READERS):
            raise Refused("rule-35-sheet", "Only the learner, their assessors and quality assurers can make this.")
        reports = Report.objects.filter(registration=row, kind=Report.Kind.LOCATION_SHEET, asked_by=by)
        waiting = reports.filter(made_at__isnull=True, problem="", asked_at__gt=at - BEING_MADE).first()
        if waiting is not None:
            return waiting
        report = Report.objects.create(registration=row, kind=Report.Kind.LOCATION_SHEET, asked_by=by, asked_at=at)
        jobs.enqueue("assessment.location_sheet", at=at, key=f"location-sheet-{report.pk}", report_id=report.pk)
    return report


def give_up(report_id: int) -> None:
    """It failed at every attempt: whoever waits for it is told."""
    Report.objects.filter(pk=report_id, made_at__isnull=True).update(problem=NOT_HERE)


@jobs.job("assessment.location_sheet", on_failure=give_up)
def make_sheet(report_id: int) -> None:
    """Makes the document of a report and keeps it in the evidence store. Done already: nothing happens. Where the
    machine lacks what PDFs need, the report says that it was not made, and the log what to install."""
    report = Report.objects.select_related("registration__learner", "registration__qualification").filter(
        pk=report_id, made_at__isnull=True, problem=""
    ).first()  # fmt: skip
    if report is None:
        return
    made_at, registration = timezone.now(), report.registration
    context = {
        "registration": registration, "parts": location_sheet(registration, report.asked_by), "made_at": made_at,
        "is_own": registration.learner_id == report.asked_by_id, "fonts": FONTS,
    }  # fmt: skip
    try:
        document = make_pdf("assessment/location_sheet.html", context)
    except CannotMakePdf:
        log.exception("Report %s was not made", report.pk)
        Report.objects.filter(pk=report.pk).update(problem=NOT_HERE)
        return
    stored_as = store_room().save(f"reports/{uuid4().hex}.pdf", ContentFile(document))
    if not _keep(report, stored_as, made_at):
        store_room().delete(stored_as)


def _keep(report: Report, stored_as: str, at: datetime) -> bool:
    """Writes down that a report is made; False when another worker was quicker, or it is gone."""
    registration, by = report.registration, report.asked_by
    with transaction.atomic():
        lock_registration(registration.pk)
        rows = Report.objects.filter(pk=report.pk, made_at__isnull=True)
        if not rows.update(made_at=at, stored_as=stored_as):
            return False
        is_assessor = is_allocated_to(by, registration, Allocation.Role.ASSESSOR)
        role = "learner" if registration.learner_id == by.pk else "assessor" if is_assessor else "iqa"
        record(
            registration_stream(registration.pk), Action.REPORT_MADE, by=by, role=role, at=at,
            subject=f"report:{report.pk}", changes={"kind": report.kind},
        )  # fmt: skip
    return True


@each_night
def purge_reports(at: datetime) -> None:
    """Destroys reports a day after they were asked for: they can be made again at any time."""
    for report in Report.objects.filter(asked_at__lt=at - KEPT).order_by("pk"):
        report.delete()
        if report.stored_as:
            store_room().delete(report.stored_as)
