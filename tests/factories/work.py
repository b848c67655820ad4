"""Evidence, submissions and decisions."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from assessment.api import draft_decision, judge_version, open_submission, release, take
from courses.delivery.api import Registration
from courses.framework.api import Criterion
from lms.accounts.api import User
from portfolio.api import (
    Evidence,
    EvidenceFile,
    EvidenceLink,
    EvidenceVersion,
    Link,
    Submission,
    declare,
    refresh_evidence,
    save_draft,
    set_links,
    start_evidence,
    submit_criteria,
)
from portfolio.domain.attach import add_file
from portfolio.domain.check import check_now

TEXT = "In spring I noticed that Child A did not answer to the name. I wrote down when, talked with the parents and agreed a first plan."  # noqa: E501
RATIONALE = "The account shows that the learner did this and understands why."
FEEDBACK = "Say what you did after the meeting, and what changed for the child."


def criterion_ids(registration: Registration, codes: tuple[str, ...]) -> dict[str, int]:
    """Ids of the criteria of a registration's framework, by code. KeyError for a code that it does not have."""
    rows = Criterion.objects.filter(framework_id=registration.qualification.framework_id, code__in=codes)
    found = dict(rows.values_list("code", "pk"))
    return {code: found[code] for code in codes}


def make_draft(registration: Registration, *codes: str, title: str = "Working with a family", text: str = TEXT,
               kind: str = EvidenceVersion.Kind.WORK_PRODUCT,
               at: datetime | None = None) -> EvidenceVersion:  # fmt: skip
    """A draft with a text and links, not declared. A work product, unless told: it may show a skill (rule 21)."""
    by, at = registration.learner, at or timezone.now()
    version = start_evidence(registration, kind=kind, title=title, by=by, at=at)
    version = save_draft(version, text=text, by=by, at=at)
    links = [Link(pk, where="Second paragraph", why="It shows what I did") for pk in
             criterion_ids(registration, codes).values()]  # fmt: skip
    return set_links(version, links, by=by, at=at)


def make_ready_evidence(registration: Registration, *codes: str, **fields: Any) -> EvidenceVersion:
    """A draft with everything that submitting asks for: text, links, both declarations."""
    version = make_draft(registration, *codes, **fields)
    return declare(
        version, authentic=True, no_child_identified=True, ai_used="", by=registration.learner,
        at=fields.get("at") or timezone.now(),
    )  # fmt: skip


def make_file(version: EvidenceVersion, name: str = "notes.txt", content: bytes = b"Notes of the meeting", *,
              by: User | None = None, at: datetime | None = None) -> EvidenceFile:  # fmt: skip
    """A file that came with a form into a draft and was checked: it is ready or refused, or gone if it was there."""
    at = at or timezone.now()
    by = by or version.evidence.registration.learner
    added = add_file(version, SimpleUploadedFile(name, content), by=by, at=at)
    check_now(added.pk, at=at)
    return EvidenceFile.objects.filter(pk=added.pk).first() or version.files.get(name=name)


def submit(registration: Registration, *codes: str, at: datetime | None = None) -> Submission:
    """The learner submits these criteria with what is linked to them."""
    ids = set(criterion_ids(registration, codes).values())
    return submit_criteria(registration, ids, by=registration.learner, at=at or timezone.now())


def make_submission(registration: Registration, *codes: str, **fields: Any) -> Submission:
    """New evidence for these criteria, submitted."""
    make_ready_evidence(registration, *codes, **fields)
    return submit(registration, *codes, at=fields.get("at"))


def opened(submission: Submission, *, by: User | None = None, at: datetime | None = None) -> Submission:
    """The submission, opened by its assessor; another assessor (`by`) takes it first. Open already: as it is."""
    row = Submission.objects.select_related("assessor").get(pk=submission.pk)
    if not row.can_be_withdrawn:
        return row
    by, at = by or row.assessor, at or timezone.now()
    if row.assessor_id != by.pk:
        take(row, by=by, at=at)
    return open_submission(row, by=by, at=at)


def make_opened(registration: Registration, *codes: str, **fields: Any) -> Submission:
    """New evidence for these criteria, submitted and opened by its assessor."""
    return opened(make_submission(registration, *codes, **fields), at=fields.get("at"))


def judge_all(submission: Submission, *, by: User, at: datetime | None = None, **fails: bool) -> None:
    """Opens a submission and judges every version; all four hold unless told: `judge_all(s, by=ann, valid=False)`."""
    opened(submission, by=by, at=at)
    tests = {"valid": True, "authentic": True, "current": True, "reliable": True, **fails}
    versions = EvidenceVersion.objects.filter(submitted_for__submission=submission).select_related("evidence")
    for version in versions.distinct().order_by("pk"):
        note = "" if all(tests.values()) else "Not the learner's own words"
        judge_version(version, **tests, note=note, by=by, at=at or timezone.now())


def decide_all(submission: Submission, *, by: User, outcome: str = "achieved", outcomes: dict[str, str] | None = None,
               at: datetime | None = None) -> None:  # fmt: skip
    """Judges every version and drafts a decision on each criterion: `outcomes={"1.1": "referred"}` for single ones."""
    judge_all(submission, by=by, at=at)
    for item in submission.items.select_related("criterion").order_by("criterion__position"):
        chosen = (outcomes or {}).get(item.criterion.code, outcome)
        draft_decision(
            submission, item.criterion_id, outcome=chosen, sufficient=chosen == "achieved", rationale=RATIONALE,
            feedback=FEEDBACK if chosen == "referred" else "",
            version_ids=set(item.submitted_versions.values_list("version_id", flat=True)), by=by,
            at=at or timezone.now(),
        )  # fmt: skip


def settle(submission: Submission, *, by: User, at: datetime | None = None, **how: Any) -> Submission:
    """Decides everything and releases it."""
    decide_all(submission, by=by, at=at, **how)
    return release(submission, by=by, at=at or timezone.now())


def fill_portfolio(registration: Registration, *, pieces: int) -> None:
    """Many pieces, declared, each for three criteria, without the domain's care for each. PostgreSQL is told how much
    there is, as it learns by itself in life: planning for empty tables, it would take minutes for a page."""
    now = timezone.now()
    criteria = list(Criterion.objects.filter(framework_id=registration.qualification.framework_id).order_by("position"))
    made = Evidence.objects.bulk_create(Evidence(registration=registration, created_at=now) for _ in range(pieces))
    versions = EvidenceVersion.objects.bulk_create(
        EvidenceVersion(evidence=evidence, number=1, kind="case_study", title=f"Piece {n}", text="What I did.",
                        created_at=now, saved_at=now,
                        authenticity_declared_at=now, child_identity_declared_at=now)
        for n, evidence in enumerate(made)
    )  # fmt: skip
    EvidenceLink.objects.bulk_create(
        EvidenceLink(version=version, criterion=criteria[(n + step) % len(criteria)])
        for n, version in enumerate(versions) for step in (0, 7, 19)
    )  # fmt: skip
    refresh_evidence(registration.pk, {criterion.pk for criterion in criteria})
    look_at_tables()


def look_at_tables() -> None:
    """After many rows at once: PostgreSQL plans with what it knows of its tables, which in life it finds out itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
