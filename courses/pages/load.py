"""Creating the course from its source files, and bringing it up to date when they change.

Loading again updates a page whose file has changed, keeps trainees' answers (blocks keep their ids), and never
overwrites what was edited in the editor since: it says so and leaves the page.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Page, Site

from content.blocks import BodyBlock
from content.h5p.shipped import ref_of, ship
from content.models import GlossaryTerm, H5PActivity, LegalReference
from content.sanitiser import is_safe_address
from courses.framework.models import Criterion, Framework, Qualification, Section
from lms.accounts.api import Organisation
from lms.common.errors import Refused

from .authors import open_course_to_authors
from .guard import as_one_change, why_not_published
from .indexing import indexed_at_the_end
from .models import (
    CataloguePage,
    CoursePage,
    CriterionGuidance,
    LessonPage,
    PageCriterion,
    SitePage,
    TaskPage,
    UnitPage,
)
from .source import SOURCE, SourcePage, html_of, read_course, read_guidance, read_list, read_pages
from .source_activities import read_activities


def load_course(folder: Path = SOURCE) -> list[str]:
    """Creates or updates the course from its source files; says what happened, a line each.

    Raises Refused when a source file names a criterion, section, legal reference or term that does not exist: nothing
    is changed then but the activities, which are stored before the pages.
    """
    data, sources = read_course(folder), read_pages(folder)
    lines = load_activities(folder)  # before the transaction: it waits for no files
    with transaction.atomic():
        lines += _snippets(folder)
        qualification = _qualification(data["qualification"])
        course, is_new = _course(data["course"], qualification)
        with as_one_change(course), indexed_at_the_end():
            lines += _pages(course, data["units"], sources, folder)
        open_course_to_authors(course)
        lines += _publish_course(course)
    return [f"{course.title}: {'created' if is_new else 'stands already'}.", *lines]


def _pages(course: CoursePage, units: list[dict[str, Any]], sources: dict[str, SourcePage], folder: Path) -> list[str]:
    sections = {section.code: section for section in course.qualification.framework.sections.all()}
    names, guidance, lines = _Names(course.qualification), read_guidance(folder), []
    for unit_data in units:
        section = sections.get(str(unit_data["section"]))
        if section is None:
            raise Refused("source", f"Unit {unit_data['slug']} names no section of the specification.")
        unit, said = _unit(course, unit_data, section, names.guidance(section, guidance))
        lines += said
        before = ""
        for slug in unit_data["pages"]:
            if slug not in sources:
                raise Refused("source", f"course.yaml names {slug}, for which there is no file.")
            lines.append(_study_page(unit, sources[slug], names, after=before))
            before = slug
        lines += _left_over(unit, unit_data["pages"])
    return lines


def _left_over(unit: UnitPage, slugs: list[str]) -> list[str]:
    """Pages of a unit that were loaded once and come with the product no more: trainees may be in them, so that people
    decide when they go."""
    return [
        f"{page.title}: comes with the product no more. Take it offline in the editor when nobody needs it."
        for model in (LessonPage, TaskPage)
        for page in model.objects.child_of(unit).live().exclude(source_digest="").exclude(slug__in=slugs)
    ]


def _publish_course(course: CoursePage) -> list[str]:
    """Last: a course is published when its lessons teach and assess every criterion. What an author has taken offline
    stays so."""
    course = CoursePage.objects.get(pk=course.pk)
    if course.live or course.first_published_at:
        return []
    reasons = why_not_published(course)
    if reasons:
        codes = ", ".join(reason.message.split(" ", 1)[0] for reason in reasons)
        return [f"{course.title} is not published yet: statements that it does not both teach and assess: {codes}."]
    course.save_revision().publish()
    return [f"{course.title}: published."]


class _Names:
    """What source files name, by code: criteria, legal references, glossary terms."""

    def __init__(self, qualification: Qualification) -> None:
        self.criteria = {
            c.code: c
            for c in Criterion.objects.filter(framework=qualification.framework)
            .select_related("outcome")
            .order_by("position")
        }
        self.law = dict(LegalReference.objects.filter(organisation=None).values_list("code", "pk"))
        self.activities = {str(ref): pk for ref, pk in H5PActivity.objects.values_list("ref", "pk")}
        self.words = dict(GlossaryTerm.objects.filter(organisation=None).values_list("term", "pk"))

    def resolve(self, source: SourcePage) -> list[dict[str, Any]]:
        """The body with keys of snippets instead of their codes. Raises Refused for one that does not exist."""
        body = []
        for block in source.body:
            value = block["value"]
            if block["type"] == "law":
                rows = [{**row, "reference": self._key(self.law, row["reference"], source)}
                        for row in value["references"]]  # fmt: skip
                value = {"references": rows}
            elif block["type"] == "words":
                value = {"terms": [self._key(self.words, term, source) for term in value["terms"]]}
            elif block["type"] == "h5p":
                value = {**value, "activity": self._activity(value["activity"], source)}
            elif block["type"] in ("reflection", "draft"):
                self.check(value["criteria"], source)
            body.append({**block, "value": value})
        return body

    def guidance(self, section: Section, source: dict[str, dict[str, str]]) -> dict[int, tuple[str, str]]:
        """What good evidence looks like, for trainee and assessor, by criterion of a section."""
        return {
            criterion.pk: (html_of(source[code]["trainee"]), html_of(source[code]["assessor"]))
            for code, criterion in self.criteria.items()
            if criterion.outcome.section_id == section.pk and code in source
        }

    def check(self, codes: list[str], source: SourcePage) -> None:
        """Raises Refused for a criterion that the framework does not have."""
        unknown = sorted(set(codes) - self.criteria.keys())
        if unknown:
            raise Refused("source", f"{source.slug} names criteria that do not exist: {', '.join(unknown)}.")

    def _activity(self, name: str, source: SourcePage) -> int:
        ref = str(ref_of(name))
        if ref not in self.activities:
            raise Refused("source", f"{source.slug} shows {name}, which stands in no file of activities/.")
        return self.activities[ref]

    @staticmethod
    def _key(known: dict[str, int], code: str, source: SourcePage) -> int:
        if code not in known:
            raise Refused("source", f"{source.slug} names {code}, which stands in no list of law or words.")
        return known[code]


def load_activities(folder: Path = SOURCE) -> list[str]:
    """Interactive activities that come with the course: stored, and their libraries approved as the product's own. Says
    what happened, a line each."""
    sources = read_activities(folder)
    changed, lines = 0, []
    for one in sources.values():
        try:
            changed += ship(one.name, one.package(), title=one.title, text_alternative=one.in_words, at=timezone.now())
        except Refused as refusal:  # an approver said no to a library of ours: pages show the words instead
            lines.append(f"{one.title}: left as it is. {refusal.message}")
    said = f"{changed} brought up to date" if changed else "stands already"
    return [f"{len(sources)} interactive activities: {said}.", *lines] if sources else []


def _snippets(folder: Path) -> list[str]:
    """Legal references and glossary terms that come with the product. They are its own: loading updates them."""
    law, words = read_list("law/*.yaml", folder), read_list("glossary*.yaml", folder)
    changed = 0
    for entry in law:
        if not is_safe_address(str(entry["url"])):
            raise Refused("source", f"{entry['code']}: {entry['url']!r} is no address to lead readers to: use https.")
        facts = {name: entry[name] for name in ("title", "kind", "edition", "says", "url", "status", "checked_on")}
        facts |= {"paragraph": str(entry.get("paragraph") or ""), "source": entry.get("source", "")}
        changed += _keep(LegalReference, {"code": entry["code"]}, facts)
    for entry in words:
        facts = {"slug": slugify(entry["term"]), "also": ", ".join(entry.get("also") or []),
                 "meaning": entry["meaning"]}  # fmt: skip
        changed += _keep(GlossaryTerm, {"term": entry["term"]}, facts)
    if not law and not words:
        return []
    said = f"{changed} brought up to date" if changed else "stands already"
    return [f"{len(law)} legal references and {len(words)} words explained: {said}."]


def _keep(model: type[LegalReference | GlossaryTerm], key: dict[str, Any], facts: dict[str, Any]) -> bool:
    """The product's own snippet with these facts; whether anything had to be written."""
    existing = model.objects.filter(organisation=None, **key).first()
    if existing is not None and all(getattr(existing, name) == value for name, value in facts.items()):
        return False
    model.objects.update_or_create(defaults=facts, organisation=None, **key)
    return True


