"""What is in a package: sound ones of every trait are taken, each fault is named, and nothing makes the reader fall."""

import json
import random
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.h5p import limits
from content.h5p.package import Package, read_package
from content.h5p.strict import Broken, parse
from tests.factories.h5p import dependency, library, manifest, package, zipped

from .bad import BAD, many

pytestmark = pytest.mark.alike


def read(tmp_path: Path, data: bytes, **how: Any) -> Package:
    path = tmp_path / "package.h5p"
    path.write_bytes(data)
    return read_package(path, **how)


def codes(package: Package) -> list[str]:
    return [reason.code for reason in package.reasons]


def test_a_sound_package_says_what_it_is(tmp_path: Path):
    found = read(tmp_path, package(title="Meals with Pip", files={"content/images/pip.png": b"png"}))
    assert found.reasons == []
    assert (found.title, found.language, found.main_library) == ("Meals with Pip", "en", "Test.Widget 1.0")
    assert [one.name for one in found.libraries] == ["Test.Widget 1.0.0"]
    assert set(found.files) == {"content.json", "images/pip.png"}
    assert found.content == {"label": "Press here"}


@pytest.mark.parametrize("what", BAD)
def test_each_fault_is_refused_with_its_reason(tmp_path: Path, what: str):
    made, code = BAD[what]
    found = read(tmp_path, made(), into=tmp_path / "into")
    assert code in codes(found)
    assert all(reason.message.endswith((".", "?")) for reason in found.reasons)
    kept = {one.name for one in tmp_path.iterdir()}
    assert kept <= {"package.h5p", "into"}, "something was written elsewhere"


def test_a_fault_is_not_hidden_behind_others_that_follow_from_it(tmp_path: Path):
    """A library that is wrong is not said to be missing as well."""
    for what in ("a newer core", "a script that is not there", "a folder with another name"):
        assert codes(read(tmp_path, BAD[what][0]())) == [BAD[what][1]]


def test_all_faults_are_said_at_once(tmp_path: Path):
    found = read(tmp_path, package(title="", content=b"{", files={"content/a.exe": b""}))
    assert set(codes(found)) == {"h5p-title", "json", "file-kind"}


def test_many_faults_of_a_kind_are_counted(tmp_path: Path):
    found = read(tmp_path, package(files={f"content/{number}.exe": b"" for number in range(50)}))
    assert len(found.reasons) == limits.SHOWN + 1
    assert found.reasons[-1].message == "And 42 more of this kind."


def test_more_entries_than_anything_needs_are_refused_unread(tmp_path: Path):
    assert codes(read(tmp_path, many())) == ["too-many-entries"]


def test_a_reuse_export_names_the_libraries_that_it_leaves_out(tmp_path: Path):
    found = read(tmp_path, package(libraries=[], needs=["Test.Double 1.4"]))
    assert codes(found) == ["libraries-left-out"]
    assert "Test.Double 1.4" in found.reasons[0].message
    assert "Test.Widget 1.0" in found.reasons[0].message


def test_libraries_of_the_store_need_not_be_brought(tmp_path: Path):
    known = {("Test.Widget", 1, 0): [("Test.Double", 1, 4)], ("Test.Double", 1, 4): []}
    found = read(tmp_path, package(libraries=[]), known=known)
    assert (found.reasons, found.from_store) == ([], [("Test.Widget", 1, 0), ("Test.Double", 1, 4)])
    del known["Test.Double", 1, 4]
    assert codes(read(tmp_path, package(libraries=[]), known=known)) == ["libraries-left-out"]


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path):
    """A byte order mark, folders as entries, names that begin with "." or "_"."""
    data = package(
        content=b"\xef\xbb\xbf{}",
        files={"__MACOSX/._h5p.json": b"x", "content/.DS_Store": b"x", "content/images/": b"", ".git/config": b"x"},
    )
    found = read(tmp_path, data)
    assert (found.reasons, set(found.files)) == ([], {"content.json"})


