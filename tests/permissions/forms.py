"""What a browser makes of a page's form: the fields that it would send."""

import re
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

Fields = dict[str, list[str]]


def form_of(html: str, page: str, target: str) -> Fields:
    """The fields, as they stand, of the form on a page that posts to an address. Raises LookupError without one."""
    for form in BeautifulSoup(html, "html.parser").find_all("form", method=re.compile("^post$", re.IGNORECASE)):
        goes_to = {urljoin(page, button["formaction"]) for button in form.find_all("button", formaction=True)}
        goes_to.add(urljoin(page, form.get("action") or page))
        if target.partition("?")[0] in {address.partition("?")[0] for address in goes_to}:
            return _fields(form)
    raise LookupError(f"{page} has no form that posts to {target}")


def _fields(form: Tag) -> Fields:
    found: Fields = {}
    for control in form.find_all(["input", "textarea", "select"]):
        kind, name = control.get("type", "text"), control.get("name")
        if not name or control.has_attr("disabled") or kind in ("submit", "button", "file"):
            continue
        if kind in ("checkbox", "radio") and not control.has_attr("checked"):
            continue
        found.setdefault(name, []).extend(_values(control))
    return found


def _values(control: Tag) -> list[str]:
    if control.name == "textarea":
        return [control.get_text().removeprefix("\n")]
    if control.name == "select":
        return [option.get("value", option.get_text()) for option in control.find_all("option", selected=True)]
    return [control.get("value", "on" if control.get("type") in ("checkbox", "radio") else "")]
