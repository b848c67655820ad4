"""The form of a second check: for each decision whether the checker agrees, and why not."""

from typing import Any

from django import forms

from assessment.models import Decision
from lms.common.errors import Refused

ANSWERS = [("yes", "I agree"), ("no", "I do not agree")]


class VerdictForm(forms.Form):
    """One decision. What is typed stays on the device until it is sent: see `data-kept-here`."""

    agrees = forms.ChoiceField(
        choices=ANSWERS, required=False, widget=forms.RadioSelect({"data-kept-here": True}), label="Do you agree?"
    )
    note = forms.CharField(
        required=False,
        label="Note (needed if you do not agree)",
        widget=forms.Textarea({"rows": 2, "data-kept-here": True}),
    )  # fmt: skip

    def __init__(self, decision: Decision, data: Any = None) -> None:
        super().__init__(data, prefix=f"d{decision.pk}")
        self.decision = decision

    def clean(self) -> dict[str, Any]:
        """An answer, and a note to a no."""
        found, code = super().clean() or {}, self.decision.criterion.code
        if "agrees" not in self.errors and not found.get("agrees"):
            self.add_error("agrees", f"Say whether you agree to {code}.")
        if found.get("agrees") == "no" and not (found.get("note") or "").strip():
            self.add_error("note", f"Say why you do not agree to {code}.")
        return found

    @property
    def verdict(self) -> tuple[bool, str]:
        """What the domain takes."""
        return self.cleaned_data["agrees"] == "yes", self.cleaned_data["note"]

    @property
    def reasons(self) -> list[Refused]:
        """What is missing, each with the place where it is filled in."""
        fields: dict[str, Any] = {name: self[name] for name in self.errors}
        return [
            Refused("check-open", str(error), fix_url=f"#{field.error_target}")
            for name, field in fields.items() for error in self.errors[name]
        ]  # fmt: skip

    @property
    def boxes(self) -> list[dict[str, Any]]:
        """The two answers, with the key that chooses each."""
        return [
            {"id": f"{self['agrees'].auto_id}_{n}", "name": self["agrees"].html_name, "value": value, "label": label,
             "key": key, "on": self["agrees"].value() == value}
            for n, ((value, label), key) in enumerate(zip(ANSWERS, "yn", strict=True))
        ]  # fmt: skip
