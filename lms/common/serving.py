"""Sending a stored file: sealed against running anything, whole or a range of it, never in memory."""

import re
from collections.abc import Callable, Iterator
from typing import IO, Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.core.files.storage import Storage
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

# What a file may do when the browser shows it: nothing but be seen, here or inside one of our own pages.
POLICY: dict[str, Any] = {
    "sandbox": True,
    "default-src": [NONE],
    "img-src": [SELF],
    "media-src": [SELF],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
}
PIECE = 64 * 1024
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def sealed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view whose answers the browser may show, and do nothing else with."""
    return csp(POLICY)(view)


def send(request: HttpRequest, store: Storage, stored_as: str, *, name: str, content_type: str, inline: bool,
         keep_for: int = 0) -> HttpResponseBase:  # fmt: skip
    """A stored file for somebody who may have it. A request for one range (a player that jumps) gets that part of it
    as 206, or 416 when it lies beyond the end; HEAD gets what GET would say of it. 404 when the store lost it.
    `keep_for`: seconds for which the person's own browser may keep it; 0: not at all."""
    try:
        content = store.open(stored_as)
    except FileNotFoundError:
        raise Http404("This file is not in the store any more.") from None
    size = content.size
    part = _asked(request.headers.get("Range", ""), size)
    charset = "; charset=utf-8" if content_type.startswith("text/") else ""
    headers = {
        "Content-Type": f"{content_type}{charset}", "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={keep_for}" if keep_for else "private, no-store",
        "Content-Disposition": content_disposition_header(not inline, name) or "attachment",
    }  # fmt: skip
    if part is not None and part.start >= size:
        content.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    sent = range(size) if part is None else part
    headers["Content-Length"] = str(len(sent))
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        content.close()
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_Pieces(content, sent), status=status, headers=headers)


def _asked(header: str, size: int) -> range | None:
    """The one range that is asked for; None for the whole file, also when several ranges or nonsense are asked for.
    It begins at `size` when there is nothing there."""
    found = RANGE.fullmatch(header.strip())
    if found is None or found.group(1, 2) == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        return range(max(size - int(last), 0), size) if int(last) else range(size, size)
    if last and int(last) < int(first):
        return None
    return range(min(int(first), size), min(int(last) + 1, size) if last else size)


class _Pieces:
    """A part of an open file in small pieces. Closed by the server when all is sent or the reader has gone."""

    def __init__(self, content: IO[bytes], part: range) -> None:
        self.content, self.part = content, part

    def __iter__(self) -> Iterator[bytes]:
        self.content.seek(self.part.start)
        left = len(self.part)
        while left > 0 and (piece := self.content.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

    def close(self) -> None:
        """Gives the file back."""
        self.content.close()
