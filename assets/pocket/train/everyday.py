"""Facts of everyday life, in words as open as their values: what follows a noun or a verb that was never trained with it is
copied too. Kinds as in facts.py; {xs} is the fixed part as a verb of the third person ("collects").
"""
from facts import Kind

_LEFT = ('I left the {x} {v}.', 'I put the {x} {v}.', 'My {x} is {v}.', 'The {x} lies {v}.', 'You find the {x} {v}.', 'I keep the {x} {v}.')
_WHO = ('Who is the {x}?', 'Who is our {x}?', 'What is the name of the {x}?', "What is the {x}'s name?", 'What is the {x} called?', 'Do you know who the {x} is?')

MY = (
    Kind('my measure', 'figure', ('My {x} is {v}.', 'I have {x} {v}.', 'The {x} is {v}.', 'My {x} is {v}.'),
         ('What is my {x}?', "What's my {x}?", 'Which {x} do I have?', 'Do you remember my {x}?', 'What was my {x} again?', 'Do you know my {x}?'),
         ('Your {x} is {v}.',), 'your {x}', 'Is my {x} {v}?', ('My {x} is now {v}.', 'Actually, my {x} is {v}.'), 'MEASURES'),
    Kind('my favourite', 'title', ('My favourite {x} is {v}.', 'My favorite {x} is {v}.', 'The {x} I like best is {v}.', '{v} is my favourite {x}.'),
         ('What is my favourite {x}?', 'Which {x} do I like most?', 'Which {x} do I like best?', "What's my favourite {x}?", 'What is the {x} I like best?', 'What is my favorite {x}?'),
         ('Your favourite {x} is {v}.',), 'your favourite {x}', 'Is my favourite {x} {v}?', ('Actually, my favourite {x} is {v} now.',), 'FAVOURITES'),
    Kind('my contact', 'person', ('My {x} is {v}.', 'My {x} is called {v}.', "My {x}'s name is {v}.", 'The name of my {x} is {v}.', '{v} is my {x}.', 'I have a {x} called {v}.', 'Our {x} is {v}.'),
         ('Who is my {x}?', 'What is my {x} called?', 'What is the name of my {x}?', "What is my {x}'s name?", 'Who is our {x}?', 'Do you know who my {x} is?'),
         ('Your {x} is called {v}.',), 'the name of your {x}', 'Is my {x} called {v}?', ('My new {x} is {v}.', 'Actually, my {x} is {v}.'), 'CONTACTS'),
    Kind('my doing', 'object', ('I {x} {v}.', 'I {x} {v}.', 'I often {x} {v}.', 'We {x} {v}.', 'I {x} {v} for my friends.', 'I {x} {v} at home.'), ('What do I {x}?', 'What is it that I {x}?', 'Which things do I {x}?', 'What did I say I {x}?'),
         ('You {x} {v}.',), 'what you {x}', 'Do I {x} {v}?', ('I {x} {v} now.', 'Actually, I {x} {v}.'), 'DOINGS'),
    Kind('my state', 'object', ('I am {x} {v}.', "I'm {x} {v}.", 'I am really {x} {v}.'), ('What am I {x}?', 'What is it that I am {x}?', 'Do you remember what I am {x}?', 'What did I say I am {x}?'), ('You are {x} {v}.',),
         'what you are {x}', 'Am I {x} {v}?', ('Now I am {x} {v}.',), 'STATES'),
    Kind('my dislike', 'food', ("I don't like {v}.", 'I do not like {v}.', 'I cannot stand {v}.', "I can't eat {v}.", 'I never eat {v}.'), ('What do I not like?', 'What do I dislike?', "What don't I like?", 'What should nobody cook for me?', 'What do I never eat?'),
         ('You do not like {v}.',), 'what you do not like', '', ()),
    Kind('my workplace', 'site', ('I work {v}.', 'My job is {v}.', 'I have a job {v}.', 'I work {v} now.'), ('Where do I work?', 'Where is my job?', 'In what place do I work?', 'Where do I go to work?'), ('You work {v}.',), 'where you work',
         'Do I work {v}?', ('Now I work {v}.', 'I now work {v}.')),
    Kind('my move', 'city', ('I am moving to {v}.', 'We are moving to {v}.', 'Next year I will live in {v}.', 'I will move to {v} soon.'),
         ('Where am I moving to?', 'Where are we moving?', 'Which city am I moving to?', 'Where will I live?', 'Where do I move?'), ('You are moving to {v}.',), 'where you are moving to', 'Am I moving to {v}?', ()),
    Kind('my car', 'make', ('I drive a {v}.', 'My car is a {v}.', 'I have a {v}.', 'We drive a {v}.'), ('What do I drive?', 'What car do I drive?', 'Which car do I have?', 'What kind of car do I have?'), ('You drive a {v}.',), 'which car you drive',
         'Do I drive a {v}?', ('I now drive a {v}.',)),
    Kind('my habit', 'errand', ('On {x} I {v}.', 'I {v} on {x}.', 'I always {v} on {x}.', 'Every week, on {x}, I {v}.'), ('What do I do on {x}?', 'What do I always do on {x}?', 'What is it that I do on {x}?'), ('On {x} you {v}.',), 'what you do on {x}',
         '', (), 'WEEKLY'),
    Kind('my amount', 'price', ('My {x} is {v} euros.', 'The {x} is {v} euros.', 'We have a {x} of {v} euros.', 'I pay a {x} of {v} euros.'), ('What is my {x}?', 'How high is the {x}?', 'What is the {x}?', 'How much is the {x}?', 'How much is my {x}?'),
         ('The {x} is {v} euros.',), 'how much the {x} is', '', ('The {x} is now {v} euros.',), 'AMOUNTS'),
    Kind('my debt', 'price', ('I owe {x} {v} euros.', 'I borrowed {v} euros from {x}.', 'I have to pay {x} {v} euros.'), ('How much do I owe {x}?', 'How much money do I owe {x}?', 'What do I owe {x}?', 'How much must I pay {x}?'), ('You owe {x} {v} euros.',), 'how much you owe {x}',
         'Do I owe {x} {v} euros?', ('I now owe {x} {v} euros.',), 'NAMES'),
)
THE = (
    Kind('spot', 'spot', ('The {x} is {v}.', *_LEFT), ('Where is the {x}?', 'Where is my {x}?', 'Where did I put the {x}?', 'Where did I leave the {x}?', 'Where do I find the {x}?', 'I cannot find my {x}.', 'Where do I keep the {x}?'),
         ('The {x} is {v}.',), 'where the {x} is', 'Is the {x} {v}?', ('The {x} is now {v}.', 'I put the {x} {v} now.'), 'THINGS'),
    Kind('parked', 'spot', ('I parked the {x} {v}.', 'My {x} is parked {v}.', 'The {x} stands {v}.', 'I left my {x} {v}.'), ('Where did I park the {x}?', 'Where is my {x} parked?', 'Where did I leave my {x}?', 'Where does my {x} stand?'),
         ('The {x} is parked {v}.',), 'where the {x} is parked', 'Is my {x} parked {v}?', ('The {x} is now parked {v}.',), 'VEHICLES'),
    Kind('moment', 'moment', ('The {x} is {v}.', 'My {x} is {v}.', 'Our {x} is {v}.', 'We have the {x} {v}.', 'There is a {x} {v}.', 'The {x} takes place {v}.'),
         ('When is the {x}?', 'When is my {x}?', 'When is our {x}?', 'What time is the {x}?', 'When does the {x} take place?', 'On what date is the {x}?'), ('The {x} is {v}.',), 'when the {x} is', 'Is the {x} {v}?',
         ('The {x} is now {v}.', 'The {x} was moved. It is {v}.'), 'APPOINTMENTS'),
    Kind('role', 'person', ('The {x} is {v}.', '{v} is the {x}.', '{v} is our {x}.', 'Our {x} is {v}.', "The {x}'s name is {v}."), _WHO, ('The {x} is {v}.',), 'who the {x} is', 'Is {v} the {x}?', ('The new {x} is {v}.', 'Now {v} is the {x}.'), 'ROLES'),
    Kind('called', 'title', ('The {x} is called {v}.', 'The name of the {x} is {v}.', 'Our {x} is called {v}.', 'The {x} has the name {v}.', 'My {x} is called {v}.'),
         ('What is the {x} called?', 'What is the name of the {x}?', 'What is our {x} called?', "What's the {x} called?", 'What is my {x} called?', 'Which name does the {x} have?'), ('The {x} is called {v}.',), 'the name of the {x}', 'Is the {x} called {v}?',
         ('The {x} is now called {v}.',), 'NAMED'),
) + tuple(
    Kind(f'when it {verb}s', 'moment', (f'The {{x}} {verb}s {{v}}.', f'My {{x}} {verb}s {{v}}.', f'Our {{x}} {verb}s {{v}}.'), (f'When does the {{x}} {verb}?', f'When does my {{x}} {verb}?', f'At what time does the {{x}} {verb}?', f'When will the {{x}} {verb}?'),
         (f'The {{x}} {verb}s {{v}}.',), f'when the {{x}} {verb}s', f'Does the {{x}} {verb} {{v}}?', (f'The {{x}} now {verb}s {{v}}.',), slot)
    for verb, slot in (('leave', 'MOVING'), ('arrive', 'MOVING'), ('open', 'OPENING'), ('close', 'OPENING'), ('come', 'COMING'), ('end', 'EVENTS'), ('start', 'EVENTS')))