def test_a_comment_at_the_end_of_the_file_does_no_harm(tmp_path: Path):
    for comment, fine in ((b"made by hand", True), (b"x" * 65_000, True), (b"made PK\5\6 by hand", False)):
        data = package()[:-2] + struct.pack("<H", len(comment)) + comment
        assert codes(read(tmp_path, data)) == ([] if fine else ["not-zip"])


def test_versions_written_as_texts_and_minor_version_0_are_taken(tmp_path: Path):
    one = {**dependency("Test.Widget 2.0"), "minorVersion": "0"}
    found = read(tmp_path, package(
        libraries=[library("Test.Widget 2.0", majorVersion="2", patchVersion="7", runnable="1")],
        h5p=manifest("Test.Widget 2.0", preloadedDependencies=[one]),
    ))  # fmt: skip
    assert (found.reasons, found.libraries[0].name) == ([], "Test.Widget 2.0.7")


def test_libraries_for_the_editor_stay_behind(tmp_path: Path):
    editor = [dependency("Test.Editor 1.0")]
    whole = [library(editorDependencies=editor), library("Test.Editor 1.0", runnable=0)]
    for libraries in (whole, whole[:1]):  # the package may leave it out, too
        found = read(tmp_path, package(libraries=libraries))
        assert (found.reasons, [one.name for one in found.libraries]) == ([], ["Test.Widget 1.0.0"])


def test_libraries_that_only_content_names_are_kept(tmp_path: Path):
    """Some exporters list them in h5p.json, some do not."""
    found = read(tmp_path, package(
        libraries=[library(), library("Test.Part 1.2"), library("Test.Other 1.0")],
        content={"parts": [{"library": "Test.Part 1.2", "params": {}}]},
    ))  # fmt: skip
    assert [one.name for one in found.libraries] == ["Test.Part 1.2.0", "Test.Widget 1.0.0"]


def test_two_versions_of_a_library_stand_side_by_side(tmp_path: Path):
    needs = ["Test.Part 1.0", "Test.Part 1.1"]
    found = read(tmp_path, package(libraries=[library(needs=needs), *map(library, needs)]))
    assert (found.reasons, len(found.libraries)) == ([], 3)


def test_libraries_that_need_each_other_are_taken(tmp_path: Path):
    found = read(tmp_path, package(
        libraries=[library(needs=["Test.Double 1.0"]), library("Test.Double 1.0", needs=["Test.Widget 1.0"])]
    ))  # fmt: skip
    assert (found.reasons, len(found.libraries)) == ([], 2)


def test_a_library_is_its_bytes(tmp_path: Path):
    """The hash follows every byte and every name, and nothing else."""

    def tree(data: bytes) -> str:
        found = read(tmp_path, data)
        assert found.reasons == []
        return found.libraries[0].tree_hash

    first = tree(package(title="One"))
    assert tree(package(title="Two", content={"x": 1})) == first
    one = library(others={"a.txt": b"x"})
    other = library(others={"b.txt": b"x"})
    assert len({first, tree(package(libraries=[one])), tree(package(libraries=[other]))}) == 3


def test_files_are_written_as_they_are_and_texts_made_safe(tmp_path: Path):
    into = tmp_path / "into"
    data = package(
        content={"text": '<p class="a" data-x="1">Yes <blink>no</blink></p>'}, files={"content/a.txt": b"raw"}
    )
    found = read(tmp_path, data, into=into)
    assert found.reasons == []
    assert (into / "content/a.txt").read_bytes() == b"raw"
    assert b'"<p class=\\"a\\">Yes no</p>"' in (into / "content/content.json").read_bytes()
    assert found.files["content.json"] == (into / "content/content.json").stat().st_size
    assert (into / "libraries/Test.Widget-1.0/scripts/main.js").is_file()


