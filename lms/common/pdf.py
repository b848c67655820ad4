"""Tagged PDFs (PDF/UA) of our own templates, with the product's own fonts and nothing from anywhere else.

WeasyPrint is imported when a PDF is made: everything else runs on a machine without Pango.
"""

import logging
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string

log = logging.getLogger("senco.pdf")
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
FONTS = {"lexend.woff2": "Lexend Variable", "source-sans-3.woff2": "Source Sans 3 Variable"}
SCHEME = "font:"


class CannotMakePdf(ImproperlyConfigured):
    """This machine lacks what PDFs need. The message says what to install."""


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:  # a library that it opens is not here
        raise CannotMakePdf(
            f"PDFs need Pango. On Debian or Ubuntu: apt-get install {' '.join(PACKAGES)}, then start the worker again. "
            f"({error})"
        ) from error
    return weasyprint


def _font(name: str) -> Path:
    found = finders.find(f"fonts/{name}")
    if not found:
        raise CannotMakePdf(f"The font {name} is not built. Run make setup.")
    return Path(str(found))


def _only_fonts(weasyprint: Any) -> Any:
    """Fetches the product's fonts and refuses every other address: whatever a document says, nothing is read from this
    machine or the network for it."""

    class OnlyFonts(weasyprint.urls.URLFetcher):
        def fetch(self, url: str, headers: dict | None = None) -> Any:
            name = url.removeprefix(SCHEME)
            if not url.startswith(SCHEME) or name not in FONTS:
                raise ValueError(f"A PDF fetches nothing: {url}")
            return weasyprint.urls.URLFetcherResponse(url, _font(name).read_bytes(), {"Content-Type": "font/woff2"})

    return OnlyFonts()


def make_pdf(template: str, context: dict[str, Any]) -> bytes:
    """A template as a tagged PDF/UA document, in A4 pages. The template gives language, title and headings, and takes
    its fonts by `font:lexend.woff2`. Raises CannotMakePdf where Pango or the fonts are missing."""
    weasyprint = _weasyprint()
    page = render_to_string(template, context)
    document = weasyprint.HTML(string=page, base_url=SCHEME, url_fetcher=_only_fonts(weasyprint))
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True))
