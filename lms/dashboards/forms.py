"""Forms of the homes."""

from typing import Any

from django import forms

from courses.framework.api import Qualification
from courses.pages.models import CoursePage


class NumberForm(forms.Form):
    """A learner's own number. Whether it can be right is the domain's to say (rule 40), not the form's."""

    uln = forms.CharField(
        label="Your unique learner number",
        help_text="It has 10 digits. It is on letters from a college or training provider. If you do not know it yet, "
        "enter 9999999999.",
        error_messages={"required": "Enter your unique learner number, or 9999999999 if you do not know it yet."},
        widget=forms.TextInput(
            {"class": "govuk-input--width-10", "inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}
        ),
        max_length=40,
    )


class CopyForm(forms.Form):
    """A copy of a course: what it is called, where it stands, and what it leads to."""

    title = forms.CharField(label="Title of the copy", max_length=255)
    slug = forms.SlugField(
        label="Address", max_length=255, help_text="Small letters, numbers and hyphens. The course will stand at "
        "/courses/ and this word.", widget=forms.TextInput({"class": "govuk-input--width-20", "spellcheck": "false"}),
    )  # fmt: skip
    qualification = forms.ModelChoiceField(
        label="Qualification that the copy leads to", queryset=Qualification.objects.none(), empty_label=None,
        help_text="With another framework, each mapping goes along to the statements that follow it.",
    )  # fmt: skip

    def __init__(self, *args: Any, course: CoursePage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = course.qualification.awarding_organisation_id
        rows = Qualification.objects.filter(awarding_organisation=owner).order_by("title", "pk")
        self.fields["qualification"].queryset = rows  # type: ignore[attr-defined]  # a field of a choice of rows
