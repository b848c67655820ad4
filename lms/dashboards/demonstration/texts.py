"""What the demonstration's trainees write. Every child, family and setting is made up.

A slot in braces is filled by who writes: {child}, {place}, {team}, {colleague} ({Colleague} at the start of a
sentence), {partner}.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """One piece of evidence as a trainee might write it.

    `endings` are alternative last paragraphs, so that two trainees do not hand in the same text; `file` names what
    is attached: a drawn picture or a printed page.
    """

    title: str
    kind: str
    criteria: tuple[str, ...]
    text: str
    endings: tuple[str, str, str]
    file: str = ""


PIECES = {
    "guide": Piece(
        "A guide for new colleagues: what SEN means",
        "written_answer",
        ("1.1", "1.2.a", "1.2.b", "1.2.c", "1.2.d", "1.3"),
        """I wrote this for people on their first day at {place}.

A child has special educational needs when they find learning much harder than most children of their age, or have a \
disability that gets in the way, and need help that is different from or extra to what we give everybody. For a child \
under two it is about whether they would be likely to need that help later. It is not the same as being young in the \
year, being shy, or speaking another language at home.

We think about four areas, and most children do not sit in just one.

Communication and interaction: {child} understands far more than they can say and pulls an adult by the hand to ask.
Cognition and learning: a child who needs many more goes than the others before a new song or routine sticks.
Social, emotional and mental health: a child who hides under the table at every change, or who never lets go of us.
Sensory and physical: a child with glue ear who watches faces, or one who tires on the steps to the garden.

What we meet most often is speech and language delay, then social communication differences and glue ear. In six \
years I have met one child with a rare chromosome condition. For her, her parents were the experts and we read what \
they gave us.""",
        (
            "It hangs beside the kettle now, because that is where people read things.",
            "The photograph shows the display that goes with it. I ask newcomers which child it made them think of.",
            "{Colleague} told me the line about being shy was the one that helped. I have kept it first in the talk.",
        ),
        "board.png",
    ),
    "cycle": Piece(
        "One child, one cycle",
        "case_study",
        ("1.7.a", "1.7.b", "1.7.c", "1.7.d"),
        """{child} was two years and eight months and stopped playing whenever the room got loud.

Assess. For two weeks {team} wrote down what happened just before. It was noise nine times out of eleven, mostly at \
tidy-up time. Mum said the hand dryer at the shops is the same. The health visitor's two-year check was a month away, \
so we asked for it to be brought forward.

Plan. Mum, {child}'s key person and I agreed one outcome: by the end of term, {child} will stay and play through \
tidy-up on four days in five, using a quiet job or the book corner if they want. We wrote who does what.

Do. The key person gave a warning with a picture three minutes before, and {child} carried the book box. We stopped \
the tidy-up song for a fortnight and then brought it back quietly. I covered the snack table so that she could be \
free.

Review. After six weeks it was three days in five. Mum had begun to use the picture at home. Noise was still hard in \
the hall, so for the next round we moved {child} to the small room for music and asked for a hearing test, which the \
two-year check had also suggested.""",
        (
            "Next time I would decide the review date on the day we make the plan. We nearly let this one slip.",
            "Going round twice taught me more than the first plan did: the second one was half as long.",
            "What changed most was that we stopped trying five things at once.",
        ),
    ),
    "languages": Piece(
        "Two languages, one child",
        "case_study",
        ("1.4", "1.5"),
        """{child} came to us at three, speaking another language at home with both parents and almost no English.

For the first two months {child} said nothing to us. That alone did not worry me. A quiet time is usual when a child \
moves into a new language, and I could see that {child} followed routines, laughed at the right moments and used \
gestures. Dad told me that at home {child} talks in long sentences and tells stories about the bus. When a child gets \
on well in their first language, slower progress in English is about learning English. It is not a special \
educational need, and more English practice with pictures, songs and time is the right help.

I compare this with Child M the year before. Her family said she had only a few words in their language too, did not \
follow instructions at home, and that her older brother had talked much sooner. The difficulty was in both languages, \
and in play as well as talk. That is what told us it might be SEN. We asked her parents about both languages, watched \
her play, used an interpreter rather than her brother, and referred her to speech and language therapy.""",
        (
            "The first question I ask now is: how is it in the language you speak at home?",
            "I was glad I wrote down what Dad said in his own words, since it settled the matter in a few minutes.",
            "We never ask a family to stop using their own language. I tell {colleague} so every September.",
        ),
    ),
    "family": Piece(
        "Planning with a family, not for them",
        "reflective_account",
        ("1.8", "1.9", "1.10"),
        """I used to write the plan and then ask parents to sign it. With {child} I did it the other way round.

