"""An organisation's own pictures, files, words and law in the editor: its people see and choose theirs, nobody else's.

Pictures and files lie in one collection of Wagtail's for each organisation; the groups of its people have rights there.
"""

import re

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission

from lms.accounts.api import Organisation

WRITES = ("add", "change", "choose")
CHOOSES = ("choose",)
KINDS = {"wagtailimages": "image", "wagtaildocs": "document"}
WORDS, ACTIVITIES = ("glossaryterm", "legalreference"), ("h5pactivity",)
# How a group says whose people are in it (`courses.pages.authors.group_of`).
WHOSE = re.compile(r" of organisation (\d+)$")


def give_library(group: Group, organisation: Organisation, rights: tuple[str, ...]) -> Collection:
    """Gives a group rights on its organisation's pictures and files: WRITES, or CHOOSES. Makes the collection when it
    is first asked for. Harmless to call again."""
    collection = _collection_of(organisation)
    for app, kind in KINDS.items():
        names = [f"{right}_{kind}" for right in rights]
        for permission in Permission.objects.filter(content_type__app_label=app, codename__in=names):
            GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)
    return collection


def give_words(group: Group, *, writes: bool) -> None:
    """Gives a group the editor’s lists of words, law and activities: to write its own organisation's, or to read."""
    _give(group, (*WORDS, *ACTIVITIES), writes)


def give_activities(group: Group) -> None:
    """Gives a group of authors the editor's list of activities, to keep its own organisation's."""
    _give(group, ACTIVITIES, writes=True)


def _give(group: Group, models: tuple[str, ...], writes: bool) -> None:
    rights = ("add", "change", "delete", "view") if writes else ("view",)
    names = [f"{right}_{model}" for right in rights for model in models]
    group.permissions.add(*Permission.objects.filter(content_type__app_label="content", codename__in=names))


def _collection_of(organisation: Organisation) -> Collection:
    of_it = Q(group_permissions__group__name__endswith=f" of organisation {organisation.pk}")
    found = Collection.objects.filter(of_it).order_by("pk").first()
    return found or Collection.get_first_root_node().add_child(name=organisation.name[:255])


def owner_of(collection: Collection) -> int | None:
    """The organisation whose collection it is, or lies in; None for one that is nobody's."""
    paths = [collection.path[:end] for end in range(collection.steplen, len(collection.path) + 1, collection.steplen)]
    rows = GroupCollectionPermission.objects.filter(collection__path__in=paths)
    for name in rows.order_by("-collection__depth", "pk").values_list("group__name", flat=True):
        if found := WHOSE.search(name):
            return int(found[1])
    return None
