"""Forms of the tutor's desk."""

from typing import Any, cast

from django import forms

from courses.delivery.domain.drafts import MOST_LETTERS


class DraftFilter(forms.Form):
    """What to show of the drafts."""

    q = forms.CharField(label="Trainee’s name or lesson", required=False, max_length=80)
    cohort = forms.ChoiceField(label="Cohort", required=False)

    def __init__(self, data: Any, cohorts: list[tuple[int, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        choices = [("", "All cohorts"), *((str(pk), name) for pk, name in cohorts)]
        cast(forms.ChoiceField, self.fields["cohort"]).choices = choices

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in force: names and values, without the empty ones. Nonsense in the address is ignored."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class CommentsForm(forms.Form):
    """A tutor's comments on a draft."""

    comments = forms.CharField(
        label="Your comments", required=False, max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 12}),
        help_text="What works, what one question would make it stronger, and what to try next.",
    )  # fmt: skip
