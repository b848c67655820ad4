"""Creating the course from its source files. Loading again changes nothing that stands already."""

from typing import Any

from django.db import transaction
from wagtail.models import Page, Site

from courses.framework.models import Criterion, Framework, Qualification, Section
from lms.accounts.api import Organisation
from lms.common.errors import Refused

from .authors import open_course_to_authors
from .models import CataloguePage, CoursePage, LessonPage, PageCriterion, SitePage, TaskPage, UnitPage
from .source import SourcePage, html_of, read_course, read_pages


def load_course() -> list[str]:
    """Creates the catalogue, the course, its units, lessons and tasks; says what happened, a line each.

    A page that stands already is left as it is: its authors may have edited it. Raises Refused when a source file
    names a criterion or section that the framework does not have.
    """
    data, sources = read_course(), read_pages()
    with transaction.atomic():
        qualification = _qualification(data["qualification"])
        course, created = _course(data["course"], qualification)
        lines = [f"{course.title}: {'created' if created else 'stands already'}."]
        sections = {section.code: section for section in qualification.framework.sections.all()}
        criteria = {c.code: c for c in Criterion.objects.filter(framework=qualification.framework)}
        for unit_data in data["units"]:
            unit = _unit(course, unit_data, sections)
            for slug in unit_data["pages"]:
                if slug not in sources:
                    raise Refused("source", f"course.yaml names {slug}, for which there is no file.")
                lines.append(_study_page(unit, sources[slug], criteria))
        open_course_to_authors(course)
    return lines


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
        introduction=html_of(data["introduction"]),
    )  # fmt: skip
    _catalogue().add_child(instance=course)
    course.save_revision().publish()
    return course, True


def _unit(course: CoursePage, data: dict[str, Any], sections: dict[str, Section]) -> UnitPage:
    existing = UnitPage.objects.child_of(course).filter(slug=data["slug"]).first()
    if existing:
        return existing
    if str(data["section"]) not in sections:
        raise Refused("source", f"Unit {data['slug']} names section {data['section']}, which does not exist.")
    unit = UnitPage(
        title=data["title"], slug=data["slug"], summary=data["summary"], section=sections[str(data["section"])],
        introduction=html_of(data["introduction"]),
    )  # fmt: skip
    CoursePage.objects.get(pk=course.pk).add_child(instance=unit)
    unit.save_revision().publish()
    return unit


def _study_page(unit: UnitPage, source: SourcePage, criteria: dict[str, Criterion]) -> str:
    model = TaskPage if source.is_task else LessonPage
    existing = model.objects.child_of(unit).filter(slug=source.slug).first()
    if existing:
        same = existing.source_digest == source.digest
        return f"{source.title}: {'stands already' if same else 'differs from its source file, left as it is'}."
    unknown = {code for codes in source.uses.values() for code in codes} - criteria.keys()
    if unknown:
        raise Refused("source", f"{source.slug} names criteria that do not exist: {', '.join(sorted(unknown))}.")
    page = model(
        title=source.title, slug=source.slug, summary=source.summary, minutes=source.minutes, body=source.body,
        references=source.references, source_digest=source.digest,
    )  # fmt: skip
    page.criterion_uses = [
        PageCriterion(criterion=criteria[code], use=use, sort_order=order)
        for order, (use, code) in enumerate((use, code) for use, codes in source.uses.items() for code in codes)
    ]
    UnitPage.objects.get(pk=unit.pk).add_child(instance=page)
    page.save_revision().publish()
    return f"{source.title}: created."
