"""H5P packages, made in memory: sound ones, and ones with any trait or fault."""

import io
import json
import stat
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from content.h5p.approve import approve
from content.h5p.intake import begin, take_in
from content.h5p.manage import describe
from content.h5p.people import approvers
from content.models import H5PActivity, H5PLibrary, H5PUpload
from lms.accounts.api import Organisation, Role, User

from .people import make_person

JSONS = dict[str, Any]
Files = dict[str, bytes | str]
ON = (2026, 11, 22, 12, 0, 0)

# A library that shows a button; pressing it completes the activity with the mark that its content names.
SCRIPT = """
var H5P = H5P || {};
%(name)s = (function () {
  function Widget(params, contentId) {
    H5P.EventDispatcher.call(this);
    var self = this;
    self.attach = function ($container) {
      var button = document.createElement('button');
      button.textContent = params.label || 'Do it';
      button.addEventListener('click', function () {
        self.triggerXAPIScored(params.score || 1, params.max || 1, 'completed', true, true);
      });
      $container[0].appendChild(button);
      self.setActivityStarted();
    };
  }
  Widget.prototype = Object.create(H5P.EventDispatcher.prototype);
  Widget.prototype.constructor = Widget;
  return Widget;
})();
"""


def dependency(name: str) -> JSONS:
    """ "Test.Widget 1.2" as a manifest names it."""
    machine_name, _, version = name.partition(" ")
    major, _, minor = (version or "1.0").partition(".")
    return {"machineName": machine_name, "majorVersion": int(major), "minorVersion": int(minor)}


def library(name: str = "Test.Widget 1.0", *, needs: Iterable[str] = (), js: Files | None = None,
            css: Files | None = None, others: Files | None = None, folder: str | None = None,
            **manifest: Any) -> Files:  # fmt: skip
    """The files of a library, by path. `js` and `css` are preloaded in their order; `others` are only there.
    `manifest`: what its library.json says besides, or otherwise; None takes a line out."""
    key = dependency(name)
    machine_name = key["machineName"]
    js = {"scripts/main.js": SCRIPT % {"name": machine_name}} if js is None else js
    css = {"styles/main.css": "button { color: #123; }"} if css is None else css
    said = {
        "title": machine_name, **key, "patchVersion": 0, "runnable": 1, "license": "MIT", "author": "Test",
        "preloadedJs": [{"path": path} for path in js], "preloadedCss": [{"path": path} for path in css],
        "preloadedDependencies": [dependency(one) for one in needs], **manifest,
    }  # fmt: skip
    folder = folder or f"{machine_name}-{key['majorVersion']}.{key['minorVersion']}"
    files = {"library.json": json.dumps({k: v for k, v in said.items() if v is not None}), **js, **css,
             **(others or {})}  # fmt: skip
    return {f"{folder}/{path}": content for path, content in files.items()}


def manifest(main: str = "Test.Widget 1.0", needs: Iterable[str] = (), **said: Any) -> JSONS:
    """An h5p.json. None takes a line out."""
    named = list(dict.fromkeys([main, *needs]))
    whole = {
        "title": "A small activity", "language": "en", "mainLibrary": main.partition(" ")[0], "embedTypes": ["div"],
        "license": "U", "preloadedDependencies": [dependency(one) for one in named], **said,
    }  # fmt: skip
    return {key: value for key, value in whole.items() if value is not None}


