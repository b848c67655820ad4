"""Forms of the people who assess and assure: what they type, checked for shape only. Rules live in the domain."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessment.domain.draft_several import Draft
from assessment.models import InterestDeclaration, VersionJudgement
from assessment.queries_desk import Line
from lms.common.errors import Refused
from lms.common.forms import Checkboxes, Radios
from portfolio.api import EvidenceVersion

TEXTS = ("rationale", "feedback")
TESTS = ("valid", "authentic", "current", "reliable")


def _text(rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea({"rows": rows, **attrs})


def _with_key(label: str, key: str) -> SafeString:
    """A label with the key that leads to its field."""
    return format_html('{} <kbd aria-hidden="true">{}</kbd>', label, key)


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
        help_text="What in the evidence led you to this decision.", required=False,
        widget=_text(3, **{"data-shortcut": "w"}),
    )  # fmt: skip
    feedback = forms.CharField(required=False, widget=_text(4, **{"data-shortcut": "f"}))

    def __init__(self, versions: list[EvidenceVersion], learner: str, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        rests_on = cast(forms.MultipleChoiceField, self.fields["versions"])
        rests_on.choices = [(str(v.pk), f"{v.title} (version {v.number})") for v in versions]
        self.fields["rationale"].label = _with_key("Rationale", "W")
        self.fields["feedback"].label = _with_key(f"Feedback to {learner}", "F")
        self.fields["feedback"].help_text = f"{learner} reads this. Say what is good, and what to change next."

    def draft(self, criterion_id: int, outcome: str | None, bases: Mapping[str, str]) -> Draft:
        """What was typed and ticked, for the domain. `bases`: those of the whole page (lms.common.conflicts)."""
        values = self.cleaned_data
        return Draft(
            criterion_id, outcome=outcome, sufficient=values["sufficient"], rationale=values["rationale"],
            feedback=values["feedback"], version_ids={int(pk) for pk in values["versions"]},
            bases={name: bases[self.add_prefix(name)] for name in TEXTS if self.add_prefix(name) in bases},
        )  # fmt: skip


class TogetherForm(DecisionForm):
    """The decision on one of several criteria that are decided on one page, with its outcome among its fields."""

    outcome = forms.ChoiceField(
        label="Your decision", required=False, choices=[("achieved", "Achieved"), ("referred", "Changes needed")],
        widget=Radios(attrs={"data-kept-here": True}),
    )  # fmt: skip

    def __init__(self, line: Line, versions: list[EvidenceVersion], learner: str, data: Any = None,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(versions, learner, data, prefix=f"c{line.item.criterion_id}", **kwargs)
        self.line = line
        self.before: int | None = None  # its neighbours on the page, by their criteria
        self.after: int | None = None
        self.practice: Refused | None = None  # why a skill cannot be achieved on this evidence (rule 21)
        self.faults: list[Refused] = []  # what is missing before it can be released


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

    outcome = forms.ChoiceField(
        label="What follows from it?", choices=InterestDeclaration.Outcome.choices,
        widget=Radios(choice_hints={
            "cleared": "They may decide for this trainee again.",
            "stands_aside": "They decide nothing for this trainee. What waits moves to another assessor.",
            "unavoidable": "They may decide. Each decision counts once another person, without interest, confirms it.",
        }),
        error_messages={"required": "Choose how it was resolved."},
    )  # fmt: skip
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