I met Mum at four o'clock, when Gran could have the baby, and asked three things: what is going well, what worries \
you, what would make next month better? She talked for half an hour. She wanted {child} to come home without having \
been in trouble. I had been going to write something about turn-taking.

{child} is three and cannot fill in a form. We looked at photographs of the day together. {child} turned the one of \
the carpet face down and kept the one of the water tray. So the plan began at the water tray.

At each step somebody had a job. The key person, who knows {child} best, watched, tried things out and talked with \
Mum every day. I made time for that, checked that we were doing what we had said, and rang the therapist. Mum told us \
what worked at home.

It matters because a family lives with the decision. Mum had been given three leaflets and nobody had explained them. \
Once she understood what the plan was for, she corrected it twice, and both times she was right.""",
        (
            "Signing came last and took ten seconds.",
            "I keep the photographs in an envelope with the plan, so that the next person can see what {child} chose.",
            "I was nervous about asking so openly. It has become the part of the job I like most.",
        ),
    ),
    "review": Piece(
        "Support plan and review notes",
        "work_product",
        ("1.10", "1.11", "1.12", "1.13", "1.14"),
        """The attached page is the support plan that {place} uses, filled in for {child}, with names taken out. My \
notes say why it looks as it does.

It has one or two outcomes and no more. Each says what we would see {child} do, where and by when, because "improve \
communication" cannot be reviewed. Under each outcome stand the strategy, who does it, how often, and what the family \
does at home.

Strategies that have worked here: a now-and-next board for a child who finds change hard; a step stool and a shorter \
walk for a child who tires; signing with key words for the whole room, so that nobody stands out; a quiet start at \
the garden gate.

Reviews are every six weeks at pick-up or by phone, whichever the parent prefers. The key person brings observations, \
I bring the plan, the parent brings what they see. If the two-year progress check falls near, we join them, so that \
the family tells the story once. The review changes the plan or ends it.

