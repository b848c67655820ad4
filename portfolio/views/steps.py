"""The five steps of adding evidence: where they are, which are done, which lack something."""

from dataclasses import dataclass

from django.urls import reverse

from portfolio.api import EvidenceVersion
from portfolio.asking import ASKING
from portfolio.domain.submit import STEPS
from portfolio.kinds import Kind
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
        for key, label in _labels(version).items()
    ]


def _labels(version: EvidenceVersion | None) -> dict[str, str]:
    """The steps of this evidence: what an assessor recorded is only linked and declared; of a document that is held
    in the setting no file is asked."""
    if version is None:
        return LABELS
    if version.is_recorded:
        return {key: LABELS[key] for key in ("criteria", "declare")}
    asking = ASKING[version.kind]
    left_out = set() if asking.takes_files else {"files"}
    return {key: label for key, label in (LABELS | {"write": asking.step}).items() if key not in left_out}


def after(version: EvidenceVersion, key: str) -> str:
    """The address of the step that comes after one."""
    keys = list(_labels(version))
    onward = keys[keys.index(key) + 1] if key in keys else "criteria"
    return address(version, onward)


def missing(version: EvidenceVersion) -> list[str]:
    """What the version lacks before it can be submitted (rules 1 and 3), in the order of the steps."""
    states = {file.state for file in version.files.all()}
    return missing_before_submitting(version, file_states=states, has_links=bool(version.links.all()))


def _done(version: EvidenceVersion) -> set[str]:
    written = bool(version.text.strip()) and all(STEPS[lack] != "write" for lack in missing(version))
    parts = {
        "kind": True, "write": written, "files": bool(version.files.all()),
        "criteria": bool(version.links.all()), "declare": version.is_declared,
    }  # fmt: skip
    return {key for key, is_done in parts.items() if is_done}


def first_missing(version: EvidenceVersion) -> str | None:
    """The address of the first step that lacks something, or None when the draft is ready."""
    lacks = missing(version)
    return mended_in(version, lacks[0]) if lacks else None


def mended_in(version: EvidenceVersion, lack: str) -> str:
    """The address of the step where something that is missing is mended."""
    key, _, query = STEPS[lack].partition("?")
    return address(version, key) + (f"?{query}" if query else "")


def tasks(version: EvidenceVersion) -> list[dict]:
    """What stands between a draft and submitting it, as a task list: each row leads to where it is mended."""
    lacks = missing(version)
    links = len(version.links.all())
    rows = [
        *_tasks_of_kind(version),
        *[(title, code, "") for code, title in FILE_TASKS.items() if code in lacks],
        ("Choose the criteria it meets", "criteria", f"{links} chosen"),
        *[("Say for each criterion where in the record it is met", "reference", "")]
        * (version.kind == Kind.PROFESSIONAL_DISCUSSION),
        ("Declare that no child can be recognised", "child-identity", ""),
        ("Declare that it is a true record of your practice", "true-record", "") if version.is_recorded
        else ("Declare that it is your own work", "authenticity", ""),
    ]  # fmt: skip
    return [
        {"title": title, "url": mended_in(version, code), "hint": hint, "state": "To do" if code in lacks else "Done"}
        for title, code, hint in rows
    ]


FILE_TASKS = {
    "file-checking": "Wait until every file has been checked",
    "file-refused": "Remove the file that was not taken",
}
DETAILS = {
    Kind.CERTIFICATE: [("Say who awarded it", "awarded-by"), ("Say when it was awarded", "awarded-on")],
    Kind.HELD_IN_SETTING: [("Say where it is kept", "kept-where"), ("Say who keeps it", "kept-by")],
}


def _tasks_of_kind(version: EvidenceVersion) -> list[tuple[str, str, str]]:
    """The tasks of the step that says what it is; none for what an assessor recorded."""
    if version.is_recorded:
        return []
    asking, files = ASKING[version.kind], len(version.files.all())
    words = "1 word" if version.words == 1 else f"{version.words} words"
    title, hint = asking.task, words
    if asking.takes_files:
        title, hint = f"{title}, or add a file", f"{words}, {files} {'file' if files == 1 else 'files'}"
    details = DETAILS.get(Kind(version.kind), [])
    return [(title, "content", hint), *((task, code, "") for task, code in details)]
