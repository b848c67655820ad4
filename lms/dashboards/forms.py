"""Forms of the homes."""

from django import forms


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
