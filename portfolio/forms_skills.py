"""Forms of the skills check, the development plan and the CPD log."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from courses.framework.api import Outcome
from lms.common.forms import GovDateField

from .domain.cpd import MOST_MINUTES
from .forms import TypedText
from .models import CpdEntry, DevelopmentGoal, SkillsRating
from .queries_skills import Ratings, SectionOutcomes

ANSWER = "Choose one of the five answers."
HALVES = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4)}


class RatingForm(forms.Form):
    """One outcome of a skills check. Nothing is asked for: an answer can wait."""

    confidence = forms.TypedChoiceField(
        label="How sure do you feel?", choices=SkillsRating.Confidence.choices, coerce=int, empty_value=None,
        required=False, widget=forms.RadioSelect, error_messages={"invalid_choice": ANSWER},
    )  # fmt: skip
    competence = forms.TypedChoiceField(
        label="How well can you do it already?", choices=SkillsRating.Competence.choices, coerce=int, empty_value=None,
        required=False, widget=forms.RadioSelect, error_messages={"invalid_choice": ANSWER},
    )  # fmt: skip
    note = TypedText(rows=2, label="Note", help_text="For example, what makes you say so. Do not name a child.")
    outcome: Outcome
    points: list[str]
    posted: set[str] = set()

    @property
    def scales(self) -> list:
        """The two questions that are answered on the scale."""
        return [self["confidence"], self["competence"]]

    @property
    def has_note(self) -> bool:
        """Something stands in the note, or is wrong with it."""
        return bool(self["note"].value() or self["note"].errors)

    def said(self) -> dict[str, Any]:
        """What was posted and is valid; an answer that was not chosen is not taken back."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if name in self.posted and value is not None}


def rating_forms(part: SectionOutcomes, ratings: Ratings, data: Mapping[str, str] | None = None) -> list[RatingForm]:
    """One form for each outcome of a section, with what was answered already."""
    found = []
    for row in part.outcomes:
        rating = ratings.get(row.outcome.pk)
        initial = {name: getattr(rating, name) for name in ("confidence", "competence", "note")} if rating else {}
        prefix = f"o{row.outcome.pk}"
        form = RatingForm(_with(initial, data, prefix), prefix=prefix, initial=initial)
        form.posted = {name for name in RatingForm.base_fields if f"{prefix}-{name}" in (data or {})}
        form.outcome = row.outcome
        form.points = [criterion.text for criterion in row.criteria if criterion.code != row.outcome.code]
        found.append(form)
    return found


def _with(saved: Mapping[str, Any], data: Mapping[str, str] | None, prefix: str) -> dict[str, str] | None:
    """What was posted for a form, over what it says already."""
    if data is None:
        return None
    names = {f"{prefix}-{name}": name for name in RatingForm.base_fields}
    kept = {key: str(saved[name]) for key, name in names.items() if saved.get(name) is not None}
    return kept | {key: data[key] for key in names if key in data}


class GoalForm(forms.Form):
    """A goal of one's own."""

    goal = forms.CharField(
        label="What do you want to get better at?", max_length=300, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what you want to get better at.",
                        "max_length": "Say it in 300 characters or fewer."},
    )  # fmt: skip


class PlanForm(GoalForm):
    """A line of the development plan. Only the goal itself is asked for."""

    action = TypedText(rows=4, label="What will you do?",
                       help_text="One or two steps, such as “watch a SENCO lead a review meeting”.")  # fmt: skip
    by_when = GovDateField(label="By when? (optional)", required=False, help_text="For example, 12 11 2026.")
    result = TypedText(rows=4, label="What came of it?", help_text="Fill this in when you have done it: what is "
                       "different now, for you or for the children?")  # fmt: skip

    @staticmethod
    def of(goal: DevelopmentGoal) -> dict[str, Any]:
        """What the form says of a goal already."""
        return {name: getattr(goal, name) for name in PlanForm.base_fields}


