"""Who may see a content's files: a signed word in their address. A frame without an origin sends no cookies."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

SALT = "h5p.play"
HOURS = 12


def token_for(version_id: int, reader: str) -> str:
    """The word for one version and one reader: "attempt:<ref>" or "preview:<their id>". Whoever gives it out has seen
    that they may play it."""
    return signing.dumps([version_id, reader], salt=SALT)


def version_in(token: str) -> int | None:
    """The version that a word opens; None for one that is forged or too old."""
    try:
        version_id, _ = signing.loads(token, salt=SALT, max_age=HOURS * 3600)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(version_id)


def origin(request: HttpRequest) -> str:
    """The origin that serves the player: of its own in production (H5P_ORIGIN), else the site's."""
    return settings.H5P_ORIGIN or f"{request.scheme}://{request.get_host()}"


def site(request: HttpRequest) -> str:
    """The origin whose pages may show the player."""
    if not settings.H5P_ORIGIN:
        return f"{request.scheme}://{request.get_host()}"
    parts = urlsplit(settings.SITE_ADDRESS)
    return f"{parts.scheme}://{parts.netloc}"


def play_url(request: HttpRequest, version_id: int, reader: str) -> str:
    """The address of the page in the frame."""
    return f"{origin(request)}/h5p/play/{token_for(version_id, reader)}/"
