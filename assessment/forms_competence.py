"""Forms of the record of staff: qualifications, proof of them, development. Rules live in the domain."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessment.domain.certificate import MOST_BYTES
from courses.framework.models import SECTORS
from lms.accounts.api import Role, StaffCpd, StaffQualification
from lms.accounts.competence import LEVELS, Facts, Reason
from lms.common.forms import FilesField, FilesInput, GovDateField, Radios
from portfolio.forms_skills import DurationField

Kind = StaffQualification.Kind
PAST = "The date must be today or in the past."
HINTS = {
    Kind.ASSESSING: "For example, Level 3 Certificate in Assessing Vocational Achievement (CAVA), or A1.",
    Kind.QUALITY_ASSURANCE: "For example, Level 4 Award in the Internal Quality Assurance of Assessment, or V1.",
    Kind.NATIONAL_AWARD: "The National Award for SEN Co-ordination, or the leadership NPQ for SENCOs.",
    Kind.TEACHER_STATUS: "QTS, QTLS or EYTS.",
    Kind.OCCUPATIONAL: "What you have done and know in the sector, such as years as a SENCO.",
}


class KindForm(forms.Form):
    """Which kind of qualification is added."""

    kind = forms.ChoiceField(
        label="What do you want to add?", choices=Kind.choices, widget=Radios(choice_hints=HINTS),
        error_messages={"required": "Choose what you want to add."},
    )  # fmt: skip


class QualificationForm(forms.Form):
    """A qualification that is held or worked towards; occupational competence, which is held, for a sector and up to a
    level."""

    title = forms.CharField(
        label="Title", max_length=160, help_text="As it stands on the certificate.",
        error_messages={"required": "Give the title of the qualification."},
    )  # fmt: skip
    awarded_by = forms.CharField(label="Awarded by (optional)", max_length=160, required=False)
    state = forms.ChoiceField(
        label="Is it held already?", widget=forms.RadioSelect,
        choices=[("held", "Yes, it has been awarded"), ("working", "Not yet, it is being worked towards")],
        error_messages={"required": "Say whether it has been awarded."},
    )  # fmt: skip
    awarded_on = GovDateField(label="Date of the award", required=False, help_text="If it is held. As on the "
                              "certificate, for example 12 11 2024.")  # fmt: skip
    expires_on = GovDateField(label="Last day that it holds (optional)", required=False, help_text="Only if it runs "
                              "out, for example 12 11 2027. You are reminded 60, 30 and 7 days before.")  # fmt: skip
    working_towards_since = GovDateField(
        label="Working towards it since", required=False, help_text="The day of registration for it. Leave empty if it "
        "was never worked towards while assessing."
    )  # fmt: skip
    sector = forms.ChoiceField(label="Sector", required=False, choices=[("", "Any sector"), *SECTORS])
    up_to_level = forms.TypedChoiceField(
        label="Up to level", required=False, coerce=int, empty_value=None,
        choices=[("", "Any level"), *((str(level), f"Level {level}") for level in LEVELS)],
    )  # fmt: skip
    certificate = FilesField(
        label="Certificate (optional)", required=False, help_text="A PDF, JPEG or PNG of at most 10 MB. It is checked "
        "for viruses and kept privately: only the person, their lead IQA and centre administrator can open it.",
        widget=FilesInput({"accept": ".pdf,.jpg,.jpeg,.png"}, max_bytes=MOST_BYTES, max_files=1),
    )  # fmt: skip

    def __init__(self, kind: str, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self.kind = kind
        if kind == Kind.OCCUPATIONAL:
            for name in ("state", "working_towards_since"):
                del self.fields[name]
            self.fields["title"].label = "What is it?"
            self.fields["title"].help_text = "For example, “SENCO of a day nursery” or “Early years teacher”."
            self.fields["awarded_by"].label = "Employer or awarding body (optional)"
            self.fields["awarded_on"].label, self.fields["awarded_on"].help_text = "Since", "For example, 1 9 2019."
            self.fields["certificate"].label = "Proof, such as a reference (optional)"
        else:
            for name in ("sector", "up_to_level"):
                del self.fields[name]

    @staticmethod
    def of(row: StaffQualification) -> dict[str, Any]:
        """What the form says of a record already."""
        names = ("title", "awarded_by", "awarded_on", "expires_on", "working_towards_since", "sector", "up_to_level")
        return {name: getattr(row, name) for name in names} | {"state": "held" if row.awarded_on else "working"}

    def clean_certificate(self) -> Any:
        """The first file, if any came."""
        found = self.cleaned_data["certificate"]
        return found[0] if isinstance(found, list) and found else found or None

    def clean(self) -> dict[str, Any]:
        """The dates that go with the answer; none to come but the last day that it holds."""
        found = super().clean() or {}
        held = self.kind == Kind.OCCUPATIONAL or found.get("state") == "held"
        asked = "awarded_on" if held else "working_towards_since"
        if asked not in self.errors and found.get(asked) is None and (held or found.get("state")):
            self.add_error(asked, "Enter the date of the award." if self.kind != Kind.OCCUPATIONAL and held else
                           "Enter the date since when.")  # fmt: skip
        for name in ("awarded_on", "working_towards_since"):
            day = found.get(name)
            if isinstance(day, date) and day > timezone.localdate():
                self.add_error(name, PAST)
        first, last = found.get("awarded_on"), found.get("expires_on")
        if held and first and last and last < first:
            self.add_error("expires_on", "It cannot run out before it was awarded.")
        return found

    @property
    def facts(self) -> Facts:
        """What the domain takes. What is worked towards has no date of award yet."""
        values = self.cleaned_data
        held = values.get("state", "held") == "held"
        return Facts(
            self.kind, values["title"], values["awarded_by"], values.get("working_towards_since"),
            values["awarded_on"] if held else None, values["expires_on"] if held else None, values.get("sector", ""),
            values.get("up_to_level"),
        )  # fmt: skip


class WithdrawForm(forms.Form):
    """Why a qualification is taken off the record."""

    reason = forms.ChoiceField(
        label="Why?", choices=Reason.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choose why it is taken off the record."},
    )  # fmt: skip


class StaffCpdForm(forms.Form):
    """An entry of one's own log of development."""

    title = forms.CharField(
        label="What did you do?", max_length=160, help_text="For example, “Standardisation of section 2”.",
        error_messages={"required": "Say in a few words what you did."},
    )  # fmt: skip
    happened_on = GovDateField(label="When?", help_text="For example, 12 11 2026. If it took some days, give the last "
                               "one.", error_messages={"required": "Enter the date when you did it."})  # fmt: skip
    minutes = DurationField(label="How long did it take?")
    is_assessment = forms.BooleanField(label="It was about assessing or quality assurance", required=False)
    learned = forms.CharField(
        label="What did you learn, and what do you do differently? (optional)", required=False, max_length=4000,
        widget=forms.Textarea({"rows": 4}),
    )  # fmt: skip

    @staticmethod
    def of(row: StaffCpd) -> dict[str, Any]:
        """What the form says of an entry already."""
        return {name: getattr(row, name) for name in StaffCpdForm.base_fields}

    def clean_happened_on(self) -> date:
        """A day that has come."""
        day: date = self.cleaned_data["happened_on"]
        if day > timezone.localdate():
            raise ValidationError(f"{PAST} Log it when you have done it.", code="future")
        return day


class StaffFilter(forms.Form):
    """Which of the staff to show."""

    q = forms.CharField(label="Name", required=False, max_length=80)
    role = forms.ChoiceField(
        label="Role", required=False,
        choices=[("", "Every role"), *((r.value, r.label) for r in (Role.ASSESSOR, Role.IQA, Role.LEAD_IQA))],
    )  # fmt: skip
    show = forms.ChoiceField(
        label="Show", required=False,
        choices=[("", "Everybody"), ("to_prove", "Proof to be seen"), ("ends", "Runs out within 60 days"),
                 ("unqualified", "No assessing qualification held")],
    )  # fmt: skip

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in force, without the empty ones. Nonsense in the address is ignored."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}
