"""A lesson's body is kept rendered: this says when what it shows of other rows has changed: words, law, files,
activities."""

from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from lms.common.errors import Refused

from .models import GlossaryTerm, H5PActivity, H5PVersion, LegalReference
from .queries import refused_because_used

KEY = "content-shown-in-bodies"
SNIPPETS = (GlossaryTerm, LegalReference)
SHOWN = (*SNIPPETS, H5PActivity, H5PVersion, get_document_model(), get_image_model())


def version() -> str:
    """A word that is another one whenever anything that bodies show of other rows has changed. No query."""
    found = cache.get(KEY)
    if found is None:
        cache.add(KEY, uuid4().hex, None)
        found = cache.get(KEY) or uuid4().hex
    return str(found)


def changed() -> None:
    """Something that bodies show has changed: once that is committed, they are rendered anew."""
    transaction.on_commit(lambda: cache.set(KEY, uuid4().hex, None))


def _follow(**kwargs: Any) -> None:
    changed()


def _keep_what_is_used(instance: Any, **kwargs: Any) -> None:
    """The last word, whoever deletes and however: the editor says it before, and better."""
    if why := refused_because_used(instance):
        raise Refused("in-use", why)


# By sender: Django deletes the rows of a table one by one when anybody listens.
for _model in SHOWN:
    post_save.connect(_follow, sender=_model)
    post_delete.connect(_follow, sender=_model)
for _model in SNIPPETS:
    pre_delete.connect(_keep_what_is_used, sender=_model)
