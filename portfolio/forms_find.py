"""The form that narrows the list of evidence. Whatever is not known in it narrows nothing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format

from courses.framework.api import Criterion

from .api import EvidenceVersion
from .queries_find import Asked, words_of

SORTS = [("newest", "Newest saved first"), ("oldest", "Oldest saved first"), ("title", "Title, A to Z")]
SECTION = "section-"


class FindForm(forms.Form):
    """Words, kind, status, criterion or section, months, and the order."""

    q = forms.CharField(
        required=False, label="Words in the evidence or its files", max_length=100,
        widget=forms.TextInput({"type": "search"}),
    )  # fmt: skip
    kind = forms.ChoiceField(required=False, label="Kind", choices=[("", "Every kind"), *EvidenceVersion.Kind.choices])
    state = forms.ChoiceField(
        required=False, label="Status", choices=[("", "Every status"), *EvidenceVersion.State.choices]
    )
    criterion = forms.ChoiceField(required=False, label="Section or criterion")
    since = forms.ChoiceField(required=False, label="Last saved from")
    until = forms.ChoiceField(required=False, label="Last saved up to")
    sort = forms.ChoiceField(required=False, label="Order", choices=SORTS)

    def __init__(self, *args: Any, criteria: Iterable[Criterion], months: list[date], **kwargs: Any) -> None:
        """`criteria`: of the learner's framework, in order; `months`: those to choose from, newest first."""
        super().__init__(*args, **kwargs)
        self.criteria = list(criteria)
        chosen: dict[str, list[tuple[str, str]]] = {}
        for criterion in self.criteria:
            section = criterion.outcome.section
            group = f"Section {section.code}: {section.title}"
            chosen.setdefault(group, [(f"{SECTION}{section.code}", f"All of section {section.code}")])
            chosen[group].append((criterion.code, f"{criterion.code} {_short(criterion.full_text)}"))
        self._choose("criterion", [("", "Every criterion"), *chosen.items()])
        when = [(f"{month:%Y-%m}", date_format(month, "F Y")) for month in months]
        self._choose("since", [("", "The beginning"), *when])
        self._choose("until", [("", "Today"), *when])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def asked(self) -> Asked:
        """What the list is narrowed by."""
        self.is_valid()
        typed = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return Asked(
            words=words_of(typed["q"]), kind=typed["kind"], state=typed["state"],
            criteria=self._criteria(typed["criterion"]), since=_month(typed["since"]), until=_month(typed["until"]),
        )  # fmt: skip

    @property
    def order(self) -> str:
        """How the list is sorted."""
        return str(self.cleaned_data.get("sort") or "newest")

    def _criteria(self, chosen: str) -> frozenset[int] | None:
        if not chosen:
            return None
        if chosen.startswith(SECTION):
            code = chosen.removeprefix(SECTION)
            return frozenset(row.pk for row in self.criteria if row.outcome.section.code == code)
        return frozenset(row.pk for row in self.criteria if row.code == chosen)


def _month(text: str) -> date | None:
    return date.fromisoformat(f"{text}-01") if text else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60].rpartition(" ")[0] + " …"
