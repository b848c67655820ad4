"""Tables that leave the product as a file: CSV and Excel, safe to open in a spreadsheet."""

import csv
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Rows = Iterable[Sequence[Any]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY, MOMENT = "d mmmm yyyy", "d mmmm yyyy hh:mm"
FORMATS = (("csv", "CSV"), ("xlsx", "Excel"))
LONGEST = 32_767  # characters that Excel takes in one cell
WIDEST = 60
# A spreadsheet takes a text that begins with one of these for a formula; some skip white space before it.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def harmless(value: Any) -> Any:
    """A cell as it may go into a spreadsheet. A text that would be read as a formula gets an apostrophe before it;
    control characters go. Numbers and dates stay what they are; everything else becomes its text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float | Decimal | date):
        return value
    text = _CONTROLS.sub("", str(value))
    return f"'{text}" if _FORMULA.match(text) else text


def csv_response(name: str, header: Sequence[str], rows: Rows) -> StreamingHttpResponse:
    """A CSV file to download, `name` without its ending. Rows are written as they are read, so that memory does not
    grow with them; dates as 2026-11-12, times as 2026-11-12 14:02. Begins with a byte order mark: Excel then reads
    names with accents as they are."""
    answer = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    return _to_download(answer, name, "csv")


def xlsx_response(name: str, header: Sequence[str], rows: Rows) -> FileResponse:
    """An Excel workbook to download, `name` without its ending: one sheet with a bold header that stays in view and
    can be filtered; dates are dates. Written row by row to a temporary file and sent from there."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(name))
    sheet.freeze_panes = "A2"
    widths = [len(title) for title in header]
    # A sheet's frame is written before its rows: widths are read off the first of them.
    rest = iter(rows)
    first = list(islice(rest, 200))
    for row in first:
        widths = [max(width, len(str(cell))) for width, cell in zip(widths, row, strict=True)]
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 2, WIDEST)
    sheet.append([_bold(sheet, harmless(title)) for title in header])
    count = 1
    for cells in chain(first, rest):
        sheet.append([_cell(sheet, value) for value in cells])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{count}"
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    book.save(file)
    file.seek(0)
    return _to_download(FileResponse(file, content_type=XLSX), name, "xlsx")


def table_response(form: str, name: str, header: Sequence[str], rows: Rows) -> HttpResponseBase:
    """The table in one of FORMATS; anything but "xlsx" gives CSV."""
    return xlsx_response(name, header, rows) if form == "xlsx" else csv_response(name, header, rows)


class _Echo:
    """Gives back each line that the CSV writer writes."""

    def write(self, line: str) -> str:
        return line


def _lines(header: Sequence[str], rows: Rows) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf" + writer.writerow([harmless(title) for title in header]).encode()
    for row in rows:
        yield writer.writerow([_written(value) for value in row]).encode()


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{_here(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else harmless(value)


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    if isinstance(value, datetime):
        value, shape = _here(value).replace(tzinfo=None, microsecond=0), MOMENT
    elif isinstance(value, date):
        shape = DAY
    else:
        value, shape = harmless(value), "General"
    if isinstance(value, str):
        value = value[:LONGEST]
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = shape
    return cell


def _bold(sheet: Any, title: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, title)
    cell.font = Font(bold=True)
    return cell


def _here(at: datetime) -> datetime:
    return timezone.localtime(at) if timezone.is_aware(at) else at


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:31] or "Table"


def _to_download(answer: Any, name: str, ending: str) -> Any:
    answer["Content-Disposition"] = f'attachment; filename="{slugify(name) or "table"}.{ending}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
