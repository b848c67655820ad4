"""Forms of what an assessor writes beside decisions: notes in the evidence, next steps, phrases."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict

from assessment.models import Annotation, NextStep, Phrase
from courses.framework.api import Criterion
from lms.accounts.api import Organisation
from lms.common.forms import GovDateField, Radios
from portfolio.api import EvidenceLink, EvidenceVersion
from portfolio.forms import TypedText
from portfolio.forms_linking import LinkForm


class NoteForm(LinkForm):
    """A note at a place in the evidence: the place as a link names it (`typed_link`), what is noted, and about which
    criterion."""

    words = ("The whole piece", "The text", "Files")
    field_order = ["why", "about"]
    why = TypedText(rows=4, label="Your note", help_text="The learner reads it beside the evidence.")
    about = forms.ChoiceField(label="Which criterion is it about?", required=False)

    def __init__(self, note: Annotation, version: EvidenceVersion, criteria: list[Criterion], learner: str,
                 data: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """`criteria`: those that the version is submitted for. With one, nothing is asked."""
        at = {name: getattr(note, name) for name in PLACE}
        about = str(note.criterion_id or "")
        super().__init__(EvidenceLink(version=version, why=note.text, **at), version, data, prefix="note",
                         more={"about": about})  # fmt: skip
        if "place" in self.fields:
            self.fields["place"].label = "Where in the evidence?"
        self.fields["why"].help_text = f"{learner} reads it beside the evidence when you release your decisions."
        choices = [(str(c.pk), f"Only {c.code}") for c in criteria] + [("", "All that it was sent for")]
        cast(forms.ChoiceField, self.fields["about"]).choices = choices

    @property
    def text_source(self) -> str:
        """Where the page's script finds the paragraphs that a choice of place quotes."""
        return f"[id^='paragraph-{self.link.version_id}-']"

    @property
    def criterion_id(self) -> int | None:
        """The criterion that the note is about; None for all."""
        return int(self.cleaned_data.get("about") or 0) or None


PLACE = ("where", "file_id", "paragraph", "page", "start_seconds", "end_seconds", "region")


def asked_place(version: EvidenceVersion, query: QueryDict) -> dict[str, Any]:
    """The place that the address of a new note names (?paragraph=3, ?file=12&page=2, ?file=12&start=80), as far as the
    version has it. Nonsense in the address is ignored."""
    numbers = {name: int(value) for name in ("paragraph", "file", "page", "start")
               if (value := query.get(name, "")).isascii() and value.isdigit() and len(value) < 7}  # fmt: skip
    if "paragraph" in numbers:
        return {"paragraph": numbers["paragraph"]}
    file = next((row for row in version.files.all() if row.pk == numbers.get("file")), None)
    if file is None:
        return {}
    place: dict[str, Any] = {"file_id": file.pk}
    if 1 <= numbers.get("page", 0) <= file.pages:
        place["page"] = numbers["page"]
    if "start" in numbers and file.media in ("audio", "video"):
        place["start_seconds"] = numbers["start"]
    return place


class NextStepForm(forms.Form):
    """What the learner does next."""

    text = forms.CharField(
        label="What is the next step?", max_length=300, widget=forms.Textarea({"rows": 3}),
        help_text="One thing to do, in plain words. For example: ask to sit in on a review meeting and note what you "
                  "did.",
        error_messages={"required": "Say what the next step is.", "max_length": "Say it in 300 characters or fewer."},
    )  # fmt: skip
    criterion = forms.ChoiceField(label="Which criterion is it for?", required=False)
    due_on = GovDateField(label="By when? (optional)", required=False)

    def __init__(self, criteria: list[Criterion], step: NextStep | None = None, data: Any = None, *,
                 criterion_id: int | None = None) -> None:  # fmt: skip
        initial: dict[str, Any] = {"criterion": str(criterion_id or "")}
        if step is not None:
            initial = {"text": step.text, "criterion": str(step.criterion_id or ""), "due_on": step.due_on}
        super().__init__(data, initial=initial)
        choices = [("", "None in particular"), *((str(c.pk), c.code) for c in criteria)]
        cast(forms.ChoiceField, self.fields["criterion"]).choices = choices

    @property
    def values(self) -> dict[str, Any]:
        """What the domain takes."""
        typed = self.cleaned_data
        return {"text": typed["text"], "criterion_id": int(typed["criterion"] or 0) or None, "due_on": typed["due_on"]}


class PhraseForm(forms.Form):
    """A phrase of one's own or, for its lead IQA, of a centre."""

    keeper = forms.ChoiceField(label="Whose phrase is it?", widget=Radios)
    use = forms.ChoiceField(label="What is it for?", choices=Phrase.Use.choices, widget=Radios(choice_hints={
        "rationale": "What in the evidence led you to the decision.", "feedback": "What the learner reads.",
    }))  # fmt: skip
    title = forms.CharField(
        label="Name", max_length=60, help_text="A few words to find it by. The learner does not see it.",
        error_messages={"max_length": "Give it a name of 60 characters or fewer."},
    )  # fmt: skip
    text = TypedText(rows=5, label="Phrase", help_text="{first name} becomes the learner’s first name and {criterion} "
                     "the number of the criterion when you insert it.")  # fmt: skip

    def __init__(self, centres: list[Organisation], *, own: bool, phrase: Phrase | None = None, data: Any = None,
                 use: str = "") -> None:  # fmt: skip
        """`centres`: whose library the user keeps; `own`: may have phrases of their own. A phrase stays with whom it
        was written for."""
        initial = {"use": use, "keeper": "own" if own else ""}
        if phrase is not None:
            initial = {"use": phrase.use, "title": phrase.title, "text": phrase.text}
        super().__init__(data, initial=initial)
        choices = [("own", "Mine: only I see it")] * own
        choices += [(str(c.pk), f"{c.name}: all its assessors see it") for c in centres]
        cast(forms.ChoiceField, self.fields["keeper"]).choices = choices
        if phrase is not None or len(choices) == 1:
            del self.fields["keeper"]
        self.centres = {str(c.pk): c for c in centres}
        self.default = choices[0][0] if choices else ""

    @property
    def centre(self) -> Organisation | None:
        """The centre that the phrase is for; None for one's own."""
        return self.centres.get(self.cleaned_data.get("keeper", self.default))

    @property
    def values(self) -> dict[str, str]:
        """What the domain takes."""
        return {name: self.cleaned_data[name] for name in ("use", "title", "text")}


class PhraseFilter(forms.Form):
    """What to show of the library."""

    q = forms.CharField(label="Words", required=False, max_length=80)
    use = forms.ChoiceField(label="For", required=False, choices=[("", "Rationale and feedback"), *Phrase.Use.choices])

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter_%s")

    @property
    def chosen(self) -> dict[str, str]:
        """The filters in force. Nonsense in the address is ignored."""
        known = {"q": "words", "use": "use"}
        self.is_valid()
        return {known[name]: value for name, value in self.cleaned_data.items() if value}
