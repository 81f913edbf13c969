/** Words for facts. Those of `SEEN` stand in the lists Pocket was trained on, those of `UNSEEN` in none of them. */
export type WordClass =
  'name' | 'city' | 'pet' | 'animal' | 'relative' | 'place' | 'thing' | 'lock' | 'goods' | 'land'

const split = (text: string): readonly string[] => text.trim().split(/\s+/)

export const SEEN: Readonly<Record<WordClass, readonly string[]>> = {
  name: split(`Mira Tom Anna Ben Clara David Emma Grace Henry Ida Jack Kate Leo Maria Nina Oscar Paul Rosa Sam Tina
    Victor Wendy Adam Carl Eric Fiona George Helen Ivan Julia Karl Lily Nora Oliver Peter Ruby Sarah Theo Uma Vera
    Yara Zoe Alice Bob Carol Dan Ella Frank Gina Hugo Iris John Kim Lucy Mark Nadia Otto Priya Robert Sofia`),
  city: split(`Oslo Paris Rome London Berlin Madrid Vienna Lisbon Dublin Prague Athens Boston Chicago Denver Tokyo
    Delhi Cairo Lima Toronto Sydney Bergen Milan Zurich Geneva Hamburg Munich Warsaw Budapest Seattle Austin Houston
    Nairobi Lagos Kyoto Seoul Hanoi Porto Seville Naples Turin Glasgow York Bath Leeds Bonn Graz Basel Krakow`),
  pet: split(`Rex Luna Milo Coco Rocky Charlie Lucky Simba Nala Oreo Biscuit Pepper Ginger Shadow Sunny Snowy Misty
    Fluffy Tiger Smokey Toffee Hazel Pickles Mimi`),
  animal: split('dog cat horse parrot rabbit hamster goldfish turtle pony goat'),
  relative: split(
    'sister brother mother father wife husband son daughter friend neighbour uncle aunt cousin',
  ),
  place: split(
    'drawer kitchen garden car cellar attic box bag office garage cupboard bedroom hall basket desk shed',
  ),
  thing: split('key passport umbrella wallet letter map coat hammer suitcase notebook laptop charger scarf'),
  lock: split('door safe gate locker alarm house garage cellar office'),
  goods: split('ticket lamp book table chair ring carpet camera boat hat clock mirror'),
  land: split('Norland Estria Velden Morava Zubrow Lumina Kestria Arvon Tarsis Ombria'),
}

/** Without the classes that have invented names instead; `animal` and `relative` are closed lists. */
export const UNSEEN: Readonly<Partial<Record<WordClass, readonly string[]>>> = {
  name: split(`Tobias Greta Malik Ingrid Cedric Paloma Ronan Sylvie Anouk Desmond Tilda Ravi Noemi Casper Winona Edgar
    Salma Ulrich Beatrix`),
  city: split('Tallinn Quito Malmo Bristol Lyon Osaka Tampa Ghent Split Adelaide'),
  place: split('pantry barn stable loft greenhouse wardrobe bucket trunk hallway workshop'),
  thing: split('compass whistle kettle ladder trowel helmet sketchbook lantern bracelet tripod'),
  lock: split('archive vault cabinet stable observatory chapel barn mailbox'),
  goods: split('sledge telescope anvil kayak tapestry wagon easel hammock'),
}

const STARTS = [...split('b br c d dr f g gr h j k kl l m n p pr qu r s sh st t tr v w y z'), '']
const VOWELS = split('a e i o u a e o ai ea oo y')
const ENDS = [...split('n r l s m k t d th nd x sh v'), '', '', '', '', '', '']

/** One of `list`, by a uniform source. */
export function pick<T>(random: () => number, list: readonly T[]): T {
  const chosen = list[Math.floor(random() * list.length)]
  if (chosen === undefined) throw new Error('nothing to pick from')
  return chosen
}

/** An invented name of two or three syllables, as "Drelon" or "Kavira": there are too many to have been seen. */
export function invented(random: () => number): string {
  const syllables = random() < 0.75 ? 2 : 3
  let word = ''
  for (let i = 0; i < syllables; i++) {
    word += pick(random, STARTS) + pick(random, VOWELS)
    if (i === syllables - 1 || random() < 0.3) word += pick(random, ENDS)
  }
  return word.charAt(0).toUpperCase() + word.slice(1)
}