def _qualification(data: dict[str, Any]) -> Qualification:
    framework = Framework.objects.filter(code=data["framework"]).first()
    if framework is None:
        raise Refused("source", f"Load the framework {data['framework']} first (manage.py load_framework).")
    organisation, _ = Organisation.objects.get_or_create(
        kind=Organisation.Kind.AWARDING_ORGANISATION, name=data["awarding_organisation"]
    )
    qualification, _ = Qualification.objects.get_or_create(
        code=data["code"],
        defaults={
            "framework": framework, "awarding_organisation": organisation, "title": data["title"],
            "level": framework.level, "sector": framework.sector,
        },
    )  # fmt: skip
    return qualification


def _catalogue() -> CataloguePage:
    catalogue = CataloguePage.objects.first()
    if catalogue is not None:
        return catalogue
    root = Page.objects.get(depth=1)
    site_page = SitePage(title="SENCO Pathway", slug="site")
    root.add_child(instance=site_page)
    Site.objects.update_or_create(
        is_default_site=True, defaults={"root_page": site_page, "hostname": "localhost", "site_name": "SENCO Pathway"}
    )
    # Wagtail's own welcome page; it is no part of the product.
    for welcome in root.get_children().filter(slug="home", content_type__model="page"):
        welcome.delete()
    catalogue = CataloguePage(title="Courses", slug="courses")
    Page.objects.get(pk=site_page.pk).add_child(instance=catalogue)
    return catalogue


