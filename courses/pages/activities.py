"""Which page shows which interactive activity: one indexed table, written when a page is saved."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_save

from content.blocks import TO_FINISH
from content.h5p import usage
from content.h5p.settle import settled_anew
from content.made import made_of
from content.models import H5PActivity
from courses.delivery.api import Use

from .models import LessonPage, LocalLessonPage, PageActivity, StudyPage, TaskPage
from .queries import address, owner_of

FACTS = ("page", "block", "counts", "mark", "to_finish")


def uses_of(activity: H5PActivity | int) -> list[Use]:
    """Every live page that shows an activity, and what of it counts there. One query."""
    rows = PageActivity.objects.filter(activity=activity, page__live=True).values_list(*FACTS)
    return [Use(page, block, counts, mark, [UUID(one) for one in to_finish])
            for page, block, counts, mark, to_finish in rows]  # fmt: skip


def write_uses(page: StudyPage) -> None:
    """Writes down which activities a page shows. Writing it again changes nothing. One query for a page that shows and
    showed none."""
    shown = [child for child in page.body if child.block_type == "h5p" and child.value["activity"] is not None]
    known = {row.block: row for row in PageActivity.objects.filter(page_id=page.pk)}
    if not shown and not known:
        return
    to_finish = [str(child.id) for child in page.body if child.block_type in TO_FINISH and _is_there(page, child)]
    wanted = {
        UUID(str(child.id)): PageActivity(
            page_id=page.pk, activity_id=child.value["activity"].pk, block=UUID(str(child.id)),
            counts=child.value["counts"], mark=child.value["mark"] or 0, to_finish=to_finish,
        )
        for child in shown
    }  # fmt: skip
    with transaction.atomic():
        gone = [row.pk for block, row in known.items() if block not in wanted]
        if gone:
            PageActivity.objects.filter(pk__in=gone).delete()
        PageActivity.objects.bulk_create(
            wanted.values(), update_conflicts=True, unique_fields=["page", "block"],
            update_fields=["activity", "counts", "mark", "to_finish"],
        )  # fmt: skip


def _is_there(page: StudyPage, child: Any) -> bool:
    """A learner is shown the block: an activity that is not ready, or another organisation's, is left out."""
    if child.block_type != "h5p":
        return True
    activity = child.value["activity"]
    ours = activity is not None and activity.organisation_id in (None, owner_of(page))
    return ours and made_of("h5p", child.value) is not None


def _saved(instance: StudyPage, raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        write_uses(instance)


def _settled(ids: Collection[int], **kwargs: Any) -> None:
    """What is left to do on a page changes with whether its activities can be shown."""
    pages = list(PageActivity.objects.filter(activity__in=ids).values_list("page", flat=True).distinct())
    for model in SHOWING if pages else ():
        for page in model.objects.filter(pk__in=pages):
            write_uses(page)


SHOWING = (LessonPage, TaskPage, LocalLessonPage)
settled_anew.connect(_settled, dispatch_uid="what is left to do where activities stand")
for _model in SHOWING:
    post_save.connect(_saved, sender=_model, dispatch_uid=f"which activities a {_model.__name__} shows")


@usage.register
def shown_on(ids: Collection[int]) -> dict[int, list[usage.Place]]:
    """By activity: the pages that show it, live or not. One query."""
    found: dict[int, list[usage.Place]] = {}
    rows = PageActivity.objects.filter(activity__in=ids).select_related("page").order_by("page__path")
    for row in rows:
        place = usage.Place(row.page.title, address(row.page) if row.page.live else "")
        found.setdefault(row.activity_id, []).append(place)
    return found