We share the plan with the people who carry it out, and with the next setting if the parents agree in writing. A \
worry about a child's safety is different and goes to our safeguarding lead whether or not anybody has agreed.""",
        (
            "The last line of the form asks: what did we stop doing? It has saved us a lot of time.",
            "I have put in the version before the review and the one after it, so that the change can be seen.",
            "{Colleague} asked for the boxes to be bigger. She was right, and it is now one page with room to write.",
        ),
        "plan.pdf",
    ),
    "duties": Piece(
        "What the law asks of us",
        "written_answer",
        ("1.6", "2.1"),
        """Under the Equality Act 2010 {place} must not treat a disabled child worse because of their disability, and \
must make reasonable adjustments. The duty looks ahead: we are meant to think about what a disabled child might need \
before one is at the door. When we re-did the garden path we made it wide enough for a walking frame although nobody \
used one that year. What is reasonable depends on cost, size and what helps, and we may not charge the family for it. \
The Act covers us whether or not we take funded children. For \
{child} it was a chair with sides and the table beside the door.

The Code of Practice stands on the Children and Families Act 2014. Its principles are simple to say. Listen to the \
child and the parents, and let them take part in decisions. Notice needs early. Work together with health and social \
care. Aim high for every child. Settings with funded places must have regard to the Code, which means we follow it \
unless we have a good reason, and can say what that reason was.

The early years framework asks for the same things from another side: a key person, a progress check at two, and \
arrangements in place to support children with SEN.""",
        (
            "The adjustment I am proudest of cost nothing: we changed the time of the music session.",
            "When in doubt I ask: what would have to change here, and who would miss out if it did not?",
            "I have marked the three pages of the Code that I open most. They are all in chapter 5.",
        ),
    ),
    "role": Piece(
        "My role at our setting",
        "written_answer",
        ("2.2.a", "2.2.b", "2.2.c", "2.2.d", "2.2.e", "2.7"),
        """I am the SENCO at {place} beside my other work, with two hours a week set aside for it, not always in one \
piece.

Everyone knowing their part: each new person gets our one-page approach in the first week, and at each team meeting \
we take one question from it. {Colleague} now raises worries with me the same day.

Advising: I try to watch before I advise. With {child} I sat in on snack time twice. The advice was two sentences \
long and it was followed, which my long emails never were.

Parents: I ask what they see before I say what we see. {child}'s dad noticed that mornings after a bad night were the \
hard ones, so we changed the plan for those days only.

Working beyond us: I keep one list of names and numbers and ring on Thursdays. The speech and language therapist now \
rings back, because she knows when I am there.

The child's view: photographs, choosing boards, and noticing what a child goes back to.

Records: one folder for each child with the plan, dated observations, letters and reviews. I read across three months \
before each review. That is how we saw that {child}'s falls always came after lunch.""",
        (
            "What the role is not: doing it all myself. It took me a year to believe that.",
            "Records are locked away and move with the child only if the parents agree. I check each half term.",
            "If I could change one thing it would be to have my two hours in one piece.",
        ),
        "role.docx",
    ),
    "skills": Piece(
        "Skills check, and what I did about it",
        "reflective_account",
        ("2.3", "2.5"),
        """I did the skills check in the first week and asked {partner} to do it about me as well. We agreed on most \
of it. I had given myself a three for talking with parents and she gave me a four. For writing outcomes I gave myself \
a three and she gave me a two, kindly. She was right: she showed me one that said "to make progress in speech".

The gaps, most pressing first: writing outcomes that can be reviewed, knowing what sensory services offer, and \
chairing a meeting when people disagree.

For the first I used the lesson on this course and then the Area SENCO's drop-in, where four of us rewrote each \
other's plans. For the second I spent a morning at another setting with a teacher of the deaf. I logged both with \
dates and hours.

Six weeks later I looked again. The outcomes are better: the last three could be answered yes or no at the review, \
and {child}'s mum said it was the first plan that she could explain to her own mother. Chairing has not moved. I have \
asked to shadow a review next term, and that is my next step.""",
        (
            "I have put the check itself in twice, the first in blue and the second in green.",
            "One mark went down: I know more now about what I do not know.",
            "The drop-in is on the first Tuesday. I have put it in the diary until summer.",
        ),
    ),
    "morning": Piece(
        "The morning that went wrong",
        "reflective_account",
        ("2.4",),
        """What? On a wet Tuesday two people were off and I moved the groups round without telling anybody why. \
{child}, whose plan says no surprises, was put with an adult they hardly knew. By ten there had been two bites and a \
lot of tears, and {colleague} said, in front of a parent, that the plan was not worth the paper.

So what? I was cross with her at first. Then I looked at it from where she stood. I had written a plan that only \
worked when I was in the room. It said "prepare for change" without saying how, and the cards were in my drawer. Mum \
had heard it all at the door. When I rang her she was kinder than I deserved and told me what she does at home: she \
says what will happen, then what will stay the same.

Now what? The cards hang on a hook by the door and there are three sets. The plan has one line at the top, "if \
everything changes, do this", written by {colleague}. Each morning whoever opens up says aloud what is different \
today. We have had four short-staffed days since then. Two were hard, and none was like that one.""",
        (
            "I would rather have learned it some other way, but I did learn it.",
            "I said sorry to {colleague} the next morning. She has since become the best person at it.",
            "The line that helps most is Mum's: say what will stay the same.",
        ),
    ),
    "plans": Piece(
        "EHC plans: what they are for",
        "written_answer",
        ("2.6",),
        """An Education, Health and Care plan is for a child whose needs cannot be met from what is ordinarily \
available. Most children with SEN at {place} will never need one.

It begins with the child and the parents: what they want, what life is like now. It looks at education, health and \
care together, so that a family does not tell its story three times. It is about outcomes, so each provision must \
lead to something that the child will be able to do. And it is a legal document: what stands in it must be provided.

A parent can ask the local authority for an assessment, and so can we, best of all together. The authority decides \
within six weeks whether to assess, and the whole process should take no more than twenty. We sent our plans and \
reviews for {child}, since they showed what had been tried for two terms and what it had taken. A parent who \
disagrees can use mediation and can appeal.

A plan must be reviewed every twelve months. For a child under five the Code says to think about doing so every three \
to six months, because small children change quickly.""",
        (
            "I told {child}'s parents what it could not do as well. They said nobody had done so before.",
            "The best advice I had: write as though somebody who has never met the child has to act on it.",
            "I have kept the letter with the time limits on it, as it is the page parents ask for.",
        ),
    ),
    "starter": Piece(
        "First month for a new colleague",
        "work_product",
        ("3.1", "3.2.a", "3.2.b", "3.2.c", "3.2.d", "3.2.e"),
        """The attached page is the plan; this is the thinking behind it.

What is mine: to see that people know what to do, have time to do it and somebody to ask. What stays theirs: knowing \
their key children, and telling me when something does not fit.

Before they start they get our one-page approach and the names of children with plans, no more. On day one they \
watch. In week one they sit with me for half an hour: every practitioner has a duty to notice and to act, SEN is not \
the SENCO's job alone, and this is how we go round assess, plan, do, review here.

In week two they join a talk with a parent. Our rule is that we say what we have seen before we say what we think, \
and we ask before we tell. I give them an opening sentence to practise: "I have noticed that {child} covers their \
ears at singing time. Do you see that at home?"

In week four they agree an outcome themselves, with the parent and, through photographs, with the child. I sit beside \
them and try not to speak. We look at it together at the end of the month.""",
        (
            "{Colleague} followed it this term and crossed out two lines. They were the right two.",
            "It fits on one side. The first version had four pages and nobody read the third.",
            "I ask one question at the end of the month: what did you need to know sooner?",
        ),
        "month.pdf",
    ),
    "ladder": Piece(
        "A skills ladder before a child with hearing aids arrives",
        "work_product",
        ("3.2.f", "3.2.g"),
        """{child}, who wears two hearing aids, was to start in three weeks. {Colleague} had worked with children for \
eleven years and had never met a hearing aid.

We drew a ladder with four steps and put her on it together. One: checks the aids each morning and knows what to do \
when they whistle (not yet). Two: gets {child}'s attention first, face to face, light on her own face (sometimes: I \
watched a story time). Three: cuts noise in the room (yes: the soft boxes were her idea). Four: notices when {child} \
has guessed rather than heard (not yet).

Support: the teacher of the deaf came for an hour and left a battery tester. The parents showed us how {child} likes \
them put in. There is a free online course of two hours from a national charity. The authority's sensory service runs \
a morning each term, and she is booked on it.

After four weeks: step one every day, step two nearly always. Step four is the interesting one. She now asks {child} \
to show her rather than to nod. The next step is to teach the others in the room, next term.""",
        (
            "I explained the duty simply: we plan before the child comes, not after it goes wrong.",
            "I have the teacher's notes, the booking and the ladder with both dates on it.",
            "She said the ladder was the first training plan that began with what she could do.",
        ),
    ),
    "map": Piece(
        "Our local map",
        "work_product",
        ("4.1", "4.3.a", "4.3.b", "4.3.c", "4.3.d", "4.3.e", "4.3.f", "4.4"),
        """The Local Offer is the place where the council must set out what help there is for children and young \
people with SEN or disabilities, and how to get it. It also says what the council expects every early years setting \
to provide from its own resources. I read that part with {partner} and marked what we do already.

Our map stands on the board by the door (see the picture). Education: the Area SENCO, the sensory service, Portage. \
Health and care: health visitors, speech and language therapy, the early help team. Medical conditions: the community \
nurse, who trained us on epilepsy. Childcare: two holiday clubs that take children with one-to-one support. Advice: \
the independent advice service, and contact groups for parents. Groups: a stay-and-play for families whose children \
have additional needs, run by parents.

I checked each one last month by ringing. Two had moved.

A name on a board is not yet help. I ask what the family would find useful, tell them what will happen when they \
ring, offer to ring together, and ask two weeks later how it went. {child}'s mother did not go because it was two \
buses away. We found that they also do a video call.""",
        (
            "The gap: nothing on Saturdays. I have told the Area SENCO, who is collecting them.",
            "Dates of checking are in pencil, so that they can be changed.",
            "Three families have taken a photograph of the board this month.",
        ),
        "map.png",
    ),
    "log": Piece(
        "Liaison log for this term",
        "work_product",
        ("4.2.a", "4.2.b", "4.2.c", "4.2.d", "4.2.e", "4.2.f", "4.2.g", "4.2.h", "4.2.i", "4.5"),
        """Each entry: who, why, what was agreed, what came of it. The parents knew of every call and had agreed to \
it.

Learning support service: asked how to adapt number play for {child}. Visit on a Wednesday; two ideas in use.
Teacher of the deaf: hearing aids, see my other piece. She comes each half term.
Speech and language therapist: sent six weeks of notes rather than a form alone. Appointment came in three weeks.
Portage: home visitor and I agreed one shared target, so that {child} hears the same words in both places.
Independent advice service: rang with a mother who wanted to understand a letter. They rang her back that day.
Local charity: toy library, for a family without a car. They deliver.
Childminder network: went to this term's meeting and spoke about now-and-next boards.
Early help team: a family asked for help with housing. I went to the first meeting with them.
Area SENCO: monthly drop-in, and one visit about {child}. Plan changed as a result.

With the council: I filled in its survey on training. I said that four settings near us have nobody who signs, and \
offered {place} as a place to train. A course is now planned for next term.""",
        (
            "What I learned: write down the name of the person, then the day when they will ring back.",
            "Two calls came to nothing. I have left them in, with the dates.",
            "Letters and emails are at the setting, names covered. My assessor may see them there.",
        ),
    ),
    "moving": Piece(
        "Getting ready to move on",
        "case_study",
        ("4.7", "4.8"),
        """{child} was going to school in September and everything new is hard for {child}. We began in March.

Planning for a move belongs in SEN support because the gains are lost if the next place starts from nothing, and \
because a child can only get ready for what they have seen. Our plan had an outcome for it: by July {child} will go \
into the reception classroom with one adult and stay for a story.

With Mum's agreement in writing I sent the school the last two plans and one page called "About me", which {child} \
made with photographs: what I like, what helps, what I cannot bear. Mum added a line about sleep. She did not want \
the letter from the hospital sent, so it was not.

The teacher came to us first, in {child}'s own place, and saw the now-and-next board in use. Then three visits, each \
longer. We made a book of photographs of the cloakroom, the toilets and the peg. The school's SENCO and I spoke \
twice. She asked for our board, so I laminated another.

In October I rang. {child} had cried on two mornings out of thirty. Mum said, "They already knew him when we got \
there.\"""",
        (
            "Next year I will begin with the visit to us. Everything went better after that.",
            "I keep the parents' written agreement with the list of what was sent and on which day.",
            "The page that the school used most was the child's own.",
        ),
    ),
    "money": Piece(
        "How funding helps the whole setting",
        "written_answer",
        ("4.6",),
        """Funding is for making things possible for a child, and the best of it stays when the child has moved on.

At {place} there are three sources beside the funded hours. The SEN inclusion fund, which we apply for through the \
council, paid for an extra adult at lunch for {child} for a term. The disability access fund comes once a year for a \
child who gets disability living allowance. With it we bought a changing bed that goes up and down, which saves every \
back in the room. The early years pupil premium paid for a course in signing for all of us, since half of the \
children whom it is for also had speech delay.

I keep a simple table: what we had, what we spent it on, what we expected children to be able to do, what we saw. The \
signing has lasted the best. {child} has left and the whole room still signs at snack time.

I look at the table with {partner} in June, before we decide the next year. Twice now it has shown that time for \
people to talk with each other did more than equipment.""",
        (
            "Parents sometimes do not know that they can apply. I tell everybody at the settling-in visit.",
            "The mistake of my first year: buying a sensory tent that nobody had asked for.",
            "I can show the table at a visit. It has no names in it.",
        ),
    ),
}

# The entry of the liaison log that shows each contact: a log without the contact has no such line.
LOG_ENTRIES = {"4.2.b": "Teacher of the deaf:", "4.2.e": "Independent advice service:", "4.2.g": "Childminder network:"}


def compose(piece: Piece, *, ending: int, slots: dict[str, str], without: tuple[str, ...] = (),
            lacks: int | None = None) -> str:  # fmt: skip
    """The text of a piece as one trainee writes it: their names in it, one of its endings, without the log entries \
of
    contacts they have not made, and without the paragraph that their assessor will miss."""
    paragraphs = [*piece.text.split("\n\n"), piece.endings[ending % len(piece.endings)]]
    if lacks is not None:
        del paragraphs[lacks]
    dropped = tuple(LOG_ENTRIES[code] for code in without if code in LOG_ENTRIES)
    lines = [line for line in "\n\n".join(paragraphs).split("\n") if not (dropped and line.startswith(dropped))]
    return "\n".join(lines).format(**slots)
