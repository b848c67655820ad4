"""Copying a course: every unit, lesson and task as a draft, with every mapping, all guidance and the ids of blocks.

A copy may lead to another qualification of the same organisation. Where that has another framework, mappings go along
by `CriterionMapping`: to every criterion that means the same or covers part of it. What is only related, or mapped to
nothing, is not carried, and is listed.

A whole course takes some seconds: who asks has its address at once, and a job fills it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from content.blocks import BodyBlock
from courses.framework.models import Criterion, CriterionMapping, Qualification, Section
from lms.accounts.api import User
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused
from lms.common.jobs import enqueue, job
from lms.notices.api import tell

from .authors import COPY_KEY, being_copied, open_course_to_authors
from .indexing import indexed_at_the_end
from .models import CoursePage, CriterionGuidance, PageCriterion, StudyPage, UnitPage
from .policies import may_copy

Relation = CriterionMapping.Relation
COPY = "courses.copy"
CARRIED = (Relation.EXACT, Relation.PART)


@dataclass
class Carrying:
    """What becomes of a course's mappings under another framework. `targets`: the criteria that follow a criterion;
    `lost`: criteria that none follows, with the titles of the pages that cover them; `partly`: criteria followed by one
    that covers part of the same only, which somebody should look at."""

    framework_id: int
    is_same: bool = True
    targets: dict[int, tuple[Criterion, ...]] = field(default_factory=dict)
    lost: list[tuple[Criterion, list[str]]] = field(default_factory=list)
    partly: list[tuple[Criterion, tuple[Criterion, ...]]] = field(default_factory=list)

    def codes(self, codes: Iterable[str], known: dict[str, int]) -> list[str]:
        """The codes that follow these."""
        found = [target.code for code in codes if code in known for target in self.targets.get(known[code], ())]
        return list(dict.fromkeys(found))


def carrying(course: CoursePage, qualification: Qualification) -> Carrying:
    """What a copy of the course towards a qualification would carry over. Four queries at most; none for the same
    framework."""
    old, new = course.qualification.framework_id, qualification.framework_id
    if old == new:
        return Carrying(new)
    found = Carrying(new, is_same=False)
    pages = _pages_by_criterion(course)
    exact = set()
    follow: dict[int, dict[int, Criterion]] = defaultdict(dict)
    rows = CriterionMapping.objects.filter(relation__in=CARRIED).filter(
        Q(source__framework=old, target__framework=new) | Q(source__framework=new, target__framework=old)
    )
    for row in rows.select_related("source__outcome", "target__outcome").order_by("pk"):
        was, then = (row.source, row.target) if row.source.framework_id == old else (row.target, row.source)
        follow[was.pk][then.pk] = then
        if row.relation == Relation.EXACT:
            exact.add(was.pk)
    found.targets = {pk: tuple(sorted(those.values(), key=lambda c: c.position)) for pk, those in follow.items()}
    used = Criterion.objects.filter(pk__in=pages).select_related("outcome").order_by("position")
    for criterion in used:
        becomes = found.targets.get(criterion.pk, ())
        if not becomes:
            found.lost.append((criterion, pages[criterion.pk]))
        elif criterion.pk not in exact:
            found.partly.append((criterion, becomes))
    return found


def _pages_by_criterion(course: CoursePage) -> dict[int, list[str]]:
    """The titles of the pages that cover or guide to each criterion."""
    found: dict[int, list[str]] = defaultdict(list)
    uses = PageCriterion.objects.filter(page__path__startswith=course.path).order_by("page__path", "pk")
    guidance = CriterionGuidance.objects.filter(unit__path__startswith=course.path).order_by("unit__path", "pk")
    for rows, title in ((uses, "page__title"), (guidance, "unit__title")):
        for criterion, name in rows.values_list("criterion_id", title):
            if name not in found[criterion]:
                found[criterion].append(name)
    return dict(found)


def copy_course(course: CoursePage, *, title: str, slug: str, qualification: Qualification, by: User,
                at: datetime) -> CoursePage:  # fmt: skip
    """Begins a copy of a course: an empty draft that has its address, which a job fills and then opens to its authors.
    Refused for somebody who is no author of its organisation, for a course that is still being copied itself, for a
    qualification of another organisation, and for an address that is taken."""
    with transaction.atomic():
        row = CoursePage.objects.select_for_update(of=("self",)).select_related("qualification").get(pk=course.pk)
        owner = row.qualification.awarding_organisation_id
        if not may_copy(by, row):
            raise Refused("copy-author", "Authors of its organisation copy a course.")
        if CoursePage.objects.filter(being_copied(), pk=row.pk).exists():
            raise Refused("copy-begun", "This course is still being copied. Copy it when it is ready.")
        if qualification.awarding_organisation_id != owner:
            raise Refused("copy-organisation", "The copy has to lead to a qualification of the same organisation.")
        if row.get_siblings().filter(slug=slug).exists():
            raise Refused("copy-slug", "Another course has this address. Choose another.")
        plan = carrying(row, qualification)
        made = row.copy(copy_revisions=False, keep_live=False, user=by,
                        update_attrs={"title": title, "slug": slug, "qualification": qualification})  # fmt: skip
        record(
            stream_of("organisation", owner), Action.COURSE_COPIED, by=by, role="author", at=at,
            subject=f"page:{made.pk}",
            changes={"from": row.pk, "qualification": qualification.pk, "lost": [c.code for c, _ in plan.lost]},
        )  # fmt: skip
        enqueue(COPY, at=at, key=f"{COPY_KEY}{made.pk}", course_id=made.pk, source_id=row.pk, by_id=by.pk)
    return made


def give_up_copy(course_id: int, source_id: int, by_id: int) -> None:
    """The copy could not be made at any attempt: what stands of it goes, and its author is told."""
    with transaction.atomic():
        made = _empty(course_id)
        if made is None:
            return
        owner = made.qualification.awarding_organisation_id
        made.delete()
        record(stream_of("organisation", owner), Action.COURSE_COPY_GIVEN_UP, by=None, role="system",
               subject=f"page:{course_id}", at=timezone.now(), changes={"from": source_id})  # fmt: skip
        said = "could not be made, because of a fault here, and nothing is left of it. Copy the course again."
        _tell(by_id, f"The copy “{made.title[:80]}” {said}", reverse("authoring"))


@job(COPY, on_failure=give_up_copy)
def fill_copy(course_id: int, source_id: int, by_id: int) -> None:
    """Copies all that stands in a course into the copy that has been begun, opens it to its authors and tells the one
    who asked. Harmless to run again: a copy that is open or gone is left alone."""
    with transaction.atomic():
        held = CoursePage.objects.select_for_update(of=("self",))
        source = held.select_related("qualification").filter(pk=source_id).first()
        made = _empty(course_id)
        if source is None:
            give_up_copy(course_id, source_id, by_id)
        if source is None or made is None:
            return
        by = User.objects.filter(pk=by_id).first()
        plan = carrying(source, made.qualification)
        with indexed_at_the_end():
            for unit in source.get_children().order_by("path").specific():
                unit.copy(recursive=True, to=made, copy_revisions=False, keep_live=False, user=by)
            if not plan.is_same:
                _follow_framework(source, made, plan, by)
        _close_alike(source, made, by)
        open_course_to_authors(made)
        said = f"“{made.title[:80]}” is copied: everything in it is a draft."
        if plan.lost:
            count = len(plan.lost)
            said += f" {count} statement{'s' if count > 1 else ''} of the old framework could not go along."
        _tell(by_id, said, f"{reverse('coverage', args=[made.pk])}?state=drafts")


def _empty(course_id: int) -> CoursePage | None:
    """The copy, held until this transaction ends, while nothing is in it; None when it is gone, or filled: its authors
    have their rights on it then."""
    rows = CoursePage.objects.select_for_update(of=("self",)).select_related("qualification__awarding_organisation")
    made = rows.filter(pk=course_id).first()
    return None if made is None or made.group_permissions.exists() else made


def _close_alike(course: CoursePage, made: CoursePage, by: User | None) -> None:
    """Who may see which page, page by page: Wagtail gives each page below the restrictions of the topmost."""
    PageViewRestriction.objects.filter(page__path__startswith=made.path).delete()
    pages = {page.url_path[len(made.url_path) :]: page for page in made.get_descendants(inclusive=True)}
    for row in PageViewRestriction.objects.filter(page__path__startswith=course.path).select_related("page"):
        page = pages[row.page.url_path[len(course.url_path) :]]
        same = PageViewRestriction(page=page, restriction_type=row.restriction_type, password=row.password)
        same.save(user=by)
        same.groups.set(row.groups.all())


def _tell(by_id: int, title: str, url: str) -> None:
    for person in User.objects.filter(pk=by_id, is_active=True):
        tell(person, "authoring.copy", title, url=url, at=timezone.now())


def _follow_framework(course: CoursePage, made: CoursePage, plan: Carrying, by: User | None) -> None:
    known = dict(Criterion.objects.filter(framework=course.qualification.framework_id).values_list("code", "pk"))
    sections = list(Section.objects.filter(framework=plan.framework_id).order_by("position"))
    for page in Page.objects.descendant_of(made).order_by("path").specific():
        if isinstance(page, UnitPage):
            _follow_unit(page, plan, sections)
        elif isinstance(page, StudyPage):
            _follow_page(page, plan, known)
        page.save()
        page.save_revision(user=by, changed=False, clean=False)


def _follow_unit(unit: UnitPage, plan: Carrying, sections: list[Section]) -> None:
    rows: dict[int, CriterionGuidance] = {}
    for row in unit.guidance.all():
        for criterion in plan.targets.get(row.criterion_id, ()):
            rows.setdefault(criterion.pk, CriterionGuidance(
                criterion=criterion, for_trainee=row.for_trainee, for_assessor=row.for_assessor, sort_order=len(rows),
            ))  # fmt: skip
    unit.section = _section_of(unit, plan, sections)
    unit.guidance = list(rows.values())


def _section_of(unit: UnitPage, plan: Carrying, sections: list[Section]) -> Section:
    """The section in which most of what follows the unit's statements stands, else the one with the same code."""
    uses = PageCriterion.objects.filter(page__path__startswith=unit.path).values_list("criterion_id", flat=True)
    counts = Counter(target.outcome.section_id for pk in uses for target in plan.targets.get(pk, ()))
    if counts:
        most = counts.most_common(1)[0][0]
        return next(section for section in sections if section.pk == most)
    return next((section for section in sections if section.code == unit.section.code), sections[0])


def _follow_page(page: Any, plan: Carrying, known: dict[str, int]) -> None:
    rows: dict[tuple[int, str], PageCriterion] = {}
    for row in page.criterion_uses.all():
        for criterion in plan.targets.get(row.criterion_id, ()):
            rows.setdefault((criterion.pk, row.use),
                            PageCriterion(criterion=criterion, use=row.use, sort_order=len(rows)))  # fmt: skip
    page.criterion_uses = list(rows.values())
    body = page.body.stream_block.get_prep_value(page.body)
    for block in body:
        if block["type"] in ("reflection", "draft"):  # they name criteria by code
            codes = [entry["value"] if isinstance(entry, dict) else entry for entry in block["value"]["criteria"]]
            block["value"]["criteria"] = plan.codes(codes, known)
    page.body = BodyBlock().to_python(body)
