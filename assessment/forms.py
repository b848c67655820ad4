"""Forms of the people who assess and assure: what they type, checked for shape only. Rules live in the domain."""

from typing import Any, cast

from django import forms

from assessment.models import InterestDeclaration, VersionJudgement
from lms.common.forms import Checkboxes, Radios
from portfolio.api import EvidenceVersion

TESTS = ("valid", "authentic", "current", "reliable")


def _text(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea({"rows": rows, **attrs})


class JudgementForm(forms.Form):
    """V, A, C, R of one evidence version. What was shown comes back with it, so that boxes nobody touched are told
    from boxes that another assessor has ticked meanwhile."""

    valid = forms.BooleanField(required=False, show_hidden_initial=True)
    authentic = forms.BooleanField(required=False, show_hidden_initial=True)
    current = forms.BooleanField(required=False, show_hidden_initial=True)
    reliable = forms.BooleanField(required=False, show_hidden_initial=True)
    note = forms.CharField(
        label="Note on this evidence", help_text="Needed when one of the four does not hold: say what is wrong.",
        required=False, show_hidden_initial=True, widget=_text(2, **{"data-kept-here": True}),
    )  # fmt: skip

    def __init__(self, version: EvidenceVersion, judgement: VersionJudgement | None, data: Any = None) -> None:
        initial = {name: getattr(judgement, name) if judgement else False for name in TESTS}
        initial["note"] = judgement.note if judgement else ""
        super().__init__(data, prefix=f"v{version.pk}", initial=initial)
        self.version = version

    @property
    def boxes(self) -> list[dict[str, Any]]:
        """The four boxes, with the key that toggles each."""
        return [
            {"name": self[n].html_name, "id": self[n].auto_id, "label": n.capitalize(), "key": n[0],
             "on": bool(self[n].value()), "shown": self[n].as_hidden(only_initial=True)}
            for n in TESTS
        ]  # fmt: skip

    @property
    def note_shown(self) -> str:
        """The note as it was when the page was drawn."""
        return self["note"].as_hidden(only_initial=True)

    @property
    def values(self) -> dict[str, Any]:
        """What the domain takes."""
        return {name: self.cleaned_data[name] for name in (*TESTS, "note")}


class DecisionForm(forms.Form):
    """One decision on one criterion. Nothing is required: an unfinished draft is saved too."""

    versions = forms.MultipleChoiceField(label="This decision rests on", required=False, widget=Checkboxes)
    sufficient = forms.BooleanField(required=False)
    rationale = forms.CharField(
        label="Rationale", help_text="What in the evidence led you to this decision.", required=False, widget=_text(3)
    )
    feedback = forms.CharField(required=False, widget=_text(4))

    def __init__(self, versions: list[EvidenceVersion], learner: str, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        rests_on = cast(forms.MultipleChoiceField, self.fields["versions"])
        rests_on.choices = [(str(v.pk), f"{v.title} (version {v.number})") for v in versions]
        self.fields["feedback"].label = f"Feedback to {learner}"
        self.fields["feedback"].help_text = f"{learner} reads this. Say what is good, and what to change next."


class InterestForm(forms.Form):
    """A personal interest in a learner's result (rule 8)."""

    kind = forms.ChoiceField(
        label="What kind of interest is it?", choices=InterestDeclaration.Kind.choices,
        widget=Radios(choice_hints={
            "family": "You are related, or you live together.",
            "employment": "One of you works for the other, or you work at the same setting.",
            "money": "You gain or lose money by the result.",
            "friendship": "You are close friends.",
        }),
    )  # fmt: skip
    detail = forms.CharField(
        label="Is there anything that your lead internal quality assurer should know? (optional)",
        required=False, widget=_text(3),
    )  # fmt: skip


class ResolutionForm(forms.Form):
    """How a declared interest was resolved."""

    resolution = forms.CharField(
        label="How was it resolved?", help_text="For example: they no longer work together since 1 September 2026.",
        widget=_text(4),
    )  # fmt: skip


class GrantForm(forms.Form):
    """Why a further attempt is granted (rule 20)."""

    reason = forms.CharField(
        label="Why do you grant another attempt?", help_text="It stays on record.", widget=_text(4)
    )


class QueueFilter(forms.Form):
    """What to show of the queue."""

    q = forms.CharField(label="Trainee’s name", required=False, max_length=80)
    cohort = forms.ChoiceField(label="Cohort", required=False)
    overdue = forms.BooleanField(label="Overdue only", required=False)

    def __init__(self, data: Any, cohorts: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        cast(forms.ChoiceField, self.fields["cohort"]).choices = [("", "All cohorts"), *cohorts]

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in force: names and values, without the empty ones. Nonsense in the address is ignored."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}