class DurationWidget(forms.MultiWidget):
    """Hours and minutes, as two boxes."""

    part_labels = ["Hours", "Minutes"]
    part_widths = [3, 2]

    def __init__(self, attrs: dict | None = None) -> None:
        numeric = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__({part: forms.TextInput(numeric) for part in ("hours", "minutes")}, attrs)

    def decompress(self, value: int | None) -> list[Any]:
        if not value:
            return ["", ""]
        hours, minutes = divmod(value, 60)
        return [hours or "", minutes or ""]


class DurationField(forms.Field):
    """A length of time in whole minutes, typed as hours and minutes: "1" and "30", "1.5" and "", or "" and "90"."""

    widget = DurationWidget
    default_error_messages = {"required": "Enter how long it took, such as 1 hour 30 minutes.",
                              "invalid": "Enter hours and minutes as numbers, such as 1 and 30."}  # fmt: skip

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return value if isinstance(value, int) else None
        hours, minutes = (str(part or "").strip() for part in value)
        if not hours and not minutes:
            return None
        try:
            spent = round(number(hours or "0") * 60 + number(minutes or "0"))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if spent == 0:
            raise ValidationError(self.error_messages["required"], code="required")
        if spent > MOST_MINUTES:
            most = MOST_MINUTES // 60
            raise ValidationError(f"One entry can be {most} hours at most. Make several entries.", code="most")
        return spent


def number(typed: str) -> Fraction:
    """A number as people type it: 2, 1.5, 1,5, ½ or 1½. Raises ValueError."""
    found = re.fullmatch(r"(\d{0,4})([½¼¾]?|[.,]\d{1,4})", typed.replace(" ", ""), re.ASCII)
    if not found or not any(found.groups()):
        raise ValueError(typed)
    whole, part = found.groups()
    rest = HALVES.get(part) or (Fraction("0." + part[1:]) if part else Fraction(0))
    return int(whole or 0) + rest


class EntryForm(forms.Form):
    """What was done, when, for how long and where."""

    kind = forms.ChoiceField(
        label="What kind of activity was it?", choices=CpdEntry.Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of activity it was."},
    )  # fmt: skip
    title = forms.CharField(
        label="What did you do?", max_length=160, widget=forms.TextInput(),
        help_text="A few words, such as “Autism awareness, online course”.",
        error_messages={"required": "Say in a few words what you did.",
                        "max_length": "Say it in 160 characters or fewer."},
    )  # fmt: skip
    done_on = GovDateField(label="When?", help_text="For example, 12 11 2026. If it took some days, give the last one.",
                           error_messages={"required": "Enter the date when you did it."})  # fmt: skip
    minutes = DurationField(label="How long did it take?")
    place = forms.CharField(
        label="Where? (optional)", max_length=160, required=False, widget=forms.TextInput(),
        help_text="A place, a setting or a website.",
        error_messages={"max_length": "Say where in 160 characters or fewer."},
    )  # fmt: skip

    def clean_done_on(self) -> date:
        """A day that has come."""
        day = self.cleaned_data["done_on"]
        if day > timezone.localdate():
            raise ValidationError("The date must be today or in the past. Log it when you have done it.", code="future")
        return day


class LearnedForm(forms.Form):
    """What was learned from it, and which outcomes it helped with."""

    reflection = TypedText(rows=8, label="What did you learn?", help_text="What was new to you? What will you do "
                           "differently, or what have you done already? Do not name a child or a family.")  # fmt: skip


class FilterForm(forms.Form):
    """Narrows the CPD log."""

    kind = forms.ChoiceField(required=False, label="Kind", choices=[("", "Every kind"), *CpdEntry.Kind.choices])
    year = forms.TypedChoiceField(required=False, label="Year", coerce=int, empty_value=None)

    def __init__(self, data: Any, *, years: Iterable[int]) -> None:
        super().__init__(data)
        self.fields["year"].choices = [("", "Every year"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]


class PeriodForm(forms.Form):
    """From when until when."""

    since = GovDateField(label="From", error_messages={"required": "Enter the first day."})
    until = GovDateField(label="Until", error_messages={"required": "Enter the last day."})

    def clean(self) -> dict[str, Any]:
        """The first day comes first."""
        found = super().clean() or {}
        if found.get("since") and found.get("until") and found["since"] > found["until"]:
            self.add_error("until", "The last day must be the first day or later.")
        return found
