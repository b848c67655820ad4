"""These tests begin without the activities that come with the course: they count what they made themselves."""

import shutil

import pytest

from tests import ground
from tests.factories.h5p import forget_shipped


@pytest.fixture(autouse=True)
def _no_activities(request: pytest.FixtureRequest) -> None:
    asks = {"db", "transactional_db", "world"} & set(request.fixturenames)
    if asks or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("_django_db_helper")
        forget_shipped()
        shutil.rmtree(ground.STORE, ignore_errors=True)
