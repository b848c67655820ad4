"""The page in the frame and everything that it fetches (decision 0021).

A package is JavaScript of somebody else. It plays in a frame without an origin, on a page that may fetch its own files
and nothing else. Such a frame sends no cookies: the word in the path says what may be fetched.
"""

import gzip
import mimetypes
import posixpath
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_http_methods, require_safe

from content.models import H5PLibrary, H5PVersion
from lms.common.serving import send

from .bundle import KINDS, bundled
from .integration import integration_of
from .tokens import origin, site, version_in

View = Callable[..., HttpResponseBase]
YEAR, HOUR = 365 * 24 * 3600, 3600
TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json",
    ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf",
    ".eot": "application/vnd.ms-fontobject", ".xml": "text/xml", ".vtt": "text/vtt", ".webvtt": "text/vtt",
    ".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".mp4": "video/mp4", ".webm": "video/webm", ".ogg": "audio/ogg",
    ".wav": "audio/wav", ".glb": "model/gltf-binary", ".gltf": "model/gltf+json",
}  # fmt: skip
# What anything fetched may do when somebody opens it by its address: run in no origin, and fetch nothing.
ALONE = "sandbox allow-scripts; default-src 'none'"


def fetched(view: View) -> View:
    """A view of files for a frame without an origin: any origin may read them, as they say nothing of anybody; opened
    by their own address they can do nothing."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = HttpResponse(status=204) if request.method == "OPTIONS" else view(request, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = "*"
        if request.method == "OPTIONS":
            answer["Allow"] = "GET, HEAD, OPTIONS"
            answer["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            answer["Access-Control-Allow-Headers"] = "X-Requested-With"
            answer["Access-Control-Max-Age"] = "86400"
        answer["Content-Security-Policy"] = ALONE
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    return require_http_methods(["GET", "HEAD", "OPTIONS"])(answered)


def version_of(token: str) -> H5PVersion:
    """The version that a word opens, while it may be played; 404 otherwise."""
    ready = H5PVersion.objects.select_related("activity", "main_library").filter(state=H5PVersion.State.READY)
    version = ready.filter(pk=version_in(token) or 0).first()
    if version is None:
        raise Http404
    return version


@require_safe
@xframe_options_exempt
def play(request: HttpRequest, token: str) -> HttpResponse:
    """The page in the frame: H5P's core, the content's one script and stylesheet, and where its files are."""
    version = version_of(token)
    base, nonce = f"{origin(request)}/h5p", secrets.token_urlsafe(16)
    facts = integration_of(
        version, files=f"{base}/files/{token}", libraries=f"{base}/libraries",
        about=f"{site(request)}/h5p/activities/{version.activity.ref}",
    )  # fmt: skip
    context = {"version": version, "base": base, "nonce": nonce, "facts": facts}
    page = render(request, "content/h5p/player.html", context)
    page["Content-Security-Policy"] = policy(base, token, nonce, site(request))
    page["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=()"
    page["Cache-Control"] = "private, no-store"
    page["Referrer-Policy"] = "no-referrer"
    return page


def policy(base: str, token: str, nonce: str, parent: str) -> str:
    """What the page in the frame may do. 'unsafe-eval' is for older libraries, and harmless without an origin."""
    own = f"{base}/core/ {base}/bundles/ {base}/libraries/ {base}/files/{token}/"
    rules = {
        "default-src": "'none'", "script-src": f"'nonce-{nonce}' 'unsafe-eval' {base}/core/ {base}/bundles/ "
        f"{base}/libraries/", "style-src": f"'unsafe-inline' {own}", "img-src": f"{own} data: blob:",
        "media-src": f"{own} data: blob:", "font-src": f"{own} data:", "worker-src": "blob:",
        "connect-src": f"{base}/files/{token}/ {base}/libraries/", "form-action": "'none'", "base-uri": "'none'",
        "frame-src": "'none'", "frame-ancestors": parent, "sandbox": "allow-scripts",
    }  # fmt: skip
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@fetched
def content_file(request: HttpRequest, token: str, path: str) -> HttpResponseBase:
    """A picture, sound or film of a content, for whoever has its word. Sends ranges, so that a film can be wound."""
    version = version_of(token)
    return _file(request, storages["h5p"], f"contents/{version.content_hash}", path, keep_for=HOUR)


@fetched
def library_file(request: HttpRequest, tree: str, path: str) -> HttpResponseBase:
    """A file of an approved library, by its hash: the same for everybody and for good."""
    if not H5PLibrary.objects.filter(tree_hash=tree, state=H5PLibrary.State.APPROVED).exists():
        raise Http404
    return _public(_file(request, storages["h5p"], f"libraries/{tree}", path))


@fetched
def core_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of H5P's core, or the player's own script and style."""
    found = finders.find(f"h5p/{_safe(path)}")
    if isinstance(found, str):
        folder, name = posixpath.split(found)
        return _public(_file(request, FileSystemStorage(location=folder), "", name), HOUR)
    return _public(_file(request, staticfiles_storage, "h5p", path), HOUR)


@fetched
def bundle(request: HttpRequest, content_hash: str, kind: str) -> HttpResponseBase:
    """The one script or stylesheet of a content, compressed."""
    version = H5PVersion.objects.filter(content_hash=content_hash, state=H5PVersion.State.READY).first()
    if version is None or kind not in KINDS:
        raise Http404
    body, headers = bundled(version, kind), {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    return _public(HttpResponse(body, content_type=f"{TYPES[f'.{kind}']}; charset=utf-8", headers=headers))


def _safe(path: str) -> str:
    if path.startswith(("/", ".")) or "\\" in path or "\0" in path or ".." in path.split("/"):
        raise Http404
    return path


def _file(request: HttpRequest, store: Storage, folder: str, path: str, keep_for: int = 0) -> HttpResponseBase:
    ending = posixpath.splitext(path)[1].lower()
    kind = TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    if kind.startswith("text/html") or "xhtml" in kind:
        kind = "text/plain"
    try:
        return send(request, store, posixpath.join(folder, _safe(path)), name=posixpath.basename(path),
                    content_type=kind, inline=True, keep_for=keep_for)  # fmt: skip
    except (IsADirectoryError, NotADirectoryError, ValueError):
        raise Http404 from None


def _public(answer: HttpResponseBase, seconds: int = YEAR) -> HttpResponseBase:
    if answer.status_code in (200, 206):
        answer["Cache-Control"] = f"public, max-age={seconds}{', immutable' if seconds == YEAR else ''}"
    return answer
