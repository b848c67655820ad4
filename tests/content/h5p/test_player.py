"""The order of libraries, one script and one stylesheet, and what the player answers without a browser."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from content.h5p.bundle import inside, merged_style
from content.h5p.ordering import load_order
from content.h5p.tokens import token_for, version_in
from content.models import H5PLibrary
from tests.factories.activities import keep_activity, keep_library
from tests.factories.h5p import library

pytestmark = pytest.mark.alike
A, B, B2, C = ("A", 1, 0), ("B", 1, 0), ("B", 2, 1), ("C", 0, 0)


def test_what_is_needed_comes_first_and_once():
    assert load_order(A, {A: [B, C], B: [B2], B2: [C], C: []}) == [C, B2, B, A]


def test_a_circle_is_cut_and_what_is_missing_left_out():
    assert load_order(A, {A: [B], B: [A, C]}) == [B, A]


def test_a_chain_of_ten_thousand_is_ordered():
    keys = [("L", number, 0) for number in range(10_000)]
    needs = {key: [after] for key, after in zip(keys, keys[1:], strict=False)} | {keys[-1]: []}
    assert load_order(keys[0], needs) == keys[::-1]


@given(st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4)))
def test_without_circles_each_comes_after_what_it_needs(drawn: dict[int, list[int]]):
    needs = {("L", a, 0): [("L", b, 0) for b in of if b > a] for a, of in drawn.items()}
    order = load_order(("L", 0, 0), needs)
    place = {key: number for number, key in enumerate(order)}
    assert len(order) == len(set(order))
    assert all(place[need] < place[key] for key in order for need in needs[key] if need in place)


@pytest.mark.parametrize(("folder", "address", "path"), [
    ("css", "../images/a.png", "images/a.png"), ("css", "a.png?v=1#x", "css/a.png"), ("", "f%20g.woff", "f g.woff"),
    ("css", "../../secret", None), ("css", "https://elsewhere.example/a", None), ("", "data:image/png;base64,x", None),
    ("", "//elsewhere.example/a", None), ("", "#mark", None), ("", "/a.png", None), ("", "", None),
])  # fmt: skip
def test_addresses_in_styles_stay_in_their_library(folder: str, address: str, path: str | None):
    assert inside(folder, address) == path


def test_styles_are_merged_with_what_they_import():
    texts = {
        "libraries/t/css/a.css": '@charset "utf-8"; @import url("b.css"); @import "c.css" print; p{src:url(x.png)}',
        "libraries/t/css/b.css": "@import 'https://elsewhere.example/x.css'; b{background:url('../i/b.png')}",
        "libraries/t/css/c.css": "i{color:red}",
    }
    merged = merged_style([H5PLibrary(tree_hash="t", preloaded_css=["css/a.css"])], texts.__getitem__)
    assert "@import" not in merged
    assert "@charset" not in merged
    assert "elsewhere" not in merged
    assert re.findall(r'url\("([^"]+)"\)', merged) == ["../libraries/t/i/b.png", "../libraries/t/css/x.png"]
    assert "@media print {i{color:red}}" in merged


@pytest.fixture
def activity(db: None) -> Any:
    return keep_activity(files={"images/p.png": b"\x89PNG", "a.html": "<script>1</script>"})


def src(activity: Any, reader: str = "preview:1") -> str:
    return f"/h5p/play/{token_for(activity.current_id, reader)}/"


def test_the_page_in_the_frame_says_what_to_play(activity):
    page = Client().get(src(activity))
    body = page.content.decode()
    facts = json.loads(re.search(r'id="integration"[^>]*>(.*?)</script>', body)[1])
    assert facts["crossorigin"] == "anonymous"
    assert facts["saveFreq"]
    assert "user" not in facts
    content = facts["contents"]["cid-1"]
    assert content["library"] == "H5P.Widget 1.0"
    assert json.loads(content["jsonContent"]) == {"label": "Press here"}
    assert facts["libraryDirectories"]["H5P.Widget-1.0"] == activity.current.main_library.tree_hash
    policy = page.headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "sandbox allow-scripts", "frame-ancestors http://testserver", "worker-src blob:",
                 "form-action 'none'", "frame-src 'none'"):  # fmt: skip
        assert rule in policy
    assert "same-origin" not in policy
    assert "X-Frame-Options" not in page.headers
    assert body.count("<script nonce=") == 3
    assert body.count("stylesheet") == 3


def test_content_cannot_end_its_element(db):
    activity = keep_activity(content={"label": "</script><script>alert(1)</script><!--"})
    assert "<script>alert" not in Client().get(src(activity)).content.decode()


def test_everything_fetched_may_be_read_from_no_origin_and_does_nothing_alone(activity):
    version, token = activity.current, token_for(activity.current_id, "preview:1")
    tree = version.main_library.tree_hash
    for url in (f"/h5p/files/{token}/images/p.png", f"/h5p/libraries/{tree}/scripts/main.js",
                f"/h5p/bundles/{version.content_hash}.js", f"/h5p/bundles/{version.content_hash}.css"):  # fmt: skip
        got = Client().get(url)
        assert got.status_code == 200, url
        assert got.headers["Access-Control-Allow-Origin"] == "*"
        assert got.headers["Content-Security-Policy"] == "sandbox allow-scripts; default-src 'none'"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        asked = Client().options(url)
        assert (asked.status_code, asked.headers["Access-Control-Allow-Headers"]) == (204, "X-Requested-With")
        assert Client().post(url).status_code == 405
    assert Client().get(f"/h5p/files/{token}/a.html").headers["Content-Type"].startswith("text/plain")


def test_the_bundle_is_made_once_and_compressed(activity):
    url = f"/h5p/bundles/{activity.current.content_hash}.js"
    packed = Client().get(url, headers={"Accept-Encoding": "gzip"})
    plain = Client().get(url)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert plain.content.startswith(b"PathwayPlayer.run([")
    assert storages["h5p"].exists(f"bundles/{activity.current.content_hash}.js.gz")


def test_whoever_asks_while_a_bundle_is_being_written_gets_all_of_it(activity, monkeypatch):
    url = f"/h5p/bundles/{activity.current.content_hash}.js"
    written, meanwhile = Path.write_bytes, []

    def slowly(path: Path, data: bytes) -> int:
        written(path, data[: len(data) // 2])
        if not meanwhile:
            meanwhile.append(b"")
            meanwhile[0] = Client().get(url).content
        return written(path, data)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    first = Client().get(url).content
    assert meanwhile == [first]
    assert first.rstrip().endswith(b"]);")


@pytest.mark.parametrize("path", [
    "../x", "..%2f..%2fsecret", "%2e%2e/x", "a\\b", ".lock", "nothing.png", "", "images",
])  # fmt: skip
def test_nothing_beside_the_content_is_found(activity, path):
    token = token_for(activity.current_id, "preview:1")
    assert Client().get(f"/h5p/files/{token}/{path}").status_code in (400, 404)
    assert Client().get(f"/h5p/libraries/{activity.current.main_library.tree_hash}/{path}").status_code in (400, 404)
    assert Client().get(f"/h5p/core/{path}").status_code in (400, 404)


def test_a_word_that_is_forged_old_or_of_something_not_ready_opens_nothing(activity):
    good = token_for(activity.current_id, "preview:1")
    assert version_in(good) == activity.current_id
    for bad in (good[:-2] + "xx", "x", "1:2:3"):
        assert Client().get(f"/h5p/play/{bad}/").status_code == 404
        assert Client().get(f"/h5p/files/{bad}/content.json").status_code == 404
    activity.current.state = "waiting"
    activity.current.save()
    assert Client().get(src(activity)).status_code == 404
    assert Client().get(f"/h5p/bundles/{activity.current.content_hash}.js").status_code == 404


def test_a_word_lasts_half_a_day(activity, monkeypatch):
    good = token_for(activity.current_id, "preview:1")
    monkeypatch.setattr("content.h5p.tokens.HOURS", -1)
    assert version_in(good) is None


def test_a_library_that_nobody_approved_is_not_served(db):
    row = keep_library(library("H5P.Waiting 1.0"), state="waiting")
    assert Client().get(f"/h5p/libraries/{row.tree_hash}/scripts/main.js").status_code == 404


def test_an_origin_of_its_own_serves_the_player(activity, settings):
    settings.H5P_ORIGIN = "https://play.example.org"
    settings.SITE_ADDRESS = "https://pathway.example.org"
    page = Client().get(src(activity))
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://pathway.example.org" in policy
    assert "https://play.example.org/h5p/bundles/" in policy
    assert "testserver" not in page.content.decode()
