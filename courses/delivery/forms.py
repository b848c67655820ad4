"""Forms of cohorts and of the matching queue."""

from typing import Any

from django import forms

from .domain.centre import LARGEST_MB
from .queries import HAPPENING


class TraineeFilter(forms.Form):
    """What to show of a cohort's trainees."""

    q = forms.CharField(label="Trainee’s name", required=False, max_length=80)
    happening = forms.ChoiceField(
        label="What is happening", required=False, choices=[("", "Anything"), *HAPPENING.items()]
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in force: names and values, without the empty ones. Nonsense in the address is ignored."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class SettleForm(forms.Form):
    """How a number in the matching queue was settled."""

    outcome = forms.CharField(
        label="How did you settle it?", max_length=200, widget=forms.Textarea({"rows": 3}),
        help_text="For example: checked with the learner, a digit was wrong. Name nobody else.",
    )  # fmt: skip


class EvidenceLimitForm(forms.Form):
    """How large one evidence file of a centre's learners may be."""

    limit = forms.IntegerField(
        label="Limit on one file, in MB", min_value=1, max_value=LARGEST_MB,
        help_text="A minute of video from a phone takes about 100 MB. A photograph takes about 5 MB.",
        error_messages={
            "required": "Say how many MB.", "invalid": "Give the limit as a whole number, such as 500.",
            "min_value": "The limit must be 1 MB or more.", "max_value": f"The limit must be {LARGEST_MB} MB or less.",
        },
        widget=forms.NumberInput({"class": "govuk-input--width-5", "inputmode": "numeric"}),
    )  # fmt: skip
