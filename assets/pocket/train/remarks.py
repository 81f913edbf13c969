"""What people tell in passing, in whatever words: the answer says it again in those words, turned round ("I broke my arm in
June." is "You broke your arm in June."), so that a sentence nobody trained can be answered from as well.

A remark: how it is told, the class of its value, ways to ask. {v}, {n} and {x} as in facts.py; "|" parts ways of telling.
"""
import re

from facts import Kind

_TURNED = {'i': 'you', 'me': 'you', 'my': 'your', 'mine': 'yours', 'we': 'you', 'us': 'you', 'our': 'your', 'ours': 'yours', 'am': 'are', "i'm": 'you are', "i've": 'you have', "we're": 'you are',
           "i'll": 'you will', "we've": 'you have', 'myself': 'yourself', "i'd": 'you would'}


def turned(text):
    """As it is said back: "I was born in Cork" is "You were born in Cork"."""
    text = re.sub(r"\b(I|we) was\b", 'you were', text, flags=re.I)
    text = re.sub(r"[A-Za-z']+", lambda m: _TURNED.get(m.group().lower(), m.group()), text)
    return text[0].upper() + text[1:]


_MY = (
    ('I broke my {v}|I hurt my {v}', 'body', 'What did I break?', 'What did I hurt?', 'What happened to me?', 'Which part of me hurts?'),
    ('I have a pain in my {v}|My {v} hurts', 'body', 'Where does it hurt?', 'What hurts?', 'Where do I have a pain?'),
    ('I met {v}|I saw {v} again|I had a talk with {v}', 'person', 'Who did I meet?', 'Whom did I see?', 'Who did I talk to?', 'Who was it that I met?'),
    ('I had lunch with {v}|I ate with {v}', 'person', 'Who did I have lunch with?', 'With whom did I eat?', 'Who did I eat with?'),
    ('I bought {v}|I have bought {v}|I ordered {v}', 'object', 'What did I buy?', 'What have I bought?', 'What did I order?', 'What is it that I bought?'),
    ('I lost {v}|I have lost {v}', 'object', 'What did I lose?', 'What have I lost?', 'What am I missing?'),
    ('I found {v}', 'object', 'What did I find?', 'What have I found?'),
    ('I lost my {v}|I forgot my {v}', 'thing', 'What did I lose?', 'What did I forget?', 'Which thing have I lost?'),
    ('I gave my {x} to {v}|I lent my {x} to {v}', 'person', 'Who has my {x}?', 'Who did I give my {x} to?', 'To whom did I lend my {x}?', 'THINGS'),
    ('I got {v} from my {x}|My {x} gave me {v}', 'object', 'What did my {x} give me?', 'What did I get from my {x}?', 'Which present did I get?', 'RELATIVES'),
    ('I want to become {a} {v}|I would like to be {a} {v}|One day I will be {a} {v}', 'job', 'What do I want to become?', 'What would I like to be?', 'What is my dream?', 'What job would I like?'),
    ('I used to be {a} {v}|Before that I was {a} {v}', 'job', 'What did I use to be?', 'What was I before?', 'What was my job before?'),
    ('I went to school in {v}|I went to {v}|I spent my holidays in {v}', 'city', 'Where did I go to school?', 'Where did I go?', 'Where did I spend my holidays?', 'Which city was that in?'),
    ('I have never been to {v}', 'city', 'Where have I never been?', 'Which city have I never seen?'),
    ('I am staying in {v}|We are staying in {v}|I am in {v} now', 'city', 'Where am I staying?', 'Where are we staying?', 'Where am I now?', 'What city am I in?'),
    ('I am flying to {v}|We are driving to {v}|I am going by train to {v}', 'city', 'Where am I flying?', 'Where are we going?', 'Where am I going?', 'What is the end of my journey?'),
    ('I am staying at the {v}|We live in the {v}', 'title', 'Where am I staying?', 'Where are we staying?', 'In which house do I live?'),
    ('I get up {v}|I always get up {v}|I wake up {v}', 'hour', 'When do I get up?', 'At what time do I get up?', 'When do I wake up?'),
    ('I go to bed {v}|I fall asleep {v}', 'hour', 'When do I go to bed?', 'At what time do I go to bed?', 'When do I sleep?'),
    ('I start work {v}|My work starts {v}|I have to be at work {v}', 'hour', 'When do I start work?', 'When does my work start?', 'When do I have to be at work?', 'At what time does my work begin?'),
    ('I finish work {v}|I come home {v}', 'hour', 'When do I finish work?', 'When do I come home?', 'At what time am I home?'),
    ('I have to take my medicine {v}|I take my drops {v}', 'hour', 'When do I take my medicine?', 'When must I take my drops?', 'At what time do I need my medicine?'),
    ('I am seeing {v} tomorrow|I will meet {v} next week|I am going to see {v}', 'person', 'Who am I seeing?', 'Who will I meet?', 'Whom am I going to see?', 'Who do I have to meet?'),
    ('My {x} comes {v}|My {x} is coming {v}|My {x} visits us {v}', 'moment', 'When does my {x} come?', 'When is my {x} coming?', 'When will my {x} be here?', 'RELATIVES'),
    ('My {x} bought {v}|My {x} wants {v}|My {x} needs {v}', 'object', 'What did my {x} buy?', 'What does my {x} want?', 'What does my {x} need?', 'RELATIVES'),
    ('My {x} broke his {v}|My {x} hurt her {v}', 'body', 'What did my {x} break?', 'What did my {x} hurt?', 'What happened to my {x}?', 'RELATIVES'),
    ('My {x} {v} and I are going to the sea|My {x} {v} is ill|My {x} {v} is here', 'name', 'What is my {x} called?', 'Who is my {x}?', 'What is the name of my {x}?', 'RELATIVES'),
    ('My {x} turned {v} last month|My {x} will be {v} in May|My {x} is {v} years old', 'age', 'How old is my {x}?', 'What age is my {x}?', 'How many years old is my {x}?', 'RELATIVES'),
    ('My {x} works for {v}|My {x} is married to {v}|My {x} loves {v}', 'person', 'Who does my {x} work for?', 'Who is my {x} married to?', 'Whom does my {x} love?', 'RELATIVES'),
    ('My {x} is ill, it is the {v}', 'body', 'What is wrong with my {x}?', 'Why is my {x} ill?', 'RELATIVES'),
    ('My {x} lives {v}|My {x} stands {v}|My {x} sleeps {v}', 'spot', 'Where does my {x} live?', 'Where does my {x} stand?', 'Where does my {x} sleep?', 'Where is my {x}?', 'ANIMALS'),
    ('My {x} eats {v}|My {x} only eats {v}', 'food', 'What does my {x} eat?', 'What do I give my {x} to eat?', 'What should I feed my {x}?', 'ANIMALS'),
    ('My {x} is from {v}|I bought my {x} in {v}', 'city', 'Where is my {x} from?', 'Where did I buy my {x}?', 'Where did I get my {x}?', 'THINGS'),
    ('My {x} is made of {v}', 'stuff', 'What is my {x} made of?', 'Of what is my {x} made?', 'THINGS'),
    ('My {x} is {v}|My {x} is a {v} one', 'colour', 'What colour is my {x}?', 'What does my {x} look like?', 'Which colour does my {x} have?', 'THINGS'),
    ('My {x} is broken, {v} is repairing it|{v} is repairing my {x}', 'person', 'Who is repairing my {x}?', 'Who has my {x}?', 'Who repairs my {x}?', 'THINGS'),
    ('I paid {v} euros for my {x}|My {x} cost me {v} euros', 'price', 'How much did I pay for my {x}?', 'What did my {x} cost?', 'How much was my {x}?', 'What was the price of my {x}?', 'THINGS'),
    ('I earn {v} euros a month|I save {v} euros a month|I won {v} euros', 'price', 'How much do I earn?', 'How much do I save?', 'How much did I win?'),
    ('I have been here for {v} years|I have worked there for {v} years|We have been married for {v} years', 'number', 'How long have I been here?', 'How long have I worked there?', 'How long have we been married?', 'For how many years?'),
    ('I smoke {v} a day|I drink {v} cups of coffee a day|I walk {v} miles a day', 'number', 'How much do I smoke?', 'How many cups of coffee do I drink?', 'How far do I walk?'),
    ('I am {v} centimetres tall|My height is {v} centimetres', 'figure', 'How tall am I?', 'What is my height?', 'How many centimetres am I?'),
    ('I read {v}|I am reading a book called {v}', 'title', 'What am I reading?', 'Which book am I reading?', 'What is my book called?'),
    ('I saw a film called {v}|We watched {v}', 'title', 'Which film did I see?', 'What did we watch?', 'What was the film called?'),
    ('I hate {v}|I really hate {v}', 'object', 'What do I hate?', 'What is it that I hate?', 'What do I not like?'),
    ('I dream of {v}|I dreamed of {v}', 'object', 'What do I dream of?', 'What did I dream of?', 'What was my dream?'),
    ('I cook {v} on {x}|On {x} we eat {v}|We always have {v} on {x}', 'food', 'What do I cook on {x}?', 'What do we eat on {x}?', 'What do we have on {x}?', 'WEEKLY'),
    ('On {x} I go {v}|I go {v} on {x}', 'hobby', 'What do I do on {x}?', 'When do I go {v}?', 'What are my plans for {x}?', 'WEEKLY'),
    ('I have {v} lessons with {x}', 'instrument', 'What do I learn with {x}?', 'Which lessons do I have with {x}?', 'What does {x} teach me?', 'NAMES'),
    ('I learn {v} with {x}', 'language', 'What do I learn with {x}?', 'Which language do I learn?', 'What does {x} teach me?', 'NAMES'),
    ('I promised {x} to {v}|I told {x} that I would {v}', 'errand', 'What did I promise {x}?', 'What did I tell {x} that I would do?', 'What does {x} expect of me?', 'NAMES'),
    ('{x} asked me to {v}|{x} wants me to {v}', 'errand', 'What did {x} ask me to do?', 'What does {x} want me to do?', 'What am I to do for {x}?', 'NAMES'),
    ('I was named after {v}|I look like {v}', 'person', 'After whom was I named?', 'Who do I look like?'),
    ('I sit {v}|My desk is {v}|My bed stands {v}', 'spot', 'Where do I sit?', 'Where is my desk?', 'Where does my bed stand?'),
    ('I hid the {x} {v}|I saw the {x} {v}|I forgot the {x} {v}', 'spot', 'Where did I hide the {x}?', 'Where did I see the {x}?', 'Where did I forget the {x}?', 'Where is the {x}?', 'THINGS'),
    ('We meet {v}|We are meeting {v}|I will be there {v}', 'moment', 'When do we meet?', 'When are we meeting?', 'When will I be there?', 'What time do we meet?'),
    ('We got married {v}|We moved here {v}|I came here {v}', 'moment', 'When did we get married?', 'When did we move here?', 'When did I come here?'),
    ('I leave {v}|We leave {v}|I am leaving {v}|My holiday begins {v}', 'moment', 'When do I leave?', 'When do we leave?', 'When am I leaving?', 'When does my holiday begin?'),
    ('I need {v} for the {x}|We need {v} for the {x}', 'object', 'What do I need for the {x}?', 'What do we need for the {x}?', 'What shall I bring to the {x}?', 'EVENTS'),
    ('I am bringing {v} to the {x}', 'food', 'What am I bringing to the {x}?', 'What do I bring?', 'EVENTS'),
    ('I sing {v}|I love {v} music', 'music', 'What do I sing?', 'Which music do I love?', 'What music do I like?'),
    ('I have {v} hair|My eyes are {v}|My hair is {v}', 'colour', 'What colour is my hair?', 'What colour are my eyes?', 'Which hair do I have?'),
    ('I have the {v}|I caught a {v}', 'illness', 'What do I have?', 'What illness do I have?', 'What did I catch?', 'Why am I in bed?'),
    ('My doctor says that I must not eat {v}|I must not eat {v}|{v} makes me ill', 'food', 'What did my doctor say?', 'What must I not eat?', 'What makes me ill?', 'Which food is bad for me?'),
)
_THE = (
    ('The {x} broke, so {v} has to come|{v} will repair the {x}|{v} built the {x}', 'person', 'Who has to come for the {x}?', 'Who will repair the {x}?', 'Who built the {x}?', 'THINGS'),
    ('The {x} was built in {v}|The {x} is from {v}', 'year', 'When was the {x} built?', 'How old is the {x}?', 'From which year is the {x}?', 'OPENING'),
    ('The {x} is full of {v}|In the {x} there is {v}', 'object', 'What is in the {x}?', 'What is the {x} full of?', 'What do I find in the {x}?', 'PLACES'),
    ('The {x} was moved to {v}|The {x} will be in {v}', 'city', 'Where is the {x}?', 'Where will the {x} be?', 'In which city is the {x}?', 'EVENTS'),
    ('The {x} takes {v} hours|The {x} lasts {v} hours', 'number', 'How long does the {x} take?', 'How long does the {x} last?', 'How many hours is the {x}?', 'EVENTS'),
    ('The {x} was won by {v}|{v} organises the {x}|{v} is coming to the {x}', 'person', 'Who won the {x}?', 'Who organises the {x}?', 'Who is coming to the {x}?', 'EVENTS'),
    ('The {x} costs {v} euros a month|We pay {v} euros for the {x}', 'price', 'What does the {x} cost?', 'How much do we pay for the {x}?', 'How much is the {x} a month?', 'AMOUNTS'),
    ('There are {v} {x} in the house|There were {v} {x} at the door', 'number', 'How many {x} are there?', 'How many {x} were there?', 'How many {x} are in the house?', 'COUNTED'),
    ('The {x} smells of {v}|The {x} tastes of {v}', 'food', 'What does the {x} smell of?', 'What does the {x} taste of?', 'PLACES'),
    ('Someone left {v} {x}', 'object', 'What did someone leave {x}?', 'What was left {x}?', 'TIMES'),
)
_PERSON = (
    ('{n} broke an arm in {v}|{n} was in {v} last year|{n} went to {v}', 'city', 'Where did {n} break an arm?', 'Where was {n}?', 'Where did {n} go?', 'In which city was {n}?'),
    ('{n} met {v}|{n} is a friend of {v}|{n} loves {v}|{n} works for {v}', 'person', 'Who did {n} meet?', 'Whose friend is {n}?', 'Whom does {n} love?', 'Who does {n} work for?'),
    ('{n} bought {v}|{n} lost {v}|{n} sold {v}', 'object', 'What did {n} buy?', 'What did {n} lose?', 'What did {n} sell?'),
    ('{n} wants to become {a} {v}|{n} used to be {a} {v}', 'job', 'What does {n} want to become?', 'What did {n} use to be?', 'What is the dream of {n}?'),
    ('{n} comes home {v}|{n} gets up {v}|{n} goes to bed {v}', 'hour', 'When does {n} come home?', 'When does {n} get up?', 'When does {n} go to bed?'),
    ('{n} arrives {v}|{n} is coming {v}|{n} visits me {v}', 'moment', 'When does {n} arrive?', 'When is {n} coming?', 'When will {n} be here?'),
    ('{n} sits {v}|{n} waits {v}|{n} sleeps {v}', 'spot', 'Where does {n} sit?', 'Where does {n} wait?', 'Where does {n} sleep?'),
    ('{n} has the {v}|{n} is in bed with the {v}', 'illness', 'What does {n} have?', 'What is wrong with {n}?', 'Why is {n} in bed?'),
    ('{n} has {v} hair|{n} has {v} eyes|{n} wears {v} clothes', 'colour', 'Which hair does {n} have?', 'Which eyes does {n} have?', 'Which clothes does {n} wear?', 'What does {n} look like?'),
    ('{n} gave me {v}|{n} brought me {v}', 'object', 'What did {n} give me?', 'What did {n} bring?', 'What do I have from {n}?'),
    ('{n} goes {v} with me|I go {v} with {n}', 'hobby', 'What do I do with {n}?', 'What does {n} do with me?', 'Where do we go, {n} and I?'),
    ('{n} asked me to {v}|{n} has to {v}', 'errand', 'What did {n} ask me to do?', 'What does {n} have to do?', 'What did {n} say?'),
    ('{n} is good at {v}|{n} teaches {v}', 'subject', 'What is {n} good at?', 'What does {n} teach?'),
    ('{n} must not eat {v}|{n} only eats {v}', 'food', 'What must {n} not eat?', 'What does {n} eat?', 'What should I cook for {n}?'),
    ('{n} owes me {v} euros|I lent {n} {v} euros', 'price', 'How much does {n} owe me?', 'How much did I lend {n}?', 'How much money does {n} have to give me?'),
    ('{n} drives a {v}|{n} came in a {v}', 'make', 'What does {n} drive?', 'Which car does {n} have?', 'What car did {n} come in?'),
    ('{n} is writing a book called {v}|{n} lives in a house called {v}', 'title', 'What is the book of {n} called?', 'What is the house of {n} called?'),
)
_BEHIND = ('', '', '', '', ' now', ' this year', ' with my sister', ' with a friend', ' again', ' for the first time', ', you know', ' because of the rain', ' and I am glad', ', and that is that', ' as always', ' with the children')


def _kinds(remarks):
    """A kind for each way of telling, since each is answered in its own words. Questions of the other ways stay: they ask the same in other words."""
    out = []
    for i, (tells, value, *rest) in enumerate(remarks):
        slot = rest.pop() if rest[-1].isupper() else ''
        asks = tuple(ask for ask in rest if '{v}' not in ask)
        ways = tells.split('|')
        for j, way in enumerate(ways):
            # What asks for another way of telling is not asked of this one: matched by place, the last ones fit all.
            own = (asks[j],) + asks[len(ways):] if len(ways) > 1 and j < len(asks) else asks
            out.append(Kind(f'remark {i} {tells.split(" ")[0]}', value, (way + '.',), own, (turned(way + '.'),), 'that', slot=slot))
    return tuple(out)


def with_more(random, kind):
    """The same kind with something more behind it, said and answered: "I lost my key again."."""
    behind = random.choice(_BEHIND)
    if not behind or not kind.name.startswith('remark'):
        return kind
    tell = kind.tell[0][:-1] + behind + '.'
    return Kind(kind.name, kind.value, (tell,), kind.ask, (turned(tell),), kind.missing, slot=kind.slot)


MY, THE, PERSON = _kinds(_MY), _kinds(_THE), _kinds(_PERSON)
