"""What trainees say about each link, and what assessors say about the work. Made up."""

from dataclasses import dataclass

# Where in the piece a criterion is met, and why, by criterion code.
LINKS = {
    "1.1": ("Second paragraph", "I say what SEN means for a child under five and under two, and what it is not."),
    "1.2.a": ("Four areas, first line", "The example is a child I work with, and I say what makes talking hard."),
    "1.2.b": ("Four areas, second line", "I describe how slowly a new routine sticks, which is what we see here."),
    "1.2.c": ("Four areas, third line", "Hiding and clinging are the two signs that we meet."),
    "1.2.d": ("Four areas, fourth line", "One child with a hearing need and one with a physical need."),
    "1.3": ("Last paragraph but one", "I say which needs are common here and which I have met once, and how we knew."),
    "1.4": ("Second paragraph", "I explain how I knew that it was about learning English and nothing else."),
    "1.5": ("Third paragraph", "Both languages, play and family history: the signs that pointed to SEN."),
    "1.6": ("First paragraph", "The two duties of the Equality Act, with an adjustment that we made in advance."),
    "1.7.a": ("Under Assess", "Two weeks of notes, and what they told us that we had not seen."),
    "1.7.b": ("Under Plan", "One outcome, agreed with Mum, with who does what."),
    "1.7.c": ("Under Do", "What each of us did, and what we changed on the way."),
    "1.7.d": ("Under Review", "What had changed after six weeks and how the next round began."),
    "1.8": ("First and second paragraphs", "How I asked Mum, and how the child chose with photographs."),
    "1.9": ("Last paragraph but one", "Why it matters who decides, and what happened once things were explained."),
    "1.10": ("Where it says who has which job", "It shows what the key person does and what I do."),
    "1.11": ("The paragraph on reviews", "When, where, who brings what, and how the check at two joins in."),
    "1.12": ("The page itself, and the first paragraph", "What our plan includes and why an outcome must be seen."),
    "1.13": ("The paragraph on strategies", "Four adjustments for four kinds of need, each used here."),
    "1.14": ("Last paragraph", "What I share, with whom, with whose agreement, and the exception."),
    "2.1": ("Second paragraph", "The principles of the Code in my own words, and where it gets its force."),
    "2.2.a": ("Everyone knowing their part", "How each new person learns our approach, and a sign that it works."),
    "2.2.b": ("Advising", "How I advised after watching, and what came of it."),
    "2.2.c": ("Parents", "What a father noticed, and how it changed the plan."),
    "2.2.d": ("Working beyond us", "How I keep contact with the therapist going."),
    "2.2.e": ("The child's view", "Three ways in which children here tell us without words."),
    "2.3": ("First and second paragraphs", "My marks, somebody else's marks, and the gaps in order."),
    "2.4": ("The whole account", "What happened, what I made of it, and what is different now."),
    "2.5": ("Third and last paragraphs", "Two things I used to learn, and what changed for a child."),
    "2.6": ("Second paragraph", "What a plan is built on, and what it obliges people to do."),
    "2.7": ("Records", "What is in the folder, and a pattern that we saw by reading across."),
    "3.1": ("Second paragraph", "What is mine to do for colleagues and what stays theirs."),
    "3.2.a": ("Before they start to week one", "What happens for a new colleague, and when."),
    "3.2.b": ("Week one", "The half hour in which I explain that everybody has the duty."),
    "3.2.c": ("Week one", "How I explain assess, plan, do, review as we do it here."),
    "3.2.d": ("Week two", "The opening sentence that they practise before a talk with a parent."),
    "3.2.e": ("Week four", "How they agree an outcome with the parent and the child."),
    "3.2.f": ("The four steps", "Where she was, how we knew, and what came next."),
    "3.2.g": ("Support", "Four sources near us, and how I explained why we begin early."),
    "4.1": ("First paragraph", "What the Local Offer is, and what the council expects of us."),
    "4.2.a": ("The entry “Learning support service”", "A visit that I asked for, and what we now do differently."),
    "4.2.b": ("The entry “Teacher of the deaf”", "Regular contact with the teacher of the deaf."),
    "4.2.c": ("The entry “Speech and language therapist”", "What I sent, and how it shortened the wait."),
    "4.2.d": ("The entry “Portage”", "A target that we share with the family's home visitor."),
    "4.2.e": ("The entry “Independent advice service”", "I rang with a mother, and what happened."),
    "4.2.f": ("The entry “Local charity”", "How a family got toys at home."),
    "4.2.g": ("The entry “Childminder network”", "I went to the meeting and gave something as well."),
    "4.2.h": ("The entry “Early help team”", "I stayed with the family for the first meeting."),
    "4.2.i": ("The entry “Area SENCO”", "A visit that changed a plan."),
    "4.3.a": ("Map, Education", "Three services, and when I checked them."),
    "4.3.b": ("Map, Health and care", "Who does what, and how a family reaches them."),
    "4.3.c": ("Map, Medical conditions", "The nurse who trained us."),
    "4.3.d": ("Map, Childcare", "Two clubs, and what they can offer."),
    "4.3.e": ("Map, Advice", "Who gives advice that is independent of the council and of us."),
    "4.3.f": ("Map, Groups", "A group run by parents."),
    "4.4": ("Last paragraph", "How I describe a service, and what I did when a mother had not gone."),
    "4.5": ("Last paragraph", "What I told the council about training here, and what came of it."),
    "4.6": ("The three sources and the table", "What each paid for, and what is still there after the child left."),
    "4.7": ("Second paragraph", "Why the move belongs in the plan, with the outcome that we wrote."),
    "4.8": ("Third and fourth paragraphs", "What was sent, what was not, and the child's own page."),
}

