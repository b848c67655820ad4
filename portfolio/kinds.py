"""The kinds of evidence, who makes each, and which of them show practice (rules 21-24)."""

from django.db import models


class Kind(models.TextChoices):
    """What kind of evidence it is. Values are stored for good: never rename one, only add."""

    REFLECTIVE_ACCOUNT = "reflective_account", "Reflective account"
    WORK_PRODUCT = "work_product", "Work product"
    CASE_STUDY = "case_study", "Case study"
    WRITTEN_ANSWER = "written_answer", "Written answer"
    CERTIFICATE = "certificate", "Certificate or prior learning"
    HELD_IN_SETTING = "held_in_setting", "Held in the setting"
    OBSERVATION = "observation", "Observation"
    WITNESS_TESTIMONY = "witness_testimony", "Witness testimony"
    PROFESSIONAL_DISCUSSION = "professional_discussion", "Professional discussion"
    SKILLS_CHECK = "skills_check", "Skills check and development plan"
    CPD_LOG = "cpd_log", "CPD log"


# The learner's assessor records these; the learner reads, links, declares and submits them.
RECORDED = (Kind.OBSERVATION, Kind.WITNESS_TESTIMONY, Kind.PROFESSIONAL_DISCUSSION)
# Made from the learner's own records by a button, not in the wizard.
FROM_RECORDS = (Kind.SKILLS_CHECK, Kind.CPD_LOG)
# What the learner chooses from when adding evidence.
BY_LEARNER = tuple(kind for kind in Kind if kind not in (*RECORDED, *FROM_RECORDS))
# Rule 21: evidence of practice. A discussion counts when it was about the learner's own practice, a testimony when
# its witness is an expert (rule 22), what is held in the setting when an assessor attests to having seen it.
PRACTICE = (Kind.OBSERVATION, Kind.WORK_PRODUCT, Kind.WITNESS_TESTIMONY, Kind.PROFESSIONAL_DISCUSSION,
            Kind.HELD_IN_SETTING)  # fmt: skip
# Rule 21: these too show practice where the criterion is about the learner's own development (2.3-2.5).
OWN_DEVELOPMENT = (Kind.REFLECTIVE_ACCOUNT, Kind.SKILLS_CHECK, Kind.CPD_LOG)
