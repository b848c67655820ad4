"""Which Acts, codes, frameworks and paragraphs a text names, and whether the course's list of law holds them. Pure.

A document is known by its title, or by a short form that follows from it: "the Equality Act", "the Code", "the EYFS".
A number is known when a reference to that very section, regulation or paragraph stands in the list.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Reference = dict[str, Any]  # an entry of courses/source/law/*.yaml
N = r"[0-9]+(?:\.[0-9]+)*[A-Z]?"
SORTS = "section|schedule|part|article|regulation|paragraph|para|chapter"
NUMBERED = re.compile(rf"\b({SORTS})s?\.? ({N}(?:(?: ?, ?| and | or | to |–){N})*)", re.I)
IN_THE_CODE = re.compile(rf"\bCode(?: of Practice)?,? \(?()({N}\b)")
WORD = r"[A-Z][\w’'-]*"
DOCUMENT = re.compile(
    rf"((?:{WORD}|and|of|for|to|the|same|that|this|[0-9]{{4}})(?: (?:{WORD}|and|of|for|to|the|\({WORD}\)))*) "
    r"(Act|Regulations|Order|Convention|Code|[Ff]ramework|(?:White|Green) Paper)\b(?: of [Pp]ractice)?(?: ([0-9]{4}))?"
)
SHORT = re.compile(r"\b(?:EYFS|UK GDPR|GDPR|KCSIE)\b")
FULL = {
    "EYFS": "early years foundation stage", "GDPR": "uk gdpr", "UK GDPR": "uk gdpr", "SEND Code": "special educational",
    "SEN Code": "special educational", "Data Protection Act": "uk gdpr and data protection act",
}  # fmt: skip
PLAIN = {"Act": "act", "Regulations": "regulations", "Code": "code"}  # "the Act": any that there is


@dataclass(frozen=True)
class Named:
    """Something that a text names, as it stands there, and the codes of the references that hold it."""

    words: str
    codes: frozenset[str]


def named_in(text: str, law: Iterable[Reference]) -> list[Named]:
    """All the law that a text names; what stands outside the list has no codes."""
    rows = list(law)
    return [Named(words, frozenset(codes)) for line in text.splitlines() for words, codes in _in_line(line, rows)]


def _in_line(line: str, rows: list[Reference]) -> Iterator[tuple[str, set[str]]]:
    for match in DOCUMENT.finditer(line):
        yield match[0], _documents(match[1], match[2], match[3] or "", rows)
    for match in SHORT.finditer(line):
        yield match[0], _titled(FULL.get(match[0], match[0]), "", rows)
    for match in [*NUMBERED.finditer(line), *IN_THE_CODE.finditer(line)]:
        sort = match[1].lower() or "paragraph"
        for number in re.findall(N, match[2]):
            yield f"{sort} {number}", {row["code"] for row in rows if f"{sort} {number}" in _held(row)}


def _documents(before: str, kind: str, year: str, rows: list[Reference]) -> set[str]:
    """The references to a document. What stands before "the" is the sentence's: "Where the Code"."""
    name = re.split(r"\b(?:the|The|same|that|That|this|This|Under|Only|In)\b", before)[-1].strip()
    if re.fullmatch(r"(?:[0-9]{4})?", name) and kind in PLAIN:
        return {row["code"] for row in rows if row["kind"] == PLAIN[kind] and name in _year(row)}
    full = name if kind in ("framework", "Framework") else f"{name} {kind}"
    return _titled(FULL.get(full, full), year, rows)


def _titled(name: str, year: str, rows: list[Reference]) -> set[str]:
    return {row["code"] for row in rows if row["title"].lower().startswith(name.lower()) and year in _year(row)}


def _year(row: Reference) -> str:
    return f"{row['title']} {row['edition']}"


def _held(row: Reference) -> set[str]:
    """What a reference holds: "chapter 5, 5.36 to 5.38" holds chapter 5 and paragraphs 5.36, 5.37 and 5.38."""
    sort = {"act": "section", "regulations": "regulation"}.get(row["kind"], "paragraph")
    held: set[str] = set()
    for piece in re.split(r",|\band\b", str(row.get("paragraph") or "")):
        named = re.search(rf"\b({SORTS})s?\b", piece, re.I)
        sort = named[1].lower() if named else "paragraph" if "." in piece else sort
        numbers = re.findall(N, piece)
        if " to " in piece and len(numbers) == 2 and "." in numbers[0]:
            (chapter, first), last = numbers[0].split("."), numbers[1].split(".")[-1]
            numbers = [f"{chapter}.{place}" for place in range(int(first), int(last) + 1)]
        held |= {f"{sort} {number}" for number in numbers}
        held |= {f"chapter {number.split('.')[0]}" for number in numbers if "." in number}
    return held | {name.replace("paragraph", "para") for name in held}
