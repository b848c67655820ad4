"""Forms that speak govuk-frontend: a renderer for every Django form, and the few fields that Django lacks.

A template writes `{{ form }}` for all fields or `{% field form.title %}` for one, and `{% error_summary form %}` at
the top of the page. Widgets stay Django's own, so that Wagtail's admin is not touched.
"""

from calendar import month_abbr, month_name
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.datastructures import MultiValueDict

CONTROL_CLASS = {
    "input": "govuk-input",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file": "govuk-file-upload",
}
KINDS: list[tuple[type[forms.Widget], str]] = [
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.MultiWidget, "parts"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
    (forms.Textarea, "textarea"),
    (forms.Select, "select"),
]


ASKING = {
    "radios": "Choose an answer to",
    "checkboxes": "Choose at least one for",
    "checkbox": "Tick",
    "select": "Choose an answer to",
    "file": "Choose a file for",
}


class GovBoundField(BoundField):
    """A field with what `forms/field.html` needs to draw it."""

    @property
    def kind(self) -> str:
        """Which part of the field template draws it."""
        widget = self.field.widget
        if widget.is_hidden:
            return "hidden"
        return next((kind for widget_class, kind in KINDS if isinstance(widget, widget_class)), "input")

    @property
    def messages(self) -> list[str]:
        """The errors in words. Django's "This field is required." says nothing in a list, so it names the field."""
        plain = str(forms.Field.default_error_messages["required"])
        return [self._asked_for if str(error) == plain else str(error) for error in self.errors]

    @property
    def _asked_for(self) -> str:
        verb = ASKING.get(self.kind, "Fill in")
        return f"{verb} “{self.label}”"

    @property
    def described_by(self) -> str:
        """Ids of the hint, the error and the character count, in reading order."""
        ids = [f"{self.auto_id}_helptext"] if self.help_text else []
        ids += [f"{self.auto_id}_error"] if self.errors else []
        ids += [f"{self.auto_id}-info"] if self.character_limit else []
        return " ".join(ids)

    @property
    def character_limit(self) -> int | None:
        """The limit that a text area counts down to."""
        return getattr(self.field, "max_length", None) if self.kind == "textarea" else None

    @property
    def control(self) -> str:
        """The widget's own HTML, with govuk-frontend's classes."""
        kind, widget = self.kind, self.field.widget
        classes = [widget.attrs.get("class", ""), CONTROL_CLASS.get(kind, "")]
        if self.errors and kind in CONTROL_CLASS:
            classes.append(f"{CONTROL_CLASS[kind].split(' ')[0]}--error")
        if self.character_limit:
            classes.append("govuk-js-character-count")
        attrs: dict[str, Any] = {"class": " ".join(part for part in classes if part)}
        attrs["placeholder"] = False  # a label that vanishes as one types is no label
        if self.described_by:
            attrs["aria-describedby"] = self.described_by
        if kind == "password":
            attrs |= {"spellcheck": "false", "autocapitalize": "none"}
        if self.character_limit:
            attrs["maxlength"] = False  # the count says how far over the limit a text is, instead of cutting it off
        return self.as_widget(attrs=attrs)

    @property
    def option_groups(self) -> list[dict[str, Any]]:
        """Radios or checkboxes by group: {"label": text or "", "options": [{id, name, value, label, hint, ...}]}."""
        widget = self.field.widget
        hints = {str(value): hint for value, hint in getattr(widget, "choice_hints", {}).items()}
        attrs = self.build_widget_attrs({"id": self.auto_id} if self.auto_id else {})
        groups = widget.get_context(self.html_name, self.value(), attrs)["widget"]["optgroups"]
        return [
            {"label": label or "", "options": [self._option(option, hints) for option in options]}
            for label, options, _ in groups
            if options
        ]

    @staticmethod
    def _option(option: dict[str, Any], hints: dict[str, str]) -> dict[str, Any]:
        value = "" if option["value"] is None else str(option["value"])
        skipped = ("id", "class", "checked", "required", "aria-invalid", "aria-describedby")
        attrs = {name: v for name, v in option["attrs"].items() if name not in skipped and v is not False}
        return {
            "id": option["attrs"].get("id", ""),
            "name": option["name"],
            "value": value,
            "label": option["label"],
            "checked": option["selected"],
            "hint": hints.get(value, ""),
            "attrs": attrs,
        }

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The inputs of a date (or any widget of several inputs), each with its own label."""
        widget = self.field.widget
        attrs = self.build_widget_attrs({"id": self.auto_id} if self.auto_id else {})
        subwidgets = widget.get_context(self.html_name, self.value(), attrs)["widget"]["subwidgets"]
        labels = getattr(widget, "part_labels", None) or [""] * len(subwidgets)
        widths = getattr(widget, "part_widths", None) or [10] * len(subwidgets)
        return [
            {"id": part["attrs"].get("id", ""), "name": part["name"], "value": part["value"] or "", "label": label,
             "width": width}
            for part, label, width in zip(subwidgets, labels, widths, strict=True)
        ]  # fmt: skip

    @property
    def error_target(self) -> str:
        """The id that the error summary links to: an element that exists and takes focus, or "" if there is none."""
        if not self.auto_id or self.kind == "hidden":
            return ""
        if self.kind in ("radios", "checkboxes"):
            options = [option for group in self.option_groups for option in group["options"]]
            return options[0]["id"] if options else ""
        if self.kind == "parts":
            return f"{self.auto_id}_0"
        return self.id_for_label or self.auto_id


class Renderer(TemplatesSetting):
    """Draws every form with the project's templates (setting FORM_RENDERER)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = GovBoundField


