"""Texts as trainees write them, each with the criterion that a person would choose first."""

# fmt: off
# The list of the field's words was made with these at hand.
SAMPLES = [
    ("1.2.a",
     "Child A is three and says single words. He points and uses Makaton signs at snack time. I wrote down "
     "which words he understands and how he takes turns when other children talk to him."),
    ("1.2.c",
     "Child B bites when the room gets loud and cannot calm down after a tantrum. We made a quiet corner "
     "and thought about what makes her anxious and upset when her mother leaves."),
    ("1.2.d",
     "A boy in our toddler room wears hearing aids and covers his ears at noise. We moved his place, put "
     "carpet down and think about lights and textures before messy play."),
    ("1.4",
     "A girl who started in September speaks Polish at home. She is quiet in English but her mum says that "
     "she chats in full sentences in Polish, so her slower progress is about learning a second language "
     "and not a special need."),
    ("1.5",
     "Child F hears Urdu at home. With an interpreter we found that he has few words in Urdu too, so we "
     "asked whether there is SEN beside his EAL and how it is identified."),
    ("1.6",
     "I read the Equality Act with our manager. We have to make reasonable adjustments for a disabled "
     "child before she starts, so we changed the steps into the garden and our outings policy. Refusing a "
     "place would be discrimination."),
    ("1.7.b",
     "After the assessment I sat down with the key person and wrote the plan: three targets, who does "
     "what, and for how long. This is the planning step of the graduated approach."),
    ("1.7.d",
     "Six weeks later we held the review meeting. We looked at what worked, what had not, and decided to "
     "change the targets for the next cycle of assess, plan, do, review."),
    ("1.8",
     "Before each meeting I ring dad and ask what he sees at home. Child C chose the photos for her "
     "review. Both take part in every step of assess plan do review and his ideas went into the plan."),
    ("1.11",
     "The two year progress check showed that she was behind in talking. With the health visitor we used "
     "the integrated review to decide what to do next in the graduated approach, who would do it and when."),
    ("1.12",
     "I rewrote the support plan because the targets were vague. Now each outcome is SMART: it says what "
     "she will do, by when, and how we will know, so that everybody in the room works on the same thing."),
    ("1.13",
     "For a child with autism I made a visual timetable and a now and next board, and we ran a small group "
     "for turn taking. The interventions helped him to join in with learning at circle time."),
    ("2.2.e",
     "I wanted to hear the child's voice. We let him choose with photos which toys and which adults he "
     "likes and put his wishes into an all about me page."),
    ("2.3",
     "I filled in the skills audit. My strengths are observing and talking with parents. A gap is the law "
     "on EHC plans. My next step is to shadow our Area SENCO."),
    ("2.4",
     "Looking back at the meeting I would do it differently. I talked too much. I reflected on my practice "
     "with my manager and learned that I rush when I am nervous."),
    ("2.6",
     "Our authority agreed to an EHCP for Child D. I wrote the setting's part of the request and explained "
     "to the team which principles stand behind education, health and care plans."),
    ("2.7",
     "I keep a chronology for each child in a locked folder: observations, plans, letters. The records let "
     "me track progress over the year and show what made the difference."),
    ("3.2.a",
     "A new member of staff began in May. For her induction I wrote one page on how we notice and meet "
     "needs, and she shadowed me for a morning."),
    ("4.2.c",
     "I rang the speech and language therapist and we agreed a joint visit. The SALT modelled two games, "
     "and I sent her my observations afterwards."),
    ("4.2.h",
     "The family has a social worker. I went to the child in need meeting, shared what we see each day and "
     "wrote down what social care would do and what we do."),
    ("4.2.i",
     "Our Area SENCO visited on Tuesday. I asked for advice on two children, and we agreed that she comes "
     "back in June with the inclusion officer."),
    ("4.4",
     "A father asked where to find help with sleep. I signposted the family to the local offer website and "
     "the support group at the family hub, and rang later to ask whether they had gone."),
    ("4.6",
     "We applied for the inclusion fund and for the Disability Access Fund. The funding pays for an extra "
     "adult at lunch and training for the whole team, so that all our children with SEN gain."),
    ("4.7",
     "She moves to reception in September. We began planning the transition in March with visits to the "
     "new school, photos of the classroom and a meeting with the reception teacher."),
]
# These were written afterwards: what a new text may expect.
HELD_OUT = [
    ("1.1",
     "In our staff handbook I wrote in plain words what special educational needs are: a learning "
     "difficulty or disability that calls for provision that is different from what others of the same age "
     "get."),
    ("1.3",
     "I made a table of the conditions we may meet in nursery, from the common ones such as speech delay "
     "to rare ones such as Down syndrome and cerebral palsy, with how each is usually found out."),
    ("1.9",
     "At the first meeting the mother hardly spoke. I sent her the papers a week before, explained the "
     "words, asked when she was free and what she wanted decided. Next time she took part in every "
     "decision."),
    ("1.14",
     "I asked for consent before I passed information to the physiotherapist. I explained to parents what "
     "we share, with whom and why, and keep confidential what the others do not have to know."),
    ("2.1",
     "I summarised the SEND code of practice for my manager: the principles, which duties come from the "
     "Children and Families Act, and what is guidance that we must have regard to."),
    ("2.5",
     "I booked the council's course on autism and joined a webinar on sleep. I chose them because my "
     "development plan showed these gaps, and I used what I learned in the toddler room."),
    ("3.2.b",
     "At the staff meeting I explained to all practitioners what their responsibilities to children with "
     "SEN are: to notice early, to tell me, to talk with the parents and to follow the plan."),
    ("4.1",
     "I read our local offer page by page and wrote down what the local authority expects every early "
     "years provider to have available from its own funds."),
    ("4.2.d",
     "A Portage worker visits the family at home every week. I rang her and we agreed to use the same "
     "games here, so that his parents see the same steps."),
    ("4.3.c",
     "A child with epilepsy started with us. The nurse taught us to give the rescue medicine, wrote a care "
     "plan for seizures and told us whom to call."),
    ("4.8",
     "With the mother's consent I wrote a one page passport with the girl's own drawings and went through "
     "it with her new teacher at the handover meeting."),
    ("4.5",
     "I go to the council's cluster meeting each term. We told the local authority that nobody here is "
     "trained in sign language, and agreed who brings this to the strategic board."),
]
# These say too little, or nothing of the field.
NOTHING = [
    "",
    "Test",
    "asdf qwer zxcv " * 20,
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore "
    "et dolore magna aliqua.",
    "We bought new paint for the hall. The delivery came late on Monday and the invoice was wrong, so I "
    "phoned the shop twice about the colour.",
    "I did it. It was good. They were there. We went on. It was nice and then we had lunch and came back "
    "again after that.",
]
