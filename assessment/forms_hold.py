"""Forms of privacy holds (rule 4)."""

from typing import Any

from django import forms


class ReportForm(forms.Form):
    """Somebody says that a child can be recognised in a piece of evidence."""

    reason = forms.CharField(
        label="Where in it can a child be recognised, and how?",
        help_text="For example: “the name in the second paragraph”, or “a face in the photograph”. Do not write the "
        "child’s name here.",
        max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say where in it a child can be recognised, and how"},
    )  # fmt: skip


class AnswerForm(forms.Form):
    """The data-protection role says why a hold ends as it does."""

    answer = forms.CharField(
        label="Why?", help_text="The learner and the person who reported it read this. Do not name the child.",
        max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": "Say why"},
    )  # fmt: skip
    agreed = forms.BooleanField(
        label="I understand that this cannot be undone",
        error_messages={"required": "Tick the box to say that you understand that this cannot be undone"},
    )

    def __init__(self, *args: Any, is_final: bool = False, **kwargs: Any) -> None:
        """`is_final`: it destroys, and asks for a tick."""
        super().__init__(*args, **kwargs)
        if not is_final:
            del self.fields["agreed"]
