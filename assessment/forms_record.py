"""Forms of what an assessor records on site. None demands what signing will ask for: saving is never refused for it."""

from typing import Any, cast

from django import forms

from lms.accounts.api import User
from lms.common.forms import GovDateField, Radios
from portfolio.asking import ASKING
from portfolio.forms import TITLE_REQUIRED, TOO_LONG, TypedText, not_in_future, word_fields
from portfolio.kinds import RECORDED, Kind
from portfolio.models import EvidenceVersion, Witness

HINTS: dict[str, str] = {
    Kind.OBSERVATION: "You, or an expert witness, watched the trainee at work.",
    Kind.WITNESS_TESTIMONY: "Somebody at work says what they saw the trainee do.",
    Kind.PROFESSIONAL_DISCUSSION: "You asked the trainee about their work and they explained it.",
}
WIDE, NARROW = {"class": "govuk-input--width-20"}, {"class": "govuk-input--width-4", "inputmode": "numeric"}


class RecordStartForm(forms.Form):
    """What an assessor is about to record."""

    kind = forms.ChoiceField(
        label="What do you record?", choices=[(kind.value, kind.label) for kind in RECORDED],
        widget=Radios(choice_hints=HINTS), error_messages={"required": "Choose what you record."},
    )  # fmt: skip
    title = forms.CharField(
        label="Give it a title", max_length=160, error_messages=TITLE_REQUIRED,
        help_text="For example: Leading a review meeting with parents.", widget=forms.TextInput(),
    )  # fmt: skip


class RecordForm(forms.Form):
    """A record: what its kind asks for (portfolio.asking)."""

    title = forms.CharField(label="Title", required=False, max_length=160, error_messages=TOO_LONG)
    witness = forms.ChoiceField(required=False)
    happened_on = GovDateField(required=False)
    place = forms.CharField(required=False, max_length=160, error_messages=TOO_LONG)
    minutes = forms.IntegerField(
        required=False, min_value=1, max_value=1440, widget=forms.TextInput(NARROW),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "Give whole minutes, like 45."),
    )  # fmt: skip
    own_practice = forms.BooleanField(required=False)
    text = TypedText(rows=10, label="Text")

    def __init__(self, version: EvidenceVersion, data: Any = None) -> None:
        names = ("title", "witness", "happened_on", "place", "minutes", "own_practice", "text")
        initial = {name: getattr(version, name) for name in names} | {"witness": str(version.witness_id or "")}
        super().__init__(data, initial=initial)
        title = self.fields.pop("title")
        word_fields(self, ASKING[version.kind])
        self.fields = {"title": title, **self.fields}
        if "witness" in self.fields:
            self.witnesses = list(version.evidence.registration.witnesses.order_by("name", "pk"))
            observed = version.kind == Kind.OBSERVATION
            recorder = cast(User, version.recorded_by)
            nobody = f"I observed it myself ({recorder.name})" if observed else "Choose a witness"
            cast(forms.ChoiceField, self.fields["witness"]).choices = [
                ("", nobody), *((str(one.pk), f"{one.name}, {one.job} ({_expert(one)})") for one in self.witnesses),
            ]  # fmt: skip

    def clean_happened_on(self) -> Any:
        """A day that has come."""
        return not_in_future(self.cleaned_data["happened_on"])

    def clean_witness(self) -> Witness | None:
        """The witness chosen."""
        chosen = self.cleaned_data["witness"]
        return next((one for one in self.witnesses if str(one.pk) == chosen), None)


def _expert(witness: Witness) -> str:
    return "expert witness" if witness.is_expert else "not an expert witness"


class WitnessForm(forms.Form):
    """Who a witness is, the facts that make an expert (rule 22), and how the assessor knows."""

    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(WIDE))
    job = forms.CharField(label="Job", max_length=120, help_text="For example: nursery manager.",
                          widget=forms.TextInput(WIDE))  # fmt: skip
    workplace = forms.CharField(label="Where do they work?", max_length=160)
    knows_unit = forms.BooleanField(
        required=False, label="They know the unit",
        help_text="They know what the criteria ask of a SENCO at this level.",
    )  # fmt: skip
    is_competent = forms.BooleanField(
        required=False, label="They are competent in this work",
        help_text="They do this work well themselves, or have done it not long ago.",
    )  # fmt: skip
    has_assessing_qualification = forms.BooleanField(required=False, label="They hold an assessing qualification")
    evaluates_staff = forms.BooleanField(
        required=False, label="Their job is to judge how staff work",
        help_text="For example by supervision or appraisal.",
    )  # fmt: skip
    verified_how = TypedText(
        rows=4, label="How did you verify this person?", help_text="For example: I met her at the setting, and saw her "
        "name on its staff board and her certificate. That somebody answers an email address does not show who they "
        "are.",
    )  # fmt: skip


class AttestForm(forms.Form):
    """Having seen a document in its setting. What is missing, the domain says."""

    seen_on = GovDateField(required=False, label="When did you see it?", help_text="For example, 12 11 2026.")
    place = forms.CharField(label="Where did you see it?", required=False, max_length=160, error_messages=TOO_LONG)
    note = TypedText(
        rows=4, label="What did it show?", help_text="What makes it evidence, without naming a child.",
    )  # fmt: skip


class TraineeFilter(forms.Form):
    """Which trainees to show."""

    q = forms.CharField(label="Trainee’s name", required=False, max_length=80)
