"""The form that says where in a piece of evidence a criterion is met, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from lms.common.errors import Refused
from lms.common.forms import GovBoundField

from .api import EvidenceFile, EvidenceLink, EvidenceVersion, Link
from .forms import TypedText
from .places import RECORDINGS, WHOLE, Region, paragraphs, read_time, region_of, say_time

EDGES = ("left", "top", "width", "height")
EXACT = ("page", "start", "end", *EDGES)
BEGINNING = 56  # letters of a paragraph that a choice shows
NUMERIC = {"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-4"}
TIMED = {"autocomplete": "off", "class": "govuk-input--width-5"}


class PlaceSelect(forms.Select):
    """The places of a version. A file's choice says how it is shown, for the page's script."""

    offered: Mapping[str, EvidenceFile]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The choice, with what a script needs to show its file beside it."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if file := self.offered.get(str(value)):
            option["attrs"] |= {"data-media": file.media, "data-pages": str(file.pages), "data-name": file.name,
                                "data-src": reverse("portfolio:file", args=[file.ref])}  # fmt: skip
            if file.pages:
                option["attrs"]["data-page-src"] = reverse("portfolio:page", args=[file.ref, 0])
        return option


class PageField(forms.IntegerField):
    """A page's number, typed."""

    def __init__(self) -> None:
        wrong = "Give the page as a whole number, like 3."
        super().__init__(required=False, min_value=1, max_value=9999, label="Page", widget=forms.TextInput(NUMERIC),
                         error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong))  # fmt: skip


