"""A small world: one tenant with everybody in it, and another tenant who must see nothing of the first."""

from dataclasses import dataclass

from courses.delivery.api import Cohort, Registration
from courses.framework.api import Qualification
from courses.pages.models import CoursePage
from lms.accounts.api import Organisation, Role, User

from .learning import allocate_assessor, make_cohort, make_learner, make_qualification
from .people import make_organisation, make_person

KIND = Organisation.Kind


@dataclass
class OtherTenant:
    """A centre of another authority, with another awarding organisation."""

    ao: Organisation
    authority: Organisation
    centre: Organisation
    setting: Organisation
    qualification: Qualification
    cohort: Cohort
    registration: Registration
    trainee: User
    assessor: User
    lead_iqa: User
    eqa: User
    author: User
    authority_manager: User
    centre_admin: User
    setting_manager: User


@dataclass
class World:
    """`registration` is the trainee's; `assessor` and `second_assessor` are allocated to it, `iqa` too."""

    ao: Organisation
    authority: Organisation
    centre: Organisation
    setting: Organisation
    other_setting: Organisation
    qualification: Qualification
    cohort: Cohort
    registration: Registration
    trainee: User
    other_registration: Registration
    other_trainee: User
    assessor: User
    second_assessor: User
    unallocated_assessor: User
    area_senco: User
    iqa: User
    lead_iqa: User
    eqa: User
    author: User
    reviewer: User
    publisher: User
    authority_manager: User
    centre_admin: User
    setting_manager: User
    superuser: User
    other: OtherTenant


def make_world() -> World:
    """Both tenants. The first follows the shipped course; the trainee works at `setting`, whose manager is
    `setting_manager`. The other trainee works elsewhere and is the Area SENCO's to assess."""
    course = CoursePage.objects.select_related("qualification__awarding_organisation").first()
    qualification = course.qualification if course else make_qualification()
    ao = qualification.awarding_organisation
    authority = make_organisation(KIND.LOCAL_AUTHORITY, "Havenshire Council")
    centre = make_organisation(KIND.CENTRE, "Havenshire Training", local_authority=authority)
    setting = make_organisation(KIND.SETTING, "Willow Tree Nursery", local_authority=authority)
    other_setting = make_organisation(KIND.SETTING, "Little Acorns Pre-school", local_authority=authority)
    cohort = make_cohort(qualification, centre, authority, name="Spring cohort")
    assessor = make_person("Asha Patel", (Role.ASSESSOR, centre))
    second_assessor = make_person("Ben Okoro", (Role.ASSESSOR, centre))
    area_senco = make_person("Carys Jones", (Role.AREA_SENCO, authority), (Role.ASSESSOR, centre))
    iqa = make_person("Ivo Novak", (Role.IQA, centre))
    registration = make_learner(cohort, setting=setting, assessor=assessor, name="Tara Walsh")
    other_registration = make_learner(cohort, setting=other_setting, assessor=area_senco, name="Una Brown")
    allocate_assessor(registration, second_assessor)
    allocate_assessor(registration, iqa, "iqa")
    return World(
        ao=ao, authority=authority, centre=centre, setting=setting, other_setting=other_setting,
        qualification=qualification, cohort=cohort, registration=registration, trainee=registration.learner,
        other_registration=other_registration, other_trainee=other_registration.learner, assessor=assessor,
        second_assessor=second_assessor,
        unallocated_assessor=make_person("Dev Shah", (Role.ASSESSOR, centre)),
        area_senco=area_senco, iqa=iqa,
        lead_iqa=make_person("Leila Haddad", (Role.LEAD_IQA, centre)),
        eqa=make_person("Ewan Reid", (Role.EQA, ao)),
        author=make_person("Aoife Byrne", (Role.AUTHOR, ao)),
        reviewer=make_person("Rhys Doyle", (Role.REVIEWER, ao)),
        publisher=make_person("Petra Lang", (Role.PUBLISHER, ao)),
        authority_manager=make_person("Mo Farrow", (Role.COHORT_MANAGER, authority)),
        centre_admin=make_person("Cleo Marsh", (Role.CENTRE_ADMINISTRATOR, centre)),
        setting_manager=make_person("Sam Field", (Role.SETTING_MANAGER, setting)),
        superuser=make_person("Root", is_staff=True, is_superuser=True),
        other=_other_tenant(),
    )  # fmt: skip


def _other_tenant() -> OtherTenant:
    ao = make_organisation(KIND.AWARDING_ORGANISATION, "Northern Awards")
    authority = make_organisation(KIND.LOCAL_AUTHORITY, "Northmoor Council")
    centre = make_organisation(KIND.CENTRE, "Northmoor College", local_authority=authority)
    setting = make_organisation(KIND.SETTING, "Hilltop Nursery", local_authority=authority)
    qualification = make_qualification(ao)
    cohort = make_cohort(qualification, centre, authority, name="Northmoor cohort")
    assessor = make_person("Nia Bell", (Role.ASSESSOR, centre))
    registration = make_learner(cohort, setting=setting, assessor=assessor, name="Tess North")
    return OtherTenant(
        ao=ao, authority=authority, centre=centre, setting=setting, qualification=qualification, cohort=cohort,
        registration=registration, trainee=registration.learner, assessor=assessor,
        lead_iqa=make_person("Lou North", (Role.LEAD_IQA, centre)),
        eqa=make_person("Eve North", (Role.EQA, ao)),
        author=make_person("Art North", (Role.AUTHOR, ao)),
        authority_manager=make_person("Amy North", (Role.COHORT_MANAGER, authority)),
        centre_admin=make_person("Cal North", (Role.CENTRE_ADMINISTRATOR, centre)),
        setting_manager=make_person("Sue North", (Role.SETTING_MANAGER, setting)),
    )  # fmt: skip
