"""Who may ask for what (rule 35), thought out from the domain, never copied from what the code does.

Another's object is 404 for whoever may not see it; a right that is missing is 403 where the person may see the thing
or where the page is a role's; without a sign-in one is sent there. A learner's own pages (`/learn/`, `/portfolio/`)
are about the person's own registration: for somebody without one they are 404.
Expected: a status; SIGN_IN; or the beginning of the address that one is sent on to.
"""

from dataclasses import dataclass, field

SIGN_IN = "sign in"
Expected = int | str

ROLES = (
    "anonymous", "owner", "peer", "foreign_trainee", "assessor", "second_assessor", "former_assessor", "idle_assessor",
    "foreign_assessor", "area_senco", "iqa", "lead_iqa", "foreign_lead_iqa", "eqa", "author", "reviewer", "publisher",
    "foreign_author",
    "authority", "foreign_authority", "centre_admin", "foreign_centre_admin", "setting_manager",
    "foreign_setting_manager", "superuser", "data_protection", "foreign_data_protection", "safeguarding_lead",
    "foreign_safeguarding_lead", "ao_admin", "tutor", "foreign_tutor", "local_author",
)  # fmt: skip
LEARNERS = "owner peer foreign_trainee"
ALLOCATED = "assessor second_assessor iqa"  # to the owner, today
ASSESSORS = "assessor second_assessor former_assessor idle_assessor foreign_assessor area_senco"
QUALITY = "iqa lead_iqa foreign_lead_iqa"
OTHERS_WITH_PHRASES = "second_assessor former_assessor idle_assessor foreign_assessor area_senco " + QUALITY
KEEPERS, FOREIGN_KEEPERS = "lead_iqa centre_admin", "foreign_lead_iqa foreign_centre_admin"  # of staff's records
OTHER_STAFF = " ".join(sorted({*f"{ASSESSORS} {QUALITY}".split()} - {"assessor"}))
STAFF_RECORD = "/assess/competence/{staff_record}/"
COHORT = "authority area_senco centre_admin lead_iqa"  # of the owner's
COHORTS = f"{COHORT} foreign_authority foreign_centre_admin foreign_lead_iqa"
OWN_AUTHORS = "author reviewer publisher superuser"
AUTHORS = "author reviewer publisher foreign_author superuser"
LOCAL = "authority area_senco local_author"  # staff of the owner's authority
LOCALS, TUTORS = f"{LOCAL} foreign_authority", "tutor foreign_tutor"
LOCAL_KEEPERS = "authority area_senco foreign_authority"  # of an authority, who write no lessons
MANAGERS = "setting_manager foreign_setting_manager"
PROTECTS = "data_protection foreign_data_protection"
SAFETY = "safeguarding_lead foreign_safeguarding_lead"
ANYBODY = " ".join(ROLES)


@dataclass
class Line:
    """One address, how it is asked for, and what each role gets."""

    address: str
    default: Expected
    others: dict[str, Expected]
    method: str = "GET"
    body: dict[str, str] = field(default_factory=dict)

    def expected(self, role: str) -> Expected:
        """What the role gets. Somebody who has not signed in is sent there unless the line says otherwise."""
        return self.others.get(role, SIGN_IN if role == "anonymous" else self.default)

    @property
    def key(self) -> str:
        """How the line is named in a failure."""
        return f"{self.method} {self.address}"


def get(address: str, default: Expected, exceptions: dict[Expected, str] | None = None) -> Line:
    """A line asked by GET: what everybody gets, and the roles that get something else."""
    return Line(address, default, {role: what for what, roles in (exceptions or {}).items() for role in roles.split()})


def post(address: str, default: Expected, exceptions: dict[Expected, str], **body: str) -> Line:
    """A line asked by POST with a body, to which a valid once-token is added."""
    line = get(address, default, exceptions)
    line.method, line.body = "POST", body
    return line


STATEMENT = (
    '{"statements": [{"key": "0a0e5b1c-6f3c-4b39-9f5e-2f9d4b1c7e11", '
    '"statement": {"verb": {"id": "http://adlnet.gov/expapi/verbs/interacted"}}}]}'
)
PLACE = '{"type": "state", "part": "0", "data": "{}", "saved": 1}'
EVIDENCE, AT = "/portfolio/evidence/{%s}/", "/assess/submissions/{%s}/"
STEPS = ("write", "files", "criteria", "declare")


def braced(text: str) -> str:
    """A text as it is, where names of the scene's objects stand in braces."""
    return text.replace("{", "{{").replace("}", "}}")


OWN_PAGES = [
    get("/", "/", {
        200: f"anonymous {MANAGERS}", "/learn/": LEARNERS, "/assess/": ASSESSORS, "/quality/": QUALITY,
        "/reviews/": "eqa", "/cohorts/": "authority foreign_authority centre_admin foreign_centre_admin ao_admin",
        "/authoring/": AUTHORS, "/holds/": PROTECTS, "/safeguarding/": SAFETY,
        "/tutor/drafts/": TUTORS, "/cohorts/local/": "local_author",
    }),
    get("/help/", 200, {200: "anonymous"}),
    # A browser without a signal: what it asks for names nobody, but for who is signed in.
    get("/device/hello/", 200, {401: "anonymous"}),
    *(get(address, 200, {200: "anonymous"}) for address in ("/offline/", "/sw.js", "/study-sw.js",
                                                            "/manifest.webmanifest")),
    get("/health/live", 200, {200: "anonymous"}),
    get("/health/ready", 200, {200: "anonymous"}),
    get("/notices/", 200),
    get("/learn/", 404, {200: LEARNERS}),
    get("/learn/details/", 404, {200: LEARNERS}),
    post("/learn/registration/", 404, {"/learn/": "owner"}, registration="{registration}"),
    get("/authoring/", 403, {200: AUTHORS}),
    *(get(f"/authoring/courses/{{course_id}}/coverage/{end}", 404, {200: OWN_AUTHORS})
      for end in ("", "?state=drafts", "export.csv")),
    get("/authoring/courses/{course_id}/copy/", 404, {200: "author superuser", 403: "reviewer publisher"}),
    get("/pathway/", 404, {200: LEARNERS}),
    get("/portfolio/", 404, {200: LEARNERS}),
    get("/portfolio/evidence/", 404, {200: LEARNERS}),
    get("/portfolio/reflections/{lesson_id}/{lesson_reflection}/", 404, {200: "owner"}),
    get("/portfolio/evidence/new/?criterion=1.1", 404, {200: LEARNERS}),
    get("/portfolio/evidence/new/?draft={draft}", 404, {200: "owner"}),
    get("/portfolio/storage/", 404, {200: LEARNERS}),
    get("/portfolio/coverage/", 404, {200: LEARNERS}),
    get("/portfolio/coverage/?framework=no-such-framework", 404),
    get("/portfolio/timeline/", 404, {200: LEARNERS}),
    get("/portfolio/location-sheet/", 404, {200: LEARNERS}),
    get("/portfolio/bin/", 404, {200: LEARNERS}),
    get("/portfolio/bin/empty/", 404, {200: "owner", "/portfolio/bin/": "peer foreign_trainee"}),
    get("/portfolio/submit/", 404, {200: LEARNERS}),
    # Only the owner has evidence for 1.5; asking to submit what one has no evidence for is refused.
    get("/portfolio/submit/check/?criterion=1.5", 404, {200: "owner", 422: "peer foreign_trainee"}),
    get("/portfolio/criteria/1.1/", 404, {200: LEARNERS}),
    get("/portfolio/criteria/9.9/", 404),
    get("/portfolio/submissions/", 404, {200: LEARNERS}),
]  # fmt: skip

