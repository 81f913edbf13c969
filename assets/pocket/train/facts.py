"""Facts and their phrasings.

A kind of fact has: value class, ways to tell it, ways to ask it, the answer (which repeats the telling words right before
the value: that is what lets attention find it), what to say when it was never told, and a yes/no question.
{v} the value, {n} a person's name or "my brother", {x} a fixed part (dog, sister, door ...), {X} the same at the start of a sentence, {xs} a verb
of the third person, {a} a or an.
"""
from dataclasses import dataclass

import words


@dataclass(frozen=True)
class Kind:
    name: str
    value: str              # class of the value, see value()
    tell: tuple             # the first is the plain one, whose words the answer repeats
    ask: tuple
    answer: tuple
    missing: str            # "You have not told me ..."
    check: str = ''         # a yes/no question
    change: tuple = ()      # ways to say that it changed
    slot: str = ''          # word list of {x}


MY = (
    Kind('my name', 'name', ('My name is {v}.', "I am {v}.", "I'm {v}.", 'Call me {v}.', 'You can call me {v}.', 'My name is {v}.',
                             'Hello, my name is {v}.', 'Hi, I am {v}.', "Hello, I'm {v}.", 'They call me {v}.', 'My friends call me {v}.', 'This is {v}.', 'The name is {v}.', '{v} is my name.'),
         ('What is my name?', "What's my name?", 'Do you remember my name?', 'Do you know my name?', 'Can you tell me my name?',
          'Who am I?', 'What was my name again?', 'Tell me my name.', 'What did I say my name was?', 'Say my name.', 'What am I called?', 'Do you know who I am?', "What's the name I gave you?", 'Do you remember who I am?', 'How am I called?', 'Which name do I have?', 'Whom are you talking to?', 'Who is talking to you?'),
         ('Your name is {v}.',), 'your name', 'Is my name {v}?', ('Actually, my name is {v}.', 'Sorry, my name is {v}.')),
    Kind('my city', 'city', ('I live in {v}.', 'My home is in {v}.', 'I live in {v} now.', 'I live in the city of {v}.', "I've lived in {v} for years.", 'We live in {v}.', 'I have a flat in {v}.', 'My house is in {v}.', '{v} is where I live.'),
         ('Where do I live?', 'Which city do I live in?', 'In which city do I live?', 'Do you remember where I live?', 'Where is my home?', 'Where is my house?', 'In which city is my home?', 'Which town do I live in?', 'What is my home town?', 'In which town is my house?', 'What city am I at home in?', 'What place do I live in?', 'Where am I at home?'),
         ('You live in {v}.',), 'where you live', 'Do I live in {v}?', ('Actually, I live in {v} now.', 'I moved to {v}.', 'We moved to {v}.', 'I have moved to {v}.', "I don't live there any more, I live in {v}.")),
    Kind('my origin', 'city', ('I come from {v}.', 'I was born in {v}.', 'I am from {v}.', 'I grew up in {v}.', 'My home town is {v}.'),
         ('Where do I come from?', 'Where am I from?', 'Where was I born?', 'What is my place of birth?', 'Which town am I from?', 'In which city was I born?', 'Where did I grow up?'), ('You come from {v}.',), 'where you come from',
         'Do I come from {v}?', ('Actually, I come from {v}.',)),
    Kind('my job', 'job', ('I work as {a} {v}.', 'I am {a} {v}.', 'I work as {a} {v}.', "I'm {a} {v}.", 'My job is {v}.', 'I earn my money as {a} {v}.', "I've been {a} {v} for years."),
         ('What do I work as?', 'What is my job?', 'What do I do for a living?', "What's my job?", 'What is my profession?', 'What is my work?', 'What do I do?', 'How do I earn my money?', 'Which job do I have?', 'As what do I work?', 'What am I by profession?'), ('You work as {a} {v}.',),
         'what your job is', 'Do I work as {a} {v}?', ('I now work as {a} {v}.', 'Actually, I work as {a} {v}.')),
    Kind('my colour', 'colour', ('My favourite colour is {v}.', 'My favorite color is {v}.', 'The colour I like most is {v}.', 'I love {v} things.', 'My best colour is {v}.'),
         ('What is my favourite colour?', 'What is my favorite color?', 'Which colour do I like most?', "What's my favourite colour?", 'What colour do I love?', 'What colour do I like best?'),
         ('Your favourite colour is {v}.',), 'your favourite colour', 'Is my favourite colour {v}?', ('Actually, my favourite colour is {v} now.',)),
    Kind('my food', 'food', ('My favourite food is {v}.', 'My favorite food is {v}.', 'I like {v} most of all.', 'I love to eat {v}.', '{v} is my favourite food.', 'I could eat {v} every day.'),
         ('What is my favourite food?', 'What is my favorite food?', 'What do I like to eat?', 'Which food do I like most?', 'What do I love to eat?', 'What is my favourite dish?', 'What should you cook for me?', 'Which dish do I like best?'),
         ('Your favourite food is {v}.',), 'your favourite food', 'Is my favourite food {v}?', ('Actually, my favourite food is {v} now.',)),
    Kind('my drink', 'drink', ('My favourite drink is {v}.', 'I like to drink {v}.', 'I drink {v} every morning.', '{v} is my favourite drink.', 'I always drink {v}.'), ('What is my favourite drink?', 'What do I like to drink?', 'What do I drink?', 'Which drink do I like most?', 'What should you pour me?'),
         ('Your favourite drink is {v}.',), 'your favourite drink', 'Is my favourite drink {v}?', ()),
    Kind('my pet', 'pet', ('My {x} is called {v}.', 'I have a {x} called {v}.', "My {x}'s name is {v}.", 'I have a {x} named {v}.',
                           'The name of my {x} is {v}.', 'I have a {x}. Its name is {v}.', 'We have a {x} called {v}.', '{v} is my {x}.', 'We got a {x}, {v}.', 'My {x} {v} is very old.', 'Our {x} is called {v}.'),
         ('What is my {x} called?', 'What is the name of my {x}?', "What is my {x}'s name?", 'Do you remember the name of my {x}?',
          'How is my {x} called?', 'Do I have a {x}?', 'Who is my {x}?', 'What did I call my {x}?', "What's my {x} called?", 'What name does my {x} have?', 'Which name did I give my {x}?'),
         ('Your {x} is called {v}.',), 'the name of your {x}', 'Is my {x} called {v}?', ('Actually, my {x} is called {v}.',), 'ANIMALS'),
    Kind('my relative', 'name', ('My {x} is called {v}.', "My {x}'s name is {v}.", 'The name of my {x} is {v}.', 'My {x} is {v}.', '{v} is my {x}.', 'I have a {x} called {v}.', 'I have a {x} named {v}.', 'Our {x} is called {v}.', 'You should meet my {x} {v}.'),
         ('What is my {x} called?', "What is my {x}'s name?", 'What is the name of my {x}?', 'Who is my {x}?', 'Do you know the name of my {x}?', 'Do I have a {x}?', "What's my {x} called?", 'Which name does my {x} have?', "What's the name of my {x}?"),
         ('Your {x} is called {v}.',), 'the name of your {x}', 'Is my {x} called {v}?', ('Actually, my {x} is called {v}.',), 'RELATIVES'),
    Kind('my age', 'age', ('I am {v} years old.', "I'm {v} years old.", 'My age is {v}.', 'I turned {v} this year.', 'I am {v}.'), ('How old am I?', 'What is my age?', 'Do you know how old I am?', 'What age am I?', 'How many years old am I?', 'Which age am I?'),
         ('You are {v} years old.',), 'how old you are', 'Am I {v} years old?', ('Actually, I am {v} years old.',)),
    Kind('my birthday', 'date', ('My birthday is on {v}.', 'I was born on {v}.', 'I have my birthday on {v}.'), ('When is my birthday?', 'On which day is my birthday?', 'When was I born?', 'When do I have my birthday?', 'What is the date of my birthday?', 'On what date was I born?'),
         ('Your birthday is on {v}.',), 'when your birthday is', 'Is my birthday on {v}?', ('Actually, my birthday is on {v}.',)),
    Kind('my hobby', 'hobby', ('My hobby is {v}.', 'I like {v}.', 'I enjoy {v}.', 'In my free time I like {v}.', '{v} is my hobby.', 'I love {v}.'), ('What is my hobby?', 'What do I like to do?', "What's my hobby?", 'What do I do in my free time?', 'What do I do for fun?', 'What do I enjoy?'),
         ('Your hobby is {v}.',), 'your hobby', 'Is my hobby {v}?', ('Actually, my hobby is {v} now.',)),
    Kind('my instrument', 'instrument', ('I play the {v}.', 'I am learning the {v}.', 'I can play the {v}.', 'I have played the {v} for years.'), ('What do I play?', 'Which instrument do I play?', 'What instrument do I play?', 'What instrument do I know?', 'What can I play?', 'Which instrument am I learning?'),
         ('You play the {v}.',), 'which instrument you play', 'Do I play the {v}?', ('I now play the {v}.',)),
    Kind('my vehicle', 'colour', ('My {x} is {v}.', 'I have a {v} {x}.', 'I drive a {v} {x}.', 'Our {x} is {v}.'), ('What colour is my {x}?', 'Which colour does my {x} have?', 'Do I have a {x}?', 'What is the colour of my {x}?', 'What colour does my {x} have?'),
         ('Your {x} is {v}.',), 'the colour of your {x}', 'Is my {x} {v}?', (), 'VEHICLES'),
    Kind('my subject', 'subject', ('I study {v}.', 'I am studying {v}.', 'I am a student of {v}.', 'My subject is {v}.', 'I teach {v}.'), ('What do I study?', 'Which subject do I study?', 'What am I studying?', 'What is my subject?', 'What am I a student of?'),
         ('You study {v}.',), 'what you study', 'Do I study {v}?', ('I now study {v}.',)),
    Kind('my language', 'language', ('I speak {v}.', 'My language is {v}.', 'At home I speak {v}.', 'My mother tongue is {v}.'), ('Which language do I speak?', 'What language do I speak?', 'What is my language?', 'What do I speak at home?', 'What is my mother tongue?'),
         ('You speak {v}.',), 'which language you speak', 'Do I speak {v}?', ()),
    Kind('my music', 'music', ('I listen to {v}.', 'I like to listen to {v}.', 'My favourite music is {v}.'), ('What do I listen to?', 'What music do I like?', 'What is my favourite music?'),
         ('You listen to {v}.',), 'what you listen to', 'Do I listen to {v}?', ('I now listen to {v}.',)),
    Kind('my number', 'number', ('I have {v} {x}.', 'I own {v} {x}.', 'There are {v} {x} in my house.'), ('How many {x} do I have?', 'How many {x} do I own?'),
         ('You have {v} {x}.',), 'how many {x} you have', 'Do I have {v} {x}?', ('I now have {v} {x}.',), 'COUNTED'),
    Kind('my trip', 'city', ('I want to visit {v}.', 'I would like to visit {v}.', 'I plan to visit {v}.', 'Next week I travel to {v}.', 'I am going to {v}.', 'I will fly to {v}.', 'We are going to {v} on holiday.'), ('Which city do I want to visit?', 'What do I want to visit?', 'Where do I want to go?', 'Where do I want to travel?', 'Where will I travel?', 'Which city am I going to?', 'What city will I see?'),
         ('You want to visit {v}.',), 'which city you want to visit', 'Do I want to visit {v}?', ('Now I want to visit {v}.',)),
    Kind('my fear', 'fear', ('I am afraid of {v}.', "I'm afraid of {v}.", 'I fear {v}.', '{v} scare me.', 'I have always been afraid of {v}.'), ('What am I afraid of?', 'What do I fear?', 'What scares me?', 'What frightens me?', 'Which things am I afraid of?'), ('You are afraid of {v}.',), 'what you are afraid of',
         'Am I afraid of {v}?', ()),
    Kind('my plan', 'plan', ('I have to {v} {x}.', 'Remind me to {v} {x}.', 'I need to {v} {x}.', 'Please remind me to {v} {x}.', 'I must {v} {x}.', "Don't let me forget to {v} {x}.", '{X} I have to {v}.', '{X} I must {v}.', 'I want to {v} {x}.', 'I am going to {v} {x}.'),
         ('What do I have to do {x}?', 'What do I need to do {x}?', 'What must I do {x}?', 'What did I want to do {x}?', 'What should you remind me of {x}?', 'What is my plan {x}?', 'What have I planned {x}?', 'Is there anything I have to do {x}?'), ('{X} you have to {v}.',), 'what you have to do {x}',
         'Do I have to {v} {x}?', ('Actually, I have to {v} {x}.',), 'TIMES'),
    Kind('my boss', 'name', ('I work for {v}.', 'I work with {v}.', 'I am working for {v}.'), ('Who do I work for?', 'Who do I work with?', 'Who is my employer?', 'Whom do I work for?'), ('You work for {v}.',), 'who you work for', 'Do I work for {v}?', ('I now work for {v}.',)),
)
THE = (
    Kind('price', 'price', ('The {x} costs {v} euros.', 'The price of the {x} is {v} euros.', 'I paid {v} euros for the {x}.', 'I bought a {x} for {v} euros.', 'The {x} was {v} euros.', 'The new {x} cost me {v} euros.'), ('How much does the {x} cost?', 'What is the price of the {x}?', 'How much is the {x}?', 'What did I pay for the {x}?', 'How much did the {x} cost?', 'How much money was the {x}?', 'How much did I pay for the {x}?'),
         ('The {x} costs {v} euros.',), 'how much the {x} costs', 'Does the {x} cost {v} euros?', ('The {x} now costs {v} euros.',), 'GOODS'),
    Kind('time', 'time', ('The {x} begins at {v}.', 'The {x} starts at {v}.', 'The {x} is at {v}.', 'My {x} starts at {v}.'), ('When does the {x} begin?', 'At what time does the {x} begin?', 'When does the {x} start?', 'What time is the {x}?', 'At what time is the {x}?', 'When must I be at the {x}?', 'At what time does the {x} start?'),
         ('The {x} begins at {v}.',), 'when the {x} begins', 'Does the {x} begin at {v}?', ('The {x} now begins at {v}.',), 'EVENTS'),
    Kind('owner', 'name', ('The {x} belongs to {v}.', 'The owner of the {x} is {v}.', "It is {v}'s {x}.", '{v} owns the {x}.', '{v} is the owner of the {x}.'), ('Who does the {x} belong to?', 'Who owns the {x}?', 'Whose is the {x}?', 'Who is the owner of the {x}?', 'Who has the {x}?'), ('The {x} belongs to {v}.',),
         'who the {x} belongs to', 'Does the {x} belong to {v}?', ('The {x} now belongs to {v}.',), 'GOODS'),
    Kind('capital', 'city', ('The capital of {x} is {v}.', '{v} is the capital of {x}.', 'The largest city of {x} is {v}.'), ('What is the capital of {x}?', 'Which city is the capital of {x}?', 'Do you know the capital of {x}?'),
         ('The capital of {x} is {v}.',), 'what the capital of {x} is', 'Is {v} the capital of {x}?', (), 'LANDS'),
    Kind('host', 'name', ('The {x} is with {v}.', 'I have the {x} with {v}.'), ('Who is the {x} with?', 'With whom is the {x}?'), ('The {x} is with {v}.',), 'who the {x} is with', 'Is the {x} with {v}?', (), 'EVENTS'),

    Kind('code', 'code', ('The code of the {x} is {v}.', 'The {x} code is {v}.', 'The code for the {x} is {v}.', 'You open the {x} with {v}.', 'The {x} opens with {v}.', '{v} is the code of the {x}.', 'My {x} code is {v}.'),
         ('What is the code of the {x}?', 'What is the {x} code?', 'What is the code for the {x}?', 'Do you remember the code of the {x}?', 'Which code does the {x} have?', 'What do I type at the {x}?', 'How do I open the {x}?', 'Which number opens the {x}?', 'With what code do I open the {x}?', 'What number do I need for the {x}?', 'What do I need to open the {x}?', "What's the code of the {x}?"),
         ('The code of the {x} is {v}.',), 'the code of the {x}', 'Is the code of the {x} {v}?',
         ('The code of the {x} is now {v}.', 'Actually, the code of the {x} is {v}.'), 'LOCKS'),
    Kind('password', 'secret', ('The {x} password is {v}.', 'The password of the {x} is {v}.', 'My {x} password is {v}.', 'The password for the {x} is {v}.', '{v} is the {x} password.', 'Our {x} password is {v}.'),
         ('What is the {x} password?', 'What is the password of the {x}?', 'What is my {x} password?', 'What is the password for the {x}?', 'Do you know the {x} password?', 'Which password does the {x} have?', "What's the {x} password?", 'With which password do I get into the {x}?', 'How do I log in to the {x}?'),
         ('The {x} password is {v}.',), 'the {x} password', 'Is the {x} password {v}?', ('The {x} password is now {v}.',), 'ACCOUNTS'),
    Kind('thing', 'place', ('The {x} is in the {v}.', 'I put the {x} in the {v}.', 'My {x} is in the {v}.', 'I left the {x} in the {v}.', 'You find the {x} in the {v}.', 'I keep the {x} in the {v}.', 'The {x} lies in the {v}.'),
         ('Where is the {x}?', 'Where did I put the {x}?', 'Where is my {x}?', 'Do you know where the {x} is?', 'Have you seen my {x}?', 'I cannot find the {x}.', 'Where did I leave the {x}?', 'Where do I find the {x}?', 'In what place is the {x}?', "Where's my {x}?", 'Where should I look for the {x}?'), ('The {x} is in the {v}.',), 'where the {x} is',
         'Is the {x} in the {v}?', ('The {x} is now in the {v}.', 'I moved the {x} to the {v}.'), 'THINGS'),
    Kind('event', 'day', ('The {x} is on {v}.', 'We have the {x} on {v}.', 'The {x} takes place on {v}.', 'Our {x} is on {v}.', 'My {x} is on {v}.', 'There is a {x} on {v}.'),
         ('When is the {x}?', 'On which day is the {x}?', 'What day is the {x}?', 'Do you remember when the {x} is?', 'When do we have the {x}?', 'Which day is the {x}?', 'When is our {x}?', 'When is my {x}?'), ('The {x} is on {v}.',), 'when the {x} is',
         'Is the {x} on {v}?', ('The {x} is now on {v}.', 'The {x} was moved to {v}.'), 'EVENTS'),
)
PERSON = (
    Kind('city', 'city', ('{n} lives in {v}.', '{n} has a house in {v}.', '{n} lives in the city of {v}.', '{n} has lived in {v} for years.', '{n} lives near {v}.', '{n} has a flat in {v}.'), ('Where does {n} live?', 'Which city does {n} live in?', 'In which city does {n} live?', 'Do you know where {n} lives?', 'Which town does {n} live in?', 'Where is {n} at home?', 'In which town can I visit {n}?', 'What city is {n} in?', "Where is {n}'s house?"),
         ('{n} lives in {v}.',), 'where {n} lives', 'Does {n} live in {v}?', ('{n} moved to {v}.', 'Actually, {n} lives in {v} now.')),
    Kind('job', 'job', ('{n} works as {a} {v}.', '{n} is {a} {v}.', "{n}'s job is {v}.", '{n} has been {a} {v} for years.'), ('What does {n} work as?', "What is {n}'s job?", 'What does {n} do for a living?', 'What is the job of {n}?', 'As what does {n} work?', 'What does {n} do?', 'How does {n} earn money?', "What's {n}'s job?", "What is {n}'s profession?"),
         ('{n} works as {a} {v}.',), 'what {n} works as', 'Does {n} work as {a} {v}?', ('{n} now works as {a} {v}.', 'Actually, {n} works as {a} {v}.')),
    Kind('likes', 'food', ('{n} likes {v}.', '{n} loves {v}.', '{n} likes to eat {v}.', "{n}'s favourite food is {v}.", '{n} could eat {v} every day.'), ('What does {n} like?', 'What does {n} like to eat?', 'What does {n} love?', 'What food does {n} like?', 'What should I cook for {n}?', 'What is the favourite food of {n}?'), ('{n} likes {v}.',), 'what {n} likes',
         'Does {n} like {v}?', ('Actually, {n} likes {v} now.',)),
    Kind('drinks', 'drink', ('{n} drinks {v}.', '{n} likes to drink {v}.', '{n} always drinks {v}.'), ('What does {n} drink?', 'What does {n} like to drink?', 'Which drink does {n} like?', 'What should I offer {n} to drink?'), ('{n} drinks {v}.',), 'what {n} drinks',
         'Does {n} drink {v}?', ()),
    Kind('plays', 'instrument', ('{n} plays the {v}.', '{n} is learning the {v}.', '{n} can play the {v}.'), ('What does {n} play?', 'Which instrument does {n} play?', 'What instrument does {n} play?', 'What can {n} play?', 'Which instrument does {n} know?'), ('{n} plays the {v}.',),
         'what {n} plays', 'Does {n} play the {v}?', ('{n} now plays the {v}.',)),
    Kind('colour', 'colour', ("{n}'s favourite colour is {v}.", 'The favourite colour of {n} is {v}.'), ("What is {n}'s favourite colour?", 'What is the favourite colour of {n}?', 'Which colour does {n} like most?'),
         ("{n}'s favourite colour is {v}.",), 'the favourite colour of {n}', "Is {n}'s favourite colour {v}?", ()),
    Kind('pet', 'pet', ("{n}'s {x} is called {v}.", '{n} has a {x} called {v}.', 'The {x} of {n} is called {v}.', '{n} has a {x} named {v}.'), ("What is {n}'s {x} called?", "What is the name of {n}'s {x}?", 'What is the {x} of {n} called?', "What's {n}'s {x} called?", 'Which name does the {x} of {n} have?'),
         ("{n}'s {x} is called {v}.",), "the name of {n}'s {x}", "Is {n}'s {x} called {v}?", (), 'ANIMALS'),
    Kind('age', 'age', ('{n} is {v} years old.', '{n} is {v}.', '{n} turned {v} last week.', '{n} is {v} now.'), ('How old is {n}?', 'What is the age of {n}?', 'What age is {n}?', 'How many years old is {n}?', "What is {n}'s age?"), ('{n} is {v} years old.',), 'how old {n} is', 'Is {n} {v} years old?', ()),
    Kind('birthday', 'date', ('The birthday of {n} is on {v}.', "{n}'s birthday is on {v}."), ('When is the birthday of {n}?', "When is {n}'s birthday?", 'On what date is the birthday of {n}?', "What is the date of {n}'s birthday?"), ('The birthday of {n} is on {v}.',), 'when the birthday of {n} is',
         'Is the birthday of {n} on {v}?', ()),
    Kind('phone', 'code', ('The number of {n} is {v}.', "{n}'s number is {v}."), ('What is the number of {n}?', "What is {n}'s number?"), ('The number of {n} is {v}.',), 'the number of {n}', 'Is the number of {n} {v}?',
         ('The number of {n} is now {v}.',)),
    Kind('origin', 'city', ('{n} comes from {v}.', '{n} is from {v}.', '{n} was born in {v}.', '{n} grew up in {v}.'), ('Where does {n} come from?', 'Where is {n} from?', 'Where was {n} born?', 'Where did {n} grow up?', 'In which city was {n} born?', "What is {n}'s home town?"), ('{n} comes from {v}.',), 'where {n} comes from', 'Does {n} come from {v}?', ()),
    Kind('married', 'name', ('{n} is married to {v}.', '{n} married {v}.'), ('Who is {n} married to?', 'Who did {n} marry?', 'Who is the husband or wife of {n}?', 'Whom did {n} marry?'), ('{n} is married to {v}.',), 'who {n} is married to', 'Is {n} married to {v}?', ()),
    Kind('relative', 'name', ("{n}'s {x} is called {v}.", 'The {x} of {n} is called {v}.', '{n} has a {x} called {v}.', "{n}'s {x} is {v}."), ("What is {n}'s {x} called?", "Who is {n}'s {x}?", "What is the name of {n}'s {x}?"),
         ("{n}'s {x} is called {v}.",), "the name of {n}'s {x}", "Is {n}'s {x} called {v}?", (), 'RELATIVES'),
    Kind('subject', 'subject', ('{n} studies {v}.', '{n} is studying {v}.'), ('What does {n} study?', 'Which subject does {n} study?'), ('{n} studies {v}.',), 'what {n} studies', 'Does {n} study {v}?', ('{n} now studies {v}.',)),
    Kind('language', 'language', ('{n} speaks {v}.', '{n} speaks {v} at home.'), ('Which language does {n} speak?', 'What does {n} speak?'), ('{n} speaks {v}.',), 'which language {n} speaks', 'Does {n} speak {v}?', ()),
    Kind('fear', 'fear', ('{n} is afraid of {v}.', '{n} fears {v}.', '{v} scare {n}.'), ('What is {n} afraid of?', 'What does {n} fear?', 'What scares {n}?', 'What frightens {n}?'), ('{n} is afraid of {v}.',), 'what {n} is afraid of', 'Is {n} afraid of {v}?', ()),
    Kind('number', 'number', ('{n} has {v} {x}.', '{n} owns {v} {x}.'), ('How many {x} does {n} have?', 'How many {x} does {n} own?'), ('{n} has {v} {x}.',), 'how many {x} {n} has', 'Does {n} have {v} {x}?', ('{n} now has {v} {x}.',), 'COUNTED'),
    Kind('wish', 'thing', ('{n} wants {a} {v}.', '{n} would like {a} {v}.', '{n} wishes for {a} {v}.'), ('What does {n} want?', 'What would {n} like to have?', 'What shall I give {n}?', 'What present does {n} want?', 'What does {n} wish for?'), ('{n} wants {a} {v}.',), 'what {n} wants', 'Does {n} want {a} {v}?', ()),
)

