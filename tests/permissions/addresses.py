"""Every address that the product answers to, read from its URLconf."""

from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

CMS = "cms/*"  # Wagtail's whole tree stands for one address: our gate lies before all of it
THIRD_PARTY = ("account_", "mfa_", "wagtailcore_login", "cms/")


def walk(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[str]:
    """The full name of every pattern ("portfolio:grid"); its route where it has no name."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if route == "cms/" and isinstance(entry, URLResolver):
            yield CMS
        elif isinstance(entry, URLPattern):
            yield f"{space}{entry.name}" if entry.name else route
        else:
            yield from walk(entry, route, f"{space}{entry.namespace}:" if entry.namespace else space)


def name_of(address: str) -> str:
    """The name under which `walk` lists an address. Raises Resolver404 for an address that leads nowhere."""
    path = address.partition("?")[0]
    match = resolve(path)
    if match.route.startswith("cms/") and match.route != "cms/login/":
        return CMS
    return match.view_name if match.url_name else match.route


def is_own(name: str) -> bool:
    """Written here, not by the packages that sign people in and edit pages."""
    return not name.startswith(THIRD_PARTY)


def methods(browser: Client, address: str) -> set[str]:
    """The methods that an address of our own takes. Fails for a view that does not say so."""
    answer = browser.options(address)
    # An address of the upload protocol answers OPTIONS itself, and so do files for a frame of no origin.
    spoken = answer.status_code == 204 and {"Tus-Version", "Access-Control-Allow-Methods"} & set(answer.headers)
    assert spoken or answer.status_code == 405, f"{address} does not say which methods it takes"
    return {method.strip() for method in answer.headers["Allow"].split(",")}
