"""What the editor's lists say of activities and libraries."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery

from content.models import H5PActivity, H5PLibrary, H5PPin, H5PVersion

LIBRARIES = Prefetch(
    "current__pins", H5PPin.objects.select_related("library").defer("library__files", "library__meta"),
    to_attr="shown_pins",
)  # fmt: skip


def with_libraries(rows: QuerySet[H5PActivity]) -> QuerySet[H5PActivity]:
    """Activities with what their lists show, in two queries however many there are; `newest_state`: of the version that
    was uploaded last."""
    newest = H5PVersion.objects.filter(activity=OuterRef("pk")).order_by("-number").values("state")[:1]
    rows = rows.select_related("organisation", "current__main_library").prefetch_related(LIBRARIES)
    return rows.annotate(newest_state=Subquery(newest))


def failures_of(activity: H5PActivity) -> str:
    """Known accessibility failures of what an activity runs, each said once."""
    if activity.current is None:
        return ""
    return " ".join(sorted({pin.library.accessibility for pin in _pins(activity.current)} - {""}))


def _pins(version: H5PVersion) -> Iterable[H5PPin]:
    found: Iterable[H5PPin] = getattr(version, "shown_pins", None) or version.pins.select_related("library")
    return found


def kind_of(activity: H5PActivity) -> str:
    """The content type that an activity is made with."""
    return activity.current.main_library.title if activity.current else ""


def stands_at(activity: H5PActivity) -> str:
    """Whether an activity, with `newest_state`, can be put into a lesson, and what is missing."""
    if activity.current is None:
        newest = activity.newest_state
        return str(H5PVersion.State(newest).label) if newest else "No version"
    if activity.current.state != H5PVersion.State.READY:
        return activity.current.get_state_display()
    return "Ready" if activity.current.text_alternative else "Needs a text alternative"


def used_by(libraries: QuerySet[H5PLibrary]) -> QuerySet[H5PLibrary]:
    """Libraries with `versions_using`: how many versions of activities run each."""
    return libraries.annotate(versions_using=Count("pins"))


def namesakes_of(libraries: Iterable[H5PLibrary]) -> dict[int, H5PLibrary]:
    """For each library, by its id, another one that says it is the same name and version and has other files: one that
    is approved, if there is. One query for all."""
    libraries = list(libraries)
    names = {one.machine_name for one in libraries}
    rows = H5PLibrary.objects.filter(machine_name__in=names).defer("files", "meta").order_by("pk")
    same = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.state != H5PLibrary.State.APPROVED):
        same[_said(row)].append(row)
    others = {one.pk: [row for row in same[_said(one)] if row.pk != one.pk] for one in libraries}
    return {pk: rows[0] for pk, rows in others.items() if rows}


def _said(library: H5PLibrary) -> tuple[str, int, int, int]:
    return library.machine_name, library.major, library.minor, library.patch