POOLS = {'name': words.NAMES, 'city': words.CITIES, 'job': words.JOBS, 'colour': words.COLOURS, 'food': words.FOODS, 'drink': words.DRINKS,
         'pet': words.PETS, 'hobby': words.HOBBIES, 'instrument': words.INSTRUMENTS, 'day': words.DAYS, 'place': words.PLACES, 'thing': words.THINGS,
         'subject': words.SUBJECTS, 'language': words.LANGUAGES, 'music': words.MUSIC, 'number': words.NUMBERS, 'fear': words.FEARS, 'body': words.BODY, 'illness': words.ILLNESSES, 'stuff': words.STUFF} | words.VALUES
OPEN = {'name': 0.65, 'city': 0.5, 'pet': 0.55, 'job': 0.15, 'food': 0.3, 'hobby': 0.2, 'place': 0.2, 'thing': 0.2, 'colour': 0.08, 'subject': 0.15, 'language': 0.15,
        'music': 0.15, 'fear': 0.2, 'illness': 0.2, 'stuff': 0.2, 'breed': 0.15, 'plant': 0.2, 'grocery': 0.2, 'pest': 0.2}


def value(kind, random, book_words, open_rate=1.0, held_out=False):
    """A value of the kind's class: from its list, or, at the class's open rate, an invented or rare word to be copied by tokens."""
    c = kind if isinstance(kind, str) else kind.value
    if c == 'age':
        return str(random.randint(3, 99))
    if c == 'code':
        return ''.join(random.choice('0123456789') for _ in range(random.choice((3, 4, 4, 4))))
    if c == 'plan':
        who, what = (value(x, random, book_words, open_rate, held_out) for x in ('name', 'food'))
        return random.choice((random.choice(words.ERRANDS), random.choice(words.ERRANDS), f'call {who}', f'visit {who}', f'write to {who}', f'meet {who}', f'buy {what}'))
    if c == 'secret':
        word = words.invented(random).lower() if random.random() < 0.5 * open_rate else random.choice(words.THINGS)
        return word + random.choice((str(random.randint(1, 99)), str(random.randint(100, 999)), ''))
    if c == 'object':
        return words.thing_done(random, book_words)
    if c == 'spot':
        return words.spot(random, book_words)
    if c == 'moment':
        return words.moment(random)
    if c == 'hour':
        while not (when := words.moment(random)).startswith('at ') or ' of ' in when:
            pass
        return when
    if c == 'year':
        return str(random.randint(1500, 2026))
    if c == 'site':
        return words.site(random, book_words)
    if c == 'errand':
        return random.choice(words.ERRANDS + [f'go {random.choice(words.HOBBIES)}']).replace('my ', 'the ')
    if c == 'make':
        return f'{random.choice(words.COLOURS)} {random.choice(words.MAKES)}' if random.random() < 0.4 else random.choice(words.MAKES)
    if c == 'figure':
        return str(random.choice((random.randint(1, 99), random.randint(100, 999), random.randint(1000, 9999))))
    if c == 'person':
        who = value('name', random, book_words, open_rate, held_out)
        return random.choice((who, who, who, f'{random.choice(("Mr", "Mrs", "Dr", "Miss"))} {who}', f'{random.choice(words.NAMES)} {who}'))
    if c == 'title':
        return value(random.choice(('name', 'city', 'pet')), random, book_words, open_rate, held_out)
    if c == 'price':
        return str(random.choice((random.randint(2, 99), random.randint(1, 20) * 50)))
    if c == 'time':
        return random.choice((f'{random.randint(1, 12)} o\'clock', f'{random.randint(7, 20)}:{random.choice(("00", "15", "30", "45"))}'))
    if c == 'date':
        return random.choice(('{d} {m}', '{m} {d}')).format(d=random.randint(1, 28), m=random.choice(words.MONTHS))
    if held_out:
        if c in ('name', 'pet'):
            return random.choice(words.HELD_OUT_NAMES) if random.random() < 0.5 else words.invented(random)
        if c == 'city':
            return random.choice(words.HELD_OUT_CITIES) if random.random() < 0.5 else words.invented(random)
    if random.random() < OPEN.get(c, 0) * open_rate:
        proper = c in ('name', 'city', 'pet')
        if proper and random.random() < 0.5:
            return words.invented(random)
        word = random.choice(book_words)
        return word.capitalize() if proper else word
    return random.choice(POOLS[c])


def article(text, v):
    return text.replace('{a}', 'an' if v[:1].lower() in 'aeiou' else 'a')
