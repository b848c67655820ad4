"""People, organisations, and who holds which role where and when."""

import uuid
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from lms.common.models import notes


class UserManager(BaseUserManager["User"]):
    """Creates people; email addresses are compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who can sign in. Without a password they set one through "I forgot my password"."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """The system administrator of Wagtail. Sees no evidence by that."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Roles are memberships, never fields here; one person may hold several."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    personal_data = notes(
        "id", "is_active", "is_staff", "is_superuser", "groups", "user_permissions",
        email="contact and sign-in address",
        name="the person's name",
        password="hashed password",
        last_login="when the person last signed in",
        date_joined="when the account was made",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_kept_in_lower_case")
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """The name to greet with. Wagtail's admin asks for it too."""
        return self.name.split(" ")[0]

    @property
    def last_name(self) -> str:
        """The rest of the name, for Wagtail's admin."""
        return self.name.partition(" ")[2]

    @cached_property
    def current_memberships(self) -> list["Membership"]:
        """Memberships in force today, with their organisation. One query a request."""
        return list(self.memberships.current().select_related("organisation").order_by("pk"))

    @cached_property
    def qualifications_held(self) -> list["StaffQualification"]:
        """Recorded and not taken off the record. One query a request."""
        return list(self.staff_qualifications.filter(withdrawn_at__isnull=True).order_by("pk"))

    def has_role(self, *roles: str) -> bool:
        """True when any membership in force today has one of these roles."""
        return any(membership.role in roles for membership in self.current_memberships)

    def organisations(self, *roles: str) -> set[int]:
        """Ids of the organisations where one of these roles is held today."""
        return {m.organisation_id for m in self.current_memberships if m.role in roles}

    def centres(self, *roles: str) -> set[int]:
        """Ids of the centres where one of these roles is held today: other organisations have administrators too."""
        kind = Organisation.Kind.CENTRE
        return {m.organisation_id for m in self.current_memberships if m.role in roles and m.organisation.kind == kind}

    @cached_property
    def is_learner(self) -> bool:
        """Has a registration that is not withdrawn. The header asks; whoever has just read one may set it."""
        return self.registrations.exclude(state="withdrawn").exists()

    @cached_property
    def homes(self) -> list:
        """The homes that this person's roles open, for the header."""
        from .homes import homes_of

        return homes_of(self)

    @cached_property
    def unread_notices(self) -> int:
        """How many notices the person has not read."""
        return self.notices.filter(read_at__isnull=True).count()


class Organisation(models.Model):
    """An awarding organisation, local authority, centre or setting. Numbers may be missing (domain: identifiers)."""

    class Kind(models.TextChoices):
        AWARDING_ORGANISATION = "awarding_organisation", "Awarding organisation"
        LOCAL_AUTHORITY = "local_authority", "Local authority"
        CENTRE = "centre", "Centre"
        SETTING = "setting", "Setting"

    kind = models.CharField(max_length=30, choices=Kind.choices)
    name = models.CharField(max_length=160)
    ukprn = models.CharField(
        "UK provider reference number", max_length=8, blank=True,
        validators=[RegexValidator(r"^\d{8}$", "A UKPRN has 8 digits.")],
    )  # fmt: skip
    ofsted_urn = models.CharField(
        "Ofsted number", max_length=10, blank=True,
        validators=[RegexValidator(r"^(EY)?\d{6,7}$", "An Ofsted number has 6 or 7 digits, sometimes after EY.")],
    )  # fmt: skip
    gss_code = models.CharField(
        "authority code", max_length=9, blank=True,
        validators=[
            RegexValidator(r"^E(06|08|09|10)\d{6}$", "An authority code is E06, E08, E09 or E10 and 6 digits.")
        ],
    )  # fmt: skip
    local_authority = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="local_organisations"
    )
    evidence_limit_mb = models.PositiveIntegerField("limit on one evidence file, in MB", default=500)
    area_senco_title = models.CharField("what an Area SENCO is called here", max_length=60, blank=True)

    personal_data = notes("id", "kind", "ukprn", "gss_code", "local_authority", "evidence_limit_mb",
                          "area_senco_title",
                          name="a childminder's setting may bear their name",
                          ofsted_urn="may identify a childminder")  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["awarding_organisation", "local_authority", "centre", "setting"]),
                name="organisation_kind_is_known",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_title(self) -> str:
        """What an authority calls its Area SENCOs: the role's name is an authority's to choose."""
        return self.area_senco_title or Role.AREA_SENCO.label


class Role(models.TextChoices):
    """Roles that a membership gives. Titles are an authority's to name; these are the rights."""

    AUTHOR = "author", "Author"
    REVIEWER = "reviewer", "Reviewer"
    PUBLISHER = "publisher", "Publisher"
    CENTRE_ADMINISTRATOR = "centre_administrator", "Centre administrator"
    TUTOR = "tutor", "Tutor"
    ASSESSOR = "assessor", "Assessor"
    IQA = "iqa", "Internal quality assurer"
    LEAD_IQA = "lead_iqa", "Lead internal quality assurer"
    EQA = "eqa", "External quality assurer"
    AREA_SENCO = "area_senco", "Area SENCO"
    COHORT_MANAGER = "cohort_manager", "Cohort manager"
    MENTOR = "mentor", "Mentor"
    SETTING_MANAGER = "setting_manager", "Setting manager"
    PRACTITIONER = "practitioner", "Practitioner"
    DATA_PROTECTION = "data_protection", "Data protection"
    SAFEGUARDING_LEAD = "safeguarding_lead", "Safeguarding lead"


