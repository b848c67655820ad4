"""What is sent to the browser: our own look, pinned packages, nobody else's brand."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "static_build"


def test_packages_are_pinned_to_the_very_version():
    package = json.loads((ROOT / "package.json").read_text())

    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert versions
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_the_lock_names_no_registry_and_checks_every_package():
    text = (ROOT / "package-lock.json").read_text()
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}

    assert "resolved" not in text
    assert not re.search(r"https?://[^\"]*(registry|npmjs|npm\.)", text)
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


def test_the_styles_carry_no_government_brand():
    css = (BUILT / "app.css").read_text()

    assert "Lexend Variable" in css
    assert not re.search(r"GDS Transport|crown|govuk-header|govuk-footer", css, re.IGNORECASE)


def test_the_styles_load_nothing_from_elsewhere():
    css = (BUILT / "app.css").read_text()

    sources = re.findall(r"url\(([^)]*)\)", css)
    assert sources
    assert [source for source in sources if re.match(r"""["']?(https?:)?//""", source)] == []
    assert all((BUILT / s.strip("\"'")).exists() for s in sources if not s.strip("\"'").startswith("data:"))


def test_fonts_stay_small_enough_for_a_phone():
    fonts = sorted((BUILT / "fonts").glob("*.woff2"))

    assert [font.name for font in fonts] == ["lexend.woff2", "source-sans-3-italic.woff2", "source-sans-3.woff2"]
    assert sum(font.stat().st_size for font in fonts) < 120_000
