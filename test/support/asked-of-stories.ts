interface Asked {
  readonly question: string
  /** words that a right answer has */
  readonly right: RegExp
}

/** Forty pages of a book of the public domain, as Project Gutenberg has it, and what a reader asks of them. */
interface Story {
  readonly what: string
  readonly file: string
  /** where the forty pages begin */
  readonly from: RegExp
  readonly asked: readonly Asked[]
}

const ALICE: readonly Asked[] = [
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

/** These and the next by somebody who had seen neither the lessons nor the program. */
const ALICE_LATER: readonly Asked[] = [
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

const WIZARD: readonly Asked[] = [
  {
    question: 'How did the family get down into the hole where they sheltered from storms?',
    right: /trap\s+door\s+in\s+the|ladder/i,
  },
  { question: "What colour was Toto's coat?", right: /black\s+dog/i },
  { question: 'Who cheered Dorothy up on the gloomy farm?', right: /was\s+Toto/i },
  { question: 'Where did the dog hide when the storm came?', right: /under\s+the\s+bed/i },
  {
    question: 'How did the girl rescue her pet when he fell through the hole in the floor?',
    right: /by\s+the\s+ear/i,
  },
  {
    question: 'What colour were the hats of the Munchkin men?',
    right: /men\s+were\s+(?:dressed\s+in\s+)?blue/i,
  },
  { question: 'How many witches were there in the Land of Oz?', right: /four\s+witches/i },
  { question: "Why did the dead witch's body vanish so fast?", right: /dried\s+up|was\s+so\s+old/i },
  { question: 'What message appeared on the slate?', right: /LET\s+DOROTHY\s+GO/i },
  { question: "What trace did the good old lady's lips leave on Dorothy's skin?", right: /shining\s+mark/i },
  { question: 'Where did Dorothy keep the house key when she set out?', right: /pocket\s+of\s+her\s+dress/i },
  {
    question: 'Who put Dorothy up for the first night of her walk?',
    right: /name\s+was\s+Boq|Boq\s+led|rich(?:est)?\s+Munchkin/i,
  },
  { question: 'How many musicians played at the party?', right: /five\s+little\s+fiddlers/i },
  {
    question: 'What is the one thing in the world that the Scarecrow is afraid of?',
    right: /lighted\s+match/i,
  },
  { question: 'Why does the Scarecrow never need food?', right: /only\s+painted|never\s+hungry/i },
  { question: "Which part of the straw man's head did his maker paint first?", right: /paint\s+my\s+ears/i },
  {
    question: 'Who was the first to see through the Scarecrow and eat the corn?',
    right: /old\s+crow\s+flew|crow\s+of\s+sense/i,
  },
  { question: 'What did Dorothy sleep on in the cottage in the forest?', right: /dried\s+leaves/i },
  {
    question: 'How long had the tin man been groaning before anyone heard him?',
    right: /more\s+than\s+a\s+year/i,
  },
  { question: 'What reward did the old woman offer for stopping the wedding?', right: /two\s+sheep/i },
  { question: 'Who built the Woodman new limbs after his accidents?', right: /tinsmith/i },
  { question: 'What did Dorothy do to keep the Lion from biting Toto?', right: /slapped\s+the\s+Lion/i },
  { question: 'How large was the Cowardly Lion?', right: /small\s+horse/i },
  { question: "Which small creature's death made the Tin Woodman weep?", right: /upon\s+a\s+beetle/i },
  {
    question: 'What did the Scarecrow collect so that Dorothy would have something to eat?',
    right: /full\s+of\s+nuts|picked\s+up\s+the\s+nuts/i,
  },
  { question: 'What do the Kalidahs look like?', right: /bodies\s+like\s+bears/i },
  {
    question: 'How did the two monsters that chased the travellers die?',
    right: /dashed\s+to\s+pieces\s+on|tree\s+fell\s+with/i,
  },
  {
    question: 'Who towed the drifting raft to land?',
    right: /Lion\s+began\s+to\s+swim|swim\s+to\s+the\s+shore/i,
  },
  {
    question: 'Who brought the Scarecrow back from the middle of the river?',
    right: /Stork\s+(?:with\s+her|saved)/i,
  },
  {
    question: 'What happens to people who smell too many poppies at once?',
    right: /falls\s+asleep|sleeps\s+on\s+and\s+on/i,
  },
]

const SHERLOCK: readonly Asked[] = [
  {
    question: 'By what name does Sherlock Holmes always call Irene Adler?',
    right: /always\s+THE\s+woman|title\s+of\s+the\s+woman/i,
  },
  { question: 'How much weight did Holmes think Watson had put on?', right: /seven\s+and\s+a\s+half/i },
  { question: "How many stairs go up to the detective's room?", right: /seventeen\s+steps/i },
  { question: 'What colour was the paper of the unsigned letter?', right: /pink-tinted/i },
  { question: 'When was the mysterious caller supposed to arrive?', right: /quarter\s+to\s+eight/i },
  { question: 'How tall was the masked visitor?', right: /six\s+feet\s+six/i },
  { question: 'In which city did the King first meet the singer?', right: /visit\s+to\s+Warsaw/i },
  { question: 'Where was Irene Adler born?', right: /New\s+Jersey/i },
  { question: 'Whom is the King going to marry?', right: /Clotilde|daughter\s+of\s+the\s+King/i },
  { question: 'At which hotel was the King staying in London?', right: /the\s+Langham/i },
  {
    question: 'How much money did the King hand over for expenses?',
    right: /three\s+hundred\s+pounds|seven\s+hundred\s+in/i,
  },
  { question: "What is Irene Adler's address?", right: /Lodge,\s+Serpentine/i },
  {
    question: 'What was Holmes dressed up as when he spied on the villa in the morning?',
    right: /drunken-looking\s+groom|of\s+a\s+groom/i,
  },
  {
    question: 'Who was the gentleman that kept calling on Miss Adler?',
    right: /a\s+Mr\.\s+Godfrey|This\s+Godfrey/i,
  },
  { question: 'In what church did the secret wedding take place?', right: /St\.\s+Monica/i },
  {
    question: 'What did the bride give Holmes for his help as a witness?',
    right: /gave\s+me\s+a\s+sovereign/i,
  },
  {
    question: 'What was Watson told to throw through the window?',
    right: /smoke-rocket|tossed\s+my\s+rocket/i,
  },
  { question: 'What did Holmes use for fake blood?', right: /red\s+paint/i },
  {
    question: 'Where had the lady hidden the photograph?',
    right: /recess\s+behind|sliding\s+(?:panel|shutter)/i,
  },
  { question: 'What time did the train leave on which Irene fled with her husband?', right: /5:15/i },
  { question: 'What piece of jewellery did the King offer as a reward?', right: /emerald\s+snake/i },
  { question: "What was Jabez Wilson's first trade?", right: /ship.s\s+carpenter/i },
  { question: "What animal is tattooed on Mr. Wilson's arm?", right: /The\s+fish\s+that|fishes.\s+scales/i },
  { question: 'Which rich American founded the Red-headed League?', right: /Ezekiah\s+Hopkins/i },
  { question: "What hobby does the pawnbroker's assistant have?", right: /photography|with\s+a\s+camera/i },
  {
    question: 'How did the manager make sure that Wilson was not wearing a wig?',
    right: /seized\s+my\s+hair|tugged\s+until/i,
  },
  {
    question: 'What task did Wilson have to do every day to earn his four pounds?',
    right: /copy(?:ing)?\s+out\s+the/i,
  },
  {
    question: "What did Jabez Wilson buy before his first day at the League's office?",
    right: /bottle\s+of\s+ink|quill-pen/i,
  },
  {
    question: 'What was made at the place where Wilson hoped to find the vanished manager?',
    right: /knee-caps/i,
  },
  { question: 'What mark does Vincent Spaulding have on his forehead?', right: /splash\s+of\s+acid/i },
]

export const ASKED_OF_STORIES: readonly Story[] = [
  { what: 'Alice, the first half', file: 'alice.txt', from: /^CHAPTER I\. /m, asked: ALICE },
  { what: 'Alice, the second half', file: 'alice.txt', from: /^CHAPTER VII\. /m, asked: ALICE_LATER },
  { what: 'The Wizard of Oz', file: 'wizard-of-oz.txt', from: /^1\. {2}The Cyclone$/m, asked: WIZARD },
  { what: 'Sherlock Holmes', file: 'sherlock-holmes.txt', from: /^ADVENTURE I\. /m, asked: SHERLOCK },
]