def zipped(files: Files, *, compress: int = zipfile.ZIP_DEFLATED, last: Iterable[tuple[Any, bytes]] = ()) -> bytes:
    """A ZIP file, the same bytes each time. `last`: entries as (name or ZipInfo, content), also of names that are
    there already."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compress) as archive:
        for name, content in [*files.items(), *last]:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, ON)
            info.compress_type = compress
            archive.writestr(info, content)
    return made.getvalue()


def symlink(name: str) -> zipfile.ZipInfo:
    """An entry that is a symbolic link; its content is where it leads."""
    info = zipfile.ZipInfo(name, ON)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def package(*, libraries: Iterable[Files] | None = None, content: Any = None, files: Files | None = None,
            h5p: JSONS | bytes | None = None, main: str = "Test.Widget 1.0", needs: Iterable[str] = (),
            last: Iterable[tuple[Any, bytes]] = (), without: Iterable[str] = (), **said: Any) -> bytes:  # fmt: skip
    """A whole package. With no arguments a sound one of one library and one button.

    `libraries`: from `library(...)`; `content`: content.json (bytes are taken as they are); `files`: any other entries;
    `h5p`: a whole h5p.json in place of the usual one, else `main`, `needs` and `said` go into it; `last`: see `zipped`;
    `without`: names to leave out.
    """
    whole: Files = {}
    whole["h5p.json"] = h5p if isinstance(h5p, bytes) else json.dumps(h5p or manifest(main, needs, **said))
    content = {"label": "Press here"} if content is None else content
    whole["content/content.json"] = content if isinstance(content, bytes) else json.dumps(content)
    for one in [library(main)] if libraries is None else libraries:
        whole.update(one)
    whole.update(files or {})
    return zipped({name: data for name, data in whole.items() if name not in set(without)}, last=last)


def make_upload(data: bytes | None = None, *, by: User, organisation: Organisation | None = None,
                name: str = "activity.h5p", activity: H5PActivity | None = None, at: datetime | None = None,
                **said: Any) -> H5PUpload:  # fmt: skip
    """A package that somebody has sent; the job that takes it in has not run."""
    file = SimpleUploadedFile(name, package() if data is None else data)
    return begin(file, organisation=organisation, activity=activity, by=by, at=at or timezone.now(),
                 **{"purpose": "A lesson on meals", **said})  # fmt: skip


def take(data: bytes | None = None, *, at: datetime | None = None, **said: Any) -> H5PUpload:
    """A package that was sent and taken in, or refused. Returns the upload as it ended."""
    upload = make_upload(data, at=at, **said)
    take_in(upload.pk, at=at or timezone.now())
    upload.refresh_from_db()
    return upload


def make_activity(data: bytes | None = None, *, by: User, approver: User | None = None,
                  text: str = "<p>Do it on paper.</p>", **said: Any) -> H5PActivity:  # fmt: skip
    """An activity that lessons can show: taken in, its libraries approved, its text alternative written. `by`: an
    author; `approver`: None takes a system administrator. Raises AssertionError when the package is refused."""
    upload = take(data, by=by, **said)
    assert upload.version is not None, upload.reasons
    waiting = upload.version.libraries.filter(state=H5PLibrary.State.WAITING)
    if waiting:
        approve(list(waiting), by=approver or make_administrator(), at=timezone.now())
    activity = upload.activity
    describe(activity, title=activity.title, text_alternative=text, by=by, at=timezone.now())
    activity.refresh_from_db()
    return activity


def make_administrator() -> User:
    """The system administrator, made once."""
    found = User.objects.filter(is_superuser=True).order_by("pk").first()
    return found or User.objects.create_superuser("administrator@people.example", "x" * 20, name="Administrator")


def make_approver(organisation: Organisation) -> User:
    """A publisher of an awarding organisation who may approve libraries."""
    person = make_person("Amal Approver", (Role.PUBLISHER, organisation))
    person.groups.add(approvers())
    return User.objects.get(pk=person.pk)


def forget_shipped() -> None:
    """Takes the course's own activities out of the database, for tests that count. Lessons show nothing in their
    place."""
    from content.models import H5PActivity, H5PLibrary, H5PUpload
    from courses.pages.models import PageActivity

    PageActivity.objects.all().delete()
    H5PUpload.objects.all().delete()
    H5PActivity.objects.update(current=None)
    H5PActivity.objects.all().delete()
    H5PLibrary.objects.all().delete()
