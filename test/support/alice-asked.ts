interface Asked {
  readonly question: string
  /** words that a right answer has */
  readonly right: RegExp
}

/** What a reader asks of the first forty pages of Alice's Adventures in Wonderland, a book of the public domain. */
export const ASKED_OF_ALICE: readonly Asked[] = [
  { question: 'What did the White Rabbit take out of its pocket?', right: /watch/i },
  { question: 'What was written on the bottle?', right: /drink me/i },
  { question: 'What did Alice find on the glass table?', right: /key/i },
  { question: "What was the name of Alice's cat?", right: /dinah/i },
  { question: 'Where did Alice fall?', right: /well|hole/i },
  { question: 'What happened when Alice drank from the bottle?', right: /shut|telescope|ten inches/i },
  { question: 'What was on the label of the jar?', right: /marmalade/i },
  { question: 'What did Alice eat to grow?', right: /cake/i },
  { question: 'What did the Rabbit drop?', right: /gloves|fan/i },
  { question: 'Why was the Mouse afraid?', right: /\bcats?\b|dinah|\bdogs?\b/i },
  { question: 'Who won the Caucus-race?', right: /everybody/i },
  { question: 'What did Alice give as prizes?', right: /comfit/i },
  { question: 'What did the Dodo give to Alice?', right: /thimble/i },
  { question: 'What is the name of the lizard?', right: /bill/i },
  { question: 'Who did the Rabbit send down the chimney?', right: /bill/i },
  { question: 'What did the Caterpillar smoke?', right: /hookah/i },
  { question: 'What did the Caterpillar sit on?', right: /mushroom|on the top/i },
  { question: 'What did the Pigeon call Alice?', right: /serpent/i },
  { question: 'What did the Duchess hold?', right: /baby/i },
  { question: 'What did the cook put into the soup?', right: /pepper/i },
  { question: 'What did the baby turn into?', right: /\bpig/i },
  { question: 'What did the Cheshire Cat do?', right: /grin|vanish/i },
  { question: 'Where does the March Hare live?', right: /that direction/i },
  { question: "What colour were the Rabbit's eyes?", right: /pink/i },
  { question: 'What did the little fishes do?', right: /jaws/i },
  { question: 'Who is Mary Ann?', right: /gloves|housemaid/i },
  { question: 'How tall was Alice?', right: /inches|feet/i },
  { question: 'What did the Mouse tell?', right: /tale|history/i },
  { question: 'What did the Fish-Footman bring?', right: /letter|invitation/i },
  { question: 'Where was the Duchess invited?', right: /croquet/i },
]

/** Of its second half, by somebody who had seen neither the lessons nor the program. */
export const ASKED_LATER: readonly Asked[] = [
  { question: 'What riddle does the Hatter ask Alice?', right: /raven\s+like\s+a\s+writing/i },
  { question: "What are the names of the three sisters in the Dormouse's story?", right: /Elsie/i },
  {
    question: 'What food did the three sisters in the well live on?',
    right: /lived\s+on\s+treacle|^\W*treacle\W*$/i,
  },
  { question: 'What time is it always at the mad tea-party?', right: /six\s+o.clock/i },
  {
    question: "What was put into the Hatter's watch that spoiled it?",
    right: /butter\s+wouldn|best\s+butter|^\W*butter\W*$/i,
  },
  {
    question: 'Where were they trying to stuff the Dormouse when Alice last looked back?',
    right: /into\s+(the|a)\s+tea-?pot|^\W*(in\s+)?(the|a)?\s*tea-?pot\W*$/i,
  },
  {
    question: 'How did the Hatter wake the Dormouse with his drink?',
    right: /hot\s+tea\s+(up)?on\s+its\s+nose/i,
  },
  {
    question: 'Why were the gardeners painting the roses?',
    right: /white\s+(one|rose-?tree)\s+in\s+by\s+mistake|planted\s+a\s+white/i,
  },
  { question: 'Where did Alice hide the gardeners from the soldiers?', right: /flower-?\s*pot/i },
  { question: 'What did they use for croquet balls?', right: /live\s+hedgehogs|^\W*(the\s+)?hedgehogs\W*$/i },
  { question: 'What was the Knave carrying in the procession?', right: /King.s\s+crown|crimson\s+velvet/i },
  { question: 'Why was the Duchess sentenced to be executed?', right: /boxed\s+the\s+Queen.s\s+ears/i },
  {
    question: "Why did the executioner say he couldn't behead the Cat?",
    right: /unless\s+there\s+(was|is)\s+a\s+body/i,
  },
  { question: 'What does the Duchess claim makes the world go round?', right: /.tis\s+love|^\W*love\W*$/i },
  {
    question: 'Who let all the condemned croquet players off in the end?',
    right: /you\s+are\s+all\s+pardoned|^\W*the\s+king(\s+of\s+hearts)?\W*$/i,
  },
  { question: 'Why did the pupils call their old teacher Tortoise?', right: /because\s+he\s+taught\s+us/i },
  {
    question: 'What kinds of arithmetic did the Mock Turtle study?',
    right: /Uglification,?\s+and\s+Derision/i,
  },
  { question: 'Who taught the Mock Turtle drawling?', right: /conger/i },
  {
    question: 'How many hours of lessons did they have on the first day of school?',
    right: /\bten\s+hours|^\W*ten\W*$/i,
  },
  { question: 'What are boots and shoes made of under the sea?', right: /soles\s+and\s+eels/i },
  {
    question: "Which animals were sharing a pie in Alice's recitation?",
    right: /Owl\s+and\s+the\s+Panther/i,
  },
  {
    question: 'How many jurors were there at the trial?',
    right: /twelve\s+(jurors|creatures)|^\W*(twelve|12)\W*$/i,
  },
  {
    question: 'What were the jurors writing down before the trial began?',
    right: /putting\s+down\s+their\s+names|^\W*their\s+(own\s+)?names/i,
  },
  {
    question: 'Which juror had his pencil taken away by Alice?',
    right: /Bill,?\s+the\s+Lizard|^\W*(Bill|(the\s+)?lizard)\W*$/i,
  },
  {
    question: 'Who was the first person to testify at the trial?',
    right: /first\s+witness\s+was\s+the\s+Hatter|^\W*the\s+(mad\s+)?Hatter\W*$/i,
  },
  {
    question: 'According to the cook, what are tarts made of?',
    right: /pepper,\s+mostly|mostly\s+pepper|^\W*pepper\W*$/i,
  },
  { question: 'What does rule forty-two say?', right: /mile\s+high\s+to\s+leave/i },
  { question: 'What did the spilled jury remind Alice of?', right: /globe\s+of\s+goldfish|^\W*goldfish/i },
  { question: 'What did the Queen throw at the Lizard?', right: /inkstand/i },
  {
    question: 'Where does Alice find herself when she wakes up?',
    right: /lap\s+of\s+her\s+sister|lying\s+on\s+the\s+bank/i,
  },
]
