"""Two versions of a piece of evidence side by side: what was added, removed and changed. Reads nothing by itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher

from .models import EvidenceFile, EvidenceLink, EvidenceVersion

SAME, ADDED, REMOVED = "same", "added", "removed"
WORD = re.compile(r"\S+\s*|\s+")
WORDS_COMPARED = 4000  # in one changed passage; a longer one is shown as removed and written anew


@dataclass(frozen=True)
class Run:
    """Words that stand in both versions, or were added, or removed."""

    change: str
    text: str


@dataclass(frozen=True)
class Fact:
    """One fact in both versions, in words."""

    label: str
    before: str
    after: str


@dataclass
class Changes:
    """Things of one sort: files or links."""

    added: list = field(default_factory=list)
    removed: list = field(default_factory=list)
    changed: list = field(default_factory=list)  # pairs: before, after
    same: list = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Something is not as it was."""
        return bool(self.added or self.removed or self.changed)


@dataclass
class Comparison:
    """What an earlier version said (`before`) beside a later one (`after`)."""

    before: EvidenceVersion
    after: EvidenceVersion
    paragraphs: list[list[Run]]
    facts: list[Fact]
    files: Changes
    links: Changes

    @property
    def words(self) -> dict[str, int]:
        """How many words were added and removed."""
        runs = [run for paragraph in self.paragraphs for run in paragraph]
        return {kind: sum(len(r.text.split()) for r in runs if r.change == kind) for kind in (ADDED, REMOVED)}

    @property
    def text_changed(self) -> bool:
        """The text is not what it was."""
        return any(run.change != SAME for paragraph in self.paragraphs for run in paragraph)

    @property
    def is_same(self) -> bool:
        """Nothing is different."""
        return not (self.text_changed or self.facts or self.files.any or self.links.any)


def compare(before: EvidenceVersion, after: EvidenceVersion) -> Comparison:
    """Compares two versions. Needs their witness, files and links with criteria fetched."""
    return Comparison(
        before, after, paragraphs_of(before.text, after.text), _facts(before, after),
        _files(before.files.all(), after.files.all()), _links(_placed(before), _placed(after)),
    )  # fmt: skip


def _placed(version: EvidenceVersion) -> list[EvidenceLink]:
    """A version's links with the files that they point into, which have been read already."""
    files, links = {file.pk: file for file in version.files.all()}, list(version.links.all())
    for link in links:
        if link.file_id:
            link.file = files.get(link.file_id)
    return links


def paragraphs_of(before: str, after: str) -> list[list[Run]]:
    """The text of both, paragraph by paragraph, with the words that were added and removed."""
    old, new = _split(before), _split(after)
    found: list[list[Run]] = []
    for change, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            found += [[Run(SAME, text)] for text in old[i1:i2]]
            continue
        # The changed passages beside each other, as far as there are as many; the rest came or went as a whole.
        pairs = min(i2 - i1, j2 - j1)
        found += [_runs(*pair) for pair in zip(old[i1 : i1 + pairs], new[j1 : j1 + pairs], strict=True)]
        found += [[Run(REMOVED, text)] for text in old[i1 + pairs : i2]]
        found += [[Run(ADDED, text)] for text in new[j1 + pairs : j2]]
    return found


def _split(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    return [line.strip() for line in lines if line.strip()]


def _runs(before: str, after: str) -> list[Run]:
    old, new = WORD.findall(before), WORD.findall(after)
    if max(len(old), len(new)) > WORDS_COMPARED:
        return [Run(REMOVED, before), Run(ADDED, after)]
    runs: list[Run] = []
    bare = [[word.strip() for word in words] for words in (old, new)]
    for change, i1, i2, j1, j2 in SequenceMatcher(None, bare[0], bare[1], autojunk=False).get_opcodes():
        if change == "equal":
            runs.append(Run(SAME, "".join(new[j1:j2])))
            continue
        if i2 > i1:
            runs.append(Run(REMOVED, "".join(old[i1:i2])))
        if j2 > j1:
            runs.append(Run(ADDED, "".join(new[j1:j2])))
    return runs


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    return "" if value is None else str(value)


FACTS = (
    ("title", "Title"), ("kind", "Kind"), ("happened_on", "When it happened"), ("place", "Where"),
    ("minutes", "Minutes"), ("source", "Who awarded it or keeps it"), ("own_practice", "About your own practice"),
    ("witness", "Witness"), ("ai_used", "Where AI was used"),
)  # fmt: skip


def _fact(version: EvidenceVersion, name: str) -> str:
    if name == "kind":
        return str(version.get_kind_display())
    if name == "witness":
        return f"{version.witness.name}, {version.witness.job}" if version.witness else ""
    return _words(getattr(version, name))


def _facts(before: EvidenceVersion, after: EvidenceVersion) -> list[Fact]:
    both = [Fact(label, _fact(before, name), _fact(after, name)) for name, label in FACTS]
    return [fact for fact in both if fact.before != fact.after]


def _files(before: Iterable[EvidenceFile], after: Iterable[EvidenceFile]) -> Changes:
    """Files by what they hold; one that has not been checked yet, by its name and size."""
    old = {_content(file): file for file in before}
    new = {_content(file): file for file in after}
    return Changes(
        added=[file for key, file in new.items() if key not in old],
        removed=[file for key, file in old.items() if key not in new],
        same=[file for key, file in new.items() if key in old],
    )


def _content(file: EvidenceFile) -> str:
    return file.sha256 or f"{file.name} {file.size}"


def _links(before: Iterable[EvidenceLink], after: Iterable[EvidenceLink]) -> Changes:
    old = {link.criterion_id: link for link in before}
    new = {link.criterion_id: link for link in after}
    changes = Changes(
        added=[link for pk, link in new.items() if pk not in old],
        removed=[link for pk, link in old.items() if pk not in new],
    )
    for pk, link in new.items():
        if pk in old and _says(old[pk]) != _says(link):
            changes.changed.append((old[pk], link))
        elif pk in old:
            changes.same.append(link)
    return changes


def _says(link: EvidenceLink) -> tuple[object, ...]:
    """What a link says, with the file by what it holds: each version has file rows of its own."""
    return (link.where, link.why, link.paragraph, link.page, link.start_seconds, link.end_seconds, link.region,
            _content(link.file) if link.file else "")  # fmt: skip