# Why an assessor decided as they did, by piece: used in turn.
RATIONALES = {
    "guide": ("The definition is right and in the learner's own words; examples are from practice and cover ages.",
              "Each part is explained and illustrated. What SEN is not is handled with care."),
    "cycle": ("This step is described with who did what and what it changed for the child.",
              "The account shows what this step adds to the cycle, with dates and the parent's part in it."),
    "languages": ("Clear reasoning from the home language, with a comparison case that shows the difference.",
                  "Uses what the family says and observation in play, not English alone."),
    "family": ("The parent's and the child's voice both changed the plan, and the learner says how.",
               "Explains the why, not only the how, and gives each person's part."),
    "review": ("The page and the notes together meet this: specific, reviewable, with the family's part named.",
               "Practical and complete. I checked the attached plan against the notes."),
    "duties": ("Accurate on the duty and its looking ahead; the adjustment is a good example.",
               "The principles are in the learner's own words and are linked to what the setting does."),
    "role": ("This part of the role is explained through a real example with a result.",
             "Explains the responsibility and its limits; the example is the learner's own."),
    "skills": ("A dated self-check with another person's view, a clear gap, and learning put to use.",
               "The learner shows what they used, and what a parent noticed as a result."),
    "morning": ("Honest and analytical; goes beyond telling to what the learner now does differently.",
                "What, so what and now what are all there, with a change that has been tried."),
    "plans": ("Principles are explained correctly, including outcomes and the right to disagree.",
              "Covers the child's and parents' part, joint working and time limits."),
    "starter": ("The plan can be used as it stands, and the notes explain the thinking.",
                "Shows how a colleague is brought to do this themselves, with a date to look again."),
    "ladder": ("Skills are assessed by watching, with next steps and dates.",
               "Sources of support are named, local and booked."),
    "map": ("Accurate, dated and local. The service's purpose and the way to it are both given.",
            "Shows understanding of what this support is for, and that it was checked."),
    "log": ("A real contact with a purpose and a result. I have seen the letter at the setting.",
            "Dated, agreed with the parents, and it led to something for the child."),
    "moving": ("Explains why, with an outcome for the move and the family's decision respected.",
               "Good example: what was shared, with whose agreement, and how the child took part."),
    "money": ("Explains how each source was used and what remains for the whole setting.",
              "Links spending to what children could do afterwards."),
}  # fmt: skip

