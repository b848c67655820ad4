"""Activities that come with the course: stored and approved once, and brought up to date when their files change."""

import shutil
from pathlib import Path

import pytest
from django.utils import timezone

from content.h5p import store
from content.h5p.approve import refuse
from content.h5p.shipped import ref_of
from content.models import H5PActivity, H5PLibrary, H5PUpload, H5PVersion
from courses.pages.load import load_activities, load_course
from courses.pages.models import LessonPage, PageActivity
from courses.pages.source import SOURCE
from lms.audit.models import AuditEvent
from lms.notices.models import Notice
from tests.factories.h5p import make_administrator

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def test_they_are_approved_by_the_product_and_nobody_is_asked():
    assert H5PLibrary.objects.count() == 2
    for row in H5PLibrary.objects.all():
        assert (row.state, row.decided_by, row.asked_by) == ("approved", None, None)
        assert row.decision_note == "Comes with the product."
    assert H5PActivity.objects.usable().count() == 4
    assert not Notice.objects.filter(kind="h5p-waiting").exists()
    assert AuditEvent.objects.filter(action="h5p.library_approved", actor=None).count() == 2


def test_each_is_shown_in_its_lesson():
    page = LessonPage.objects.get(slug="linking-families-with-help")
    use = PageActivity.objects.get(page=page)
    assert (use.activity.ref, use.counts, use.mark) == (ref_of("what-is-missing"), "passed", 75)
    assert PageActivity.objects.count() == 4


def test_loading_again_writes_nothing():
    before = [set(model.objects.values_list("pk", flat=True)) for model in (H5PVersion, H5PUpload, AuditEvent)]
    assert load_activities() == ["4 interactive activities: stands already."]
    assert before == [set(model.objects.values_list("pk", flat=True)) for model in (H5PVersion, H5PUpload, AuditEvent)]


def changed(tmp_path: Path, old: str, new: str) -> Path:
    folder = tmp_path / "source"
    shutil.copytree(SOURCE, folder)
    path = folder / "activities" / "two-halves.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_what_has_changed_is_a_new_version_that_pages_show(tmp_path: Path):
    folder = changed(tmp_path, "Theo is just three", "Teddy is just three")
    lines = load_course(folder)
    assert [line for line in lines if "stands already" not in line] == [
        "4 interactive activities: 1 brought up to date."
    ]
    activity = H5PActivity.objects.get(ref=ref_of("two-halves"))
    assert activity.current.number == 2
    assert "Teddy" in activity.current.text_alternative
    assert H5PLibrary.objects.count() == 2
    assert load_activities(folder) == ["4 interactive activities: stands already."]


def test_a_title_alone_changes_too(tmp_path: Path):
    folder = changed(tmp_path, "Two halves: could this be SEN?", "Is this SEN?")
    load_activities(folder)
    activity = H5PActivity.objects.get(ref=ref_of("two-halves"))
    assert (activity.title, activity.current.title) == ("Is this SEN?", "Is this SEN?")


def test_files_that_the_store_has_lost_are_put_back():
    shutil.rmtree(store.root())
    assert load_activities() == ["4 interactive activities: stands already."]
    for version in H5PVersion.objects.all():
        assert store.has(store.CONTENTS, version.content_hash)
        assert all(store.has(store.LIBRARIES, row.tree_hash) for row in version.libraries.all())


def test_a_library_that_somebody_refused_stays_refused(tmp_path: Path):
    steps = H5PLibrary.objects.get(machine_name="SencoPathway.OrderSteps")
    refuse([steps], note="Not here", by=make_administrator(), at=timezone.now())
    folder = tmp_path / "source"
    shutil.copytree(SOURCE, folder)
    path = folder / "activities" / "bilals-six-weeks.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("ticks a card", "marks a card"), encoding="utf-8")
    lines = load_activities(folder)
    assert "left as it is" in lines[1]
    assert "Not here" in lines[1]
    steps.refresh_from_db()
    assert steps.state == "refused"
    assert H5PVersion.objects.count() == 4
    assert store.names(store.INCOMING) == []