class TimeField(forms.CharField):
    """A time in a recording, typed as m:ss or h:mm:ss. Cleaned to seconds."""

    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(required=False, label=label, help_text=help_text, widget=forms.TextInput(TIMED))

    def clean(self, value: Any) -> Any:
        """Seconds, or None when nothing was typed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_time(text)
        except ValueError:
            raise ValidationError("Give the time in minutes and seconds, like 1:20, or 1:02:30.") from None


class EdgeField(forms.IntegerField):
    """One number of a marked part, in percent."""

    def __init__(self, label: str) -> None:
        wrong = f"{label}: give a whole number from 0 to {WHOLE}."
        super().__init__(required=False, min_value=0, max_value=WHOLE, label=label, widget=forms.TextInput(NUMERIC),
                         error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong))  # fmt: skip


class LinkForm(forms.Form):
    """Step 4, second part: where in the evidence a criterion is met, and why. Of the fields for an exact place it has
    those that fit the version's files; `typed_link` is what was typed, as a link."""

    place = forms.ChoiceField(label="Where in your evidence?", required=False, widget=PlaceSelect())
    page = PageField()
    start = TimeField("From", "Minutes and seconds, like 1:20")
    end = TimeField("To (optional)", "Like 2:05")
    left = EdgeField("Left")
    top = EdgeField("Top")
    width = EdgeField("Width")
    height = EdgeField("Height")
    where = forms.CharField(
        label="In your own words (optional)", required=False, max_length=160,
        error_messages={"max_length": "Say where in 160 characters or fewer."},
    )  # fmt: skip
    why = TypedText(rows=3, label="Why does it meet this?", help_text="One or two sentences to your assessor.")

    words = ("Not in one place", "What you wrote", "Your files")  # how the places are offered

    def __init__(self, link: EvidenceLink, version: EvidenceVersion, data: Mapping[str, str] | None = None, *,
                 prefix: str = "", more: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """`link` is the saved one; `version`, with its files, is what it belongs to. What is not in `data` keeps its
        saved value. `more`: saved values of the fields that a form beside links adds."""
        prefix, saved = prefix or f"link{link.criterion_id}", {**_saved(link), **(more or {})}
        values = None
        if data is not None:
            values = {f"{prefix}-{name}": data.get(f"{prefix}-{name}", value) for name, value in saved.items()}
        super().__init__(values, prefix=prefix, initial=saved)
        self.link, self.saved = link, saved
        self.offered = {f"f{f.pk}": f for f in version.files.all() if f.state != EvidenceFile.State.REFUSED}
        self._offer(version)

    def _offer(self, version: EvidenceVersion) -> None:
        """Offers the places that the version has, and only the fields that fit them."""
        field = cast(forms.ChoiceField, self.fields["place"])
        field.choices = _choices(version, list(self.offered.values()), self.saved["place"], self.words)
        cast(PlaceSelect, field.widget).offered = self.offered
        kinds = {file.media for file in self.offered.values()}
        fitting = {
            "page": any(file.pages > 1 for file in self.offered.values()),
            "start": bool(kinds & set(RECORDINGS)),
        }
        fitting["end"] = fitting["start"]
        fitting |= dict.fromkeys(EDGES, "image" in kinds or any(file.pages for file in self.offered.values()))
        for name in [name for name, fits in fitting.items() if not fits]:
            del self.fields[name]
        if len(field.choices) < 2:
            del self.fields["place"]

    @property
    def has_exact(self) -> bool:
        """It has fields for a page, a time or a marked part."""
        return any(name in self.fields for name in EXACT)

    @property
    def opens(self) -> bool:
        """The fields for an exact place are shown at once: something is in one of them."""
        return any(self[name].value() not in (None, "") for name in EXACT if name in self.fields)

    @property
    def edges(self) -> list[GovBoundField]:
        """The four numbers of a marked part, if one can be marked."""
        return [cast(GovBoundField, self[name]) for name in EDGES if name in self.fields]

    @property
    def page_hint(self) -> str:
        """How many pages each file has."""
        files = [file for file in self.offered.values() if file.pages > 1]
        return "; ".join(f"{file.name} has {file.pages} pages" for file in files) + "."

    def clean(self) -> dict[str, Any]:
        """What does not fit the chosen place is left out; what fits is checked."""
        file = self.offered.get(self.cleaned_data.get("place") or "")
        fits = _fitting(file)
        for name in EXACT:
            if name not in fits and "place" not in self.errors:
                self._leave_out(name)
        if file is not None:
            self._check_page(file)
            self._check_times()
            self._check_region(file)
        return self.cleaned_data

    def _leave_out(self, name: str) -> None:
        typed = str(self[name].value() or "").strip() if name in self.fields else ""
        if typed and not self.cleaned_data.get("place") and typed != str(self.saved[name] or ""):
            if "place" not in self.errors:
                self.add_error("place", "Choose the file that this page, time or marked part is in.")
            return
        self.errors.pop(name, None)
        self.cleaned_data[name] = None

    def _check_page(self, file: EvidenceFile) -> None:
        page = self.cleaned_data.get("page")
        if page and page > file.pages:
            has = f"{file.pages} pages. Give a page from 1 to {file.pages}." if file.pages > 1 else "only 1 page."
            self.add_error("page", f"{file.name} has {has}")

    def _check_times(self) -> None:
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if {"start", "end"} & self.errors.keys() or end is None:
            return
        if start is None:
            self.add_error("start", "Say when it starts, too.")
        elif end < start:
            self.add_error("end", "The end must come after the start.")

    def _check_region(self, file: EvidenceFile) -> None:
        numbers = {name: self.cleaned_data.get(name) for name in EDGES}
        if self.errors.keys() & set(EDGES) or all(number is None for number in numbers.values()):
            return
        missing = next((name for name in EDGES if numbers[name] is None), "")
        left, top, width, height = (number or 0 for number in numbers.values())
        if missing:
            self.add_error(missing, "Give all four numbers of the marked part, or none.")
        elif not width or not height:
            self.add_error("height" if width else "width", "A marked part is at least 1 wide and 1 high.")
        elif left + width > WHOLE:
            self.add_error("width", f"Left and width together must be {WHOLE} or less.")
        elif top + height > WHOLE:
            self.add_error("height", f"Top and height together must be {WHOLE} or less.")
        elif file.pages == 1:
            self.cleaned_data["page"] = 1
        elif file.pages and not self.cleaned_data.get("page") and "page" not in self.errors:
            self.add_error("page", "Say which page the marked part is on.")

    def typed_link(self) -> Link:
        """The link as typed. A place that is not valid stays as it was saved, and so do words that are not valid."""
        self.is_valid()
        saved = Link.of(self.link)
        words = {name: self.cleaned_data.get(name, getattr(saved, name)) for name in ("where", "why")}
        if not {"place", *EXACT} & self.errors.keys() and "place" in self.fields:
            saved = replace(saved, **self._place())
        return replace(saved, **words)

    def _place(self) -> dict[str, Any]:
        typed, place = self.cleaned_data, self.cleaned_data["place"]
        file = self.offered.get(place)
        if file is None and place.startswith("f"):
            return {}  # a file that was not taken after it had been chosen: the link stays as it was
        numbers = [number for name in EDGES if (number := typed.get(name)) is not None]
        return {
            "file_id": file.pk if file else None, "paragraph": int(place[1:]) if place.startswith("p") else None,
            "page": typed.get("page"), "start_seconds": typed.get("start"), "end_seconds": typed.get("end"),
            "region": str(Region(*numbers)) if len(numbers) == len(EDGES) else "",
        }  # fmt: skip


def _fitting(file: EvidenceFile | None) -> tuple[str, ...]:
    """The fields for an exact place that fit a file."""
    if file is None:
        return ()
    if file.media in RECORDINGS:
        return ("start", "end")
    if file.pages:
        return ("page", *EDGES)
    return EDGES if file.media == "image" else ()


def _saved(link: EvidenceLink) -> dict[str, Any]:
    """What a saved link puts into the form."""
    place = f"p{link.paragraph}" if link.paragraph else f"f{link.file_id}" if link.file_id else ""
    region = region_of(link)
    start, end = link.start_seconds, link.end_seconds
    return {
        "place": place, "page": "" if link.page is None else str(link.page),
        "start": "" if start is None else say_time(start), "end": "" if end is None else say_time(end),
        **{name: str(getattr(region, name)) if region else "" for name in EDGES},
        "where": link.where, "why": link.why,
    }  # fmt: skip


def _choices(version: EvidenceVersion, files: list[EvidenceFile], saved: str,
             words: tuple[str, str, str]) -> list[tuple[str, Any]]:  # fmt: skip
    """Every place of a version: nothing yet, its paragraphs, its files."""
    texts = [(f"p{n}", f"Paragraph {n}: {_beginning(text)}") for n, text in enumerate(paragraphs(version.text), 1)]
    if saved.startswith("p") and saved not in dict(texts):
        texts.append((saved, f"Paragraph {saved[1:]}, which is not there any more"))
    shown: list[tuple[str, str]] = [(f"f{file.pk}", _name(file)) for file in files]
    if saved.startswith("f") and saved not in dict(shown):
        shown.append((saved, "A file that was not taken"))
    nowhere, written, added = words
    groups = [(written, texts), (added, shown)]
    return [("", nowhere), *((name, choices) for name, choices in groups if choices)]


def _beginning(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= BEGINNING else f"{flat[:BEGINNING].rsplit(' ', 1)[0]}…"


def _name(file: EvidenceFile) -> str:
    if not file.is_ready:
        return f"{file.name} (being checked)"
    return f"{file.name} ({file.pages} page{'' if file.pages == 1 else 's'})" if file.pages else file.name


def link_forms(version: EvidenceVersion, data: Mapping[str, str] | None = None) -> list[LinkForm]:
    """One form for each criterion of a version, which comes with links and files."""
    return [LinkForm(link, version, data) for link in version.links.all()]


def typed_links(links: list[LinkForm]) -> list[Link]:
    """The links as typed; a part that is not valid keeps what was saved."""
    return [form.typed_link() for form in links]


def errors_of(found: Iterable[forms.Form]) -> list[Refused]:
    """What is wrong in these forms, each with the field that it leads to."""
    fields = [cast(GovBoundField, field) for form in found for field in form]
    return [Refused("form", error, fix_url=f"#{field.error_target}") for field in fields for error in field.messages]
