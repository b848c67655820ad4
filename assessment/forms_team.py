"""Forms of those who set a centre's teams: what they type, checked for shape only. Rules live in the domain."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from assessment.policies.allocating import Part
from assessment.queries_cover import CoverLine
from assessment.queries_ground import Candidate
from lms.accounts.api import User
from lms.common.forms import Checkboxes, GovDateField, Radios

AUTOMATIC_CHOICES = [
    (Part.ASSESSOR.value, "Assessor"),
    (Part.SECOND_ASSESSOR.value, "Second assessor, where decisions need a second check"),
    (Part.IQA.value, "Internal quality assurer"),
]


def _reason(label: str, hint: str = "", *, required: bool) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, max_length=300, required=required,
                           widget=forms.Textarea({"rows": 2}))  # fmt: skip


class TeamFilter(forms.Form):
    """Which of a cohort's learners to show."""

    q = forms.CharField(label="Trainee’s name", required=False, max_length=80)
    without = forms.ChoiceField(
        label="Without", required=False,
        choices=[("", "Show everybody"), (Part.ASSESSOR.value, "An assessor"), (Part.IQA.value, "A quality assurer"),
                 (Part.SUPPORTER.value, "A supporter"), (Part.MENTOR.value, "A mentor")],
    )  # fmt: skip
    who = forms.ChoiceField(label="Person", required=False)

    def __init__(self, data: Any, people: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.fields["who"].choices = [("", "Anybody"), *people]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in force: names and values, without the empty ones. Nonsense in the address is ignored."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AutomaticForm(forms.Form):
    """Which roles to share out."""

    part = forms.MultipleChoiceField(label="Share out", choices=AUTOMATIC_CHOICES, widget=Checkboxes)


class GiveForm(forms.Form):
    """Somebody for a learner, in a role that the page has set."""

    who = forms.TypedChoiceField(
        label="Who", coerce=int, widget=Radios,
        error_messages={"invalid_choice": "This person cannot be chosen now. The reason is below the list."},
    )  # fmt: skip
    starts_on = GovDateField(label="From", help_text="The first day. It can lie in the future.")
    ends_on = GovDateField(label="Until", help_text="The last day. Leave it empty when there is no end yet.",
                           required=False)  # fmt: skip
    reason = _reason("Why this person", "Stays on record. You can leave it empty.", required=False)

    def __init__(self, candidates: list[Candidate], data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        rows, field = [one for one in candidates if one.is_eligible], self.fields["who"]
        # Shown: who can. Taken: everybody, so that the domain says why not, and a form sent twice is known again.
        field.choices = [(one.user.pk, one.user.name) for one in candidates]  # type: ignore[attr-defined]
        field.widget.choices = [(one.user.pk, one.user.name) for one in rows]
        field.widget.choice_hints = {str(one.user.pk): hint_of(one) for one in rows}


class ReplaceForm(GiveForm):
    """Somebody else for a learner, with the reason that must be given."""

    ends_on = None  # type: ignore[assignment]
    reason = _reason("Why somebody else takes over", "Both people’s records keep it. Say nothing about anybody’s "
                     "health.", required=True)  # fmt: skip


class EndForm(forms.Form):
    """The last day of somebody's role, and why."""

    ends_on = GovDateField(label="Last day", help_text="Yesterday ends it at once.")
    reason = _reason("Why it ends", "Stays on record.", required=True)


class LimitForm(forms.Form):
    """How many learners an assessor may have."""

    limit = forms.IntegerField(
        label="Most trainees", help_text="Leave it empty for no limit.", required=False, min_value=1, max_value=500,
        widget=forms.NumberInput({"class": "govuk-input--width-4"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"),
                                     "Type a whole number from 1 to 500, or leave it empty."),
    )  # fmt: skip


class AbsenceForm(forms.Form):
    """Days on which somebody is away."""

    who = forms.TypedChoiceField(label="Who is away", coerce=int)
    starts_on = GovDateField(label="First day away")
    ends_on = GovDateField(label="Last day away")
    note = forms.CharField(label="Note", help_text="For your colleagues, such as “back on Monday”. Never why somebody "
                           "is away.", max_length=200, required=False)  # fmt: skip
    moves_work = forms.BooleanField(
        label="Move what waits in their queue to whoever covers",
        required=False,
        initial=True,
        help_text="On the first day. What is still open goes back to them on the day after the last. Without this, "
        "only what trainees send while they are away goes to the cover.",
    )

    def __init__(self, staff: list[tuple[str, str]], data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["who"].choices = [("", "Choose somebody"), *staff]  # type: ignore[attr-defined]


class CoverForm(forms.Form):
    """One choice for each learner of somebody who is away."""

    def __init__(self, lines: list[CoverLine], data: Any = None) -> None:
        super().__init__(data)
        for line in lines:
            choices = [(str(one.user.pk), f"{one.user.name} ({one.load.learners} now)") for one in line.can]
            chosen = line.suggested or line.now
            self.fields[line.name] = forms.TypedChoiceField(
                label=f"Who covers for {line.registration.learner.name}", choices=[("", "Nobody"), *choices],
                required=False, coerce=int, empty_value=None, initial=chosen.pk if chosen else "",
                error_messages={"invalid_choice": "This person cannot cover any more. Choose somebody else."},
            )  # fmt: skip

    @property
    def chosen(self) -> dict[int, User | None]:
        """Who was chosen, by registration id."""
        people = User.objects.in_bulk({pk for pk in self.cleaned_data.values() if pk})
        return {int(name[1:]): people.get(pk) for name, pk in self.cleaned_data.items()}


class BackForm(forms.Form):
    """The last day of an absence that ends early."""

    ends_on = GovDateField(label="Last day away", help_text="They work again on the day after.")


class BorrowForm(forms.Form):
    """An assessor of another centre or authority, for some days."""

    centre = forms.TypedChoiceField(label="For which centre", coerce=int)
    email = forms.EmailField(label="Their email address", help_text="The one they sign in with. Ask them for it.",
                             widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}))  # fmt: skip
    starts_on = GovDateField(label="First day")
    ends_on = GovDateField(label="Last day")

    def __init__(self, centres: list[tuple[int, str]], data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["centre"]
        field.choices = centres  # type: ignore[attr-defined]
        if len(centres) == 1:
            field.widget, field.initial = forms.HiddenInput(), centres[0][0]


class GiveBackForm(forms.Form):
    """The last day of a borrowed assessor."""

    ends_on = GovDateField(label="Last day", help_text="What they have open goes to other assessors the day after.")


def hint_of(one: Candidate) -> str:
    """What to know of a candidate before choosing them."""
    load = one.load
    limit = f" of {load.limit}" if load.limit is not None else ""
    parts = [f"{load.learners}{limit} trainee{'' if load.learners == 1 else 's'} in this role"]
    if load.waiting:
        parts.append(f"{load.waiting} open submission{'' if load.waiting == 1 else 's'}")
    if load.away_until:
        parts.append(f"away until {_day(load.away_until)}")
    if load.lent_until:
        parts.append(f"lent until {_day(load.lent_until)}")
    words = " · ".join(parts)
    return f"{words}. {' '.join(one.notes)}" if one.notes else words


def today() -> date:
    """Today, for the first day of a form."""
    return timezone.localdate()


def yesterday() -> date:
    """Yesterday, for what ends at once."""
    return timezone.localdate() - timedelta(days=1)


def _day(day: date) -> str:
    return date_format(day, "j F Y")
