import { namesIn, subjectOf, termOf } from './terms.ts'

/**
 * Everyday words of one matter, a line each: who asks "What do I do for a living?" may have said "I work as a baker." A
 * word may stand in several lines, and is kin to all words of each.
 */
const MATTERS = `
  job work profession employer employed occupation career earn teach teacher
  live home house flat apartment city town village place address reside move
  stay hotel room hostel
  born birth birthplace grew origin from
  city town village country hometown grew from
  name call
  car drive vehicle van truck
  bike bicycle ride cycle
  colour color red green blue yellow black white grey brown orange purple pink
  fly flight plane airport travel
  trip travel journey holiday vacation visit go
  train station travel
  pay cost price buy spend euro dollar pound money
  money budget owe salary earn debt lend borrow
  hobby like enjoy love collect interest fun
  allergic allergy avoid bear
  food eat cook dish meal dinner lunch breakfast like hate love
  vegetarian vegan meat eat
  drink tea coffee wine beer water
  afraid fear scare frighten
  weigh weight kilo kilogram pound heavy
  tall height centimetre inch
  old age year turned birthday
  study learn subject course university school college teach
  instrument play practise practice violin piano cello guitar drum flute trumpet
  concert perform play show
  exam test
  key lock door
  code number pin type combination alarm
  password login log wifi
  appointment meeting meet see dentist doctor
  start begin open
  end finish close deadline due until
  book novel read author
  film movie cinema watch
  music song band listen sing
  present gift give want wish
  ill sick disease flu fever
  medicine pill drug tablet
  clothes wear coat shirt shoe
  phone telephone mobile number
  sleep night bed snore
  document paper folder file
  put keep lie leave find park
  month january february march april may june july august september october november december
  day monday tuesday wednesday thursday friday saturday sunday
  beruf arbeit arbeiten job verdienen
  wohnen leben haus wohnung stadt dorf adresse
  geboren geburt herkunft stammen
  name heißen nennen
  auto fahren wagen
  farbe rot grün blau gelb schwarz weiß
  flug fliegen reise urlaub
  kosten preis zahlen bezahlen kaufen geld
  hobby mögen gern lieben sammeln
  essen kochen gericht lieblingsessen
  alt alter jahre geburtstag
  lernen studieren studium schule fach
  anfangen beginnen öffnen
  enden schließen frist
`

/**
 * The same for people and animals. Whoever is asked about must be in what is said: what is told of a sister says nothing of
 * a mother, and what is told of a cat nothing of a dog, though both are pets.
 */
const SOMEBODIES = `
  boss chief manager employer report
  colleague coworker
  wife husband spouse partner married marry wedding anniversary
  girlfriend boyfriend partner
  mother mum mom parent
  father dad parent
  sister sibling
  brother sibling
  daughter child kid baby
  son child kid baby
  grandmother grandma granny grandparent
  grandfather grandpa grandparent
  uncle
  aunt
  cousin
  neighbour neighbor next
  flatmate roommate
  friend
  doctor physician
  dentist
  pet animal
  dog puppy pet animal
  cat kitten pet animal
  rabbit pet animal
  hamster pet animal
  parrot bird pet animal
  turtle pet animal
  horse pony pet animal
  frau ehefrau verheiratet hochzeit
  mann ehemann verheiratet hochzeit
  mutter mama eltern
  vater papa eltern
  schwester geschwister
  bruder geschwister
  tochter kind
  sohn kind
  arzt ärztin
  haustier tier
  hund haustier tier
  katze kater haustier tier
  kaninchen haustier tier
`

const linesOf = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ').map(termOf))
const KIN = new Map<string, Set<string>>()
for (const terms of [...linesOf(MATTERS), ...linesOf(SOMEBODIES)])
  for (const term of terms) KIN.set(term, new Set([...(KIN.get(term) ?? []), ...terms]))
const SOMEBODY = new Set(linesOf(SOMEBODIES).flat())

/** Of which it is told by a name of their own: "Which animal am I afraid of?" "Spiders." */
const KINDS = new Set('pet animal bird tier haustier kind'.split(' ').map(termOf))

const NONE: ReadonlySet<string> = new Set()

/** Terms of the same matter, itself among them; none for a word that stands in no line. */
export function kinOf(term: string): ReadonlySet<string> {
  return KIN.get(term) ?? NONE
}

/** "Where does Elsa live?" and "Where does my mother live?" */
export function namesSomebody(question: string): boolean {
  return namesIn(question).size > 0 || subjectOf(question).some(isSomebody)
}

/** It says of whom it is told: "mother", "boss", "dog", and "married". */
export function isSomebody(term: string): boolean {
  return SOMEBODY.has(term) && !KINDS.has(term)
}
