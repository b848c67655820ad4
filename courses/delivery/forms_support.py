"""Forms of an authority: who supports which setting, and what the role is called."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from lms.accounts.models import Organisation, User
from lms.common.forms import Checkboxes, GovDateField

from .domain.support import LONGEST_TITLE
from .queries_support import NOBODY, area_sencos_of


class SupportFilter(forms.Form):
    """What to show of an authority's settings."""

    q = forms.CharField(label="Setting’s name", required=False, max_length=80)
    person = forms.ChoiceField(label="Supported by", required=False)

    def __init__(self, data: Any, people: list[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="filter_%s")
        choices = [("", "Anybody or nobody"), (NOBODY, "Nobody"), *people]
        cast(forms.ChoiceField, self.fields["person"]).choices = choices

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters in force: names and values, without the empty ones. Nonsense in the address is ignored."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}


class SupportForm(forms.Form):
    """Who supports the ticked settings, from which day."""

    settings = forms.ModelMultipleChoiceField(
        queryset=Organisation.objects.none(), widget=Checkboxes, label="Settings",
        error_messages={"required": "Tick at least one setting in the list."},
    )  # fmt: skip
    person = forms.ChoiceField(
        label="Who supports them?", error_messages={"required": "Choose who supports the settings."}
    )
    starts_on = GovDateField(label="From which day?", help_text="It may lie in the past.", initial=timezone.localdate)

    def __init__(self, authority: Organisation, data: Any = None) -> None:
        super().__init__(data)
        places = Organisation.objects.filter(kind=Organisation.Kind.SETTING, local_authority=authority)
        cast(forms.ModelMultipleChoiceField, self.fields["settings"]).queryset = places.order_by("name", "pk")
        self.fields["settings"].widget.choices = [("", "")]  # the page draws the boxes
        self.people = {str(user.pk): user for user in area_sencos_of(authority)}
        choices = [("", "Choose a person"), *((pk, user.name) for pk, user in self.people.items())]
        cast(forms.ChoiceField, self.fields["person"]).choices = choices

    @property
    def ticked(self) -> set[str]:
        """The settings that were ticked, as they were sent."""
        return set(cast(QueryDict, self.data).getlist("settings")) if self.is_bound else set()

    def clean_person(self) -> User:
        return self.people[self.cleaned_data["person"]]


class EndSupportForm(forms.Form):
    """When the support of a setting ends."""

    ends_on = GovDateField(label="What is its last day?", initial=timezone.localdate)


class TitleForm(forms.Form):
    """What an authority calls its Area SENCOs."""

    title = forms.CharField(
        label="What do you call this role?", required=False, max_length=LONGEST_TITLE,
        help_text="For example: Inclusion Officer, Early Years Advisory Teacher. Leave it empty to say “Area SENCO”.",
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
        error_messages={"max_length": f"The title may have up to {LONGEST_TITLE} characters."},
    )  # fmt: skip
