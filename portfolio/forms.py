"""Forms of the portfolio. None demands what a draft may still lack: saving a draft is never refused (rule 1)."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from lms.common.forms import FilesField, FilesInput, GovDateField, Radios

from .api import EvidenceVersion
from .asking import ASKING, Asking
from .kinds import BY_LEARNER
from .processing.kinds import SUFFIXES

Kind = EvidenceVersion.Kind
KIND_HINTS: dict[str, str] = {
    Kind.REFLECTIVE_ACCOUNT: "You look back on something you did: what happened, why, and what you learned from it.",
    Kind.WORK_PRODUCT: "Something you made or used at work, such as a plan, a letter or notes of a meeting. "
    "Take the names out first.",
    Kind.CASE_STUDY: "One child or family over some time, under a made-up name: what you did and what changed.",
    Kind.WRITTEN_ANSWER: "Your answer, in your own words, to a question or a task from the course.",
    Kind.CERTIFICATE: "A course or qualification that you have done already, and what you use from it.",
    Kind.HELD_IN_SETTING: "A document that must not leave your setting. Your assessor comes to see it there.",
}
TITLE_REQUIRED = {"required": "Give your evidence a title.", "max_length": "Make the title 160 characters or fewer."}

TOO_LONG = {"max_length": "Use 160 characters or fewer."}


class TypedText(forms.CharField):
    """A long text. Line ends are made the same however it was sent, so that saving it unchanged changes nothing."""

    def __init__(self, *, rows: int, label: str, help_text: str = "") -> None:
        super().__init__(required=False, label=label, help_text=help_text, widget=forms.Textarea({"rows": rows}))

    def to_python(self, value: object) -> str:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n")) or ""


class StartForm(forms.Form):
    """Step 1: what kind of evidence, and its title."""

    kind = forms.ChoiceField(
        label="What kind of evidence is it?", choices=[(kind.value, kind.label) for kind in BY_LEARNER],
        widget=Radios(choice_hints=KIND_HINTS),
        error_messages={"required": "Choose what kind of evidence it is."},
    )  # fmt: skip
    title = forms.CharField(
        label="Give it a title", max_length=160, error_messages=TITLE_REQUIRED,
        help_text="A few words that you will know again, such as “Talking with a parent about speech”.",
        widget=forms.TextInput(),
    )  # fmt: skip


class WriteForm(forms.Form):
    """Step 2: what the kind of evidence asks for, in its own words (portfolio.asking). Without a kind every field."""

    text = TypedText(rows=12, label="Text")
    happened_on = GovDateField(required=False)
    place = forms.CharField(required=False, max_length=160, error_messages=TOO_LONG)
    source = forms.CharField(required=False, max_length=160, error_messages=TOO_LONG)

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind:
            word_fields(self, ASKING[kind])

    def clean_happened_on(self) -> date | None:
        """A date that has come."""
        return not_in_future(self.cleaned_data["happened_on"])


def word_fields(form: forms.Form, asking: Asking) -> None:
    """Leaves a form the fields that a kind asks for, with its words and in its order; the text comes last."""
    asked = asking.fields | {"text": asking.text}
    for name in [name for name in form.fields if name not in asked]:
        del form.fields[name]
    form.order_fields(list(asked))
    for name, words in asked.items():
        form.fields[name].label, form.fields[name].help_text = words.label, words.hint


def not_in_future(day: date | None) -> date | None:
    """A day that has come. Raises ValidationError."""
    if day and day > timezone.localdate():
        raise ValidationError("The date must be today or in the past.", code="future")
    return day


class FilesForm(forms.Form):
    """Step 3: files. What each may be is judged by its content (portfolio.files)."""

    files = FilesField(required=False, label="Choose files")  # type: ignore[assignment]

    def __init__(self, *args: Any, room: int, **kwargs: Any) -> None:
        """`room`: how many files may still be added."""
        super().__init__(*args, **kwargs)
        taken = ["image/*", "video/*", "audio/*", *sorted(set().union(*SUFFIXES.values()))]  # a phone offers its camera
        self.fields["files"].widget = FilesInput(
            {"multiple": True}, max_bytes=settings.EVIDENCE_FORM_MAX_BYTES, max_files=room, accept=",".join(taken)
        )


class DeclareForm(forms.Form):
    """Step 5: the two declarations (rules 1 and 3), and where AI was used."""

    no_child_identified = forms.BooleanField(
        required=False, label="No child can be recognised from this evidence",
        help_text="I used made-up names. I left out or changed details that could point to a child or family. "
        "No face shows in a picture unless I hold written consent.",
    )  # fmt: skip
    authentic = forms.BooleanField(
        required=False, label="This is my own work",
        help_text="It is about what I did myself. I used AI only as the rules above allow.",
    )  # fmt: skip
    ai_used = TypedText(rows=3, label="Where did you use AI? (optional)",
                        help_text="Say which tool and what for. Leave it empty if you did not use any.")  # fmt: skip