class Radios(forms.RadioSelect):
    """Radios whose choices may each have a hint: `choice_hints={"observation": "Someone watched you work"}`."""

    def __init__(self, attrs: dict | None = None, choices: Any = (), choice_hints: dict | None = None) -> None:
        super().__init__(attrs, choices)
        self.choice_hints = choice_hints or {}


class Checkboxes(forms.CheckboxSelectMultiple):
    """Checkboxes whose choices may each have a hint."""

    def __init__(self, attrs: dict | None = None, choices: Any = (), choice_hints: dict | None = None) -> None:
        super().__init__(attrs, choices)
        self.choice_hints = choice_hints or {}


class DateWidget(forms.MultiWidget):
    """Day, month and year as three boxes: quicker and kinder than a calendar for a date one knows."""

    part_labels = ["Day", "Month", "Year"]
    part_widths = [2, 2, 4]

    def __init__(self, attrs: dict | None = None) -> None:
        numeric = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__({part: forms.TextInput(numeric) for part in ("day", "month", "year")}, attrs)

    def decompress(self, value: date | None) -> list[Any]:
        return [value.day, value.month, value.year] if value else ["", "", ""]


class GovDateField(forms.Field):
    """A date typed as day, month, year. A month may be a number or a name. Says which part is missing or wrong."""

    widget = DateWidget
    default_error_messages = {"required": "Enter a date.", "invalid": "Enter a real date, like 12 11 2026."}

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return value or None
        parts = [str(part or "").strip() for part in value]
        if not any(parts):
            return None
        missing = [name for name, part in zip(("day", "month", "year"), parts, strict=True) if not part]
        if missing:
            raise ValidationError(f"The date must include a {' and a '.join(missing)}.", code="incomplete")
        if len(parts[2]) != 4:
            raise ValidationError("The year must have 4 numbers, like 2026.", code="year")
        try:
            return date(int(parts[2]), self._month(parts[1]), int(parts[0]))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    @staticmethod
    def _month(text: str) -> int:
        names = {name.lower(): i for i, name in enumerate(month_name) if name}
        names |= {name.lower(): i for i, name in enumerate(month_abbr) if name}
        return names.get(text.lower()) or int(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != self.to_python(initial)
        except ValidationError:
            return True


class FilesInput(forms.FileInput):
    """Several files at once. The limits are told before anything is sent (`assets/js/files.js`)."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict | None = None, *, max_bytes: int = 0, max_files: int = 0, accept: str = "") -> None:
        limits = {"data-max-bytes": max_bytes, "data-max-files": max_files, "accept": accept}
        super().__init__({name: str(v) for name, v in limits.items() if v} | (attrs or {}))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        return files.getlist(name) if isinstance(files, MultiValueDict) else [f for f in [files.get(name)] if f]


class FilesField(forms.FileField):
    """Any number of uploaded files, as a list. What a file may be is judged by the domain, not here."""

    widget = FilesInput

    def clean(self, data: list[Any], initial: Any = None) -> list[Any]:
        one = super().clean
        if not data:
            one(None, initial)
            return []
        return [one(upload, initial) for upload in data]