@pytest.mark.parametrize("text", [
    "2 < 3 and 5 > 4", "Caf\u00e9 \U0001f600", "JavaScript: the good parts", "a < b, <3", "&lt;script&gt; as words",
])  # fmt: skip
def test_a_text_without_tags_stays_as_it_is(tmp_path: Path, text: str):
    found = read(tmp_path, package(content={"text": text}))
    assert (found.reasons, found.content) == ([], {"text": text})


def test_progress_goes_from_the_first_file_to_the_last(tmp_path: Path):
    said: list[tuple[int, int]] = []
    read(tmp_path, package(), progress=lambda done, total: said.append((done, total)))
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_falling(tmp_path_factory: Any, data: bytes):
    found = read(tmp_path_factory.mktemp("any"), data)
    assert found.reasons


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_a_package_with_bytes_changed_is_read_or_refused(tmp_path_factory: Any, seed: int, count: int):
    chance = random.Random(seed)
    data = bytearray(package(files={"content/a.txt": b"words"}))
    for _ in range(count):
        data[chance.randrange(len(data))] = chance.randrange(256)
    folder = tmp_path_factory.mktemp("changed")
    read(folder, bytes(data), into=folder / "into")
    assert {one.name for one in folder.iterdir()} <= {"package.h5p", "into"}


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=12,
)


@given(JSONS, JSONS, JSONS)
def test_any_json_in_any_place_is_read_without_falling(tmp_path_factory: Any, h5p: Any, lib: Any, content: Any):
    files = {"h5p.json": json.dumps(h5p), "Test.Widget-1.0/library.json": json.dumps(lib),
             "content/content.json": json.dumps(content)}  # fmt: skip
    assert read(tmp_path_factory.mktemp("json"), zipped(files)).reasons


NAMES = st.sampled_from(["title", "language", "mainLibrary", "embedTypes", "preloadedDependencies"])
LINES = st.sampled_from(["title", "machineName", "majorVersion", "patchVersion", "runnable", "preloadedJs", "coreApi",
                         "preloadedDependencies", "dynamicDependencies", "license"])  # fmt: skip


@given(st.dictionaries(NAMES, JSONS, max_size=2), st.dictionaries(LINES, JSONS, max_size=2), JSONS)
def test_any_value_in_a_manifest_is_read_without_falling(tmp_path_factory: Any, h5p: Any, lib: Any, content: Any):
    key = {name: lib.pop(name) for name in ("machineName", "majorVersion") if name in lib}
    data = package(libraries=[library(**lib, **key)], content=content, **h5p)
    found = read(tmp_path_factory.mktemp("any"), data)
    assert found.is_valid or all(reason.message for reason in found.reasons)


def test_a_large_package_is_read_in_little_memory(tmp_path: Path):
    """13 MB in 1,800 files, the largest that was seen: no more than a few files are held at once."""
    chance = random.Random(7)
    parts = {f"libs/{number}.png": chance.randbytes(7_300) for number in range(1_800)}
    path = tmp_path / "large.h5p"
    path.write_bytes(package(libraries=[library(others=parts)]))
    del parts
    assert path.stat().st_size > 13_000_000
    tracemalloc.start()
    try:
        found = read_package(path, into=tmp_path / "into")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.reasons == []
    assert peak < 20 * limits.MEGABYTE, f"{peak / limits.MEGABYTE:.0f} MB"


@pytest.mark.parametrize(
    ("data", "value"), [(b'{"a":1}', {"a": 1}), (b"\xef\xbb\xbf[1.5]", [1.5]), (b'"\\u00e9"', "\u00e9")]
)
def test_ordinary_json_is_read(data: bytes, value: Any):
    assert parse(data) == value


@pytest.mark.parametrize("data", [b"", b"{", b"[NaN]", b'{"a":1,"a":2}', b"\xff\xfe{}\0", b"1e400", b'{"\\ud800":1}'])
def test_what_another_parser_might_read_otherwise_is_refused(data: bytes):
    with pytest.raises(Broken):
        parse(data)