# What a learner is told with an achieved criterion; many have no words of their own.
PRAISE = (
    "Clear and in your own voice. Thank you.",
    "",
    "Your example made this easy to follow.",
    "",
    "Good. Keep this one by you for the professional discussion.",
    "The parent's own words make this strong.",
    "",
    "I would happily hand this to a new SENCO.",
)


@dataclass(frozen=True)
class Change:
    """A referral: the assessor's reason and feedback; what the sent-back version lacked (a paragraph, by its place,
    or it read quite differently), and what the learner adds to the next one."""

    rationale: str
    feedback: str
    lacks: int | None = None
    instead: str = ""
    added: str = ""


COURSES_ONLY = """Since I took over as SENCO I have been on these courses: safeguarding level 3, first aid, an \
evening on autism run by the council, and a webinar on speech and language. I found all of them useful and have the \
certificates.

The evening on autism was the best. The speaker was very knowledgeable and I learned a lot that I can use in my \
setting. I have shared the handout with the team."""

LEAFLET = """EHC plans are for children and young people aged up to 25 who need more support than is available \
through special educational needs support. EHC plans identify educational, health and social needs and set out the \
additional support to meet those needs.

You can ask your local authority to carry out an assessment if you think your child needs an EHC plan. A request can \
also be made by anyone at the child's school or nursery."""

# By name; a story says which.
CHANGES = {
    "plan-contents": Change(
        "The page shows what a plan includes. The notes do not explain why clear outcomes are important.",
        "You are nearly there. Your plan shows what to include. Please add a short paragraph on why an outcome has to "
        "be something that people can see: take the one about snack time and say how you would know, at the review, "
        "that it had been met. Half a page is plenty.",
        lacks=1,
    ),
    "both-languages": Change(
        "Says how progress in English was explained. Nothing yet on how SEN would show beside it.",
        "I enjoyed reading this. To meet 1.5 as well, tell me about a time when it was not only the language: what did "
        "you find out about the first language, whom did you ask, and what did it tell you?",
        lacks=2,
    ),
    "skills-first": Change(
        "Lists courses attended. There is no assessment of the learner's own skills yet.",
        "Start from you rather than from the courses. Use the skills check from unit 2, give yourself a level for each "
        "line with one piece of proof, and ask somebody who sees you work to do the same.",
        instead=COURSES_ONLY,
        added="I have now done the skills check, with the date on it. My manager did it about me as well. Lowest for "
        "both of us: chairing a meeting, and writing outcomes.",
    ),
    "skills-second": Change(
        "A skills check is there now. Gaps are named, next steps are not.",
        "Much better: the check is honest and dated. Now choose the gap that matters most to a child this term and "
        "write what you will do, with whom and by when.",
        added="Next steps: the safeguarding refresher, another course on autism, and the network meeting.",
    ),
    "skills-third": Change(
        "Next steps repeat the course list of the first version. They do not follow from the gaps.",
        "The next steps still do not follow from the gaps that you found. Let us talk before you write any more. Our "
        "lead internal quality assurer can grant another attempt, and we can plan it together on Thursday.",
    ),
    "no-dates": Change(
        "Contacts are described in general. I cannot tell when this one took place, or what was agreed.",
        "Please add the date of each contact and one line on what came of it. If an email is confidential, keep it at "
        "the setting and I will look at it when I visit.",
    ),
    "child-voice": Change(
        "Good on parents. The child's own part is missing.",
        "Tell me how the child took part. It need not be words: what they chose, what they turned away from, what they "
        "went back to.",
        lacks=2,
    ),
    "own-words": Change(
        "The text is close to the wording of a published leaflet, and an old one.",
        "Please put this in your own words. What would you say to a parent over a cup of tea? One example from your "
        "own setting will make it yours.",
        instead=LEAFLET,
    ),
}  # fmt: skip