PERSON = (
    Kind('doing', 'object', ('{n} {xs} {v}.', '{n} {xs} {v}.', '{n} often {xs} {v}.', '{n} {xs} {v} at home.'), ('What does {n} {x}?', 'What is it that {n} {xs}?', 'Which things does {n} {x}?'), ('{n} {xs} {v}.',), 'what {n} {xs}', 'Does {n} {x} {v}?',
         ('{n} now {xs} {v}.', 'Actually, {n} {xs} {v}.'), 'DOINGS'),
    Kind('state', 'object', ('{n} is {x} {v}.', '{n} is really {x} {v}.'), ('What is {n} {x}?', 'What is it that {n} is {x}?'), ('{n} is {x} {v}.',), 'what {n} is {x}', 'Is {n} {x} {v}?', ('{n} is now {x} {v}.',), 'STATES'),
    Kind('workplace', 'site', ('{n} works {v}.', '{n} has a job {v}.'), ('Where does {n} work?', 'Where does {n} go to work?', 'In what place does {n} work?'), ('{n} works {v}.',), 'where {n} works', 'Does {n} work {v}?', ('{n} now works {v}.',)),
    Kind('hobby', 'hobby', ("{n}'s hobby is {v}.", 'The hobby of {n} is {v}.'), ("What is {n}'s hobby?", 'What is the hobby of {n}?'), ("{n}'s hobby is {v}.",), 'the hobby of {n}', "Is {n}'s hobby {v}?", ()),
    Kind('move', 'city', ('{n} is moving to {v}.', '{n} will move to {v} soon.'), ('Where is {n} moving to?', 'Which city is {n} moving to?', 'Where will {n} live?'), ('{n} is moving to {v}.',), 'where {n} is moving to', 'Is {n} moving to {v}?', ()),
    Kind('dislike', 'food', ('{n} does not like {v}.', '{n} hates {v}.', "{n} doesn't eat {v}.", '{n} cannot stand {v}.'), ('What does {n} not like?', 'What does {n} hate?', 'What does {n} dislike?', 'What should nobody cook for {n}?'), ('{n} does not like {v}.',),
         'what {n} does not like', '', ()),
    Kind('attribute', 'figure', ("{n}'s {x} is {v}.", 'The {x} of {n} is {v}.'), ("What is {n}'s {x}?", 'What is the {x} of {n}?', 'Which {x} does {n} have?'), ("{n}'s {x} is {v}.",), "{n}'s {x}", "Is {n}'s {x} {v}?", ("{n}'s {x} is now {v}.",), 'MEASURES'),
)
