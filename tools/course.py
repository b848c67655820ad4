"""`python -m tools.course`: writes the tables of docs/course.md and docs/course-sources.md anew from the course's
source files. What stands outside the two marks of a table is written by hand and stays."""

import os
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIGURES, SOURCES = ROOT / "docs" / "course.md", ROOT / "docs" / "course-sources.md"
BEGIN, END = "<!-- begin: python -m tools.course -->", "<!-- end -->"
STATUS = {"in_force": "in force", "proposed": "**proposed, not law**", "superseded": "superseded"}


def figures_table(pages: Iterable[Any]) -> str:
    """Each page's words and school year, and the middle and highest of all."""
    from tools.reading import figures

    found = {page.slug: (page, figures(page.body)) for page in pages}
    years = [row.year for _, row in found.values()]
    lessons = [row for page, row in found.values() if page.kind == "lesson"]
    words = sum(row.all_words for _, row in found.values())
    lines = [
        f"{len(found)} pages, {len(lessons)} of them lessons; {words:,} words in all. School year: median "
        f"{statistics.median(years)}, highest {max(years)}. A lesson's running text: "
        f"{min(row.words for row in lessons):,} to {max(row.words for row in lessons):,} words.",
        "",
        "| Unit | Page | Kind | Running text, words | All words | Minutes | School year |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for page, row in found.values():
        kind = page.kind.replace("_", " ")
        lines.append(f"| {page.unit} | `{page.slug}` | {kind} | {row.words:,} | {row.all_words:,} | {page.minutes} | "
                     f"{row.year} |")  # fmt: skip
    return "\n".join(lines)


def sources_table(law: Iterable[dict[str, Any]], pages: Iterable[Any]) -> str:
    """Each legal claim, the document and place that it rests on, where that was seen, and the pages that cite it."""
    cited: dict[str, list[str]] = {}
    for page in pages:
        for code in cited_by(page):
            cited.setdefault(code, []).append(f"`{page.slug}`")
    lines = ["| Claim | Rests on | Key | Status, checked | Where it was seen | Pages |", "|---|---|---|---|---|---|"]
    for row in sorted(law, key=lambda row: (row["title"], str(row.get("paragraph") or ""), row["code"])):
        where = f", {row['paragraph']}" if row.get("paragraph") else ""
        cells = [
            row["says"], f"[{row['title']}]({row['url']}){where} ({row['edition']})", f"`{row['code']}`",
            f"{STATUS[row['status']]}, {row['checked_on']}", row["source"], ", ".join(cited.get(row["code"], ["none"])),
        ]  # fmt: skip
        lines.append("| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ").strip() for cell in cells) + " |")
    return "\n".join(lines)


def cited_by(page: Any) -> list[str]:
    """The codes of law that a page's boxes cite."""
    return [row["reference"] for block in page.body if block["type"] == "law" for row in block["value"]["references"]]


def with_table(text: str, table: str) -> str:
    """A document with its table replaced. Raises ValueError when it has no place for one."""
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError(f"no lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def tables() -> dict[Path, str]:
    """Both documents as they should stand. Needs Django set up."""
    from courses.pages.source import read_course, read_list, read_pages

    known = read_pages()
    pages = [known[slug] for unit in read_course()["units"] for slug in unit["pages"]]
    made = {FIGURES: figures_table(pages), SOURCES: sources_table(read_list("law/*.yaml"), pages)}
    return {path: with_table(path.read_text(encoding="utf-8"), table) for path, table in made.items()}


def main() -> int:
    """Write both, and say which of them changed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
    django.setup()
    for path, text in tables().items():
        changed = path.read_text(encoding="utf-8") != text
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'written' if changed else 'stands already'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
