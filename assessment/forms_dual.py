"""Forms of dual roles, objections and policies: what people type, checked for shape only."""

from typing import Any, cast

from django import forms

from assessment.domain.dual_role import LONGEST
from assessment.domain.object import LONGEST as LONGEST_REASON
from assessment.domain.policy import MOST
from assessment.models import DualRolePolicy, Objection
from courses.framework.api import AssessmentPolicy
from lms.common.forms import Checkboxes, Radios
from lms.common.tables import FORMATS

NONE = "none"
RULE_HINTS = {
    "forbid": "Somebody else must assess.",
    "second_scrutiny": "Each decision counts once a second assessor without such a role has confirmed it.",
    "always_sampled": "Decisions count at once. Quality assurance looks at every one of them.",
    "allow": "Decisions count at once. The role is declared and the trainee sees it.",
}


class DeclareForm(forms.Form):
    """What an assessor's other roles towards a learner are. What the records say is not asked again."""

    roles = forms.MultipleChoiceField(
        label="What else are you to this trainee?",
        widget=Checkboxes(choice_hints={
            "supports": "You visit their setting, advise or mentor them.",
            "teaches": "You teach them on this course or another.",
            "manages": "You are their line manager, or you lead their work in another way.",
        }),
        error_messages={"required": "Tick what applies, or “None of these”."},
    )  # fmt: skip
    detail = forms.CharField(
        label="What should they know about it? (optional)", required=False, max_length=LONGEST,
        help_text="The trainee reads this. For example: I visit your nursery once a term and do not talk about your "
        "portfolio there.", widget=forms.Textarea({"rows": 4}),
    )  # fmt: skip

    def __init__(self, name: str, on_record: set[str], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        words = {"supports": f"I support {name} or their setting", "teaches": f"I teach {name}",
                 "manages": f"I manage {name}’s work"}  # fmt: skip
        field = cast(forms.MultipleChoiceField, self.fields["roles"])
        field.choices = [(role, text) for role, text in words.items() if role not in on_record]
        if on_record:
            field.label, field.required = "Is there anything more?", False
        else:
            field.choices = [*cast(list, field.choices), (NONE, "None of these")]

    def clean_roles(self) -> list[str]:
        roles = self.cleaned_data["roles"]
        if NONE in roles and len(roles) > 1:
            raise forms.ValidationError("Tick what applies, or “None of these”, not both.")
        return [role for role in roles if role != NONE]


class ObjectForm(forms.Form):
    """Why a learner objects to who assesses them."""

    reason = forms.CharField(
        label="Why do you object?", max_length=LONGEST_REASON, widget=forms.Textarea({"rows": 6}),
        help_text="Only your lead internal quality assurer reads this. Name no child.",
        error_messages={"required": "Say why you object."},
    )  # fmt: skip


class DecideObjectionForm(forms.Form):
    """The lead IQA's decision on an objection."""

    outcome = forms.ChoiceField(
        label="What do you decide?", choices=Objection.Outcome.choices,
        widget=Radios(choice_hints={
            "upheld": "Their allocation to this trainee ends now. What waits moves to another assessor.",
            "not_upheld": "They go on assessing this trainee.",
        }),
        error_messages={"required": "Choose whether you uphold the objection."},
    )  # fmt: skip
    answer = forms.CharField(
        label="Your answer to the trainee", widget=forms.Textarea({"rows": 5}),
        help_text="The trainee reads this. Say what you looked at and why you decided so.",
        error_messages={"required": "Write your answer. The trainee reads it."},
    )  # fmt: skip


class DualPolicyForm(forms.Form):
    """What a tier allows to an assessor with a dual role."""

    rule = forms.ChoiceField(
        label="May somebody who supports, teaches or manages a trainee also assess them?",
        choices=DualRolePolicy.Rule.choices, widget=Radios(choice_hints=RULE_HINTS),
        error_messages={"required": "Choose what is allowed."},
    )  # fmt: skip
    national_award = forms.BooleanField(
        label="Only if they hold the National Award for SEN Co-ordination", required=False,
        help_text="Somebody with a dual role and without the award must not assess.",
    )  # fmt: skip


def _number(label: str, most: int, *, hint: str, required: bool = False) -> forms.IntegerField:
    wrong = f"Give a whole number from 1 to {most}."
    return forms.IntegerField(
        label=label, required=required, min_value=1, max_value=most, help_text=hint,
        widget=forms.NumberInput({"class": "govuk-input--width-3", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )  # fmt: skip


class PolicyForm(forms.Form):
    """How an awarding organisation wants a qualification assessed."""

    countersigning = forms.BooleanField(
        label="Decisions of an assessor who is not yet qualified are countersigned", required=False,
        help_text="They count once a qualified assessor has agreed. Without it they count at once.",
    )  # fmt: skip
    working_towards_months = _number(
        "How many months may an assessor work towards their qualification?", MOST["working_towards_months"],
        hint="After that they may not assess. Leave it empty for no limit.",
    )  # fmt: skip
    occupational_competence = forms.BooleanField(
        label="Assessors prove their occupational competence", required=False,
        help_text="Only those whose centre has seen proof for the sector and level may assess.",
    )  # fmt: skip
    attempt_limit = _number(
        "How many times may a trainee submit a criterion?", MOST["attempt_limit"],
        hint="The lead internal quality assurer can grant more. Leave it empty for no limit.",
    )  # fmt: skip
    decision_days = _number(
        "Within how many days does the assessor decide?", MOST["decision_days"],
        hint="It sets the due date of each new submission.", required=True,
    )  # fmt: skip

    def __init__(self, policy: AssessmentPolicy, data: Any = None) -> None:
        super().__init__(data, initial={name: getattr(policy, name) for name in self.base_fields})


class ReportFilter(forms.Form):
    """What to show of the dual-role decisions."""

    cohort = forms.ChoiceField(label="Cohort", required=False)
    decider = forms.ChoiceField(label="Decided by", required=False)
    rule = forms.ChoiceField(label="Policy", required=False, choices=[("", "Any policy"), *DualRolePolicy.Rule.choices])

    def __init__(self, data: Any, cohorts: list[tuple[str, str]], deciders: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        cast(forms.ChoiceField, self.fields["cohort"]).choices = [("", "All cohorts"), *cohorts]
        cast(forms.ChoiceField, self.fields["decider"]).choices = [("", "Everybody"), *deciders]

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in force: names and values, without the empty ones. Nonsense in the address is ignored."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class ExportForm(forms.Form):
    """As which kind of file a table is saved."""

    form = forms.ChoiceField(choices=FORMATS)


class SettingsFilter(forms.Form):
    """What to show of the settings that somebody supports."""

    q = forms.CharField(label="Setting or trainee", required=False, max_length=80)
