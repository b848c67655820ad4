"""A unit or one of its pages on paper: everything in it, one's own answers only if asked for."""

import re
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from courses.delivery.api import Registration, StudyAnswer
from lms.accounts.api import User

from .models import LessonPage, LocalLessonPage, StudyPage, TaskPage, UnitPage
from .own import OnPage, on_page
from .policies import authority_for, may_read_as_staff, registration_for
from .queries import Rendered, StudyItem, address, course_of, rendered, root_path, study_items
from .reading import Reader, pieces_for, reader_of

# A page's own headings stand one level below its title on a unit's paper.
LOWER = (("<h4", "<h5"), ("</h4", "</h5"), ("<h3", "<h4"), ("</h3", "</h4"), ("<h2", "<h3"), ("</h2", "</h3"),
         ('aria-level="3"', 'aria-level="4"'), ('aria-level="2"', 'aria-level="3"'))  # fmt: skip
# Whatever names an id on the same page, so that labels and links find what they are for.
IDS = re.compile(r' (id|for|aria-labelledby|aria-describedby|aria-controls)="([^"]+)"')


@dataclass(frozen=True)
class Sheet:
    """One page of the course, ready for paper."""

    item: StudyItem
    page: StudyPage
    shared: Rendered
    pieces: list[SafeString]
    mine: OnPage | None = None


@require_safe
@login_required
def print_unit(request: HttpRequest, course: str, unit: str) -> HttpResponse:
    """A whole unit, or with `?only=` the number of one of its pages; with `?answers=on` what the reader answered. For
    whoever may read its lessons (403), like the lessons themselves."""
    page = UnitPage.objects.filter(url_path=f"{root_path()}courses/{course}/{unit}/", live=True).first()
    if page is None:
        raise Http404
    whole, user = course_of(page), cast(User, request.user)
    registration = registration_for(user, whole)
    if registration is None and not may_read_as_staff(user, whole):
        raise PermissionDenied("Lessons are for learners registered on this course and its staff.")
    items = [item for item in study_items(whole, authority_for(user, registration)) if item.unit_path == page.path]
    only = request.GET.get("only", "")
    items = [item for item in items if str(item.pk) == only] if only else items
    if only and not items:
        raise Http404
    wanted = request.GET.get("answers") == "on" and registration is not None
    context = {
        "page": page, "course": whole, "unit_url": address(page), "registration": registration, "answers": wanted,
        "sheets": sheets_of(items, registration, with_answers=wanted, lower=not only),
        "only": items[0] if only else None,
    }  # fmt: skip
    return render(request, "courses/print.html", context)


def sheets_of(
    items: list[StudyItem], registration: Registration | None, *, with_answers: bool, lower: bool = True
) -> list[Sheet]:
    """Pages laid out for paper, `lower` if they stand under a unit's title. Four queries, and those of local
    information and drafts where pages have them."""
    numbers = [item.pk for item in items]
    models = (LessonPage, TaskPage, LocalLessonPage)
    found: dict[int, StudyPage] = {
        page.pk: page for model in models for page in model.objects.filter(pk__in=numbers, live=True)
    }
    answers: dict[int, list[StudyAnswer]] = {}
    if with_answers:
        for row in StudyAnswer.objects.filter(registration=registration, page_id__in=numbers):
            if row.value:
                answers.setdefault(row.page_id, []).append(row)
    local: Any = None
    sheets = []
    for item in items:
        page = found[item.pk]
        shared = rendered(page)
        if local is None and any(live.kind == "local" for live in shared.live):
            only_local = Rendered(tuple(live for live in shared.live if live.kind == "local"), (), ())
            local = reader_of(page, only_local, registration).local
        pieces = pieces_for(shared, Reader(page, None, local=local or {}))  # questions to answer by hand
        mine = on_page(page, page, answers[item.pk]) if item.pk in answers else None
        sheets.append(Sheet(item, page, shared, [_on_paper(one, item.pk, lower=lower) for one in pieces], mine))
    return sheets


def _on_paper(piece: SafeString, number: int, *, lower: bool) -> SafeString:
    """A piece with ids that are one page's own, and its headings a level lower where they stand under a unit's."""
    html = str(piece)
    for here, there in LOWER if lower else ():
        html = html.replace(here, there)

    def own(found: re.Match[str]) -> str:
        return f' {found[1]}="{" ".join(f"s{number}-{one}" for one in found[2].split())}"'

    return mark_safe(IDS.sub(own, html).replace('="#', f'="#s{number}-'))
