"""What happened in a learner's portfolio, month by month: evidence, submissions, feedback. A constant number of
queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone

from assessment.models import Decision
from courses.delivery.api import Registration
from courses.framework.api import Criterion
from lms.accounts.api import User
from portfolio.api import EvidenceVersion, Submission, SubmittedCriterion


@dataclass(frozen=True)
class Happened:
    """One entry: what the timeline component wants, and when it was, to put it in order."""

    at: datetime
    title: str
    url: str
    link: str
    who: str = ""
    text: str = ""
    status: str = ""

    @property
    def entry(self) -> dict[str, Any]:
        """As the timeline component wants it."""
        when = timezone.localtime(self.at)
        return {
            "title": self.title, "when": f"{when:%-d %B %Y, %H:%M}", "who": self.who, "text": self.text,
            "status": self.status, "url": self.url, "link": self.link,
        }  # fmt: skip


class Timeline:
    """What the user may see of a registration's history (rule 35), all of it or of one criterion."""

    def __init__(self, user: User, registration: Registration, criterion: Criterion | None = None) -> None:
        """`criterion`: only what is about it."""
        self.criterion = criterion
        self.versions = EvidenceVersion.objects.visible_to(user).filter(evidence__registration=registration)
        self.submissions: QuerySet[Submission] = Submission.objects.visible_to(user).filter(registration=registration)
        if criterion is not None:
            self.versions = self.versions.filter(links__criterion=criterion)
            self.submissions = self.submissions.filter(items__criterion=criterion)

    @property
    def _sources(self) -> list[tuple[QuerySet[Any], str]]:
        return [(self.versions, "created_at"), *((self.submissions, name) for name in
                ("submitted_at", "withdrawn_at", "released_at"))]  # fmt: skip

    def months(self) -> dict[date, int]:
        """How much happened in each month in which anything did, newest first. Four queries."""
        found: Counter[date] = Counter()
        for rows, name in self._sources:
            happened = rows.filter(**{f"{name}__isnull": False}).annotate(month=TruncMonth(name))
            found.update(month.date() for month in happened.order_by().values_list("month", flat=True))
        return dict(sorted(found.items(), reverse=True))

    def of(self, month: date) -> list[Happened]:
        """What happened in a month, newest first; of two things at one moment, what came of the other. At most six
        queries."""
        found = [*self._released(month), *self._submitted(month), *self._started(month)]
        return sorted(found, key=lambda entry: entry.at, reverse=True)

    def _in(self, rows: QuerySet[Any], name: str, month: date) -> QuerySet[Any]:
        first = timezone.make_aware(datetime.combine(month, time.min))
        after = timezone.make_aware(datetime.combine((month + timedelta(days=32)).replace(day=1), time.min))
        return rows.filter(**{f"{name}__gte": first, f"{name}__lt": after})

    def _started(self, month: date) -> list[Happened]:
        rows = self._in(self.versions, "created_at", month).select_related("evidence", "recorded_by")
        found = []
        for version in rows.defer("text", "ai_used"):
            what = f"{version.get_kind_display()} {'recorded' if version.recorded_by else 'started'}:"
            what = "New version of" if version.number > 1 else what
            address = reverse("portfolio:evidence_version", args=[version.evidence.ref, version.number])
            who = version.recorded_by.name if version.recorded_by else ""
            status = "draft" if version.is_draft else ""
            title = f"{what} “{version.title}”"
            found.append(Happened(version.created_at, title, address, "Open this evidence", who=who, status=status))
        return found

    def _submitted(self, month: date) -> list[Happened]:
        sent = list(self._in(self.submissions, "submitted_at", month))
        codes: dict[int, list[str]] = defaultdict(list)
        items = SubmittedCriterion.objects.filter(submission__in=sent).order_by("criterion__position")
        for submission_id, code in items.values_list("submission_id", "criterion__code"):
            codes[submission_id].append(code)
        found = [
            Happened(row.submitted_at, f"Submission {row.number} sent", _address(row), f"Open submission {row.number}",
                     text=f"Criteria {', '.join(codes[row.pk])}", status="submitted" if row.is_open else "")
            for row in sent
        ]  # fmt: skip
        for row in self._in(self.submissions, "withdrawn_at", month):
            title = f"Submission {row.number} taken back"
            found.append(Happened(row.withdrawn_at, title, _address(row), f"Open submission {row.number}"))
        return found

    def _released(self, month: date) -> list[Happened]:
        rows = list(self._in(self.submissions, "released_at", month))
        decisions = Decision.objects.filter(submission__in=rows).exclude(state=Decision.State.DRAFT)
        if self.criterion is not None:
            decisions = decisions.filter(criterion=self.criterion)
        codes: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        who: dict[int, list[str]] = defaultdict(list)
        listed = decisions.order_by("criterion__position").values_list(
            "submission_id", "outcome", "criterion__code", "decider__name"
        )
        for submission_id, outcome, code, name in listed:
            codes[submission_id][outcome].append(code)
            if name not in who[submission_id]:
                who[submission_id].append(name)
        return [
            Happened(
                row.released_at, f"Feedback on submission {row.number}", _address(row), "Read the feedback",
                who=" and ".join(who[row.pk]), text=_outcomes(codes[row.pk]),
                status="changes_needed" if codes[row.pk]["referred"] else "achieved",
            )
            for row in rows if codes[row.pk]
        ]  # fmt: skip


def _address(submission: Submission) -> str:
    return reverse("assessment:submission", args=[submission.ref])


def _outcomes(codes: dict[str, list[str]]) -> str:
    said = [("Achieved", codes["achieved"]), ("Changes needed", codes["referred"])]
    return ". ".join(f"{word}: {', '.join(found)}" for word, found in said if found)
