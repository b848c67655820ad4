"""Every page of the portfolio at 60 criteria and 300 pieces: at most 15 queries, whatever it shows."""

from collections.abc import Callable

import pytest
from django.test import Client

from courses.delivery.api import Registration
from tests.conftest import Queries
from tests.factories import fill_portfolio

from .scene import Scene
from .table import TABLE

pytestmark = pytest.mark.alike
MOST, PIECES = 15, 300


@pytest.mark.slow
def test_no_page_of_the_portfolio_needs_more_than_fifteen_queries_for_three_hundred_pieces(
    scene: Scene, browser_of: Callable[..., Client], queries: Queries
) -> None:
    fill_portfolio(Registration.objects.get(learner=scene.people["owner"]), pieces=PIECES)
    browser = browser_of("owner")
    lines = [line for line in TABLE if line.method == "GET" and line.address.startswith("/portfolio/")]
    found = {line.address: len(queries.of(browser, scene.at(line.address)))
             for line in lines if line.expected("owner") == 200}  # fmt: skip
    print(*(f"{count:3}  {address}" for address, count in sorted(found.items(), key=lambda row: -row[1])), sep="\n")
    assert len(found) > 40
    assert {address: count for address, count in found.items() if count > MOST} == {}
