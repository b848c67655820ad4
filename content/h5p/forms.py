"""Forms of the editor: an activity's words, a package, a decision on libraries."""

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminModelForm

from content.models import H5PActivity, H5PVersion

PURPOSE = "Which lesson it is for, and why this kind of activity. Whoever approves its libraries reads it."


class ActivityForm(WagtailAdminModelForm):
    """Title and text alternative of an activity; the second is kept with its newest version."""

    text_alternative = H5PVersion._meta.get_field("text_alternative").formfield(
        required=True,
        label="Text alternative",
        help_text="What stands for the activity without JavaScript, on paper or without a signal: the same content as "
        "text. An activity cannot be put into a lesson without it.",
    )

    class Media:
        css = {"all": ["h5p-lists.css"]}

    class Meta:
        model = H5PActivity
        fields = ["title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = self.instance.versions.order_by("-number").first() if self.instance.pk else None
        if newest is not None:
            self.initial["text_alternative"] = newest.text_alternative


class PackageForm(forms.Form):
    """A package, and what it is for."""

    package = forms.FileField(
        label="H5P file",
        widget=forms.FileInput(attrs={"accept": ".h5p"}),
        help_text="A file that ends in .h5p, with its libraries, up to 200 MB. Editors of H5P give it as “Download”.",
        error_messages={"required": "Choose the H5P file.", "empty": "The file is empty. Export it again."},
    )
    title = forms.CharField(max_length=255, required=False, help_text="Leave it empty to take the package’s own title.")
    purpose = forms.CharField(
        label="What it is for", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=PURPOSE,
        error_messages={"required": "Say what it is for. Whoever approves its libraries reads it."},
    )  # fmt: skip

    def __init__(self, *args: Any, is_replacement: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_replacement:
            del self.fields["title"]


class DecisionForm(forms.Form):
    """What is decided about one or several libraries."""

    accessibility = forms.CharField(
        label="Known accessibility failures", max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What some readers cannot do, for example “Cards can only be dragged with a mouse”. Authors see it "
        "when they choose an activity. Leave it empty if you know of none.",
    )  # fmt: skip
    note = forms.CharField(
        label="Reason", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="You must give one when you refuse. Whoever uploaded the activity reads it.",
    )  # fmt: skip
