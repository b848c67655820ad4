"""`python -m tests.bench [--profile]`, run by `make bench` beside a private PostgreSQL: data, measures, report."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

SIZES = (1_000, 10_000)
WARM_POSTS, POSTS = 5, 41
TEMPLATE = "bench_template"


def prepare() -> None:
    """Settings, folders and apps. Raises SystemExit without PostgreSQL."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise SystemExit("The benchmark runs on PostgreSQL: make bench, or set DATABASE_URL.")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    os.environ["SENCO_VAR"] = tempfile.mkdtemp(prefix="senco-bench-")
    import django

    django.setup()


def use_database(name: str) -> None:
    """Turns the process to another database of the same server."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


def copy_database(source: str, name: str) -> None:
    """A new database like another one."""
    from django.db import connection

    use_database("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    use_database(name)


def make_template() -> tuple[str, str]:
    """A database with tables, specification, course and the two pages; gives their addresses."""
    from django.core.management import call_command

    from .content import add_pages

    copy_database("template0", TEMPLATE)
    call_command("migrate", verbosity=0)
    data = Path(__file__).resolve().parents[2] / "courses" / "framework" / "data"
    for name in ("early-years-senco-level-3-2022.json", "pathway.json"):
        call_command("load_framework", str(data / name))
    call_command("load_course", stdout=open(os.devnull, "w"))  # noqa: SIM115
    return add_pages()


def check_data(size: int) -> None:
    """The data is what the product itself would hold: statuses, chains and triggers."""
    from django.core.management import call_command

    from assessment.status import differences
    from courses.delivery.api import Registration
    from lms.common import triggers

    if triggers.missing():
        raise RuntimeError(f"Triggers are missing: {triggers.missing()}")
    if size <= SIZES[0]:
        call_command("rebuild_status", "--check", verbosity=0)
        call_command("verify_audit", verbosity=0)
        return
    for registration in Registration.objects.select_related("qualification__framework").order_by("-pk")[:200]:
        for difference in differences(registration):
            raise RuntimeError(difference)


def pages_of(size: int, lesson: str, plain: str) -> list:
    """The pages to measure, asked for by a learner at work and by their assessor."""
    from django.urls import reverse

    from lms.accounts.api import User
    from portfolio.api import Submission

    from .data import BASE, Measured
    from .measure import Browser, Page
    from .report import FLOOR

    learner = User.objects.get(pk=BASE + Measured.of(size).learner)
    submission = Submission.objects.filter(registration__learner=learner, released_at=None).order_by("due_on").first()
    assert submission is not None
    trainee, assessor = Browser(learner), Browser(submission.assessor)
    workspace = reverse("assessment:workspace", args=[submission.ref])
    asked = [
        (FLOOR, trainee, plain), ("lesson", trainee, lesson), ("trainee home", trainee, reverse("learn")),
        ("criteria grid", trainee, reverse("portfolio:grid")), ("queue", assessor, reverse("assessment:queue")),
        ("workspace", assessor, workspace),
    ]  # fmt: skip
    return [Page(name, partial(browser.get, path)) for name, browser, path in asked]


def posts_of(size: int) -> Iterator[Callable]:
    """Submitting one criterion, once for each criterion that is ready, learner by learner."""
    from django.urls import reverse

    from courses.framework.api import Criterion
    from lms.accounts.api import User
    from lms.common.once import issue

    from .data import BASE, Measured
    from .measure import Browser

    codes = list(Criterion.objects.order_by("position").values_list("code", flat=True))[50:]
    address, left = reverse("portfolio:submit_check"), POSTS
    for number in Measured.of(size).submitters:
        browser = Browser(User.objects.get(pk=BASE + number))
        for code in codes[: min(left, 10)]:
            fields = [("criterion", code), ("checked", "on"), ("once", issue(browser.user))]
            yield partial(browser.post, address, fields)
        left -= 10
        if left <= 0:
            return


def make_data(size: int) -> None:
    """A database of one size, checked."""
    from .data import generate

    started = time.monotonic()
    copy_database(TEMPLATE, f"bench_{size}")
    generate(size)
    check_data(size)
    print(f"{size} registrations made and checked in {time.monotonic() - started:.0f} s", flush=True)


def run(size: int, lesson: str, plain: str) -> list:
    """Makes the data of one size and measures it."""
    from .measure import measure, measure_posts
    from .report import figures

    make_data(size)
    started = time.monotonic()
    pages = pages_of(size, lesson, plain)
    measure(pages)
    posted = measure_posts(posts_of(size), warm=WARM_POSTS)
    print(f"measured in {time.monotonic() - started:.0f} s", flush=True)
    return figures(size, pages, posted)


def show_profiles(lesson: str, plain: str) -> int:
    """Where the time of each page goes, at the small size."""
    from .measure import profile

    make_data(SIZES[0])
    for page in pages_of(SIZES[0], lesson, plain):
        page.check()
        print(profile(page))
    return 0


def main(arguments: list[str]) -> int:
    """Both sizes, then how the figures grow; the table on stdout and bench.json in the project's folder. With
    --profile: instead, where the time goes."""
    prepare()
    from .report import growth, table, write

    lesson, plain = make_template()
    if arguments == ["--profile"]:
        return show_profiles(lesson, plain)
    small, large = (run(size, lesson, plain) for size in SIZES)
    found = [*small, *large, *growth(small, large)]
    use_database("postgres")
    print(f"\n{table(found)}\n")
    path = Path(__file__).resolve().parents[2] / "bench.json"
    write(found, path)
    missed = [row for row in found if row.met is False]
    print(f"{path.name}: {len(found)} figures, {len(missed)} over their goal.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