EVIDENCE_PAGES = [
    get(EVIDENCE % "submitted", 404, {200: f"owner {ALLOCATED}"}),
    get(EVIDENCE % "decided", 404, {200: f"owner {ALLOCATED}"}),
    get(EVIDENCE % "shared", 404, {200: f"owner {ALLOCATED} setting_manager"}),
    get(EVIDENCE % "draft", 404, {200: "owner"}),
    get(EVIDENCE % "peer", 404, {200: "peer area_senco"}),
    get(EVIDENCE % "foreign", 404, {200: "foreign_trainee foreign_assessor"}),
    get(EVIDENCE % "decided" + "versions/1/", 404, {200: f"owner {ALLOCATED}"}),
    get(EVIDENCE % "decided" + "versions/2/", 404, {200: "owner"}),  # a draft after what was submitted
    get(EVIDENCE % "decided" + "compare/", 404, {200: "owner", EVIDENCE % "decided": ALLOCATED}),  # they see one only
    get(EVIDENCE % "shared" + "versions/1/", 404, {200: f"owner {ALLOCATED} setting_manager"}),
    # To change it is the owner's alone: 403 for whoever may read it.
    *(get(EVIDENCE % "draft" + f"{step}/", 404, {200: "owner"}) for step in STEPS),
    *(get(EVIDENCE % "submitted" + f"{step}/", 404, {EVIDENCE % "submitted": "owner", 403: ALLOCATED})
      for step in STEPS),
    get(EVIDENCE % "decided" + "write/", 404, {200: "owner", 403: ALLOCATED}),
    get(EVIDENCE % "shared" + "write/", 404, {EVIDENCE % "shared": "owner", 403: f"{ALLOCATED} setting_manager"}),
    get(EVIDENCE % "draft" + "delete/", 404, {200: "owner"}),
    get(EVIDENCE % "submitted" + "delete/", 404, {EVIDENCE % "submitted": "owner", 403: ALLOCATED}),
    # What is in the bin is nobody's but its learner's, and only there.
    get(EVIDENCE % "binned", 404),
    get("/portfolio/bin/{binned}/1/delete/", 404, {200: "owner"}),
    get("/portfolio/bin/{draft}/1/delete/", 404),
    post("/portfolio/bin/{binned}/1/delete/", 404, {"/portfolio/bin/": "owner"}),
    post("/portfolio/bin/{binned}/1/restore/", 404, {EVIDENCE % "binned": "owner"}),
    post("/portfolio/bin/{submitted}/1/restore/", 404, {}),
    post(EVIDENCE % "draft" + "autosave/", 404, {200: "owner"}, text="More"),
    post(EVIDENCE % "submitted" + "autosave/", 404, {409: "owner", 403: ALLOCATED}, text="More"),
    post(EVIDENCE % "submitted" + "new-version/", 404, {EVIDENCE % "submitted" + "write/": "owner", 403: ALLOCATED}),
    post(EVIDENCE % "submitted" + "share/", 404, {EVIDENCE % "submitted": "owner", 403: ALLOCATED}),
    post(EVIDENCE % "draft" + "share/", 404, {EVIDENCE % "draft": "owner"}),
    post(EVIDENCE % "shared" + "stop-sharing/", 404,
         {EVIDENCE % "shared": "owner", 403: f"{ALLOCATED} setting_manager"}),
    get("/portfolio/files/{submitted_file}/", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/files/{draft_file}/", 404, {200: "owner"}),
    get("/portfolio/files/{draft_photo}/pages/1/", 404, {200: "owner"}),
    get("/portfolio/files/{draft_file}/pages/1/", 404),  # a text has no pages
    get(EVIDENCE % "draft" + "combine/", 404, {200: "owner"}),
    get(EVIDENCE % "submitted" + "combine/", 404, {EVIDENCE % "submitted": "owner", 403: ALLOCATED}),
    post(EVIDENCE % "draft" + "combine/", 404, {422: "owner"}),
    post(EVIDENCE % "submitted" + "combine/", 404, {422: "owner", 403: ALLOCATED}),
    # Uploads in parts: a program asks, so that who is signed out is told so instead of being sent away. Without the
    # protocol's headers the learner's own gets 412; what is submitted takes no file (rule 2), nor does another's.
    get(EVIDENCE % "draft" + "files/list/", 404, {200: "owner", 401: "anonymous"}),
    get(EVIDENCE % "submitted" + "files/list/", 404, {200: "owner", 403: ALLOCATED, 401: "anonymous"}),
    post(EVIDENCE % "draft" + "uploads/", 404, {412: "owner", 401: "anonymous"}),
    post(EVIDENCE % "submitted" + "uploads/", 404, {412: "owner", 403: ALLOCATED, 401: "anonymous"}),
    get("/portfolio/uploads/{upload}/", 404, {200: "owner", 401: "anonymous"}),
    post("/portfolio/uploads/{upload}/end/", 404, {EVIDENCE % "draft" + "files/": "owner"}),
    post("/portfolio/files/{draft_file}/remove/", 404, {EVIDENCE % "draft" + "files/": "owner"}),
    post("/portfolio/files/{submitted_file}/remove/", 404, {409: "owner", 403: ALLOCATED}),  # it is frozen (rule 2)
]  # fmt: skip

# What a learner writes about their own development is theirs alone: others read what is made of it as evidence.
DEVELOPMENT = [
    get("/portfolio/skills/", 404, {200: LEARNERS}),
    get("/portfolio/skills/evidence/", 404, {200: LEARNERS}),
    post("/portfolio/skills/start/", 404, {"/portfolio/skills/2/1/rate/": "owner",
                                           "/portfolio/skills/1/1/rate/": "peer foreign_trainee"}),
    get("/portfolio/skills/2/1/rate/", 404, {200: "owner"}),
    get("/portfolio/skills/2/9/rate/", 404),
    get("/portfolio/skills/1/1/rate/", 404, {"/portfolio/skills/": "owner"}),  # it is finished
    post("/portfolio/skills/2/autosave/", 404, {200: "owner"}),
    post("/portfolio/skills/1/autosave/", 404, {409: "owner"}),
    get("/portfolio/skills/2/finish/", 404, {200: "owner"}),
    get("/portfolio/skills/2/delete/", 404, {200: "owner"}),
    get("/portfolio/plan/", 404, {200: LEARNERS}),
    get("/portfolio/plan/new/", 404, {200: LEARNERS}),
    post("/portfolio/plan/add/", 404, {"/portfolio/plan/": LEARNERS}, outcome="2.4"),
    get("/portfolio/plan/{goal}/", 404, {200: "owner"}),
    post("/portfolio/plan/{goal}/autosave/", 404, {200: "owner"}, action="More"),
    post("/portfolio/plan/{goal}/not-done/", 404, {"/portfolio/plan/{goal}/": "owner"}),
    get("/portfolio/plan/{goal}/remove/", 404, {200: "owner"}),
    get("/portfolio/cpd/", 404, {200: LEARNERS}),
    get("/portfolio/cpd/export.csv", 404, {200: LEARNERS}),
    get("/portfolio/cpd/evidence/", 404, {200: LEARNERS}),
    get("/portfolio/cpd/new/", 404, {200: LEARNERS}),
    get("/portfolio/cpd/{entry}/", 404, {200: "owner"}),
    get("/portfolio/cpd/{entry}/learned/", 404, {200: "owner"}),
    post("/portfolio/cpd/{entry}/autosave/", 404, {200: "owner"}, reflection="More"),
    get("/portfolio/cpd/{entry}/delete/", 404, {200: "owner"}),
]  # fmt: skip

# What an assessor records is theirs until they sign it; then it is its learner's. An assessor's pages about a trainee
# are 403 for whoever may see the registration without being its assessor.
RECORD, SIGNED = "/assess/records/{record}/", "/assess/records/{signed_record}/"
MINE, SEES = "assessor second_assessor", f"owner iqa setting_manager {COHORT}"
RECORDS = [
    get("/assess/learners/", 403, {200: ASSESSORS}),
    get("/assess/learners/{registration}/record/", 404, {200: MINE, 403: SEES}),
    get("/assess/learners/{registration}/witnesses/new/?record={record}", 404, {200: MINE, 403: SEES}),
    # On site with a phone. What the phone sends by itself is answered in JSON: who is signed out is told so.
    get("/assess/learners/{registration}/on-site/", 404, {200: MINE, 403: SEES}),
    post("/assess/learners/{registration}/on-site/send/", 404, {422: MINE, 403: SEES, 401: "anonymous"}),  # no name
    get("/assess/on-site/offline/", 200, {200: "anonymous"}),
    get(RECORD + "marks/?file={record_file}", 404, {200: "assessor", 401: "anonymous"}),
    post(RECORD + "marks/", 404, {200: "assessor", 401: "anonymous"}, file="{record_file}"),
    post(RECORD + "transcript/{record_file}/", 404, {RECORD: "assessor"}),
    post(RECORD + "transcript/{draft_file}/", 404, {}),  # it belongs to something else
    get(RECORD, 404, {200: "assessor"}),
    *(get(RECORD + f"{page}/", 404, {200: "assessor"}) for page in ("criteria", "sign", "delete")),
    get(SIGNED, 404, {200: "assessor"}),
    *(get(SIGNED + f"{page}/", 404, {SIGNED: "assessor"}) for page in ("criteria", "sign", "delete")),
    post(RECORD + "autosave/", 404, {200: "assessor"}, text="More"),
    post(SIGNED + "autosave/", 404, {409: "assessor"}, text="More"),
    post(RECORD + "take-back/", 404, {422: "assessor"}),
    post(SIGNED + "take-back/", 404, {SIGNED: "assessor"}),
    get("/assess/documents/{held}/1/", 404, {200: MINE, 403: "owner iqa"}),
    get("/assess/documents/{submitted}/1/", 404),  # it is not held in a setting
    get(EVIDENCE % "record", 404),
    get(EVIDENCE % "signed_record", 404, {200: "owner"}),
    get(EVIDENCE % "signed_record" + "write/", 404, {EVIDENCE % "signed_record" + "criteria/": "owner"}),
    post(EVIDENCE % "signed_record" + "autosave/", 404, {409: "owner"}, text="More"),
]  # fmt: skip

# The plan is its assessors' to write, its quality assurer's to read, and its learner's on a page of their own.
PLAN, ITS_LINE = "/assess/learners/{registration}/plan/", "/assess/learners/{registration}/plan/lines/{plan_line}/"
OWN_PLAN, HAVE_CALENDARS = "/portfolio/assessment-plan/", f"{LEARNERS} {ASSESSORS}"
NOT_ITS_STAFF = f"owner setting_manager {COHORT}"
PLANS = [
    *(get(PLAN + page, 404, {200: ALLOCATED, 403: NOT_ITS_STAFF}) for page in ("", "1/", "2/", "calendar.ics")),
    get(PLAN + "9/", 404, {403: NOT_ITS_STAFF}),
    *(get(page, 404, {200: MINE, 403: SEES}) for page in (ITS_LINE, ITS_LINE + "remove/", PLAN + "discard/")),
    *(post(page, 404, {PLAN: MINE, 403: SEES})
      for page in (PLAN + "begin/", ITS_LINE, ITS_LINE + "remove/", PLAN + "discard/")),
    post(PLAN + "propose/", 404, {422: MINE, 403: SEES}, then="propose"),  # it does not say why it is revised
    post(PLAN + "take-back/", 404, {422: MINE, 403: SEES}),  # it is a draft
    get(OWN_PLAN, 404, {200: LEARNERS}),
    get(OWN_PLAN + "1/", 404, {200: "owner"}),
    get(OWN_PLAN + "2/", 404),  # a draft
    get(OWN_PLAN + "calendar.ics", 404, {200: LEARNERS}),
    post(OWN_PLAN + "answer/", 404, {422: "owner"}, number="1", answer="agree"),  # answered already
    get("/account/calendar/", 403, {200: HAVE_CALENDARS}),
    *(post(f"/account/calendar/{act}/", 403, {"/account/calendar/": HAVE_CALENDARS}) for act in ("make", "end")),
    get("/calendar/{calendar_key}.ics", 200, {200: "anonymous"}),
    get("/calendar/{registration}.ics", 404, {404: "anonymous"}),
]  # fmt: skip

ASSESSMENT = [
    get("/portfolio/criteria/1.1/?registration={registration}", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/criteria/1.2.a/?registration={registration}", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/timeline/?registration={registration}", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/location-sheet/?registration={registration}", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/location-sheet/{sheet}/", 404, {200: "owner"}),
    post("/portfolio/location-sheet/?registration={registration}", 404,
         {"/portfolio/location-sheet/": f"owner {ALLOCATED}"}),
    get("/portfolio/submissions/?registration={registration}", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/submissions/?registration={foreign_registration}", 404,
        {200: "foreign_trainee foreign_assessor"}),
    get("/portfolio/submissions/{open}/", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/submissions/{released}/", 404, {200: f"owner {ALLOCATED}"}),
    get("/portfolio/submissions/{foreign_submission}/", 404, {200: "foreign_trainee foreign_assessor"}),
    get("/assess/", 403, {200: ASSESSORS}),
    # Taking back is the learner's alone, and only what nobody has opened.
    get("/portfolio/submissions/{peer_submission}/withdraw/", 404, {200: "peer", 403: "area_senco"}),
    get("/portfolio/submissions/{open}/withdraw/", 404, {"/portfolio/submissions/{open}/": "owner", 403: ALLOCATED}),
    post("/portfolio/submissions/{open}/withdraw/", 404, {422: "owner", 403: ALLOCATED}),
    get("/assess/?show=others", 403, {200: ASSESSORS}),
    get("/assess/?show=released", 403, {200: ASSESSORS}),
    # The workspace is its staff's: for the learner there is none (rule 8). An IQA reads it and decides nothing.
    get(AT % "open", 404, {200: ALLOCATED}),
    get(AT % "open" + "?criterion=1.3", 404, {200: ALLOCATED}),
    get(AT % "open" + "?criterion=1.4", 404, {200: ALLOCATED}),
    get(AT % "open" + "?criterion=4.8", 404),
    get(AT % "released", 404, {200: ALLOCATED}),
    get(AT % "peer_submission", 404, {200: "area_senco"}),
    get(AT % "foreign_submission", 404, {200: "foreign_assessor"}),
    get(AT % "open" + "open/", 404, {AT % "open": ALLOCATED}),
    get(AT % "open" + "take/", 404, {AT % "open": ALLOCATED}),
    post(AT % "foreign_submission" + "open/", 404, {AT % "foreign_submission": "foreign_assessor"}),
    post(AT % "peer_submission" + "open/", 404, {422: "area_senco"}),  # an interest is declared (rule 8)
    post(AT % "open" + "take/", 404, {AT % "open": "assessor second_assessor", 422: "iqa"}),
    get(AT % "open" + "judge/", 404, {AT % "open": ALLOCATED}),
    get(AT % "open" + "decide/", 404, {AT % "open": ALLOCATED}),
    post(AT % "open" + "decide/", 404, {AT % "open": "assessor second_assessor", 422: "iqa"}, criterion="1.3",
         rationale="It shows it."),
    post(AT % "open" + "decide/autosave/", 404, {200: "assessor second_assessor", 409: "iqa"}, criterion="1.3",
         rationale="It shows it."),
    # Interest declared and not resolved (rule 8): reading goes on, deciding does not.
    post(AT % "peer_submission" + "decide/autosave/", 404, {409: "area_senco"}, rationale="It shows it."),
    get(AT % "open" + "undo/", 404, {AT % "open": ALLOCATED}),
    post(AT % "open" + "undo/", 404, {422: ALLOCATED}, criterion="1.4"),  # nothing has been saved over it
    get(AT % "open" + "together/", 404, {200: MINE, AT % "open": "iqa"}),
    get(AT % "open" + "together/?criterion=1.3&criterion=1.4", 404, {200: MINE, AT % "open": "iqa"}),
    get(AT % "open" + "together/?criterion=4.8", 404),
    get(AT % "released" + "together/", 404, {AT % "released": ALLOCATED}),
    post(AT % "open" + "together/", 404, {AT % "open" + "together/": MINE, 422: "iqa"}, criterion="1.3"),
    post(AT % "open" + "together/autosave/", 404, {200: MINE, 409: "iqa"}),
    post(AT % "open" + "here/", 404, {200: MINE, 409: "iqa"}),
    get(AT % "open" + "take-over/?criterion=1.4", 404, {AT % "open": "assessor", 200: "second_assessor iqa"}),
    post(AT % "open" + "take-over/", 404, {AT % "open": "assessor second_assessor", 422: "iqa"}, criterion="1.4"),
    get(AT % "open" + "release/", 404, {200: ALLOCATED}),
    get(AT % "released" + "release/", 404, {AT % "released": ALLOCATED}),
    post(AT % "open" + "release/", 404, {422: ALLOCATED}),  # not everything is decided, whoever asks
    get(AT % "open" + "interest/", 404, {200: ALLOCATED}),
    # What is written beside decisions: by the assessor at the desk; an IQA is sent back to the workspace.
    get(AT % "open" + "notes/new/?version={noted}&criterion=1.4", 404, {200: MINE, AT % "open": "iqa"}),
    get(AT % "open" + "notes/new/?version=0", 404),
    get(AT % "open" + "notes/{note}/", 404, {200: "assessor", AT % "open": "second_assessor iqa"}),
    get(AT % "open" + "notes/{note}/remove/", 404, {200: MINE, AT % "open": "iqa"}),
    get(AT % "open" + "next-steps/new/", 404, {200: MINE, AT % "open": "iqa"}),
    get(AT % "open" + "next-steps/{open_step}/", 404, {200: MINE, AT % "open": "iqa"}),
    get(AT % "open" + "next-steps/{open_step}/remove/", 404, {200: MINE, AT % "open": "iqa"}),
    get(AT % "released" + "next-steps/{step}/", 404, {AT % "released": ALLOCATED}),
    get("/assess/phrases/", 403, {200: f"{ASSESSORS} {QUALITY}"}),
    get("/assess/phrases/list/", 403, {200: f"{ASSESSORS} {QUALITY}"}),
    get("/assess/phrases/new/", 403, {200: f"{ASSESSORS} lead_iqa foreign_lead_iqa"}),
    get("/assess/phrases/{phrase}/", 403, {200: "assessor", 404: f"{OTHERS_WITH_PHRASES}"}),
    get("/assess/phrases/{phrase}/remove/", 403, {200: "assessor", 404: f"{OTHERS_WITH_PHRASES}"}),
    post("/assess/phrases/{phrase}/used/", 403, {200: "assessor", 404: f"{OTHERS_WITH_PHRASES}"}),
    # Next steps are answered by their learner alone.
    get("/portfolio/next-steps/", 404, {200: LEARNERS}),
    post("/portfolio/next-steps/{step}/agree/", 404, {"/portfolio/next-steps/": "owner"}),
    post("/portfolio/next-steps/{step}/ask/", 404, {"/portfolio/next-steps/": "owner"}, comment="Which one?"),
    post("/portfolio/next-steps/{step}/done/", 404, {"/portfolio/next-steps/": "owner"}),
    post("/portfolio/next-steps/{open_step}/agree/", 404, {}),
    # Staff's own records, and their centre's: who keeps them sees proof of anybody's but their own (rule 10).
    get("/assess/checks/", 403, {200: ASSESSORS}),
    get("/assess/checks/{checked}/countersign/", 404, {200: "second_assessor"}),
    get("/assess/checks/{checked}/scrutiny/", 404, {200: "second_assessor"}),
    get("/assess/checks/{checked}/nonsense/", 404),
    post("/assess/checks/{checked}/countersign/", 404, {422: "second_assessor"}),
    get("/assess/competence/", 403, {200: f"{ASSESSORS} {QUALITY}"}),
    get("/assess/competence/new/?kind=assessing", 403, {200: f"{ASSESSORS} {QUALITY}"}),
    *(get(STAFF_RECORD + page, 404, {200: f"assessor {KEEPERS}"}) for page in ("", "certificate/", "remove/")),
    get("/assess/competence/cpd/new/", 403, {200: f"{ASSESSORS} {QUALITY}"}),
    *(get("/assess/competence/cpd/{staff_cpd}/" + page, 403, {200: "assessor", 404: OTHER_STAFF})
      for page in ("", "remove/")),
    get("/quality/checks/", 403, {200: f"{KEEPERS} {FOREIGN_KEEPERS}"}),
    get("/quality/staff/", 403, {200: f"{KEEPERS} {FOREIGN_KEEPERS}"}),
    get("/quality/staff/{assessor}/", 403, {200: KEEPERS, 404: FOREIGN_KEEPERS}),
    get("/quality/staff/{assessor}/new/?kind=assessing", 403, {200: KEEPERS, 404: FOREIGN_KEEPERS}),
    post("/quality/staff/qualifications/{staff_record}/seen/", 403,
         {"/quality/staff/{assessor}/": KEEPERS, 404: FOREIGN_KEEPERS}),
    get("/quality/", 403, {200: QUALITY}),
    get("/quality/interests/{interest}/", 403, {200: "lead_iqa", 404: "foreign_lead_iqa"}),
    get("/quality/attempts/{registration}/1.2.a/", 403, {200: "lead_iqa", 404: "foreign_lead_iqa"}),
    get("/quality/attempts/{registration}/1.1/", 403, {404: "lead_iqa foreign_lead_iqa"}),  # it is achieved
    get("/reviews/", 403, {200: "eqa"}),
]  # fmt: skip

# The Area SENCO's two hats (rule 9): who supports is no secret inside the authority, and opens no evidence.
REPORTS = "lead_iqa foreign_lead_iqa authority foreign_authority ao_admin"
TWO_HATS = [
    get("/cohorts/support/", 403, {200: "authority foreign_authority"}),
    get("/cohorts/support/title/", 403, {200: "authority foreign_authority"}),
    get("/cohorts/support/{support}/end/", 403, {200: "authority", 404: "foreign_authority"}),
    get("/assess/settings/", 403, {200: "area_senco"}),
    get("/assess/learners/{registration}/declare/", 404, {200: MINE, 403: SEES}),
    get("/assess/learners/{peer_registration}/declare/", 404,
        {200: "area_senco", 403: "peer authority centre_admin lead_iqa"}),
    get("/portfolio/people/", 404, {200: LEARNERS}),
    get("/portfolio/people/{allocation}/object/", 404, {200: "owner"}),
    get("/quality/objections/", 403, {200: "lead_iqa foreign_lead_iqa"}),
    get("/quality/objections/{objection}/", 403, {200: "lead_iqa", 404: "foreign_lead_iqa"}),
    get("/quality/dual-role/", 403, {200: f"{COHORTS} ao_admin"}),
    get("/quality/dual-role/{authority}/foundation/", 404, {200: "authority"}),
    get("/quality/dual-role/{ao}/foundation/", 404, {200: "ao_admin"}),
    get("/quality/dual-role/report/", 403, {200: REPORTS}),
    post("/quality/dual-role/report/export/", 403, {200: REPORTS}, form="csv"),
    get("/quality/figures/", 403, {200: f"{QUALITY} centre_admin foreign_centre_admin"}),
    post("/quality/figures/export/", 403, {200: f"{QUALITY} centre_admin foreign_centre_admin"}),
    get("/cohorts/{cohort}/figures/", 404, {200: COHORT}),
    post("/cohorts/{cohort}/figures/export/", 404, {200: COHORT}),
    get("/assess/figures/", 403, {200: ASSESSORS}),
    post("/assess/figures/export/", 403, {200: ASSESSORS}),
    get("/quality/policy/", 403, {200: "ao_admin"}),
    get("/quality/policy/{qualification}/", 404, {200: "ao_admin"}),
]  # fmt: skip

# On hold (rule 4): the owner, who reported it, and the centre's data-protection role. A concern (rule 5): the centre's
# safeguarding lead; its words are not on the page until the lead has asked for them.
HELD = "owner second_assessor data_protection"
PROTECTION = [
    get(EVIDENCE % "on_hold", 404, {200: HELD}),
    get(EVIDENCE % "on_hold" + "versions/1/", 404, {200: HELD}),
    get(EVIDENCE % "on_hold" + "write/", 404, {EVIDENCE % "on_hold": "owner", 403: "second_assessor data_protection"}),
    get("/portfolio/files/{on_hold_file}/", 404, {200: HELD}),
    get("/portfolio/criteria/3.1/?registration={registration}", 404, {200: f"owner {ALLOCATED}"}),
    get(EVIDENCE % "on_hold" + "report/", 404, {200: HELD}),
    get(EVIDENCE % "submitted" + "report/", 404, {200: f"owner {ALLOCATED}"}),
    get(EVIDENCE % "shared" + "report/", 404, {200: f"owner {ALLOCATED} setting_manager"}),
    get(EVIDENCE % "draft" + "report/", 404, {200: "owner"}),
    post(EVIDENCE % "on_hold" + "replace/", 404, {422: "owner", 403: "second_assessor data_protection"}),
    get("/holds/", 403, {200: PROTECTS}),
    get("/holds/?show=ended", 403, {200: PROTECTS}),
    get("/holds/{hold}/", 404, {200: HELD}),
    *(get("/holds/{hold}/" + act, 404, {200: "data_protection", 403: "owner second_assessor"})
      for act in ("release/", "replace/", "destroy/")),
    get("/safeguarding/", 403, {200: SAFETY}),
    get("/safeguarding/new/", 200),
    get("/safeguarding/new/?about={registration}", 404,
        {200: f"owner assessor second_assessor iqa setting_manager {COHORT}"}),
    get("/safeguarding/raised/", 200),
    get("/safeguarding/{concern}/", 403, {200: "safeguarding_lead", 404: "foreign_safeguarding_lead"}),
    post("/safeguarding/{concern}/read/", 403,
         {"/safeguarding/{concern}/": "safeguarding_lead", 404: "foreign_safeguarding_lead"}),
    *(post("/safeguarding/{concern}/" + act, 403,
           {"/safeguarding/{concern}/": "safeguarding_lead", 404: "foreign_safeguarding_lead"}, text="I called.")
      for act in ("note/", "close/")),
]  # fmt: skip

# Who assesses whom is for the centre's administrators and lead IQAs to say; whoever only sees the cohort or the learner
# is told so (403).
KEEPERS = "centre_admin lead_iqa"
FOREIGN_KEEPERS = "foreign_centre_admin foreign_lead_iqa"
TEAM = "/cohorts/registrations/{registration}/team/"
WATCHERS = f"owner {ALLOCATED} setting_manager authority area_senco"
TEAMS = [
    get("/cohorts/{cohort}/team/", 404, {200: KEEPERS, 403: "authority area_senco"}),
    get("/cohorts/{foreign_cohort}/team/", 404, {200: FOREIGN_KEEPERS, 403: "foreign_authority"}),
    get("/cohorts/{cohort}/team/automatic/", 404, {200: KEEPERS, 403: "authority area_senco"}),
    get(TEAM, 404, {200: KEEPERS, 403: WATCHERS}),
    get(TEAM + "add/?role=assessor", 404, {200: KEEPERS, 403: WATCHERS}),
    get(TEAM + "{allocation}/change/", 404, {200: KEEPERS, 403: WATCHERS}),
    get(TEAM + "{allocation}/end/", 404, {200: KEEPERS, 403: WATCHERS}),
    get("/quality/workload/", 403, {200: f"{KEEPERS} {FOREIGN_KEEPERS}"}),
    get("/quality/workload/{membership}/", 403, {200: KEEPERS, 404: FOREIGN_KEEPERS}),
    get("/quality/absences/", 403, {200: f"{KEEPERS} {FOREIGN_KEEPERS}"}),
    get("/quality/absences/new/", 403, {200: f"{KEEPERS} {FOREIGN_KEEPERS}"}),
    get("/quality/absences/{absence}/", 403, {200: KEEPERS, 404: FOREIGN_KEEPERS}),
    get("/quality/absences/{absence}/end/", 403, {200: KEEPERS, 404: FOREIGN_KEEPERS}),
    get("/quality/assessors/borrow/", 403, {200: f"{KEEPERS} {FOREIGN_KEEPERS}"}),
    get("/quality/assessors/{borrowed}/give-back/", 403, {200: KEEPERS, 404: FOREIGN_KEEPERS}),
]  # fmt: skip

DELIVERY = [
    get("/cohorts/", 403, {200: f"{COHORTS} ao_admin"}),
    get("/cohorts/{cohort}/", 404, {200: COHORT}),
    get("/cohorts/{foreign_cohort}/", 404, {200: "foreign_authority foreign_centre_admin foreign_lead_iqa"}),
    get("/cohorts/centre/", 403, {200: "centre_admin foreign_centre_admin"}),
    get("/cohorts/numbers/", 403, {200: "centre_admin foreign_centre_admin"}),
    get("/cohorts/numbers/{match}/", 403, {200: "centre_admin", 404: "foreign_centre_admin"}),
    post("/learn/study/{lesson_id}/place/", 404, {200: "owner peer"}, anchor=""),
    post("/learn/study/{lesson_id}/answers/{lesson_reflection}/", 404, {"/courses/*": "owner peer"}, text="Hm."),
    get(
        "/learn/study/{lesson_id}/sheets/{lesson_activity}/",
        403,
        {200: f"owner peer {ALLOCATED} eqa author reviewer publisher tutor {COHORT}"},
    ),
    *(get(f"/learn/{page}/", 404, {200: LEARNERS}) for page in ("bookmarks", "notes", "answers")),
    post("/learn/study/{lesson_id}/bookmark/", 404, {"{lesson}": "owner peer"}, anchor=""),
    post("/learn/study/{lesson_id}/bookmark/remove/", 404, {"{lesson}": "owner peer"}, anchor=""),
    get("/learn/study/{lesson_id}/at/", "{lesson}", {"{lesson}": "anonymous"}),  # who may read it is asked there
    get("/learn/study/{lesson_id}/note/", 404, {200: "owner peer"}),
    post("/learn/study/{lesson_id}/note/autosave/", 404, {200: "owner peer"}, text="More"),
    get("{unit}print/?answers=on", 403, {200: f"owner peer {ALLOCATED} eqa author reviewer publisher tutor {COHORT}"}),
    get("/courses/search/?q=Pip", 200, {200: "anonymous"}),
    get("/courses/reading/", 200, {200: "anonymous"}),
    post("/learn/study/{lesson_id}/finish/", 404, {"/courses/*": "owner peer"}),
    post("/learn/study/{lesson_id}/seen/", 404, {"/courses/*": "owner peer"}),
    post("/learn/study/{course_id}/finish/", 404, {404: "anonymous"}),  # a page, but none to study
    # What a frame of no origin fetches carries no sign-in: the signed word in the path stands for it.
    *(
        get(f"/h5p/{file}", 200, {200: "anonymous"})
        for file in (
            "play/{play_word}/",
            "files/{play_word}/images/peg.png",
            "libraries/{library_file}",
            "bundles/{bundle}",
            "core/frame.bundle.js",
        )
    ),
    post("/learn/activities/{activity_lesson}/{activity_block}/start/", 404, {200: "owner peer"}),
    post("/learn/activities/attempts/{attempt}/statements/", 404, {200: "owner"}, message=braced(STATEMENT)),
    post("/learn/activities/attempts/{attempt}/state/", 404, {200: "owner"}, message=braced(PLACE)),
    get("/learn/activities/statements.json", 404, {200: LEARNERS}),
    get("/courses/", 200, {200: "anonymous"}),
    get("/courses/glossary/", 200, {200: "anonymous"}),
    get("{course}", 200, {200: "anonymous"}),
    get("{unit}", 200, {200: "anonymous"}),
    # The course is public, so that a lesson exists is no secret: who has no role on the course is told so.
    get("{lesson}", 403, {200: f"owner peer {ALLOCATED} eqa author reviewer publisher tutor {COHORT}"}),
    # A file of a lesson: whoever may read a lesson that shows it. An original picture: whoever may put it on a page.
    get("/files/{lesson_file}/sheet.txt", 404, {200: f"owner peer {ALLOCATED} eqa tutor {OWN_AUTHORS} {COHORT}"}),
    get("/media/{lesson_picture}", 404, {200: OWN_AUTHORS}),
    get("{draft_lesson}", 403, {200: f"owner peer {ALLOCATED} eqa author reviewer publisher tutor {COHORT}"}),
    # A draft is between its learner and their tutor. The owner's waits, and the tutor has begun; the peer has none.
    post("/learn/study/{draft_lesson_id}/drafts/{draft_block}/send/", 404, {422: "owner peer"}),
    post("/learn/study/{draft_lesson_id}/drafts/{draft_block}/take-back/", 404, {422: "owner", "/courses/*": "peer"}),
    get("/tutor/drafts/", 403, {200: TUTORS}),
    get("/tutor/drafts/{sent_draft}/", 404, {200: "tutor"}),
    post("/tutor/drafts/{sent_draft}/comments/", 404, {200: "tutor"}, comments="More"),
    # Of an authority's own lesson nobody else learns that it exists.
    get("/cohorts/local/", 403, {200: LOCALS}),
    post("/cohorts/local/lessons/begin/", 403, {"/cms/pages/add/courses/locallessonpage/*": "local_author"}),
    get("{local_lesson}", 404, {200: f"owner peer {ALLOCATED} tutor local_author {COHORT}"}),
    get("{local_home}", 404, {200: LOCAL, 404: "anonymous"}),
    get("/courses/nothing/", 404, {404: "anonymous"}),
]

# Sign-in and second factors are the package's own. Who has signed in has no need to sign in; nobody signs up. What
# weakens an account asks for the password again; a second factor, for a confirmed email address first.
ASK_AGAIN = "/account/reauthenticate/"
ACCOUNTS = [
    get("/account/login/", "/", {200: "anonymous"}),
    get("/account/sign-in/", "/account/login/", {"/account/login/": "anonymous"}),
    get("/account/signup/", "/", {200: "anonymous"}),
    get("/account/logout/", 200, {"/": "anonymous"}),
    get("/account/inactive/", 200, {200: "anonymous"}),
    get(ASK_AGAIN, 200),
    get("/account/email/", 200),
    get("/account/confirm-email/", 200, {200: "anonymous"}),
    get("/account/confirm-email/nonsense/", 200, {200: "anonymous"}),
    get("/account/password/change/", 200),
    get("/account/password/set/", "/account/password/change/"),
    get("/account/password/reset/", 200, {200: "anonymous"}),
    get("/account/password/reset/done/", 200, {200: "anonymous"}),
    get("/account/password/reset/key/1-nonsense/", 200, {200: "anonymous"}),
    get("/account/password/reset/key/done/", 200, {200: "anonymous"}),
    # Both are half way through a sign-in that nobody here has begun.
    get("/account/login/code/confirm/", "/", {"/account/login/": "anonymous"}),
    get("/account/2fa/authenticate/", "/", {"/account/login/": "anonymous"}),
    get("/account/2fa/", 200),
    get("/account/2fa/reauthenticate/", ASK_AGAIN),
    get("/account/2fa/totp/activate/", "/account/2fa/"),
    get("/account/2fa/totp/deactivate/", 404),
    get("/account/2fa/recovery-codes/", 404),
    get("/account/2fa/recovery-codes/generate/", ASK_AGAIN),
    get("/account/2fa/recovery-codes/download/", 404),
]

# Wagtail: our gate lies before all of it; then its groups say where. It sends whoever may not back to its home.
EDITOR = [
    get("/cms/login/", 403, {"/account/login/": f"{AUTHORS} {LOCALS}"}),
    get("/cms/", 403, {200: f"{AUTHORS} {LOCALS}"}),
    get("/cms/pages/{course_id}/edit/", 403, {200: OWN_AUTHORS, "/cms/": f"foreign_author {LOCALS}"}),
    get("/cms/pages/{lesson_id}/edit/", 403, {200: OWN_AUTHORS, "/cms/": f"foreign_author {LOCALS}"}),
    get(
        "/cms/pages/{local_lesson_id}/edit/",
        403,
        {
            200: "local_author superuser",
            "/cms/": "author reviewer publisher foreign_author authority area_senco foreign_authority",
        },
    ),
    # Local information is its authority's staff's alone, in every view: the system administrator's neither.
    get("/cms/local-information/", 403, {200: LOCALS, "/cms/": AUTHORS}),
    get("/cms/local-information/new/", 403, {200: LOCALS, "/cms/": AUTHORS}),
    *(
        get(f"/cms/local-information/{view}/{{local_words}}/", 403, {200: LOCAL, 404: f"foreign_authority {AUTHORS}"})
        for view in ("edit", "delete", "usage", "history")
    ),
    get("/cms/users/", 403, {200: "superuser", "/cms/": f"author reviewer publisher foreign_author {LOCALS}"}),
    *(
        get(f"/authoring/activities/{{activity}}/{view}", 404, {200: "author superuser", 403: "reviewer publisher"})
        for view in ("", "questions.csv")
    ),
    get("/authoring/activities/{activity}/preview/", 404, {200: OWN_AUTHORS}),
    get("/authoring/law/", 403, {200: AUTHORS}),
    get("/authoring/law/table/", 403, {200: AUTHORS}),
    post("/authoring/law/{law}/checked/", 403, {"/authoring/law/": "author superuser", 404: "foreign_author"}),
    get("/cms/snippets/content/glossaryterm/", 403, {200: AUTHORS, "/cms/": LOCALS}),
    get(
        "/cms/snippets/content/legalreference/edit/{law}/",
        403,
        {200: "author superuser", "/cms/": "reviewer publisher", 404: f"foreign_author {LOCALS}"},
    ),
    # Activities: their organisation's authors change them; libraries are decided on by a right of its own.
    get("/cms/snippets/content/h5pactivity/", 403, {200: f"{AUTHORS} local_author", "/cms/": LOCAL_KEEPERS}),
    get(
        "/cms/snippets/content/h5pactivity/edit/{h5p_activity}/",
        403,
        {200: "author superuser", "/cms/": "reviewer publisher", 404: f"foreign_author {LOCALS}"},
    ),
    get(
        "/cms/h5p/upload/",
        403,
        {200: "author foreign_author local_author superuser", "/cms/": f"reviewer publisher {LOCAL_KEEPERS}"},
    ),
    get("/cms/h5p/uploads/{h5p_upload}/", 403, {200: OWN_AUTHORS, 404: f"foreign_author {LOCALS}"}),
    get(
        "/cms/h5p/activities/{h5p_activity}/replace/",
        403,
        {200: "author superuser", "/cms/": "reviewer publisher", 404: f"foreign_author {LOCALS}"},
    ),
    get("/cms/h5p/libraries/", 403, {200: "superuser", "/cms/": f"author reviewer publisher foreign_author {LOCALS}"}),
    get("/cms/h5p/libraries/{h5p_library}/", 403, {200: f"{AUTHORS} local_author", 404: LOCAL_KEEPERS}),
    get("/cms/password_reset/", 403, {200: f"{AUTHORS} {LOCALS}"}),
    get("/cms/nothing/", 403, {404: f"{AUTHORS} {LOCALS}"}),
]
TABLE = [*OWN_PAGES, *EVIDENCE_PAGES, *DEVELOPMENT, *RECORDS, *PLANS, *ASSESSMENT, *TWO_HATS, *PROTECTION, *TEAMS,
         *DELIVERY, *ACCOUNTS, *EDITOR]  # fmt: skip

# Which words of the scene each role reads, over all addresses: no more, and no less.
READS = dict.fromkeys(ROLES, "") | {
    "owner": "agreed plan, held text, held file, hold report, released note, next step, "
             "signed record, skills note, goal, reflection, lesson reflection, study note, bookmark, "
             "sent draft, unsent draft, local words, local lesson, "
             "draft title, draft text, draft file, binned text, decided text, new draft text, submitted title, "
             "submitted text, submitted file, shared text, feedback, notice, name",
    "safeguarding_lead": "name",  # who raised a concern
    "data_protection": "held text, held file, hold report, name",
    "peer": "local words, local lesson, peer text, peer name, declared detail",
    "foreign_trainee": "foreign text, foreign name, number",
    "assessor": "local lesson, agreed plan, draft plan, released note, note at the desk, next step, phrase, "
             "record text, signed record, decided text, submitted title, submitted text, submitted file, "
                "shared text, feedback, rationale, drafted decision, note on evidence, name",
    "second_assessor": "local lesson, agreed plan, draft plan, "
             "held text, held file, hold report, released note, note at the desk, next step, "
             "decided text, submitted title, submitted text, submitted file, shared text, feedback, "
                       "rationale, note on evidence, name",
    "iqa": "local lesson, agreed plan, draft plan, released note, note at the desk, next step, "
             "decided text, submitted title, submitted text, submitted file, shared text, feedback, rationale, "
           "note on evidence, name",
    "area_senco": "local words, local lesson, declared detail, "
                  "peer text, peer name, name",  # the owner's progress, as the authority's
    "local_author": "local words, local lesson",
    "tutor": "sent draft, draft comments, local lesson, name",
    "foreign_assessor": "foreign text, foreign name",
    "lead_iqa": "local lesson, interest, objection, name, peer name",
    "foreign_lead_iqa": "foreign name",
    "authority": "local words, local lesson, name, peer name",
    "foreign_authority": "foreign name",
    "centre_admin": "local lesson, name, peer name, number",
    "foreign_centre_admin": "foreign name",
    "setting_manager": "shared text, name",
    "superuser": "name, peer name, foreign name, local lesson",  # the accounts and every page in the editor
}  # fmt: skip


def reads(role: str) -> set[str]:
    """The words that a role reads."""
    return {word.strip() for word in READS[role].split(",")} - {""}
