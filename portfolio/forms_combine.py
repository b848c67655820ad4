"""The form that puts photographs in order."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .models import EvidenceFile


class CombineForm(forms.Form):
    """Which page each photograph becomes, and what the document is called. One select for each photograph, so that it
    works by keyboard, on a phone and without JavaScript."""

    name = forms.CharField(
        label="What is the document called?", max_length=120, initial="Photographs",
        error_messages={"required": "Give the document a name.", "max_length": "Use 120 characters or fewer."},
    )  # fmt: skip

    def __init__(self, *args: Any, photos: list[EvidenceFile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.photos = photos
        pages = [(str(number), f"Page {number}") for number in range(1, len(photos) + 1)]
        for number, photo in enumerate(photos, 1):
            self.fields[f"photo{photo.pk}"] = forms.ChoiceField(
                label=f"Place of {photo.name}", choices=[*pages, ("", "Leave it out")], initial=str(number),
                required=False,
            )  # fmt: skip

    def rows(self) -> list[tuple[EvidenceFile, Any]]:
        """Each photograph with the field that says where it goes."""
        return [(photo, self[f"photo{photo.pk}"]) for photo in self.photos]

    def clean(self) -> dict[str, Any]:
        """Two photographs cannot be one page."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        taken: dict[str, EvidenceFile] = {}
        for photo in self.photos:
            page = data.get(f"photo{photo.pk}", "")
            if page in taken:
                self.add_error(f"photo{photo.pk}", ValidationError(f"“{taken[page].name}” is page {page} already."))
            elif page:
                taken[page] = photo
        return data

    def chosen(self) -> list[int]:
        """Ids of the photographs in the order of their pages."""
        pages = {photo.pk: self.cleaned_data.get(f"photo{photo.pk}", "") for photo in self.photos}
        return sorted((pk for pk, page in pages.items() if page), key=lambda pk: int(pages[pk]))
