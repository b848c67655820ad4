"""Forms of safeguarding concerns (rule 5)."""

from typing import Any, cast

from django import forms

from courses.delivery.models import Registration
from lms.accounts.models import Organisation
from lms.common.forms import Radios

MOST = 10_000


class ConcernForm(forms.Form):
    """What somebody saw or heard, and for which centre's safeguarding lead. One centre is not asked about."""

    centre = forms.ChoiceField(label="Which centre is it about?", widget=Radios)
    concern = forms.CharField(
        label="What did you see or hear?",
        help_text="Who, what, when and where, in your own words and theirs. Write what happened, not what you think it "
        "means.",
        max_length=MOST, widget=forms.Textarea(attrs={"rows": 9}),
        error_messages={"required": "Say what you saw or heard"},
    )  # fmt: skip
    about = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, centres: list[Organisation], about: Registration | None,
                 **kwargs: Any) -> None:  # fmt: skip
        """`centres`: whom the person can tell. `about`: in whose work it arose."""
        kwargs["initial"] = {"about": about.ref if about else ""}
        super().__init__(*args, **kwargs)
        self.centres, self.chosen_about = {str(centre.pk): centre for centre in centres}, about
        if len(centres) == 1:
            del self.fields["centre"]
        else:
            choices = [(key, centre.name) for key, centre in self.centres.items()]
            cast(forms.ChoiceField, self.fields["centre"]).choices = choices
            self.fields["centre"].error_messages["required"] = "Choose a centre"

    @property
    def chosen_centre(self) -> Organisation:
        """The centre that was chosen, or the only one."""
        return (
            self.centres[self.cleaned_data["centre"]] if "centre" in self.fields else next(iter(self.centres.values()))
        )


class NoteForm(forms.Form):
    """What was done about a concern."""

    text = forms.CharField(
        label="What was done?", help_text="Whom you told, what you decided, and why. Notes cannot be changed.",
        max_length=MOST, widget=forms.Textarea(attrs={"rows": 5}), error_messages={"required": "Say what was done"},
    )  # fmt: skip
