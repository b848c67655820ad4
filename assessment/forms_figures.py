"""Which period, cohort and assessor the figures are about."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms

PERIODS = [("30", "Last 30 days"), ("91", "Last 3 months"), ("365", "Last 12 months"), ("own", "Between two dates")]


class FiguresFilter(forms.Form):
    """The period (the last three months unless chosen), the cohort and the assessor."""

    period = forms.ChoiceField(label="Period", choices=PERIODS, required=False)
    begins = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    ends = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    cohort = forms.ChoiceField(label="Cohort", required=False)
    assessor = forms.ChoiceField(label="Assessor", required=False)

    def __init__(self, data: Any, *, cohorts: list[tuple[str, str]], assessors: list[tuple[str, str]]) -> None:
        super().__init__(data or None, auto_id="figures_%s", initial={"period": "91"})
        for name, choices in (("cohort", cohorts), ("assessor", assessors)):
            if len(choices) < 2:
                del self.fields[name]
            else:
                cast(forms.ChoiceField, self.fields[name]).choices = [("", "All"), *choices]

    def clean(self) -> dict[str, Any]:
        """Between two dates needs both, in their order."""
        found = super().clean() or {}
        if found.get("period") == "own":
            begins, ends = found.get("begins"), found.get("ends")
            if not begins or not ends:
                self.add_error("ends" if begins else "begins", "Give both dates, or choose another period.")
            elif ends < begins:
                self.add_error("ends", "The second date must not be before the first.")
        return found

    def span(self, today: date) -> tuple[date, date]:
        """The first and the last day; the last three months where nothing valid was chosen."""
        found = self.cleaned_data if self.is_bound and self.is_valid() else {}
        if found.get("period") == "own":
            return found["begins"], found["ends"]
        return today - timedelta(days=int(found.get("period") or 91)), today

    def chosen(self, name: str) -> str:
        """What was chosen of a filter; "" for all."""
        return str(self.cleaned_data.get(name, "")) if self.is_bound and self.is_valid() else ""
