"""What a local authority says to its own trainees inside national lessons."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable

from content.fields import SafeRichTextField
from lms.accounts.models import Organisation, Role, User
from lms.common import triggers
from lms.common.models import notes

LOCAL_STAFF = (Role.COHORT_MANAGER, Role.AREA_SENCO, Role.AUTHOR)


def authorities_of(user: User) -> list[Organisation]:
    """The local authorities whose staff the user is today (cohort managers, Area SENCOs, authors), by name. No query
    of its own."""
    mine = {m.organisation for m in user.current_memberships if m.role in LOCAL_STAFF}
    return sorted((one for one in mine if one.kind == Organisation.Kind.LOCAL_AUTHORITY), key=lambda one: one.name)


class LocalInformationQuerySet(models.QuerySet):
    """Local information by who keeps it."""

    def visible_to(self, user: User) -> "LocalInformationQuerySet":
        """An authority's own staff: to read as its keepers, and to change. Trainees read it through their cohort."""
        return self.filter(authority__in=[one.pk for one in authorities_of(user)])


class LocalInformation(ClusterableModel):
    """What one authority says under one heading. Only its own staff write it, only its own trainees read it. The
    authority never changes. It is due for review `REVIEW_AFTER_DAYS` after it was last checked."""

    REVIEW_AFTER_DAYS = 182

    class Slot(models.TextChoices):
        CONTACTS = "contacts", "Contacts"
        LOCAL_OFFER = "local_offer", "The Local Offer"
        FUNDING = "funding", "Funding"
        REFERRAL = "referral", "Referrals"
        TRAINING = "training", "Training"
        TEMPLATES = "templates", "Forms and templates"

    authority = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="local_information", editable=False
    )
    slot = models.CharField("where it is shown", max_length=12, choices=Slot.choices)
    text = SafeRichTextField(blank=True)
    checked_on = models.DateField("last checked", null=True, blank=True)

    objects = LocalInformationQuerySet.as_manager()
    panels: ClassVar = [
        FieldPanel("slot"), FieldPanel("text"), InlinePanel("links", label="link or file"), FieldPanel("checked_on"),
    ]  # fmt: skip
    personal_data = notes("id", "authority", "slot", "checked_on", text="may name contacts of an authority")

    class Meta:
        verbose_name_plural = "local information"
        constraints = [models.UniqueConstraint(fields=["authority", "slot"], name="local_information_once_a_slot")]

    def __str__(self) -> str:
        return self.get_slot_display()


class LocalLink(Orderable):
    """A link, or a file, that belongs to a piece of local information."""

    information = ParentalKey(LocalInformation, on_delete=models.CASCADE, related_name="links")
    title = models.CharField(max_length=160)
    url = models.URLField("link", max_length=500, blank=True)
    document = models.ForeignKey(
        "wagtaildocs.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="file"
    )

    panels: ClassVar = [FieldPanel("title"), FieldPanel("url"), FieldPanel("document")]
    personal_data = notes("id", "sort_order", "information", "title", "url", "document")

    class Meta(Orderable.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(url="") & Q(document__isnull=False) | ~Q(url="") & Q(document__isnull=True),
                name="local_link_is_an_address_or_a_file",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        if bool(self.url) == (self.document_id is not None):
            both = bool(self.url)
            raise ValidationError(
                "Give either a link or a file, not both." if both else "Give a link or choose a file."
            )


triggers.refuse(
    "local_information_keeps_its_authority", "content_localinformation", "UPDATE",
    when="NEW.authority_id <> OLD.authority_id",
    message="Local information belongs to one authority for good.",
)  # fmt: skip
