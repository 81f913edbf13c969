/** Something a person tells the program, and asks for later: in the words it was told in, and in others. */
interface Told {
  readonly said: string
  readonly plain: Asked
  readonly other: Asked
}

interface Asked {
  readonly question: string
  /** an answer with this in it is right */
  readonly right: string
}

/** What one person tells in one chat, and asks for without having told it. */
export interface Person {
  readonly told: readonly Told[]
  readonly never: readonly string[]
}

/**
 * A line for each thing: as it is said, asked in its own words, in others, and what is right for both, or for each. A line
 * with "?" ends a person: what they ask for and never told.
 */
const THINGS = `
Hi, I'm Rebecca. | What's my name? | Do you still remember who I am? | Rebecca
My daughter Lotte turned six last week. | How old is my daughter? | What age is Lotte now? | six
We are moving to Utrecht in spring. | Where are we moving? | Which city will we live in? | Utrecht
I'm allergic to peanuts. | What am I allergic to? | Is there any food I should avoid? | peanut
The spare key is under the flowerpot. | Where is the spare key? | How do I get in without my key? | flowerpot
? | What is my shoe size? | Where does my mother live?

Call me Stefan, please. | What is my name? | What should you call me? | Stefan
I drive a green Volvo. | What car do I drive? | What colour is my car? | Volvo | green
My wife Marie is a nurse. | What does my wife do? | What is Marie's job? | nurse
Our flight leaves at 7:45 on Friday. | When does our flight leave? | What time do we fly? | 7:45
The hotel is called Sonnenhof. | What is the hotel called? | Where are we staying? | Sonnenhof
? | What is the name of my dog? | When is my birthday?

My name is Daniel and I teach history. | What do I teach? | What is my subject at school? | history
I have two cats, Minka and Pip. | What are my cats called? | What are the names of my pets? | Minka
My brother Lukas lives in Denver. | Where does my brother live? | In which city can I visit Lukas? | Denver
My dentist appointment is on Tuesday at ten. | When is my dentist appointment? | On which day do I see the dentist? | Tuesday
The alarm code of the office is 5519. | What is the alarm code of the office? | What do I type to switch off the alarm? | 5519
? | How old is my brother? | What is my favourite film?

I was born in Cork, but I've lived in Leeds for years. | Where was I born? | What is my place of birth? | Cork
My favourite book is Middlemarch. | What is my favourite book? | Which novel do I love most? | Middlemarch
I don't eat meat. | What do I not eat? | Am I a vegetarian? | meat
I parked the car on level three. | Where did I park the car? | On which level is my car? | three
My boss is a woman called Patricia Stone. | What is my boss called? | Who do I report to? | Patricia
? | What is the wifi password? | Who is my neighbour?

I play the cello in an orchestra. | What do I play? | Which instrument do I practise? | cello
Our first concert is on 14 March. | When is our first concert? | On what date do we perform? | 14 March
The conductor is Mr Adler. | Who is the conductor? | What is the conductor's name? | Adler
I bought a new bow for 300 euros. | How much did the bow cost? | What did I pay for the bow? | 300
My friend Hannah plays the oboe. | What does Hannah play? | Who plays the oboe? | oboe | Hannah
? | Where does Hannah live? | What is my job?

I work at the harbour as a crane driver. | Where do I work? | What do I do for a living? | harbour | crane
My shift starts at five in the morning. | When does my shift start? | At what time must I be at work? | five
My locker number is 88. | What is my locker number? | Which locker is mine? | 88
My colleague's name is Ferdinand. | What is the name of my colleague? | Who works with me? | Ferdinand
On Sundays I go fishing with my father. | What do I do on Sundays? | Who do I go fishing with? | fishing | father
? | What is my father called? | How much do I earn?

My grandmother Elsa is ninety-one. | How old is my grandmother? | What is the age of Elsa? | ninety-one
She lives in a small house near Lucca. | Where does my grandmother live? | Near which town is the house of Elsa? | Lucca
Her dog is called Argo. | What is her dog called? | What is the name of my grandmother's dog? | Argo
I visit her every August. | When do I visit my grandmother? | In which month do I go to see her? | August
She hates onions. | What does she hate? | What should I not cook for my grandmother? | onion
? | What is the name of my grandfather? | What is the phone number of Elsa?

I'm learning Portuguese because of my girlfriend. | What am I learning? | Which language do I study? | Portuguese
Her name is Leonor. | What is the name of my girlfriend? | Who is Leonor? | Leonor | girlfriend
She comes from Braga. | Where does Leonor come from? | Which town was my girlfriend born in? | Braga
We met on a train to Vienna. | Where did we meet? | How did I meet Leonor? | train
Our anniversary is on 2 October. | When is our anniversary? | Which date must I not forget? | 2 October
? | How old is Leonor? | What is my favourite colour?

The meeting with Mrs Okafor is moved to Thursday. | When is the meeting with Mrs Okafor? | Who do I meet on Thursday? | Thursday | Okafor
The budget is 12,000 euros. | What is the budget? | How much money do we have? | 12,000
Tobias writes the report. | Who writes the report? | What does Tobias do? | Tobias | report
The deadline is the end of June. | When is the deadline? | By when must we be finished? | June
The documents are in the blue folder. | Where are the documents? | In which folder do I look? | blue
? | Who pays for the project? | Where is the meeting?

I take two pills every evening. | When do I take my pills? | How many pills do I take? | evening | two
My doctor is Dr Lindqvist. | Who is my doctor? | What is my doctor's name? | Lindqvist
My blood type is A negative. | What is my blood type? | Which blood do I have? | A negative
My son Emil is afraid of needles. | What is Emil afraid of? | What scares my son? | needles
The pharmacy closes at half past six. | When does the pharmacy close? | How long is the pharmacy open? | half past six
? | How old is Emil? | What is the address of my doctor?

I collect old stamps. | What do I collect? | What is my hobby? | stamps
My sister Paula wants a red scarf for Christmas. | What does Paula want? | What shall I give my sister? | scarf
The plumber comes tomorrow at nine. | When does the plumber come? | Who comes tomorrow? | nine | plumber
Our neighbours are the Hoffmanns. | Who are our neighbours? | Who lives next door? | Hoffmann
I weigh 72 kilos. | How much do I weigh? | What is my weight? | 72
? | What is the name of the plumber? | Where was I born?

I study chemistry at the university of Ghent. | What do I study? | Where do I study? | chemistry | Ghent
My room number is 214. | What is my room number? | In which room do I live? | 214
The exam was moved to Monday. | When is the exam? | On which day is my exam? | Monday
My flatmate Jorge snores. | Who snores? | What does Jorge do at night? | Jorge | snore
I owe Freya twenty euros. | How much do I owe Freya? | Who do I owe money? | twenty | Freya
? | What is the name of my professor? | What is my password?
`

/**
 * Sixty things as people say them. They were written before any lesson of `assets/pocket/train` for such things was, and
 * none of them stands there: what Pocket makes of words that nobody taught it.
 */
export const PEOPLE: readonly Person[] = THINGS.trim()
  .split('\n\n')
  .map((person) => {
    const lines = person.split('\n').map((line) => line.split(' | '))
    return {
      told: lines.slice(0, -1).map(([said = '', plain = '', other = '', right = '', otherRight = right]) => ({
        said,
        plain: { question: plain, right },
        other: { question: other, right: otherRight },
      })),
      never: lines.at(-1)?.slice(1) ?? [],
    }
  })
