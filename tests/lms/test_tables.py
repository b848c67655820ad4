"""Tables that are saved as a file: what a spreadsheet makes of them."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lms.common.tables import LONGEST, csv_response, harmless, table_response, xlsx_response

pytestmark = pytest.mark.alike

HEADER = ("Trainee", "On", "At", "Number", "Agreed")
AT = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
NIGHT, HALF_PAST_ONE = datetime.fromisoformat("2026-11-12"), datetime.fromisoformat("2026-07-01T13:30")
ROWS = [("Zoë Müller", date(2026, 11, 12), AT, 7, True), ("=1+1", None, None, -3, False)]


def read_csv(answer: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig"))))


def sheet_of(answer: Any) -> Any:
    return load_workbook(BytesIO(b"".join(answer))).active


def test_csv_keeps_accents_dates_and_numbers():
    answer = csv_response("Dual roles: 2026", HEADER, iter(ROWS))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dual-roles-2026.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert read_csv(answer) == [
        list(HEADER),
        ["Zoë Müller", "2026-11-12", "2026-07-01 13:30", "7", "Yes"],  # British Summer Time
        ["'=1+1", "", "", "-3", "No"],
    ]


def test_excel_keeps_dates_as_dates_and_shows_the_header_bold_frozen_and_filtered():
    answer = xlsx_response("Dual/roles", HEADER, iter(ROWS))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dualroles.xlsx"'
    sheet = sheet_of(answer)
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        list(HEADER),
        ["Zoë Müller", NIGHT, HALF_PAST_ONE, 7, "Yes"],
        ["'=1+1", None, None, -3, "No"],
    ]
    assert sheet["B2"].is_date
    assert sheet["A1"].font.bold
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.title) == ("A2", "A1:E3", "Dual roles")


def test_an_empty_table_is_a_header():
    assert read_csv(csv_response("t", HEADER, [])) == [list(HEADER)]
    assert [cell.value for cell in next(sheet_of(xlsx_response("t", HEADER, [])).iter_rows())] == list(HEADER)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\n=1", "\r1", "＝1", "\x00=1"])
def test_a_text_is_never_a_formula(text: str):
    assert harmless(text).startswith("'")
    cell = sheet_of(xlsx_response("t", ["Text"], [[text]]))["A2"]
    assert cell.data_type == "s"


@given(st.text())
def test_any_text_can_be_saved_and_is_read_as_text(text: str):
    cells = read_csv(csv_response("t", ["Text"], [[text]]))[1:]
    assert not cells or not cells[0] or cells[0][0][:1] not in ("=", "+", "-", "@")
    sheet_of(xlsx_response("t", ["Text"], [[text * 3]]))


def test_a_very_long_text_is_cut_for_excel_only():
    assert len(sheet_of(xlsx_response("t", ["Text"], [["x" * 40_000]]))["A2"].value) == LONGEST
    assert len(read_csv(csv_response("t", ["Text"], [["x" * 40_000]]))[1][0]) == 40_000


def test_rows_are_written_as_they_are_read():
    read: list[int] = []

    def rows() -> Any:
        for number in range(3):
            read.append(number)
            yield [number]

    answer = csv_response("t", ["N"], rows())
    lines = iter(answer)
    next(lines)
    assert read == []
    next(lines)
    assert read == [0]


def test_the_kind_of_file_is_chosen_by_name():
    assert table_response("xlsx", "t", ["N"], []).headers["Content-Type"].startswith("application/vnd.openxml")
    assert table_response("nonsense", "t", ["N"], []).headers["Content-Type"].startswith("text/csv")
