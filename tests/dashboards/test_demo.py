"""The demonstration's own pages, which exist in the demonstration only."""

import pytest
from django.core.mail import EmailMessage
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, include, path, reverse

from lms.dashboards import demo
from lms.notices.mailbox import FileMailbox
from tests.factories import make_person

pytestmark = pytest.mark.django_db
urlpatterns = [
    path("", include("lms.urls")),
    path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
    path("demo/mailbox/", demo.mailbox, name="demo_mailbox"),
]


@pytest.fixture
def in_demo(settings):
    settings.DEMO = True
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def trainee():
    return make_person("Priya Nair", email="trainee@demo.example")


def test_outside_the_demonstration_the_addresses_do_not_exist():
    for name in ("demo_sign_in", "demo_mailbox"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert Client().get("/demo/mailbox/").status_code == 404
    assert Client().post("/demo/sign-in/", {"person": "trainee@demo.example"}).status_code == 404


def test_outside_the_demonstration_the_views_refuse_even_if_somebody_routes_them(trainee):
    with pytest.raises(Http404):
        demo.sign_in(RequestFactory().post("/", {"person": trainee.email}))
    with pytest.raises(Http404):
        demo.mailbox(RequestFactory().get("/"))


def test_one_press_signs_in_as_one_of_its_people(in_demo, trainee):
    browser = Client()
    for _ in range(2):
        assert browser.post("/demo/sign-in/", {"person": trainee.email}).url == "/"
    assert browser.session["_auth_user_id"] == str(trainee.pk)


def test_nobody_else_can_be_signed_in_as(in_demo):
    other = make_person("Somebody", email="somebody@people.example")
    browser = Client()
    assert browser.post("/demo/sign-in/", {"person": other.email}).status_code == 404
    assert "_auth_user_id" not in browser.session


def test_before_the_people_are_loaded_it_says_so(in_demo):
    answer = Client().post("/demo/sign-in/", {"person": "eqa@demo.example"}, follow=True)
    assert "load_demo" in answer.content.decode()


@pytest.mark.parametrize(("asked", "goes"), [("/notices/", "/notices/"), ("https://elsewhere.example/", "/")])
def test_it_goes_on_inside_this_site_only(in_demo, trainee, asked, goes):
    assert Client().post("/demo/sign-in/", {"person": trainee.email, "next": asked}).url == goes


def test_reading_the_address_signs_nobody_in(in_demo, trainee):
    assert Client().get("/demo/sign-in/", {"person": trainee.email}).status_code == 405


def test_the_mailbox_shows_the_emails_with_their_links_and_no_html_of_theirs(in_demo):
    EmailMessage(
        "Your work", "Read it: http://127.0.0.1:8000/learn/ <script>alert(1)</script>", to=["trainee@demo.example"],
        connection=FileMailbox(),
    ).send()  # fmt: skip
    page = Client().get("/demo/mailbox/").content.decode()
    assert "Your work" in page
    assert "To trainee@demo.example" in page
    assert 'href="http://127.0.0.1:8000/learn/"' in page
    assert "<script>alert(1)" not in page


def test_an_empty_mailbox_says_how_to_fill_it(in_demo):
    assert "No emails yet" in Client().get("/demo/mailbox/").content.decode()
