"""Forms of the assessment plan. None demands what proposing will ask for: saving a draft is never refused for it."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from assessment.domain.plan import WHAT_LENGTH, Line
from courses.framework.api import Criterion
from lms.common.forms import GovDateField
from portfolio.forms import TypedText
from portfolio.kinds import Kind

YEARS_AHEAD = 5
NARROW = {"class": "govuk-input--width-5", "autocomplete": "off"}
TIMES = ["%H:%M", "%H.%M", "%H", "%I:%M%p", "%I.%M%p", "%I%p"]  # "14:00", "14.00", "14", "2:30pm", "2pm"


class TimeOfDay(forms.TimeField):
    """A time as people type it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=TIMES, widget=forms.TimeInput(NARROW, format="%H:%M"), **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python("".join(value.split()) if isinstance(value, str) else value)


class LineForm(forms.Form):
    """One line of a plan. `criteria` are those of the qualification, to tick from."""

    what = forms.CharField(
        label="What will be assessed?", required=False, max_length=WHAT_LENGTH,
        help_text="For example: leading a review meeting with a family. Name no child: these words also go into "
        "calendars.", error_messages={"max_length": f"Use {WHAT_LENGTH} characters or fewer."},
        widget=forms.TextInput(),
    )  # fmt: skip
    method = forms.ChoiceField(
        label="How?", required=False, choices=[("", "Choose a method"), *Kind.choices],
        help_text="The kind of evidence that it will be.",
    )  # fmt: skip
    criterion = forms.MultipleChoiceField(label="Criteria", required=False)
    due_on = GovDateField(
        label="By when?", required=False, help_text="Of a visit, the day of the visit. For example, 3 12 2026.",
    )  # fmt: skip
    is_visit = forms.BooleanField(
        label="It is a visit", required=False, help_text="You and the trainee meet at a time and a place.",
    )  # fmt: skip
    starts = TimeOfDay(
        label="Time", required=False, help_text="For example, 14:00.",
        error_messages={"invalid": "Enter a time, like 14:00."},
    )  # fmt: skip
    minutes = forms.IntegerField(
        label="Minutes", required=False, min_value=1, max_value=1440, help_text="How long it takes, like 60.",
        widget=forms.TextInput({**NARROW, "inputmode": "numeric"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Give whole minutes, like 60."),
    )  # fmt: skip
    place = forms.CharField(
        label="Place", required=False, max_length=160, help_text="For example, the name of the setting.",
        widget=forms.TextInput(), error_messages={"max_length": "Use 160 characters or fewer."},
    )  # fmt: skip

    def __init__(self, line: Line, criteria: list[Criterion], data: Any = None) -> None:
        self.ids = {criterion.code: criterion.pk for criterion in criteria}
        codes = [code for code, pk in self.ids.items() if pk in line.criteria]
        names = ("what", "method", "due_on", "is_visit", "starts", "minutes", "place")
        super().__init__(data, initial={name: getattr(line, name) for name in names} | {"criterion": codes})
        self.fields["criterion"].choices = [(code, code) for code in self.ids]  # type: ignore[attr-defined]

    @property
    def ticked(self) -> set[str]:
        """The codes that are ticked, as typed or as saved."""
        return set(self["criterion"].value() or [])

    def clean_due_on(self) -> date | None:
        """A day that can be meant: a slip in the year would hide the line for good."""
        day: date | None = self.cleaned_data["due_on"]
        away = timedelta(days=YEARS_AHEAD * 365)
        if day is not None and abs(day - timezone.localdate()) > away:
            raise forms.ValidationError(f"Check the year: {day.year} is more than {YEARS_AHEAD} years away.")
        return day

    def line(self) -> Line:
        """What was typed, once it is valid."""
        values = dict(self.cleaned_data)
        criteria = frozenset(self.ids[code] for code in values.pop("criterion"))
        return Line(**values, criteria=criteria)


class ProposeForm(forms.Form):
    """Why the plan is revised."""

    reason = TypedText(rows=3, label="Why is the plan revised?", help_text="The trainee reads this first.")


class AnswerForm(forms.Form):
    """What should change in a plan."""

    comment = TypedText(rows=4, label="What should change?", help_text="Your assessor reads this and changes the plan.")
