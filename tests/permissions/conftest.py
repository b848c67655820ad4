"""One scene for all tests of this folder: each test looks at it, and whatever it changed is taken back."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from .scene import Scene, make_scene


@pytest.fixture(scope="package")
def the_scene(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[tuple[Scene, Path]]:
    """The scene in a transaction that is never committed, and a copy of its files."""
    with django_db_blocker.unblock(), transaction.atomic():
        scene = make_scene()
        files = tmp_path_factory.mktemp("files")
        for name, store in _stores().items():
            shutil.copytree(store, files / name, dirs_exist_ok=True)
        yield scene, files
        transaction.set_rollback(True)


@pytest.fixture
def scene(the_scene: tuple[Scene, Path], fresh_process: None, db: None) -> Scene:
    """The scene as it was made, with its files in the stores."""
    made, files = the_scene
    for name, store in _stores().items():
        shutil.copytree(files / name, store, dirs_exist_ok=True)
    return made


@pytest.fixture
def browser_of(scene: Scene, client_of: Callable[..., Client]) -> Callable[..., Client]:
    """A browser in which somebody of the scene is signed in: `browser_of("owner").get("/")`."""
    return lambda role, **kwargs: client_of(scene.people[role], **kwargs)


def _stores() -> dict[str, Path]:
    return {name: Path(settings.STORAGES[name]["OPTIONS"]["location"]) for name in ("evidence", "h5p")}
