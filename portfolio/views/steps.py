"""The five steps of adding evidence: where they are, which are done, which lack something."""

from dataclasses import dataclass

from django.urls import reverse

from portfolio.api import EvidenceVersion
from portfolio.policies import missing_before_submitting


@dataclass(frozen=True)
class Step:
    """One step as the indicator shows it; without an address before the draft exists."""

    key: str
    label: str
    url: str
    is_done: bool
    is_here: bool


LABELS = {"kind": "Kind", "write": "What happened", "files": "Files", "criteria": "Criteria", "declare": "Declare"}
MENDED_IN = {"content": "write", "criteria": "criteria", "child-identity": "declare", "authenticity": "declare"}


def address(version: EvidenceVersion, key: str) -> str:
    """Where a step of a draft is."""
    ref = version.evidence.ref
    if key == "kind":
        return f"{reverse('portfolio:evidence_new')}?draft={ref}"
    return reverse(f"portfolio:evidence_{key}", args=[ref])


def steps(version: EvidenceVersion | None, here: str) -> list[Step]:
    """The steps for the indicator. `version` comes with links and files; None before it exists."""
    done = _done(version) if version else set()
    return [
        Step(key, label, address(version, key) if version else "", key in done, key == here)
        for key, label in LABELS.items()
    ]


def missing(version: EvidenceVersion) -> list[str]:
    """What the version lacks before it can be submitted (rules 1 and 3), in the order of the steps."""
    has_files, has_links = bool(version.files.all()), bool(version.links.all())
    return missing_before_submitting(version, has_files=has_files, has_links=has_links)


def _done(version: EvidenceVersion) -> set[str]:
    parts = {
        "kind": True, "write": bool(version.text.strip()), "files": bool(version.files.all()),
        "criteria": bool(version.links.all()), "declare": version.is_declared,
    }  # fmt: skip
    return {key for key, is_done in parts.items() if is_done}


def first_missing(version: EvidenceVersion) -> str | None:
    """The address of the first step that lacks something, or None when the draft is ready."""
    lacks = missing(version)
    return address(version, MENDED_IN[lacks[0]]) if lacks else None


def tasks(version: EvidenceVersion) -> list[dict]:
    """What stands between a draft and submitting it, as a task list: each row leads to where it is mended."""
    lacks = missing(version)
    words = f"{version.words} words" if version.words != 1 else "1 word"
    files, links = len(version.files.all()), len(version.links.all())
    rows = [
        ("write", "Write what happened, or add a file", "content",
         f"{words}, {files} {'file' if files == 1 else 'files'}"),
        ("criteria", "Choose the criteria it meets", "criteria", f"{links} chosen"),
        ("declare", "Declare that no child can be recognised", "child-identity", ""),
        ("declare", "Declare that it is your own work", "authenticity", ""),
    ]  # fmt: skip
    return [
        {"title": title, "url": address(version, key), "hint": hint, "state": "To do" if code in lacks else "Done"}
        for key, title, code, hint in rows
    ]