def _course(data: dict[str, Any], qualification: Qualification) -> tuple[CoursePage, bool]:
    existing = CoursePage.objects.filter(slug=data["slug"]).first()
    if existing:
        return existing, False
    course = CoursePage(
        title=data["title"], slug=data["slug"], summary=data["summary"], qualification=qualification,
        introduction=html_of(data["introduction"]), live=False,
    )  # fmt: skip
    _catalogue().add_child(instance=course)
    return course, True


def _unit(course: CoursePage, data: dict[str, Any], section: Section, guidance: dict[int, tuple[str, str]]
          ) -> tuple[UnitPage, list[str]]:  # fmt: skip
    """The unit as its source says it, and what happened to it. `guidance`: for trainee and assessor, by criterion in
    the specification's order."""
    existing = UnitPage.objects.child_of(course).filter(slug=data["slug"]).first()
    unit: UnitPage = (
        existing.get_latest_revision_as_object() if existing else UnitPage(slug=data["slug"], section=section)
    )
    facts = {"title": data["title"], "summary": data["summary"], "introduction": html_of(data["introduction"])}
    if existing is not None:
        said = {row.criterion_id: (row.for_trainee, row.for_assessor) for row in unit.guidance.all()}
        if said == guidance and all(getattr(unit, name) == value for name, value in facts.items()):
            return existing, []
        if existing.revisions.exclude(user=None).exists():
            return existing, [f"{existing.title}: differs from its source and was edited in the editor, left as it is."]
    for name, value in facts.items():
        setattr(unit, name, value)
    unit.guidance = [
        CriterionGuidance(criterion_id=criterion, sort_order=order, for_trainee=trainee, for_assessor=assessor)
        for order, (criterion, (trainee, assessor)) in enumerate(guidance.items())
    ]
    if existing is None:
        CoursePage.objects.get(pk=course.pk).add_child(instance=unit)
    _publish(unit)
    return UnitPage.objects.get(pk=unit.pk), [f"{unit.title}: updated."] if existing else []


def _study_page(unit: UnitPage, source: SourcePage, names: _Names, *, after: str) -> str:
    """Creates or updates a page; a new one comes after the page of that slug, where the editor has it now."""
    for codes in source.uses.values():
        names.check(codes, source)
    body = names.resolve(source)
    model = TaskPage if source.is_task else LessonPage
    existing = model.objects.child_of(unit).filter(slug=source.slug).first()
    if existing is None:
        page = _fill(model(slug=source.slug), source, body, names)
        before = Page.objects.child_of(unit).filter(slug=after).first()
        if before is not None and before.get_next_sibling() is not None:
            before.add_sibling(pos="right", instance=page)
        else:
            UnitPage.objects.get(pk=unit.pk).add_child(instance=page)
        _publish(page)
        return f"{source.title}: created."
    if existing.source_digest == source.digest:
        return f"{source.title}: stands already."
    latest = existing.get_latest_revision_as_object()
    if content_digest(latest) != existing.loaded_digest:
        return f"{source.title}: differs from its source file and was edited in the editor, left as it is."
    _publish(_fill(latest, source, body, names))
    return f"{source.title}: updated."


def _fill(page: Any, source: SourcePage, body: list[dict[str, Any]], names: _Names) -> Any:
    """The page as its source says it, not saved yet."""
    page.title, page.summary, page.minutes = source.title, source.summary, source.minutes
    page.references, page.source_digest = source.references, source.digest
    page.checked_by, page.checked_on = source.checked_by, source.checked_on
    page.body = BodyBlock().to_python(body)
    if not source.is_task:
        page.kind = source.kind
    page.criterion_uses = [
        PageCriterion(criterion=names.criteria[code], use=use, sort_order=order)
        for order, (use, code) in enumerate((use, code) for use, codes in source.uses.items() for code in codes)
    ]
    page.loaded_digest = content_digest(page)
    return page


def _publish(page: Any) -> None:
    page.save_revision().publish()


def content_digest(page: Any) -> str:
    """A digest of all that an author can change on a lesson or task: tells an edit since it was loaded."""
    uses = sorted((row.use, row.criterion_id) for row in page.criterion_uses.all())
    body = page.body.stream_block.get_prep_value(page.body)
    said = [page.title, page.summary, page.minutes, getattr(page, "kind", ""), page.references, page.checked_by,
            str(page.checked_on or ""), uses, body]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
