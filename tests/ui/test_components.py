"""The design system's tags draw what a person needs: words beside signs, links that lead somewhere, stems."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup, Tag
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from lms.common.context import Shell
from lms.common.errors import Refused
from lms.common.forms import Checkboxes, FilesField, FilesInput, GovDateField, Radios
from lms.common.templatetags.ui import SIGNS, STATUS_WORDS

pytestmark = pytest.mark.alike

ROOT = Path(__file__).resolve().parents[2]
# A document for printing is no page: a browser never gets it, and its renderer takes styles from inside.
PRINTED = {"assessment/location_sheet.html"}
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html"))
             if path.relative_to(ROOT / "templates").as_posix() not in PRINTED]  # fmt: skip


def draw(source: str, **context) -> BeautifulSoup:
    """The HTML that a template source gives."""
    return BeautifulSoup(Template(source).render(Context(context)), "html.parser")


def one(soup: BeautifulSoup, selector: str) -> Tag:
    """The single element that a selector finds."""
    found = soup.select(selector)
    assert len(found) == 1, f"{selector} found {len(found)} times in {soup}"
    return found[0]


def criterion(code: str, text: str, outcome: str, stem: str) -> SimpleNamespace:
    return SimpleNamespace(code=code, text=text, outcome=SimpleNamespace(code=outcome, text=stem))


class Everything(forms.Form):
    """One field of each kind that the renderer draws."""

    title = forms.CharField(help_text="A few words.")
    note = forms.CharField(widget=forms.Textarea, max_length=50)
    secret = forms.CharField(widget=forms.PasswordInput)
    kind = forms.ChoiceField(choices=[("a", "Seen"), ("b", "Told")], widget=Radios(choice_hints={"a": "By you"}))
    grouped = forms.MultipleChoiceField(
        choices=[("Section 1", [("1.1", "1.1"), ("1.2.a", "1.2.a")]), ("Section 2", [("2.1", "2.1")])],
        widget=Checkboxes(),
    )
    happened = GovDateField()
    setting = forms.ChoiceField(choices=[("", "Choose"), ("1", "Little Acorns")])
    files = FilesField(widget=FilesInput(max_bytes=20, max_files=2, accept=".pdf"))
    own = forms.BooleanField(label="This is my own work", help_text="Say if you used AI.")
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise ValidationError("Link at least one criterion.")


# Statuses


@pytest.mark.parametrize(("status", "word"), STATUS_WORDS.items())
def test_a_status_is_shown_by_its_sign_and_its_word(status, word):
    tag = one(draw("{% status_tag status %}", status=status), f".tag--{status}")

    assert tag.get_text(strip=True) == word
    assert one(tag, "svg")["aria-hidden"] == "true"


def test_no_two_statuses_share_a_sign():
    signs = [SIGNS[status] for status in STATUS_WORDS]

    assert len(set(signs)) == len(signs) == 6


def test_a_status_that_is_none_of_the_six_is_an_error_and_not_a_grey_tag():
    with pytest.raises(KeyError):
        draw("{% status_tag 'passed' %}")


def test_the_legend_explains_all_six():
    soup = draw("{% legend %}")

    assert [item.get_text(strip=True) for item in soup.select("li")] == list(STATUS_WORDS.values())


# Pictures of progress


@pytest.mark.parametrize(("done", "arcs"), [(0, 0), (11, 1), (20, 1)])
def test_a_ring_says_in_words_what_it_draws(done, arcs):
    soup = draw("{% section_ring '1' 'SEN and early action' done 20 %}", done=done)

    assert one(soup, "svg[role=img]")["aria-label"] == f"Section 1: {done} of 20 achieved"
    assert len(soup.select(".ring__arc")) == arcs
    assert "1\xa0·\xa0SEN and early action" in soup.get_text()


def test_a_ring_of_an_empty_section_does_not_divide_by_nothing():
    assert not draw("{% section_ring '1' 'Empty' 0 0 %}").select(".ring__arc")


def test_the_grid_links_each_criterion_and_says_its_status_in_words():
    cells = [
        {"code": "1.1", "url": "/c/1/", "status": "achieved", "label": "What SEN are"},
        {"code": "1.2.a", "url": "/c/2/", "status": "changes_needed", "label": "Communication"},
    ]
    soup = draw("{% criteria_grid s %}", s=[{"code": "1", "title": "Early action", "colour": 1, "cells": cells}])

    links = soup.select("a.cell")
    assert [(a["href"], a.get_text(), a["title"]) for a in links] == [
        ("/c/1/", "1.1, Achieved", "What SEN are"),
        ("/c/2/", "1.2.a, Changes needed", "Communication"),
    ]
    assert all(a.select("svg") for a in links)
    assert "1 of 2 achieved" in one(soup, "h2").get_text()
    assert len(soup.select(".legend li")) == 6


def test_what_is_put_in_the_grid_is_escaped():
    cell = {"code": "<b>", "url": '"><script>', "status": "draft", "label": '"<i>'}
    soup = draw("{% criteria_grid s %}", s=[{"code": "1", "title": "<u>", "colour": 1, "cells": [cell]}])

    assert not soup.select("b, i, u, script")


# Statements


def test_a_lettered_criterion_is_always_shown_under_its_stem():
    lettered = criterion("1.2.a", "Communication and interaction", "1.2", "Describe the four areas of need:")

    for source in ("{% statement c %}", "{% statement c plain=True %}", "{% statement c level='h3' %}"):
        text = draw(source, c=lettered).get_text(" ", strip=True)
        assert text.index("Describe the four areas of need:") < text.index("Communication and interaction")
        assert "1.2.a" in text


def test_a_criterion_that_is_its_own_outcome_is_not_said_twice():
    whole = criterion("1.1", "Explain what SEN are.", "1.1", "Explain what SEN are.")

    assert draw("{% statement c %}", c=whole).get_text().count("Explain what SEN are.") == 1


def test_the_numbering_is_said_to_be_ours():
    assert "The numbers are ours: the published specification has bullets." in draw("{% numbering_note %}").get_text()


# Forms


def test_every_link_of_the_error_summary_leads_to_a_field_that_exists_and_takes_focus():
    soup = draw("{% error_summary form %}{{ form }}", form=Everything({}))

    links = soup.select(".govuk-error-summary a")
    assert [a["href"] for a in links] == [
        "#id_title", "#id_note", "#id_secret", "#id_kind_0", "#id_grouped_0_0", "#id_happened_0", "#id_setting",
        "#id_files", "#id_own",
    ]  # fmt: skip
    for link in links:
        target = one(soup, link["href"])
        assert target.name in ("input", "textarea", "select")
        assert target.get("type") != "hidden"


def test_errors_of_no_field_and_of_hidden_fields_are_told_without_a_link():
    soup = draw("{% error_summary form %}", form=Everything({}))

    plain = [item.get_text() for item in soup.select(".govuk-error-summary li") if not item.select("a")]
    assert plain == ["Link at least one criterion.", "Fill in “Token”"]


def test_the_summary_names_each_field_instead_of_repeating_that_it_is_required():
    texts = [item.get_text() for item in draw("{% error_summary form %}", form=Everything({})).select("li")]

    assert len(set(texts)) == len(texts) == 11
    assert "Tick “This is my own work”" in texts


def test_nothing_is_drawn_where_nothing_is_wrong():
    soup = draw("{% error_summary form other reasons=none %}", form=Everything(), other=None, none=[])

    assert not soup.find_all(True)


def test_refusals_are_listed_with_where_each_is_mended():
    reasons = [Refused("a", "Choose a file.", fix_url="/fix/"), Refused("b", "Ask your assessor.")]
    soup = draw("{% error_summary reasons=reasons %}", reasons=reasons)

    assert [item.get_text() for item in soup.select("li")] == ["Choose a file.", "Ask your assessor."]
    assert [a["href"] for a in soup.select("li a")] == ["/fix/"]


def test_the_summary_reaches_into_a_formset():
    formset = forms.formset_factory(Everything, extra=0)({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"})
    soup = draw("{% error_summary f %}{% for form in f %}{{ form }}{% endfor %}", f=formset)

    hrefs = [a["href"] for a in soup.select(".govuk-error-summary a")]
    assert "#id_form-1-happened_0" in hrefs
    assert all(len(soup.select(f'[id="{href[1:]}"]')) == 1 for href in hrefs)


@pytest.mark.parametrize("data", [None, {}])
def test_every_description_and_label_points_at_something_that_exists(data):
    soup = draw("{{ form }}", form=Everything(data))
    ids = [element["id"] for element in soup.select("[id]")]

    assert len(set(ids)) == len(ids)
    for element in soup.select("[aria-describedby]"):
        assert set(element["aria-describedby"].split()) <= set(ids)
    for label in soup.select("label"):
        assert label["for"] in ids


def test_hint_and_error_are_both_read_with_the_field():
    described = one(draw("{{ form }}", form=Everything({})), "#id_title")["aria-describedby"]

    assert described == "id_title_helptext id_title_error"


def test_what_was_typed_stays_when_a_form_comes_back():
    data = {"title": "My plan", "kind": "b", "grouped": ["1.2.a", "2.1"], "happened_day": "31", "happened_month": "2"}
    soup = draw("{{ form }}", form=Everything(data))

    assert one(soup, "#id_title")["value"] == "My plan"
    assert one(soup, "#id_happened_0")["value"] == "31"
    assert [box["value"] for box in soup.select("input[checked]")] == ["b", "1.2.a", "2.1"]


def test_a_text_area_counts_and_does_not_cut_off():
    area = one(draw("{{ form }}", form=Everything()), "textarea")

    assert "maxlength" not in area.attrs
    assert area["aria-describedby"] == "id_note-info"
    assert area.find_parent(attrs={"data-module": "govuk-character-count"})["data-maxlength"] == "50"


def test_a_choice_may_have_a_hint_of_its_own():
    soup = draw("{{ form }}", form=Everything())

    assert one(soup, f"#{one(soup, '#id_kind_0')['aria-describedby']}").get_text() == "By you"
    assert "aria-describedby" not in one(soup, "#id_kind_1").attrs


def test_a_file_field_tells_its_limits_to_the_browser():
    field = one(draw("{{ form }}", form=Everything()), "input[type=file]")

    assert (field["data-max-bytes"], field["data-max-files"], field["accept"]) == ("20", "2", ".pdf")
    assert "multiple" in field.attrs


def test_labels_and_hints_can_be_put_in_other_words():
    soup = draw("{% field form.title label='Name it' hint='' %}", form=Everything())

    assert one(soup, "label").get_text() == "Name it"
    assert not soup.select(".govuk-hint, [aria-describedby]")


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [(["12", "11", "2026"], date(2026, 11, 12)), (["1", "nov", "2026"], date(2026, 11, 1)), (["", "", ""], None)],
)
def test_a_date_is_typed_in_three_parts(typed, meaning):
    assert GovDateField(required=False).clean(typed) == meaning


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["31", "2", "2026"], "Enter a real date, like 12 11 2026."),
        (["12", "", "2026"], "The date must include a month."),
        (["12", "", ""], "The date must include a month and a year."),
        (["12", "11", "26"], "The year must have 4 numbers, like 2026."),
        (["a", "b", "cccc"], "Enter a real date, like 12 11 2026."),
        (["", "", ""], "Enter a date."),
    ],
)
def test_a_wrong_date_says_which_part(typed, said):
    with pytest.raises(ValidationError) as caught:
        GovDateField().clean(typed)
    assert caught.value.messages == [said]


# Other components


def test_a_button_is_a_button_unless_it_leads_somewhere():
    assert one(draw("{% button 'Save' name='later' value='1' %}"), "button[type=submit][name=later][value='1']")
    assert one(draw("{% button 'Go' url='/x/' kind='secondary small' %}"), "a.govuk-button--secondary[href='/x/']")


def test_saved_at_speaks_politely():
    at = datetime(2026, 7, 1, 13, 2, tzinfo=UTC)

    assert one(draw("{% saved_at at %}", at=at), "[data-saved][role=status]").get_text() == "Saved 14:02"
    assert one(draw("{% saved_at %}"), "[data-saved]").get_text() == ""


def test_pages_have_neighbours_only_where_there_are_some():
    page = SimpleNamespace(next_url="/?after=x", previous_url=None, first_url=None)
    soup = draw("{% pagination page %}", page=page)

    assert [(a["href"], a.get_text()) for a in soup.select("a")] == [("/?after=x", "Next page")]


def test_summary_timeline_tasks_and_reasons_escape_what_people_typed():
    nasty = "<script>x</script>"
    soup = draw(
        "{% summary_list rows %}{% timeline entries %}{% task_list items %}{% why_not 'No' reasons %}"
        "{% next_step nasty nasty nasty '/x/' nasty %}{% empty_state nasty nasty %}{% breadcrumbs nasty '/' %}",
        rows=[{"key": nasty, "value": nasty, "url": "/x/"}],
        entries=[{"title": nasty, "when": nasty, "who": nasty, "text": nasty, "status": "draft"}],
        items=[{"title": nasty, "hint": nasty, "status": "draft"}],
        reasons=[{"message": nasty}],
        nasty=nasty,
    )  # fmt: skip

    assert not soup.select("script")
    assert soup.get_text().count(nasty) == 17


# The frame


def anonymous():
    request = RequestFactory().get("/portfolio/evidence/3/")
    request.user = AnonymousUser()
    return request


def test_nobody_signed_in_costs_the_frame_no_query():
    # No `django_db` mark here: a query would fail the test.
    shell = Shell(anonymous())

    assert (shell.user, shell.nav, shell.unread) == (None, [], 0)
    assert "Sign in" in render_to_string("404.html", request=anonymous())


def test_the_link_that_a_page_lies_under_is_marked_and_only_that_one():
    request = anonymous()
    homes = [SimpleNamespace(key="a", label="A", url="/"), SimpleNamespace(key="b", label="B", url="/portfolio/")]
    request.user = SimpleNamespace(is_authenticated=True, homes=homes, unread_notices=2, name="Priya Anne Nair")
    shell = Shell(request)

    assert [(item["label"], item["current"]) for item in shell.nav] == [("A", False), ("B", True), ("Notices", False)]
    assert (shell.unread, shell.initials) == (2, "PN")


def test_demonstration_people_stay_in_the_demonstration(settings):
    settings.DEMO = False
    assert Shell(anonymous()).demo_people == []
    settings.DEMO = True
    assert len(Shell(anonymous()).demo_people) == 13


@pytest.mark.parametrize("name", ["403.html", "404.html", "csrf_failure.html", "refused.html"])
def test_pages_of_refusal_say_what_one_can_do(name):
    soup = BeautifulSoup(render_to_string(name, request=anonymous()), "html.parser")

    assert one(soup, "main h1")
    assert one(soup, "main a[href='/']")


def test_the_page_of_our_own_failure_needs_neither_database_nor_context():
    soup = BeautifulSoup(get_template("500.html").render(), "html.parser")

    assert one(soup, "h1").get_text() == "Something went wrong"
    assert one(soup, "main a[href='/']")


# What the content policy would refuse


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_no_template_has_inline_style_or_script(path):
    source = path.read_text()

    assert not re.search(r"""\sstyle\s*=\s*["']|<style|\son[a-z]+\s*=\s*["']|javascript:""", source)
    assert all("src=" in tag for tag in re.findall(r"<script\b[^>]*>", source))
    assert "|safe" not in source


def test_no_component_has_inline_style_or_script():
    cells = [{"code": "1.1", "url": "#", "status": "draft", "label": ""}]
    soup = draw(
        "{% criteria_grid s %}{% section_ring '1' 'A' 1 2 %}{% statement c level='h2' %}{{ form }}{% button 'x' %}",
        s=[{"code": "1", "title": "A", "colour": 1, "cells": cells}],
        c=criterion("1.2.a", "b", "1.2", "a"),
        form=Everything({}),
    )

    assert not soup.select("[style], style, script")
    assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
