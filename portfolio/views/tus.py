"""Uploads in parts: the tus protocol, version 1.0.0 (core, creation, checksum, expiration, termination).

Every answer that is not a success is a sentence that a person can read. The session and Django's anti-forgery check
stand as they do for forms: a client sends the header X-CSRFToken.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date

from lms.common.errors import Refused
from portfolio.api import EvidenceVersion
from portfolio.domain import upload as uploads
from portfolio.models import Upload
from portfolio.policies import may_add_files
from portfolio.queries_uploads import limit_of, upload_of, version_for_files

from .access import user_of

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha1", "sha256")
PART_TYPE = "application/offset+octet-stream"
QUIET_SECONDS = 30  # a sender that is silent for so long has gone
STATUS = {
    "upload-busy": 423, "upload-offset": 409, "upload-expired": 410, "upload-gone": 410, "upload-checksum": 460,
    "upload-too-long": 413, "file-too-large": 413, "upload-cut": 400,
}  # fmt: skip
View = Callable[..., HttpResponse]


class Malformed(Exception):
    """What the client sent is not the protocol; the arguments are the status and the sentence."""


def tus(*methods: str) -> Callable[[View], View]:
    """An address of the protocol: which methods it takes, who is not signed in, and refusals as text."""

    def around(view: View) -> View:
        def answer(request: HttpRequest, ref: UUID) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            try:
                response = _asked(view, request, ref)
            except Malformed as problem:
                response = _text(*problem.args)
            except Refused as refusal:
                response = _text(STATUS.get(refusal.code, 422), refusal.message)
            except PermissionDenied as denied:
                response = _text(403, str(denied))
            except Http404 as missing:
                response = _text(404, str(missing))
            response.headers.setdefault("Tus-Resumable", VERSION)
            response.headers["Cache-Control"] = "no-store"
            if request.method == "OPTIONS" or response.status_code == 412:
                response.headers["Tus-Version"] = VERSION
            if request.method == "OPTIONS":
                response.headers["Tus-Extension"] = EXTENSIONS
                response.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
                response.headers["Allow"] = ", ".join(methods)
            return response

        return answer

    return around


def _asked(view: View, request: HttpRequest, ref: UUID) -> HttpResponse:
    if request.user.is_authenticated:
        return view(request, ref)
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    return _text(401, "You have been signed out. Sign in again: your upload goes on where it stopped.")


def _text(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


@tus("POST", "OPTIONS")
def create(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Begins an upload into a piece of evidence, perhaps with its first part. With a `key` in the metadata it is
    idempotent: the same file begun again is the same upload, and Upload-Offset says how far it is. Without one, each
    call begins another, as the protocol has it."""
    version = _version(request, ref)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Tus-Max-Size": str(limit_of(version))})
    _speaks_tus(request)
    if request.headers.get("Upload-Defer-Length"):
        raise Malformed(400, "Say how long the file is when the upload begins.")
    length, about = _number(request, "Upload-Length"), _metadata(request)
    upload = uploads.begin(version, name=about.get("filename", ""), length=length, key=about.get("key", "")[:200],
                           by=user_of(request), at=timezone.now())  # fmt: skip
    if request.content_type == PART_TYPE and upload.offset == 0:
        upload = _append(request, upload, 0)
    address = reverse("portfolio:upload", args=[upload.ref])
    return HttpResponse(status=201, headers={"Location": request.build_absolute_uri(address), **_progress(upload)})