class MembershipQuerySet(models.QuerySet):
    """Memberships by date."""

    def current(self, on: date | None = None) -> "MembershipQuerySet":
        """In force on a day (today by default)."""
        day = on or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class Membership(models.Model):
    """A person's role in an organisation, from a day, until a day (None = still). `max_learners`: how many an assessor
    may be allocated there (None = no limit). `lent_by`: the organisation that lends them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    max_learners = models.PositiveSmallIntegerField(null=True, blank=True)
    lent_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = MembershipQuerySet.as_manager()
    personal_data = notes("id", user="whose role", organisation="where the person works", role="what they do there",
                          starts_on="since when", ends_on="until when", max_learners="how much they can take on",
                          lent_by="where they come from")  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ends_on__isnull=True),
                name="membership_open_once_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} at {self.organisation_id}"


class StaffRecordQuerySet(models.QuerySet):
    """Qualifications and CPD of staff, by who may see them."""

    def visible_to(self, user: "User") -> "StaffRecordQuerySet":
        """One's own, and those of the assessors and IQAs of the centres whose lead IQA or administrator one is."""
        centres = user.organisations(Role.LEAD_IQA, Role.CENTRE_ADMINISTRATOR)
        staff = Membership.objects.current().filter(
            organisation__in=centres, role__in=(Role.ASSESSOR, Role.IQA, Role.LEAD_IQA)
        )
        return self.filter(Q(user=user) | Q(user__in=staff.values("user")))


class StaffQualification(models.Model):
    """A qualification for the role that a member of staff holds or works towards, with its dates.

    It counts once the centre has seen proof of it (`checked_at`), by somebody else. `expires_on`: until when it holds.
    An occupational one may be for a sector or up to a level only; empty = any. `stored_as`: the certificate, in the
    private store."""

    class Kind(models.TextChoices):
        ASSESSING = "assessing", "Assessing qualification"
        QUALITY_ASSURANCE = "quality_assurance", "Quality assurance qualification"
        NATIONAL_AWARD = "national_award", "National Award for SEN Co-ordination"
        TEACHER_STATUS = "teacher_status", "Teacher status"
        OCCUPATIONAL = "occupational", "Occupational competence"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_qualifications")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    title = models.CharField(max_length=160)
    awarded_by = models.CharField(max_length=160, blank=True)
    working_towards_since = models.DateField(null=True, blank=True)
    awarded_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    sector = models.CharField(max_length=20, blank=True)
    up_to_level = models.PositiveSmallIntegerField(null=True, blank=True)
    stored_as = models.CharField(max_length=120, blank=True)
    file_name = models.CharField(max_length=160, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = StaffRecordQuerySet.as_manager()
    personal_data = notes(
        "id", "ref", "kind", "sector", "up_to_level", "content_type", user="whose qualification", title="what it is",
        awarded_by="who awarded it", working_towards_since="since when worked towards", awarded_on="when awarded",
        expires_on="until when it holds", stored_as="where the certificate is", file_name="the certificate's file",
        recorded_at="when recorded", checked_by="who saw proof of it", checked_at="when proof was seen",
        withdrawn_at="when taken off the record",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(working_towards_since__isnull=False) | Q(awarded_on__isnull=False),
                name="staff_qualification_is_held_or_worked_towards",
            ),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, checked_by__isnull=True)
                | (Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(checked_by=models.F("user"))),
                name="rule_10_qualification_is_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(awarded_on__isnull=True)
                | Q(expires_on__gte=models.F("awarded_on")),
                name="staff_qualification_expires_after_it_was_awarded",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["user", "kind"], name="staff_qualification_of_whom")]

    def __str__(self) -> str:
        return self.title

    def holds_on(self, day: date) -> bool:
        """Awarded, proved, and not expired or taken off the record on a day."""
        return (self.checked_at is not None and self.withdrawn_at is None and self.awarded_on is not None
                and self.awarded_on <= day and (self.expires_on is None or self.expires_on >= day))  # fmt: skip


class StaffCpd(models.Model):
    """Continuing professional development of a member of staff: what an awarding organisation asks to see of those who
    assess and quality-assure. Their own record; their centre reads it."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_cpd")
    happened_on = models.DateField()
    title = models.CharField(max_length=160)
    minutes = models.PositiveIntegerField()
    is_assessment = models.BooleanField(default=False)
    learned = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    objects = StaffRecordQuerySet.as_manager()
    personal_data = notes("id", "ref", "is_assessment", "saved_at", user="whose development",
                          happened_on="when it happened", title="what it was", minutes="how long it took",
                          learned="their words")  # fmt: skip

    class Meta:
        verbose_name_plural = "staff CPD"
        ordering = ["-happened_on", "-pk"]

    def __str__(self) -> str:
        return self.title
