"""How large and how wide apart a reader wants the text of the course: kept in a cookie of their browser alone."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "reading"
A_YEAR = 365 * 24 * 3600
SIZES = {"normal": "Normal", "large": "Large", "largest": "Largest"}
SPACINGS = {"normal": "Normal", "wide": "Wide"}


@dataclass(frozen=True)
class Comfort:
    """What was chosen. The normal size is the browser's own, and every size grows with it."""

    size: str = "normal"
    spacing: str = "normal"

    @property
    def classes(self) -> str:
        """Classes of the page's frame; none for what is normal."""
        size = f"reading--{self.size}" if self.size != "normal" else ""
        spacing = f"reading--{self.spacing}" if self.spacing != "normal" else ""
        return f"{size} {spacing}".strip()

    @property
    def sizes(self) -> list[tuple[str, str, bool]]:
        """The sizes to choose from: value, word, whether chosen."""
        return [(value, word, value == self.size) for value, word in SIZES.items()]

    @property
    def spacings(self) -> list[tuple[str, str, bool]]:
        """The spacings to choose from."""
        return [(value, word, value == self.spacing) for value, word in SPACINGS.items()]


def comfort_of(request: HttpRequest) -> Comfort:
    """What the reader's browser has chosen. What is not known in its cookie counts as normal."""
    size, _, spacing = request.COOKIES.get(COOKIE, "").partition(".")
    return Comfort(size if size in SIZES else "normal", spacing if spacing in SPACINGS else "normal")


def keep(answer: HttpResponse, size: str, spacing: str) -> None:
    """Keeps a choice in the reader's browser."""
    size, spacing = (size if size in SIZES else "normal"), (spacing if spacing in SPACINGS else "normal")
    answer.set_cookie(COOKIE, f"{size}.{spacing}", max_age=A_YEAR, secure=settings.SESSION_COOKIE_SECURE,
                      httponly=True, samesite="Lax")  # fmt: skip