@tus("GET", "HEAD", "PATCH", "DELETE", "OPTIONS")
def upload(request: HttpRequest, ref: UUID) -> HttpResponse:
    """An upload of the user's own: how far it is (HEAD, and GET in words), its next part (PATCH), its end (DELETE).
    Idempotent by nature: each part says where it begins. Somebody else's is 404."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    found = upload_of(user_of(request), ref)
    if found is None:
        raise Http404("This upload is not here any more. Choose the file again.")
    if request.method == "GET":
        return _text(200, f"{found.offset * 100 // found.length}% of “{found.name}” has arrived.")
    _speaks_tus(request)
    if request.method == "DELETE":
        uploads.end(found, by=user_of(request), at=timezone.now())
        return HttpResponse(status=204)
    if found.offset < found.length and found.expires_at <= timezone.now():
        raise Malformed(410, f"“{found.name}” waited too long to be finished. Choose it again.")
    if request.method == "HEAD":
        name = base64.b64encode(found.name.encode()).decode()
        return HttpResponse(headers={"Upload-Metadata": f"filename {name}", **_progress(found)})
    if request.content_type != PART_TYPE:
        raise Malformed(415, f"A part of a file is sent as {PART_TYPE}.")
    found = _append(request, found, _number(request, "Upload-Offset"))
    return HttpResponse(status=204, headers=_progress(found))


def _version(request: HttpRequest, ref: UUID) -> EvidenceVersion:
    version = version_for_files(user_of(request), ref)
    if version is None:
        raise Http404("This evidence is not here.")
    if not may_add_files(user_of(request), version):
        raise PermissionDenied("Only the person whose draft it is can add files to it.")
    return version


def _progress(upload: Upload) -> dict[str, str]:
    about = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.length)}
    if upload.offset < upload.length:
        about["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    if upload.file:
        about["Senco-File"] = str(upload.file.ref)
    return about


def _append(request: HttpRequest, upload: Upload, offset: int) -> Upload:
    if not request.META.get("CONTENT_LENGTH"):
        raise Malformed(411, "Say how long the part is.")
    size = int(request.META["CONTENT_LENGTH"])
    if size > settings.UPLOAD_PART_BYTES:
        most = settings.UPLOAD_PART_BYTES // (1024 * 1024)
        raise Malformed(413, f"A part of a file is at most {most} MB long.")
    with _impatient(request):
        return uploads.append(upload, offset=offset, size=size, read=request.read, checksum=_checksum(request),
                              by=user_of(request), at=timezone.now())  # fmt: skip


@contextmanager
def _impatient(request: HttpRequest) -> Iterator[None]:
    """Does not wait for ever for a sender whose connection is gone without a word (a phone in a tunnel): it would
    keep the upload locked. Where the server lends its socket; elsewhere the proxy's own limit holds."""
    socket: Any = request.META.get("gunicorn.socket")
    if socket is None:
        yield
        return
    before = socket.gettimeout()
    socket.settimeout(QUIET_SECONDS)
    try:
        yield
    finally:
        socket.settimeout(before)


def _speaks_tus(request: HttpRequest) -> None:
    asking = request.method == "HEAD"  # changes nothing, so that any program may ask
    if request.headers.get("Tus-Resumable", VERSION if asking else "") != VERSION:
        raise Malformed(412, f"Uploads here speak version {VERSION} of the tus protocol.")


def _number(request: HttpRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Malformed(400, f"The header {header} must be a whole number.")
    return int(text)


def _metadata(request: HttpRequest) -> dict[str, str]:
    """What the client says of the file: names and values of the header Upload-Metadata."""
    found = {}
    for pair in filter(None, (part.strip() for part in request.headers.get("Upload-Metadata", "").split(","))):
        name, _, value = pair.partition(" ")
        found[name] = _decoded(value.strip(), "Upload-Metadata").decode("utf-8", "replace")
    return found


def _checksum(request: HttpRequest) -> uploads.Checksum | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, digest = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Malformed(400, f"A checksum here is one of {', '.join(ALGORITHMS)}.")
    found = _decoded(digest.strip(), "Upload-Checksum")
    if len(found) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise Malformed(400, f"The checksum is no {algorithm}.")
    return uploads.Checksum(algorithm, found)


def _decoded(value: str, header: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(400, f"The header {header} is not what it should be.") from None
