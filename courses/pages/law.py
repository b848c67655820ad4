"""Legal references and the lessons that rest on them: which are due to be looked at again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from wagtail.models import Page

from content.models import LegalReference
from content.policies import may_write
from content.queries import pages_using
from lms.accounts.api import Role, User

from .models import CoursePage
from .queries import address

READERS = (Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER)
Status = LegalReference.Status
TABLE_HEADER = ("Title", "Paragraph", "Edition", "Kind", "Status", "Last checked", "To be checked from", "Whose",
                "Cited in", "Address")  # fmt: skip


@dataclass
class Cited:
    """A legal reference as the report shows it: the person's own live lessons that cite it, and whether they may say
    that they have checked it."""

    reference: LegalReference
    may_check: bool
    lessons: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class LawReport:
    """What has to be looked at again, oldest first; what is only proposed; what is superseded and still cited; and how
    many others there are."""

    due: list[Cited]
    proposed: list[Cited]
    superseded: list[Cited]
    in_order: int


def law_report(user: User, *, today: date) -> LawReport:
    """The references that somebody sees in the editor, sorted by what there is to do. Six queries at most."""
    rows = cited_references(user)
    due = [row for row in rows if row.reference.is_due(today) and row.reference.status != Status.PROPOSED]
    proposed = [row for row in rows if row.reference.status == Status.PROPOSED]
    superseded = [row for row in rows if row.reference.status == Status.SUPERSEDED and row.lessons]
    return LawReport(due, proposed, superseded, len(rows) - len(due) - len(proposed) - len(superseded))


def cited_references(user: User) -> list[Cited]:
    """Every reference that somebody sees, the longest unchecked first, with their own live lessons that cite it."""
    rows = list(LegalReference.objects.visible_to(user).select_related("organisation")
                .order_by("checked_on", "title", "paragraph", "pk"))  # fmt: skip
    uses, own = pages_using(rows), _course_paths(user)
    return [
        Cited(row, may_write(user, row), [(page.title, address(page)) for page in uses[row.pk] if _is_in(page, own)])
        for row in rows
    ]


def _course_paths(user: User) -> list[str]:
    courses = CoursePage.objects.order_by("path")
    if not user.is_superuser:
        courses = courses.filter(qualification__awarding_organisation__in=user.organisations(*READERS))
    return list(courses.values_list("path", flat=True))


def _is_in(page: Page, paths: list[str]) -> bool:
    return page.live and any(page.path.startswith(path) for path in paths)


def table_rows(rows: list[Cited]) -> Iterator[tuple]:
    """The report as a table to save."""
    for row in rows:
        one = row.reference
        yield (one.title, one.paragraph, one.edition, one.get_kind_display(), one.get_status_display(), one.checked_on,
               "" if one.status == Status.SUPERSEDED else one.due_on, one.organisation or "The product",
               "; ".join(title for title, _ in row.lessons), one.url)  # fmt: skip
