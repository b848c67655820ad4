"""Forms of the editor: words and law of one's own organisation, files whose bytes are what their names say."""

import tempfile
from pathlib import Path, PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils.text import slugify
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.documents.forms import BaseDocumentForm

from .uploads import CAPTIONS, TEXT_ENDING, problem_of


class OwnedForm(WagtailAdminModelForm):
    """A word or a legal reference of an organisation: its short name is its own there."""

    short_name = "code"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        name = cleaned.get(self.short_name)
        others = self._meta.model.objects.filter(organisation=self.instance.organisation_id, **{self.short_name: name})
        if name and others.exclude(pk=self.instance.pk).exists():
            self.add_error(self.short_name, "You have one with this short name already.")
        return cleaned


class TermForm(OwnedForm):
    """A word explained. Its short name is made from the word when nothing is typed."""

    short_name = "slug"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["slug"].label = "Short name"
        self.fields["slug"].help_text = "For its address. Leave it empty: it is made from the term."

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("slug") and "slug" not in self.errors:
            self.cleaned_data["slug"] = slugify(self.cleaned_data.get("term", ""))[:90]
            if not self.cleaned_data["slug"]:
                self.add_error("slug", "Type a short name in small letters, for example: early-help")
        return super().clean()


class ReferenceForm(OwnedForm):
    """A legal reference."""

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url.startswith("https://"):
            raise ValidationError("Give an address that begins with https://")
        return url


class LessonFileForm(BaseDocumentForm):
    """A file of a lesson: its bytes must be of the kind that its name says, and hold nothing that runs."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            ending = PurePath(file.name or "").suffix.lower()
            if why := _looked_into(file, ending):
                raise ValidationError(f"“{file.name}” {why}")
        return file


def _looked_into(file: UploadedFile, ending: str) -> str:
    if ending == CAPTIONS:
        file.seek(0)
        head = file.read(20).decode("utf-8", "replace").lstrip("\ufeff")
        if not head.startswith("WEBVTT"):
            return "is no file of captions: a .vtt file begins with the word WEBVTT."
        ending = TEXT_ENDING
    file.seek(0)
    try:
        if isinstance(file, TemporaryUploadedFile):
            return problem_of(Path(file.temporary_file_path()), ending)
        with tempfile.NamedTemporaryFile(suffix=ending) as copy:
            for part in file.chunks():
                copy.write(part)
            copy.flush()
            return problem_of(Path(copy.name), ending)
    finally:
        file.seek(0)
