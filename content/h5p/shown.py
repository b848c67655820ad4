"""What the editor's lists say of activities and libraries."""

from collections.abc import Iterable

from django.db.models import Count, Prefetch, QuerySet

from content.models import H5PActivity, H5PLibrary, H5PPin, H5PVersion

LIBRARIES = Prefetch(
    "current__pins", H5PPin.objects.select_related("library").defer("library__files", "library__meta"),
    to_attr="shown_pins",
)  # fmt: skip


def with_libraries(rows: QuerySet[H5PActivity]) -> QuerySet[H5PActivity]:
    """Activities with what their lists show, in two queries however many there are."""
    return rows.select_related("organisation", "current__main_library").prefetch_related(LIBRARIES)


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
    """Whether an activity can be put into a lesson, and what is missing."""
    if activity.current is None:
        newest = activity.versions.order_by("-number").first()
        return newest.get_state_display() if newest else "No version"
    if activity.current.state != H5PVersion.State.READY:
        return activity.current.get_state_display()
    return "Ready" if activity.current.text_alternative else "Needs a text alternative"


def used_by(libraries: QuerySet[H5PLibrary]) -> QuerySet[H5PLibrary]:
    """Libraries with `versions_using`: how many versions of activities run each."""
    return libraries.annotate(versions_using=Count("pins"))


def namesake_of(library: H5PLibrary) -> H5PLibrary | None:
    """Another library that says it is the same name and version, and has other files."""
    same = H5PLibrary.objects.filter(
        machine_name=library.machine_name, major=library.major, minor=library.minor, patch=library.patch
    ).exclude(pk=library.pk)
    return same.filter(state=H5PLibrary.State.APPROVED).first() or same.order_by("pk").first()
