"""Who works where, and who is allocated to whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from lms.accounts.models import Organisation
from lms.common.models import notes

from .registering import Registration


class Placement(models.Model):
    """A setting where the learner works, from a day until a day. A learner may have several."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="placements")
    setting = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="placements")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    personal_data = notes("id", registration="whose work", setting="where they work", starts_on="since when",
                          ends_on="until when")  # fmt: skip

    def __str__(self) -> str:
        return f"Registration {self.registration_id} at {self.setting_id}"


class Absence(models.Model):
    """Days on which a member of a centre's staff is away, both days included. Automatic allocation passes them over,
    and whoever covers for them is allocated for those days. `moves_work`: what waits in their queue moves to the cover
    while they are away. Back early: `ends_on` becomes the last day away."""

    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="absences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    moves_work = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    personal_data = notes("id", "centre", "moves_work", user="who is away", starts_on="from when", ends_on="until when",
                          note="about the absence, never why", recorded_by="who wrote it down",
                          recorded_at="when written down")  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="absence_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} away from {self.starts_on} to {self.ends_on}"


class Allocation(models.Model):
    """Who assesses, quality-assures, supports or mentors a learner, from a day until a day (rule 35). A second
    assessor countersigns and scrutinises (rules 9 and 10). `covers`: whose absence this allocation bridges. `reason`
    and `ended_because` say why somebody else took over."""

    class Role(models.TextChoices):
        ASSESSOR = "assessor", "Assessor"
        IQA = "iqa", "Internal quality assurer"
        SECOND_ASSESSOR = "second_assessor", "Second assessor"
        SUPPORTER = "supporter", "Supporter"
        TUTOR = "tutor", "Tutor"
        MENTOR = "mentor", "Mentor"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="allocations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allocations")
    role = models.CharField(max_length=16, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    covers = models.ForeignKey("Absence", on_delete=models.PROTECT, null=True, blank=True, related_name="cover")
    reason = models.CharField(max_length=300, blank=True)
    ended_because = models.CharField(max_length=300, blank=True)

    personal_data = notes("id", "role", "covers", registration="whose learning", user="who is allocated",
                          starts_on="since when", ends_on="until when", reason="why allocated",
                          ended_because="why it ended")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "user", "role"],
                condition=Q(ends_on__isnull=True),
                name="allocation_open_once_per_role",
            )
        ]
        indexes = [models.Index(fields=["user", "role", "registration"], name="allocation_who_has_whom")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of registration {self.registration_id}"


class SettingSupport(models.Model):
    """An authority records which of its Area SENCOs supports which setting, from a day until a day. It makes them a
    supporter of every learner who works there (rule 9)."""

    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="support_given")
    setting = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="support_received")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="settings_supported")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    personal_data = notes("id", "authority", "setting", user="who supports it", starts_on="since when",
                          ends_on="until when")  # fmt: skip

    class Meta:
        verbose_name_plural = "setting support"
        constraints = [
            models.UniqueConstraint(
                fields=["setting", "user"], condition=Q(ends_on__isnull=True), name="setting_support_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="setting_support_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["user", "setting"], name="setting_support_who_whom")]

    def __str__(self) -> str:
        return f"{self.user_id} supports setting {self.setting_id}"
