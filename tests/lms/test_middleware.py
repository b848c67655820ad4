"""Content security policy and headers on every answer, and refusals that no view caught as pages."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from lms.common.middleware import CMS_POLICY
from tests.factories import World, make_draft, make_file, make_submission
from tests.helpers import nothing_changes
from tests.lms.urls_refusing import MESSAGE

pytestmark = pytest.mark.alike
STRICT = {
    "default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "font-src": "'self'", "connect-src": "'self'", "object-src": "'none'", "base-uri": "'none'",
    "form-action": "'self'", "frame-ancestors": "'none'",
    "worker-src": "'self'",
}  # fmt: skip


def policy_of(response: HttpResponse) -> dict[str, str]:
    """The directives of an answer's policy."""
    parts = [part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return {name: value.strip() for name, _, value in parts}


def check_strict(response: HttpResponse) -> None:
    """Nothing inline, nothing evaluated, nothing framed, nothing told to other sites."""
    assert policy_of(response) == STRICT
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


PUBLIC = {
    "/": 200, "/help/": 200, "/account/login/": 200, "/account/password/reset/": 200, "/courses/": 200,
    "/health/live": 200, "/health/ready": 200, "/account/sign-in/": 302, "/learn/": 302, "/portfolio/": 302,
    "/assess/": 302, "/cohorts/": 302, "/nowhere/": 404, "/courses/nowhere/": 404, "/demo/mailbox/": 404,
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("url", PUBLIC)
def test_every_public_answer_has_the_strict_policy(client: Client, url: str):
    response = client.get(url)
    assert response.status_code == PUBLIC[url]
    check_strict(response)


@pytest.mark.django_db
def test_every_page_of_the_course_has_the_strict_policy_whether_it_opens_or_not(client: Client):
    pages = Page.objects.live().filter(url_path__contains="/courses/")
    assert pages.count() > 15
    for page in pages:
        response = client.get(page.get_url())
        assert response.status_code in (200, 302)
        check_strict(response)


def test_pages_behind_the_sign_in_have_the_strict_policy_too(world: World, client_of: Callable[..., Client]):
    submission = make_submission(world.registration, "1.1")
    lesson = Page.objects.get(slug="who-understood").get_url()
    for user, urls in {
        world.trainee: ["/learn/", "/learn/details/", "/portfolio/", "/portfolio/criteria/1.1/", "/pathway/", lesson,
                        "/portfolio/evidence/new/", "/portfolio/submit/", "/notices/"],
        world.assessor: ["/assess/", f"/assess/submissions/{submission.ref}/"],
        world.authority_manager: ["/cohorts/"],
        world.lead_iqa: ["/quality/"],
        world.eqa: ["/reviews/"],
        world.author: ["/authoring/"],
    }.items():  # fmt: skip
        browser = client_of(user)
        for url in urls:
            response = browser.get(url)
            assert response.status_code == 200, url
            check_strict(response)
            tree = BeautifulSoup(response.content, "html.parser")
            inline = [tag for tag in tree("script") if not tag.get("src") and tag.get("type") != "application/json"]
            handlers = [name for tag in tree(True) for name in tag.attrs if name.startswith("on") or name == "style"]
            assert (inline, tree("style"), handlers) == ([], [], []), url


def test_a_lesson_with_an_activity_may_frame_its_player_and_nothing_else(
    world: World, client_of: Callable[..., Client]
):
    response = client_of(world.trainee).get(Page.objects.get(slug="what-sen-means").get_url())
    assert policy_of(response) == STRICT | {"frame-src": "http://testserver/h5p/play/"}


def test_the_content_editor_has_a_policy_of_its_own(world: World, client_of: Callable[..., Client]):
    response = client_of(world.author).get("/cms/")
    assert response.status_code == 200
    policy = policy_of(response)
    assert policy == STRICT | {name: " ".join(values) for name, values in CMS_POLICY.items()}
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe-eval" not in str(policy)
    assert not [value for value in policy.values() if "http" in value or "*" in value]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("url", ["/cms", "/cmsx/", "/CMS/", "/courses/cms/", "//cms/"])
def test_nothing_else_gets_the_editors_policy(db: None, client: Client, url: str):
    assert policy_of(client.get(url)) == STRICT


def test_an_evidence_file_is_shown_in_a_sandbox(world: World, at, client_of: Callable[..., Client]):
    draft = make_draft(world.registration, "1.1")
    file = make_file(draft, "plan.txt", b"What I will do next week.", at=at)
    response = client_of(world.trainee).get(f"/portfolio/files/{file.ref}/")
    assert b"".join(response.streaming_content) == b"What I will do next week."  # type: ignore[attr-defined]
    policy = policy_of(response)
    assert policy["sandbox"] == ""
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert not {"script-src", "connect-src", "object-src", "form-action"} & policy.keys()
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


# Refusals and failures


@pytest.fixture
def refusing(settings: Any, client: Client, db: None) -> Client:
    """A browser of a product with views that raise."""
    settings.ROOT_URLCONF = "tests.lms.urls_refusing"
    client.raise_request_exception = False
    return client


def summary(response: HttpResponse) -> list[str]:
    tree = BeautifulSoup(response.content, "html.parser")
    assert tree.h1 is not None
    assert tree.h1.get_text() == "That was not done"
    return [item.get_text(strip=True) for item in tree.select(".govuk-error-summary li")]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refusal_that_no_view_caught_is_a_page_that_says_why_with_its_words_escaped(refusing: Client, method: str):
    with nothing_changes():
        response = getattr(refusing, method)("/raise/one/")
    assert response.status_code == 409
    assert summary(response) == [MESSAGE]
    assert b"<script>alert" not in response.content
    assert b"&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; it was &amp; why." in response.content
    check_strict(response)


def test_several_reasons_are_all_said_and_lead_to_where_they_are_mended(refusing: Client):
    response = refusing.get("/raise/several/")
    assert (response.status_code, summary(response)) == (409, ["Say when it was.", "Say where it was."])
    links = BeautifulSoup(response.content, "html.parser").select(".govuk-error-summary li a")
    assert [link["href"] for link in links] == ["/help/"]


@pytest.mark.parametrize(("what", "status"), [("broken", 500), ("forbidden", 403), ("suspicious", 400)])
def test_other_failures_stay_what_they_are_with_the_strict_policy(refusing: Client, what: str, status: int):
    response = refusing.get(f"/raise/{what}/")
    assert response.status_code == status
    assert b"the cause is not for everybody" not in response.content
    check_strict(response)


def test_a_form_without_its_token_against_forgery_gets_a_page_with_the_strict_policy(db: None):
    response = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a", "password": "b"})
    assert response.status_code == 403
    check_strict(response)


def test_an_address_that_takes_only_forms_says_so_in_words(world, client_of):
    answer = client_of(world.trainee).get(reverse("choose_registration"))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "Nothing was sent" in answer.content.decode()
