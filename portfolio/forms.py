"""Forms of the portfolio. None demands what a draft may still lack: saving a draft is never refused (rule 1)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from lms.common.errors import Refused
from lms.common.forms import FilesField, FilesInput, GovBoundField, GovDateField, Radios

from .api import EvidenceLink, EvidenceVersion, Link
from .files import SUFFIXES
from .kinds import BY_LEARNER

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
    """Step 2: what happened, and when."""

    text = TypedText(
        rows=12, label="What happened?", help_text="What you did, why you did it, and what came of it. Write as you "
        "would tell a colleague. You can leave this empty and add a file instead.",
    )  # fmt: skip
    happened_on = GovDateField(
        required=False, label="When did it happen? (optional)", help_text="For example, 12 11 2026. If it took some "
        "time, give the last day.",
    )  # fmt: skip

    def clean_happened_on(self) -> date | None:
        """A date that has come."""
        day = self.cleaned_data["happened_on"]
        if day and day > timezone.localdate():
            raise ValidationError("The date must be today or in the past.", code="future")
        return day


class FilesForm(forms.Form):
    """Step 3: files. What each may be is judged by its content (portfolio.files)."""

    files = FilesField(required=False, label="Choose files")  # type: ignore[assignment]

    def __init__(self, *args: Any, room: int, **kwargs: Any) -> None:
        """`room`: how many files may still be added."""
        super().__init__(*args, **kwargs)
        endings = sorted(set().union(*SUFFIXES.values()))
        self.fields["files"].widget = FilesInput(
            {"multiple": True}, max_bytes=settings.EVIDENCE_FORM_MAX_BYTES, max_files=room, accept=",".join(endings)
        )


class LinkForm(forms.Form):
    """Step 4, second part: where in the evidence a criterion is met, and why."""

    where = forms.CharField(
        label="Where in your evidence?", required=False, max_length=160,
        help_text="For example: paragraph 2, or page 3 of the plan.",
        error_messages={"max_length": "Say where in 160 characters or fewer."},
    )  # fmt: skip
    link: EvidenceLink
    why = TypedText(rows=3, label="Why does it meet this?", help_text="One or two sentences to your assessor.")


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


class FindForm(forms.Form):
    """Narrows the list of evidence."""

    STATES = [("draft", "Draft"), ("submitted", "Submitted"), ("decided", "Decided")]
    q = forms.CharField(required=False, label="Words in the title or text", max_length=100,
                        widget=forms.TextInput({"type": "search"}))  # fmt: skip
    kind = forms.ChoiceField(required=False, label="Kind", choices=[("", "Every kind"), *Kind.choices])
    state = forms.ChoiceField(required=False, label="Status", choices=[("", "Every status"), *STATES])


def link_forms(links: Iterable[EvidenceLink], data: Mapping[str, str] | None = None) -> list[LinkForm]:
    """One form for each criterion of a version. What was not posted keeps its saved words."""
    found = []
    for link in links:
        prefix = f"link{link.criterion_id}"
        saved = {f"{prefix}-where": link.where, f"{prefix}-why": link.why}
        values = {name: data.get(name, value) for name, value in saved.items()} if data is not None else None
        form = LinkForm(values, prefix=prefix, initial={"where": link.where, "why": link.why})
        form.link = link
        found.append(form)
    return found


def typed_links(links: list[LinkForm]) -> list[Link]:
    """The links as typed; a part that is not valid keeps its saved words."""
    found = []
    for form in links:
        form.is_valid()
        typed = {"where": form.link.where, "why": form.link.why} | form.cleaned_data
        found.append(replace(Link.of(form.link), where=typed["where"], why=typed["why"]))
    return found


def errors_of(links: list[LinkForm]) -> list[Refused]:
    """What is wrong in these forms, each with the field that it leads to."""
    fields = [cast(GovBoundField, field) for form in links for field in form]
    return [Refused("form", error, fix_url=f"#{field.error_target}") for field in fields for error in field.messages]
