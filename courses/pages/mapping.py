"""Mapping a page to the statements of the specification, in the editor: every statement with its text and a box for
each use, the unit's own section first. Works without a script; with one it is filtered as one types."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html_join
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import Panel
from wagtail.models import Page

from courses.framework.models import Criterion, Section
from courses.framework.queries import criteria_of

USES = (("teaches", "Teaches"), ("practises", "Practises"), ("assesses", "Assesses"))


def section_of(page: Page, parent: Page | None) -> Section | None:
    """The section of the unit that a page stands in, or that a local lesson is added to; None when it is not known
    yet."""
    unit = getattr(page, "unit", None) if getattr(page, "unit_id", None) else None
    if unit is None and parent is not None:
        unit = parent.specific
    return getattr(unit, "section", None)


class StudyPageForm(WagtailAdminPageForm):
    """The editor's form of a lesson or task, with its mapping as one field: values such as "12:teaches"."""

    mapping = forms.MultipleChoiceField(required=False, label="Statements of the specification")

    class Media:
        css = {"all": ["mapping.css"]}
        js = ["mapping.js"]

    def __init__(self, data: Any = None, files: Any = None, parent_page: Page | None = None, *args: Any,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(data, files, parent_page, *args, **kwargs)
        if parent_page is None and self.instance.pk:
            parent_page = self.instance.get_parent()
        self.section = section_of(self.instance, parent_page)
        if self.section is not None:
            self.criteria = list(criteria_of(self.section.framework_id).values())
        else:  # a local lesson whose unit is not chosen yet
            rows = Criterion.objects.filter(framework__published_at__isnull=False)
            self.criteria = list(rows.select_related("outcome__section").order_by("framework", "position"))
        if "mapping" in self.fields:
            self.fields["mapping"].choices = [
                (f"{criterion.pk}:{use}", label) for criterion in self.criteria for use, label in USES
            ]
            self.initial["mapping"] = [f"{row.criterion_id}:{row.use}" for row in self.instance.criterion_uses.all()]

    def clean(self) -> dict[str, Any]:
        """A local lesson is mapped to statements of its unit's specification."""
        cleaned = super().clean()
        unit = cleaned.get("unit")
        if unit is not None:
            own = {str(pk) for pk in criteria_of(unit.section.framework_id)}
            if {value.split(":")[0] for value in cleaned.get("mapping", ())} - own:
                self.add_error("mapping", ValidationError("Some statements are not of this unit’s specification."))
        return cleaned

    def save(self, commit: bool = True) -> Page:
        """Brings the mapping in step with the boxes; a row that stays keeps its key, so that versions compare."""
        if "mapping" in self.cleaned_data and "mapping" in self.changed_data:
            self._map(set(self.cleaned_data["mapping"]))
        return super().save(commit)

    def _map(self, wanted: set[str]) -> None:
        rows = {f"{row.criterion_id}:{row.use}": row for row in self.instance.criterion_uses.all()}
        made = self.instance.criterion_uses.model
        order = [f"{criterion.pk}:{use}" for use, _ in USES for criterion in self.criteria]
        kept = []
        for number, value in enumerate(value for value in order if value in wanted):
            criterion, use = value.split(":")
            row = rows.get(value) or made(criterion_id=int(criterion), use=use)
            row.sort_order = number
            kept.append(row)
        self.instance.criterion_uses = kept


@dataclass(frozen=True)
class Box:
    """One box to tick."""

    value: str
    label: str
    is_ticked: bool


@dataclass(frozen=True)
class Statement:
    """A criterion with its boxes."""

    criterion: Criterion
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Part:
    """A section's statements; how many of them are mapped in any way."""

    section: Section
    statements: tuple[Statement, ...]
    is_own: bool

    @property
    def mapped(self) -> int:
        """Statements with a ticked box."""
        return sum(any(box.is_ticked for box in statement.boxes) for statement in self.statements)


def parts_of(form: StudyPageForm) -> list[Part]:
    """What the panel draws: the unit's own section first."""
    ticked = {str(value) for value in form["mapping"].value() or ()}
    sections: dict[int, list[Criterion]] = {}
    for criterion in form.criteria:
        sections.setdefault(criterion.outcome.section_id, []).append(criterion)
    parts = []
    for criteria in sections.values():
        section = criteria[0].outcome.section
        statements = tuple(
            Statement(c, tuple(Box(f"{c.pk}:{use}", label, f"{c.pk}:{use}" in ticked) for use, label in USES))
            for c in criteria
        )
        parts.append(Part(section, statements, form.section is None or section.pk == form.section.pk))
    return sorted(parts, key=lambda part: not part.is_own)


class MappingComparison:
    """Two versions' mappings beside each other, for the comparison of revisions."""

    is_field, is_child_relation = True, False

    def __init__(self, label: str, old: Page, new: Page) -> None:
        self.label = label
        self.old, self.new = ({(row.criterion_id, row.use) for row in page.criterion_uses.all()} for page in (old, new))

    def field_label(self) -> str:
        """What the row of the comparison is called."""
        return self.label

    def has_changed(self) -> bool:
        """The mappings differ."""
        return self.old != self.new

    def htmldiff(self) -> str:
        """Each mapping that came or went, by code and use."""
        changed = self.old ^ self.new
        criteria = {c.pk: c for c in Criterion.objects.filter(pk__in={pk for pk, _ in changed})}
        lines = sorted(changed, key=lambda pair: (criteria[pair[0]].position, pair[1]))
        return format_html_join(
            "", '<div class="{}">{} {} {}</div>',
            (("addition" if pair in self.new else "deletion", "Added:" if pair in self.new else "Removed:",
              criteria[pair[0]].code, pair[1]) for pair in lines),
        )  # fmt: skip


class StatementsPanel(Panel):
    """The panel of a page's mapping. The page's form must be a `StudyPageForm`."""

    def get_form_options(self) -> dict[str, Any]:
        return {"fields": ["mapping"]}

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtailadmin/panels/statements.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            parts = parts_of(self.form)
            boxes = [box for part in parts for statement in part.statements for box in statement.boxes]
            context |= {
                "own": [part for part in parts if part.is_own], "others": [part for part in parts if not part.is_own],
                "counts": [(use, label, sum(box.is_ticked for box in boxes if box.value.endswith(use)))
                           for use, label in USES],
                "others_mapped": sum(part.mapped for part in parts if not part.is_own),
                "errors": self.form["mapping"].errors, "uses": USES, "coverage_url": self._coverage_url(),
            }  # fmt: skip
            return context

        def _coverage_url(self) -> str:
            parent = self.form.parent_page
            course = parent.get_parent() if parent is not None and self.form.section is not None else None
            is_course = course is not None and course.specific_class.__name__ == "CoursePage"
            return reverse("coverage", args=[course.pk]) if course is not None and is_course else ""

        def get_comparison(self) -> list[Any]:
            return [lambda old, new: MappingComparison(self.heading, old, new)]


class UnitPageForm(WagtailAdminPageForm):
    """The editor's form of a unit: guidance is about statements of its own section, by their words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guidance = self.formsets.get("guidance")
        section = self.instance.section if self.instance.section_id else None
        if guidance is None or section is None:
            return
        criteria = [c for c in criteria_of(section.framework_id).values() if c.outcome.section_id == section.pk]
        add_fields = guidance.add_fields

        def limited(form: Any, index: int | None) -> None:
            add_fields(form, index)
            field = form.fields["criterion"]
            field.queryset = Criterion.objects.filter(framework=section.framework_id)
            field.widget.choices = [("", "Choose a statement"), *((c.pk, f"{c.code} {c.full_text}") for c in criteria)]

        guidance.add_fields = limited
