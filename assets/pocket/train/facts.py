"""Facts and their phrasings.

A kind of fact has: value class, ways to tell it, ways to ask it, the answer (which repeats the telling words right before
the value: that is what lets attention find it), what to say when it was never told, and a yes/no question.
{v} the value, {n} a person's name or "my brother", {x} a fixed part (dog, sister, door ...), {X} the same at the start of a sentence, {xs} a verb
of the third person, {a} a or an.
"""
from dataclasses import dataclass

import names
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
                             'Hello, my name is {v}.', 'Hi, I am {v}.', "Hello, I'm {v}.", 'They call me {v}.', 'My friends call me {v}.', 'This is {v}.', 'The name is {v}.', '{v} is my name.',
          'I go by {v}.', 'Everyone calls me {v}.'),
         ('What is my name?', "What's my name?", 'Do you remember my name?', 'Do you know my name?', 'Can you tell me my name?',
          'Who am I?', 'What was my name again?', 'Tell me my name.', 'What did I say my name was?', 'Say my name.', 'What am I called?', 'Do you know who I am?', "What's the name I gave you?", 'Do you remember who I am?', 'How am I called?', 'Which name do I have?', 'Whom are you talking to?', 'Who is talking to you?',
          "Who's speaking to you?", 'What do people call me?', 'How should you address me?', 'What name do I go by?', 'My name?', 'By what name do you know me?',
          'What name did I tell you?', 'Could you repeat my name?', 'Remind me who I am.', 'How did I introduce myself?', 'Under what name do you know me?', "What's my name again?",
          'What would you write on my name tag?'),
         ('Your name is {v}.',), 'your name', 'Is my name {v}?', ('Actually, my name is {v}.', 'Sorry, my name is {v}.')),
    Kind('my city', 'city', ('I live in {v}.', 'My home is in {v}.', 'I live in {v} now.', 'I live in the city of {v}.', "I've lived in {v} for years.", 'We live in {v}.', 'I have a flat in {v}.', 'My house is in {v}.', '{v} is where I live.',
          'I am living in {v}.', '{v} is my home now.'),
         ('Where do I live?', 'Which city do I live in?', 'In which city do I live?', 'Do you remember where I live?', 'Where is my home?', 'Where is my house?', 'In which city is my home?', 'Which town do I live in?', 'What is my home town?', 'In which town is my house?', 'What city am I at home in?', 'What place do I live in?', 'Where am I at home?',
          'Whereabouts do I live?', "Where's my home?", 'Where do I reside?', 'What city do I call home?', 'Where have I settled?', "Where's my flat?", 'Where am I based?', 'Which city am I living in?',
          'Where do I go when I go home?', 'If you wanted to visit me, where would you have to go?', "What's the name of the city I live in?", 'In what city can people find me?', 'My city?',
          'Where am I living these days?'),
         ('You live in {v}.',), 'where you live', 'Do I live in {v}?', ('Actually, I live in {v} now.', 'I moved to {v}.', 'We moved to {v}.', 'I have moved to {v}.', "I don't live there any more, I live in {v}.")),
    Kind('my origin', 'city', ('I come from {v}.', 'I was born in {v}.', 'I am from {v}.', 'I grew up in {v}.', 'My home town is {v}.',
          'I was raised in {v}.', 'I am originally from {v}.', 'I spent my childhood in {v}.'),
         ('Where do I come from?', 'Where am I from?', 'Where was I born?', 'What is my place of birth?', 'Which town am I from?', 'In which city was I born?', 'Where did I grow up?',
          'Where am I originally from?', 'What city was I born in?', 'Where did I spend my childhood?', "What's my birthplace?", 'What city do I come from?', 'Which place do I come from?',
          'Where did I grow up as a child?', 'Where are my roots?', 'Where was I raised?', 'Where did I first see the light of day?', 'In which town did I grow up?', 'My birthplace?',
          'Where was I brought up?'), ('You come from {v}.',), 'where you come from',
         'Do I come from {v}?', ('Actually, I come from {v}.',)),
    Kind('my job', 'job', ('I work as {a} {v}.', 'I am {a} {v}.', 'I work as {a} {v}.', "I'm {a} {v}.", 'My job is {v}.', 'I earn my money as {a} {v}.', "I've been {a} {v} for years.",
          'I make my living as {a} {v}.', 'By profession I am {a} {v}.'),
         ('What do I work as?', 'What is my job?', 'What do I do for a living?', "What's my job?", 'What is my profession?', 'What is my work?', 'What do I do?', 'How do I earn my money?', 'Which job do I have?', 'As what do I work?', 'What am I by profession?',
          'How do I pay my rent?', 'How do I make a living?', "What's my profession?", "What's my occupation?", 'What line of work am I in?', 'What do I do for work?', 'What sort of work do I do?',
          'What am I employed as?', 'How do I make my money?', 'What kind of job do I have?', 'What trade am I in?', 'What do I do all day at work?', 'What would you call my job?', 'My job?'), ('You work as {a} {v}.',),
         'what your job is', 'Do I work as {a} {v}?', ('I now work as {a} {v}.', 'Actually, I work as {a} {v}.')),
    Kind('my colour', 'colour', ('My favourite colour is {v}.', 'My favorite color is {v}.', 'The colour I like most is {v}.', 'I love {v} things.', 'My best colour is {v}.',
          'I like {v} better than any other colour.', 'My favourite colour has always been {v}.'),
         ('What is my favourite colour?', 'What is my favorite color?', 'Which colour do I like most?', "What's my favourite colour?", 'What colour do I love?', 'What colour do I like best?',
          "What's my favorite color?", 'Which color do I like best?', 'What colour do I prefer?', 'Which colour is my favourite?', 'What colour should you paint my room?',
          'If I could choose any colour, which would it be?', 'Which colour do I like better than any other?', 'What colour am I fond of?', 'In what colour should you buy me a scarf?', 'My favourite colour?',
          'Of all colours, which do I like most?', 'What colour would make me happy?', 'What color do I like the most?'),
         ('Your favourite colour is {v}.',), 'your favourite colour', 'Is my favourite colour {v}?', ('Actually, my favourite colour is {v} now.',)),
    Kind('my food', 'food', ('My favourite food is {v}.', 'My favorite food is {v}.', 'I like {v} most of all.', 'I love to eat {v}.', '{v} is my favourite food.', 'I could eat {v} every day.',
          'The food I like best is {v}.', 'Nothing tastes better to me than {v}.'),
         ('What is my favourite food?', 'What is my favorite food?', 'What do I like to eat?', 'Which food do I like most?', 'What do I love to eat?', 'What is my favourite dish?', 'What should you cook for me?', 'Which dish do I like best?',
          "What's my favourite food?", "What's my favorite dish?", 'What do I enjoy eating?', 'What could you make me for dinner?', 'What food do I love?', 'What would I order in a restaurant?',
          'Which meal makes me happy?', 'What should be on my plate?', 'What would I like for dinner?', 'What could I eat all the time?', 'If you cooked for me, what would it be?', 'What do I like best to eat?',
          'My favourite food?', 'What food am I fond of?'),
         ('Your favourite food is {v}.',), 'your favourite food', 'Is my favourite food {v}?', ('Actually, my favourite food is {v} now.',)),
    Kind('my drink', 'drink', ('My favourite drink is {v}.', 'I like to drink {v}.', 'I drink {v} every morning.', '{v} is my favourite drink.', 'I always drink {v}.',
          'I usually drink {v}.', 'When I am thirsty I drink {v}.'), ('What is my favourite drink?', 'What do I like to drink?', 'What do I drink?', 'Which drink do I like most?', 'What should you pour me?',
          "What's my favourite drink?", "What's my favorite drink?", 'What do I usually drink?', 'What should I have in my glass?', 'What would I order at the bar?', 'What can you offer me to drink?',
          'What do I drink when I am thirsty?', 'What would I like to drink?', 'What should you bring me to drink?', 'What do I normally have to drink?', "What's in my cup?", 'My usual drink?',
          'What beverage do I like?', 'Which drink do I prefer?'),
         ('Your favourite drink is {v}.',), 'your favourite drink', 'Is my favourite drink {v}?', ()),
    Kind('my pet', 'pet', ('My {x} is called {v}.', 'I have a {x} called {v}.', "My {x}'s name is {v}.", 'I have a {x} named {v}.',
                           'The name of my {x} is {v}.', 'I have a {x}. Its name is {v}.', 'We have a {x} called {v}.', '{v} is my {x}.', 'We got a {x}, {v}.', 'My {x} {v} is very old.', 'Our {x} is called {v}.',
          'We named our {x} {v}.', 'My {x} answers to {v}.'),
         ('What is my {x} called?', 'What is the name of my {x}?', "What is my {x}'s name?", 'Do you remember the name of my {x}?',
          'How is my {x} called?', 'Do I have a {x}?', 'Who is my {x}?', 'What did I call my {x}?', "What's my {x} called?", 'What name does my {x} have?', 'Which name did I give my {x}?',
          "What's my {x}'s name?", "What's the name of my {x}?", "My {x}'s name?", 'What do I call my {x}?', 'What does my {x} answer to?', "What was my {x}'s name again?", 'What did we name our {x}?',
          'Which name did we pick for our {x}?', 'What name should I shout to get my {x} to come?', 'Can you name my {x}?', 'How do I call my {x}?', "What's our {x} called?", 'By what name does my {x} go?',
          'What name did I tell you for my {x}?'),
         ('Your {x} is called {v}.',), 'the name of your {x}', 'Is my {x} called {v}?', ('Actually, my {x} is called {v}.',), 'ANIMALS'),
    Kind('my relative', 'name', ('My {x} is called {v}.', "My {x}'s name is {v}.", 'The name of my {x} is {v}.', 'My {x} is {v}.', '{v} is my {x}.', 'I have a {x} called {v}.', 'I have a {x} named {v}.', 'Our {x} is called {v}.', 'You should meet my {x} {v}.',
          'My {x} goes by {v}.', 'We call my {x} {v}.'),
         ('What is my {x} called?', "What is my {x}'s name?", 'What is the name of my {x}?', 'Who is my {x}?', 'Do you know the name of my {x}?', 'Do I have a {x}?', "What's my {x} called?", 'Which name does my {x} have?', "What's the name of my {x}?",
          "What's my {x}'s name?", "Who's my {x}?", "My {x}'s name?", "What was my {x}'s name again?", 'How is my {x} called?', 'What do people call my {x}?', 'What name does my {x} go by?',
          'Can you name my {x}?', 'Who did I say my {x} was?', 'What name did I give for my {x}?', "What's our {x} called?", 'What do I call my {x}?', 'Remind me what my {x} is called.',
          "What's the first name of my {x}?"),
         ('Your {x} is called {v}.',), 'the name of your {x}', 'Is my {x} called {v}?', ('Actually, my {x} is called {v}.',), 'RELATIVES'),
    Kind('my age', 'age', ('I am {v} years old.', "I'm {v} years old.", 'My age is {v}.', 'I turned {v} this year.', 'I am {v}.',
          'I have just turned {v}.', 'I am aged {v}.', 'I have lived {v} years.'), ('How old am I?', 'What is my age?', 'Do you know how old I am?', 'What age am I?', 'How many years old am I?', 'Which age am I?',
          'How old have I become?', "What's my age?", 'My age?', 'How many years have I lived?', 'At what age am I now?', 'How many candles go on my cake?', 'How many years have I been alive?',
          'How many years have I been on this earth?', "What's my age in years?", 'How old did I say I was?', 'How old would you say I am?', 'How old did I turn?', 'What do I say when people ask my age?'),
         ('You are {v} years old.',), 'how old you are', 'Am I {v} years old?', ('Actually, I am {v} years old.',)),
    Kind('my birthday', 'date', ('My birthday is on {v}.', 'I was born on {v}.', 'I have my birthday on {v}.',
          'I celebrate my birthday on {v}.', 'My date of birth is {v}.', 'I turn a year older on {v}.'), ('When is my birthday?', 'On which day is my birthday?', 'When was I born?', 'When do I have my birthday?', 'What is the date of my birthday?', 'On what date was I born?',
          "When's my birthday?", 'What day is my birthday?', "What's my date of birth?", 'My birthday?', 'When do I get a cake with candles?', 'On what day was I born?', "What's my birth date?",
          'When should you wish me a happy birthday?', 'When do I turn a year older?', 'When am I one year older?', 'When do people bring me birthday presents?', 'Which date is my birthday?',
          'When do I celebrate my birthday?', 'On which date do I have my birthday?'),
         ('Your birthday is on {v}.',), 'when your birthday is', 'Is my birthday on {v}?', ('Actually, my birthday is on {v}.',)),
    Kind('my hobby', 'hobby', ('My hobby is {v}.', 'I like {v}.', 'I enjoy {v}.', 'In my free time I like {v}.', '{v} is my hobby.', 'I love {v}.',
          'My favourite pastime is {v}.', 'I am into {v}.'), ('What is my hobby?', 'What do I like to do?', "What's my hobby?", 'What do I do in my free time?', 'What do I do for fun?', 'What do I enjoy?',
          'How do I spend my free time?', 'What do I do in my spare time?', "What's my favourite pastime?", 'What do I like doing?', "What do I do when I'm not working?", 'What am I into?',
          'What do I like to do at the weekend?', "What's my thing?", 'What do I do to relax?', 'How do I like to pass the time?', 'What leisure activity do I like?', 'What keeps me busy on my days off?',
          'What do I get up to in my free time?', 'What do I do for pleasure?'),
         ('Your hobby is {v}.',), 'your hobby', 'Is my hobby {v}?', ('Actually, my hobby is {v} now.',)),
    Kind('my instrument', 'instrument', ('I play the {v}.', 'I am learning the {v}.', 'I can play the {v}.', 'I have played the {v} for years.',
          'I take lessons on the {v}.', 'My instrument is the {v}.', 'In the band I play the {v}.'), ('What do I play?', 'Which instrument do I play?', 'What instrument do I play?', 'What instrument do I know?', 'What can I play?', 'Which instrument am I learning?',
          'What musical instrument do I play?', 'What instrument have I learnt?', 'On what instrument do I make music?', "What's my instrument?", 'My instrument?', 'Which instrument can I play?',
          'What do I play in the band?', 'What instrument should I bring to the orchestra?', 'What do I practise for my music lessons?', 'On which instrument do I give concerts?',
          'What instrument did I say I play?', 'How do I make music?', 'Which instrument am I able to play?'),
         ('You play the {v}.',), 'which instrument you play', 'Do I play the {v}?', ('I now play the {v}.',)),
    Kind('my vehicle', 'colour', ('My {x} is {v}.', 'I have a {v} {x}.', 'I drive a {v} {x}.', 'Our {x} is {v}.',
          'I own a {v} {x}.', 'My {x} is painted {v}.', 'The colour of my {x} is {v}.'), ('What colour is my {x}?', 'Which colour does my {x} have?', 'Do I have a {x}?', 'What is the colour of my {x}?', 'What colour does my {x} have?',
          'What color is my {x}?', "What's the colour of my {x}?", "What's the color of my {x}?", 'Which color does my {x} have?', 'In what colour is my {x} painted?', 'What colour of {x} do I have?',
          'What does my {x} look like?', 'In which colour did I buy my {x}?', 'My {x} is what colour?', 'What colour did I say my {x} was?', 'What paint does my {x} have?',
          'What colour {x} should you look for when I come?', 'What colour is our {x}?'),
         ('Your {x} is {v}.',), 'the colour of your {x}', 'Is my {x} {v}?', (), 'VEHICLES'),
    Kind('my subject', 'subject', ('I study {v}.', 'I am studying {v}.', 'I am a student of {v}.', 'My subject is {v}.', 'I teach {v}.',
          'I am doing a degree in {v}.', 'My major is {v}.', 'I read {v} at university.'), ('What do I study?', 'Which subject do I study?', 'What am I studying?', 'What is my subject?', 'What am I a student of?',
          "What's my subject?", 'What am I doing at university?', 'What do I read at university?', "What's my major?", 'What did I choose to study?', 'What are my courses about?',
          'In which subject am I taking a degree?', 'What do I learn at college?', 'What field am I in as a student?', 'What subject did I pick?', 'What am I getting a degree in?', 'What are my lectures about?',
          "What's my field of study?", 'My major?'),
         ('You study {v}.',), 'what you study', 'Do I study {v}?', ('I now study {v}.',)),
    Kind('my language', 'language', ('I speak {v}.', 'My language is {v}.', 'At home I speak {v}.', 'My mother tongue is {v}.',
          'My native language is {v}.', 'I grew up speaking {v}.', 'We speak {v} in my family.'), ('Which language do I speak?', 'What language do I speak?', 'What is my language?', 'What do I speak at home?', 'What is my mother tongue?',
          "What's my mother tongue?", "What's my native language?", "What's my first language?", "What's my language?", 'In which language can you talk to me?', 'What language do we speak at home?',
          'What language was I brought up with?', 'Which language do I understand?', 'In what language do I talk to my family?', 'Which tongue do I speak?', 'In which language should you write to me?',
          'What language do I know?', 'My native language?', 'What am I a speaker of?'),
         ('You speak {v}.',), 'which language you speak', 'Do I speak {v}?', ()),
    Kind('my music', 'music', ('I listen to {v}.', 'I like to listen to {v}.', 'My favourite music is {v}.',
          'I am a fan of {v}.', 'I mostly listen to {v}.', 'The music I like best is {v}.'), ('What do I listen to?', 'What music do I like?', 'What is my favourite music?',
          'What kind of music do I like?', 'What sort of music do I listen to?', "What's my favourite music?", "What's my favorite music?", 'What music should you put on for me?',
          'What should you play for me on the radio?', "What's playing when I have the radio on?", 'What style of music am I into?', 'What am I listening to?', 'Which music do I enjoy?',
          'What do I have in my headphones?', 'What kind of concert would I go to?', 'What records do I buy?', 'My kind of music?'),
         ('You listen to {v}.',), 'what you listen to', 'Do I listen to {v}?', ('I now listen to {v}.',)),
    Kind('my number', 'number', ('I have {v} {x}.', 'I own {v} {x}.', 'There are {v} {x} in my house.',
          'I have got {v} {x}.', 'The number of my {x} is {v}.', 'I have {v} {x} in all.'), ('How many {x} do I have?', 'How many {x} do I own?',
          'How many {x} have I got?', 'What number of {x} do I have?', 'How many {x} are there in my house?', 'How many {x} did I say I had?', 'How many {x} are mine?', 'How many {x} do I call my own?',
          "What's the number of my {x}?", "Can you tell me how many {x} I've got?", 'How many {x} belong to me?', 'Count my {x}.', 'The number of my {x}?', 'How many {x} are there in all that I have?'),
         ('You have {v} {x}.',), 'how many {x} you have', 'Do I have {v} {x}?', ('I now have {v} {x}.',), 'COUNTED'),
    Kind('my trip', 'city', ('I want to visit {v}.', 'I would like to visit {v}.', 'I plan to visit {v}.', 'Next week I travel to {v}.', 'I am going to {v}.', 'I will fly to {v}.', 'We are going to {v} on holiday.',
          'I am flying to {v}.', 'My next trip goes to {v}.'), ('Which city do I want to visit?', 'What do I want to visit?', 'Where do I want to go?', 'Where do I want to travel?', 'Where will I travel?', 'Which city am I going to?', 'What city will I see?',
          'Where am I off to?', 'Where am I going on holiday?', 'Where am I going on vacation?', 'Where do I plan to go?', "What's my travel destination?", 'Which city do I plan to visit?',
          'What city would I like to see?', 'Where would I like to travel?', 'Where should I book a hotel?', 'Where should my flight take me?', 'Where am I heading?', 'For which city do I need a ticket?',
          'What town is on my travel list?', 'Where does my next journey go?'),
         ('You want to visit {v}.',), 'which city you want to visit', 'Do I want to visit {v}?', ('Now I want to visit {v}.',)),
    Kind('my fear', 'fear', ('I am afraid of {v}.', "I'm afraid of {v}.", 'I fear {v}.', '{v} scare me.', 'I have always been afraid of {v}.',
          'I am scared of {v}.', 'I am terrified of {v}.', 'My biggest fear is {v}.'), ('What am I afraid of?', 'What do I fear?', 'What scares me?', 'What frightens me?', 'Which things am I afraid of?',
          "What's my biggest fear?", 'What am I scared of?', 'What am I frightened of?', 'What makes me run away?', 'What gives me the creeps?', 'What am I terrified of?', 'What am I in fear of?',
          'What makes me shiver?', 'What do I have a phobia of?', 'What should you keep away from me because it scares me?', 'What gives me nightmares?', 'My greatest fear?',
          "What's the thing I'm most afraid of?", 'What would make me scream?'), ('You are afraid of {v}.',), 'what you are afraid of',
         'Am I afraid of {v}?', ()),
    Kind('my plan', 'plan', ('I have to {v} {x}.', 'Remind me to {v} {x}.', 'I need to {v} {x}.', 'Please remind me to {v} {x}.', 'I must {v} {x}.', "Don't let me forget to {v} {x}.", '{X} I have to {v}.', '{X} I must {v}.', 'I want to {v} {x}.', 'I am going to {v} {x}.',
          "I've got to {v} {x}.", "I mustn't forget to {v} {x}."),
         ('What do I have to do {x}?', 'What do I need to do {x}?', 'What must I do {x}?', 'What did I want to do {x}?', 'What should you remind me of {x}?', 'What is my plan {x}?', 'What have I planned {x}?', 'Is there anything I have to do {x}?',
          "What's on my list {x}?", 'What am I supposed to do {x}?', "What's on my to-do list {x}?", 'What have I got to do {x}?', 'What am I meant to do {x}?', 'What should I do {x}?',
          "What shouldn't I forget {x}?", 'What job is waiting for me {x}?', 'What did I ask you to remind me of {x}?', "What's my task {x}?", "What's on my agenda {x}?", "What did I say I'd do {x}?",
          'What am I going to do {x}?', 'My plans {x}?'), ('{X} you have to {v}.',), 'what you have to do {x}',
         'Do I have to {v} {x}?', ('Actually, I have to {v} {x}.',), 'TIMES'),
    Kind('my boss', 'name', ('I work for {v}.', 'I work with {v}.', 'I am working for {v}.',
          'I am employed by {v}.', '{v} pays my wages.', 'My employer is {v}.'), ('Who do I work for?', 'Who do I work with?', 'Who is my employer?', 'Whom do I work for?',
          'Who employs me?', 'Who am I working for?', 'Who am I employed by?', 'Who pays my wages?', 'Who pays my salary?', "Who's my employer?", 'For whom do I work?', 'With whom do I work?',
          'Who gives me my work?', 'Who am I in the service of?', 'Who do I get my pay from?', 'Who signs my pay cheque?', 'Who did I say I work for?', 'Who do I report to?'), ('You work for {v}.',), 'who you work for', 'Do I work for {v}?', ('I now work for {v}.',)),
)
THE = (
    Kind('price', 'price', ('The {x} costs {v} euros.', 'The price of the {x} is {v} euros.', 'I paid {v} euros for the {x}.', 'I bought a {x} for {v} euros.', 'The {x} was {v} euros.', 'The new {x} cost me {v} euros.',
          'They want {v} euros for the {x}.', 'The {x} is on sale for {v} euros.'), ('How much does the {x} cost?', 'What is the price of the {x}?', 'How much is the {x}?', 'What did I pay for the {x}?', 'How much did the {x} cost?', 'How much money was the {x}?', 'How much did I pay for the {x}?',
          'What does the {x} cost?', "What's the price of the {x}?", 'How many euros is the {x}?', 'What did the {x} cost me?', 'What did I spend on the {x}?', 'How expensive is the {x}?',
          'What do they want for the {x}?', 'How much do they charge for the {x}?', 'What will the {x} set me back?', "What's the {x} going for?", 'How many euros do I need for the {x}?',
          'How much money do I need to buy the {x}?', 'The price of the {x}?', "What's written on the price tag of the {x}?"),
         ('The {x} costs {v} euros.',), 'how much the {x} costs', 'Does the {x} cost {v} euros?', ('The {x} now costs {v} euros.',), 'GOODS'),
    Kind('time', 'time', ('The {x} begins at {v}.', 'The {x} starts at {v}.', 'The {x} is at {v}.', 'My {x} starts at {v}.',
          'We start the {x} at {v}.', 'I must be at the {x} at {v}.', 'The {x} kicks off at {v}.'), ('When does the {x} begin?', 'At what time does the {x} begin?', 'When does the {x} start?', 'What time is the {x}?', 'At what time is the {x}?', 'When must I be at the {x}?', 'At what time does the {x} start?',
          'What time does the {x} start?', 'What time does the {x} begin?', 'What time does the {x} kick off?', 'By what time must I be at the {x}?', 'What time do I have to be at the {x}?',
          'The {x} starts at what time?', 'At what time should I turn up for the {x}?', 'At what hour is the {x}?', 'At what hour does the {x} begin?', "What's the starting time of the {x}?",
          'What time do I have to be there for the {x}?', 'What time is my {x}?', 'At what time do we meet for the {x}?', 'When exactly does the {x} get going?'),
         ('The {x} begins at {v}.',), 'when the {x} begins', 'Does the {x} begin at {v}?', ('The {x} now begins at {v}.',), 'EVENTS'),
    Kind('owner', 'name', ('The {x} belongs to {v}.', 'The owner of the {x} is {v}.', "It is {v}'s {x}.", '{v} owns the {x}.', '{v} is the owner of the {x}.',
          'The {x} is owned by {v}.', "This is {v}'s {x}."), ('Who does the {x} belong to?', 'Who owns the {x}?', 'Whose is the {x}?', 'Who is the owner of the {x}?', 'Who has the {x}?',
          'Whose {x} is this?', 'Whose {x} is it?', 'To whom does the {x} belong?', 'Who does this {x} belong to?', "Who's the owner of the {x}?", 'Who should I give the {x} back to?',
          'Who do I return the {x} to?', 'Whose property is the {x}?', 'Who can I ask if I want to borrow the {x}?', 'Who would miss the {x}?', 'By whom is the {x} owned?', 'The owner of the {x}?',
          'Who possesses the {x}?', 'Whose name is on the {x}?'), ('The {x} belongs to {v}.',),
         'who the {x} belongs to', 'Does the {x} belong to {v}?', ('The {x} now belongs to {v}.',), 'GOODS'),
    Kind('capital', 'city', ('The capital of {x} is {v}.', '{v} is the capital of {x}.', 'The largest city of {x} is {v}.',
          '{x} has {v} as its capital.', 'The capital city of {x} is {v}.', '{x} is governed from {v}.'), ('What is the capital of {x}?', 'Which city is the capital of {x}?', 'Do you know the capital of {x}?',
          "What's the capital of {x}?", "What is {x}'s capital?", "What's the capital city of {x}?", 'Name the capital of {x}.', "Which city is {x}'s capital?", 'What city is the government of {x} in?',
          'Where does the government of {x} sit?', "What's the main city of {x}?", 'What is the capital of {x} called?', 'The capital of {x}?', 'Which capital does {x} have?', 'From which city is {x} governed?',
          'What city do I travel to if I want to see the capital of {x}?'),
         ('The capital of {x} is {v}.',), 'what the capital of {x} is', 'Is {v} the capital of {x}?', (), 'LANDS'),
    Kind('host', 'name', ('The {x} is with {v}.', 'I have the {x} with {v}.',
          'My {x} is with {v}.', 'I am having the {x} with {v}.', 'I will see {v} at the {x}.'), ('Who is the {x} with?', 'With whom is the {x}?',
          "Who's the {x} with?", 'Who do I have the {x} with?', 'Who am I having the {x} with?', 'Who am I meeting for the {x}?', 'Who is my {x} with?', 'The {x} is with whom?', 'Who will I see at the {x}?',
          'Who should I expect at the {x}?', "Who's joining me for the {x}?", 'Who else will be at the {x}?', 'With whom do I have my {x}?', "Who's coming to the {x} with me?", 'With whom am I having the {x}?',
          'Who will be with me at the {x}?'), ('The {x} is with {v}.',), 'who the {x} is with', 'Is the {x} with {v}?', (), 'EVENTS'),

    Kind('code', 'code', ('The code of the {x} is {v}.', 'The {x} code is {v}.', 'The code for the {x} is {v}.', 'You open the {x} with {v}.', 'The {x} opens with {v}.', '{v} is the code of the {x}.', 'My {x} code is {v}.',
          'You unlock the {x} with {v}.', 'The {x} is locked with the code {v}.'),
         ('What is the code of the {x}?', 'What is the {x} code?', 'What is the code for the {x}?', 'Do you remember the code of the {x}?', 'Which code does the {x} have?', 'What do I type at the {x}?', 'How do I open the {x}?', 'Which number opens the {x}?', 'With what code do I open the {x}?', 'What number do I need for the {x}?', 'What do I need to open the {x}?', "What's the code of the {x}?",
          'The {x} code?', 'What was the {x} code again?', 'Which digits open the {x}?', "What's the {x} code?", 'What numbers do I punch in at the {x}?', 'What code unlocks the {x}?', 'How do I unlock the {x}?',
          "What's the combination for the {x}?", "What's the PIN of the {x}?", "I'm standing at the {x}, what's the code?", 'The {x} is locked, what do I type?', 'What digits do I have to enter at the {x}?',
          'I need the code for the {x}.', 'Which combination does the {x} have?'),
         ('The code of the {x} is {v}.',), 'the code of the {x}', 'Is the code of the {x} {v}?',
         ('The code of the {x} is now {v}.', 'Actually, the code of the {x} is {v}.'), 'LOCKS'),
    Kind('password', 'secret', ('The {x} password is {v}.', 'The password of the {x} is {v}.', 'My {x} password is {v}.', 'The password for the {x} is {v}.', '{v} is the {x} password.', 'Our {x} password is {v}.',
          'You log in to the {x} with {v}.', 'I set the {x} password to {v}.'),
         ('What is the {x} password?', 'What is the password of the {x}?', 'What is my {x} password?', 'What is the password for the {x}?', 'Do you know the {x} password?', 'Which password does the {x} have?', "What's the {x} password?", 'With which password do I get into the {x}?', 'How do I log in to the {x}?',
          'My {x} password?', 'What was the {x} password again?', "What's my {x} password?", 'How do I sign in to the {x}?', 'What do I type to log in to the {x}?', 'The {x} is asking for a password.',
          'Which password did I set for the {x}?', 'What password should I enter for the {x}?', 'Give me the {x} password.', "I've forgotten my {x} password.", "What's the password to the {x}?",
          'What secret word gets me into the {x}?', "I can't log in to the {x}, what's the password?", 'I need the password for the {x}.'),
         ('The {x} password is {v}.',), 'the {x} password', 'Is the {x} password {v}?', ('The {x} password is now {v}.',), 'ACCOUNTS'),
    Kind('thing', 'place', ('The {x} is in the {v}.', 'I put the {x} in the {v}.', 'My {x} is in the {v}.', 'I left the {x} in the {v}.', 'You find the {x} in the {v}.', 'I keep the {x} in the {v}.', 'The {x} lies in the {v}.',
          'The {x} is lying in the {v}.', 'I have put my {x} in the {v}.'),
         ('Where is the {x}?', 'Where did I put the {x}?', 'Where is my {x}?', 'Do you know where the {x} is?', 'Have you seen my {x}?', 'I cannot find the {x}.', 'Where did I leave the {x}?', 'Where do I find the {x}?', 'In what place is the {x}?', "Where's my {x}?", 'Where should I look for the {x}?',
          "Where's the {x}?", "I've lost my {x}.", "I'm looking for my {x}.", 'Any idea where my {x} is?', 'Where can I find my {x}?', 'Where has my {x} gone?', 'What did I do with the {x}?',
          'Where has the {x} got to?', 'I need my {x}, where is it?', 'Can you help me find the {x}?', 'Where might the {x} be?', "Where's the {x} kept?", 'Where did the {x} end up?', 'Where to look for the {x}?'), ('The {x} is in the {v}.',), 'where the {x} is',
         'Is the {x} in the {v}?', ('The {x} is now in the {v}.', 'I moved the {x} to the {v}.'), 'THINGS'),
    Kind('event', 'day', ('The {x} is on {v}.', 'We have the {x} on {v}.', 'The {x} takes place on {v}.', 'Our {x} is on {v}.', 'My {x} is on {v}.', 'There is a {x} on {v}.',
          'The {x} will be on {v}.', 'I have a {x} on {v}.'),
         ('When is the {x}?', 'On which day is the {x}?', 'What day is the {x}?', 'Do you remember when the {x} is?', 'When do we have the {x}?', 'Which day is the {x}?', 'When is our {x}?', 'When is my {x}?',
          'What day is my {x}?', "When's the {x}?", "When's our {x}?", 'What day is the {x} on?', 'Which day of the week is the {x}?', 'On what day do we have the {x}?', 'On which day does the {x} fall?',
          'What day did we fix for the {x}?', 'Which day should I keep free for the {x}?', 'For which day is the {x} planned?', 'What day will the {x} be?', 'On which day am I going to the {x}?',
          'The {x} is on what day?', 'What day of the week do I have the {x}?'), ('The {x} is on {v}.',), 'when the {x} is',
         'Is the {x} on {v}?', ('The {x} is now on {v}.', 'The {x} was moved to {v}.'), 'EVENTS'),
)
PERSON = (
    Kind('city', 'city', ('{n} lives in {v}.', '{n} has a house in {v}.', '{n} lives in the city of {v}.', '{n} has lived in {v} for years.', '{n} lives near {v}.', '{n} has a flat in {v}.',
          '{n} is living in {v}.', '{n} has settled in {v}.'), ('Where does {n} live?', 'Which city does {n} live in?', 'In which city does {n} live?', 'Do you know where {n} lives?', 'Which town does {n} live in?', 'Where is {n} at home?', 'In which town can I visit {n}?', 'What city is {n} in?', "Where is {n}'s house?",
          'Where to find {n}?', 'Whereabouts does {n} live?', 'Where does {n} reside?', "Where's {n} living?", "Where's {n} based?", "Where is {n}'s home?", 'What city does {n} call home?',
          'If I want to visit {n}, where do I have to go?', 'Where should I send a letter to {n}?', 'Where has {n} settled?', 'What town is {n} living in?', 'Which city is {n} living in now?',
          'Where does {n} have a flat?', "{n}'s city?"),
         ('{n} lives in {v}.',), 'where {n} lives', 'Does {n} live in {v}?', ('{n} moved to {v}.', 'Actually, {n} lives in {v} now.')),
    Kind('job', 'job', ('{n} works as {a} {v}.', '{n} is {a} {v}.', "{n}'s job is {v}.", '{n} has been {a} {v} for years.',
          '{n} earns a living as {a} {v}.', '{n} has a job as {a} {v}.'), ('What does {n} work as?', "What is {n}'s job?", 'What does {n} do for a living?', 'What is the job of {n}?', 'As what does {n} work?', 'What does {n} do?', 'How does {n} earn money?', "What's {n}'s job?", "What is {n}'s profession?",
          "What's {n}'s profession?", 'How does {n} make a living?', 'How does {n} pay the rent?', 'What line of work is {n} in?', 'What is {n} by profession?', 'What sort of work does {n} do?',
          'What does {n} do for work?', "What's {n}'s occupation?", 'What is {n} employed as?', 'What kind of job does {n} have?', 'How does {n} earn a living?', 'What trade is {n} in?',
          'What does {n} do all day at work?', "{n}'s job?"),
         ('{n} works as {a} {v}.',), 'what {n} works as', 'Does {n} work as {a} {v}?', ('{n} now works as {a} {v}.', 'Actually, {n} works as {a} {v}.')),
    Kind('likes', 'food', ('{n} likes {v}.', '{n} loves {v}.', '{n} likes to eat {v}.', "{n}'s favourite food is {v}.", '{n} could eat {v} every day.',
          '{n} enjoys eating {v}.', '{n} is very fond of {v}.'), ('What does {n} like?', 'What does {n} like to eat?', 'What does {n} love?', 'What food does {n} like?', 'What should I cook for {n}?', 'What is the favourite food of {n}?',
          "What's {n}'s favourite food?", "What's {n}'s favorite food?", 'What does {n} enjoy eating?', "What's {n}'s favourite dish?", 'What could I make {n} for dinner?', 'Which food does {n} love?',
          'If {n} comes to dinner, what should I serve?', "What should I put on {n}'s plate?", 'What meal would please {n}?', 'What would {n} order in a restaurant?', 'What is {n} fond of eating?',
          'What does {n} like best for dinner?', 'What food makes {n} happy?', "{n}'s favourite food?"), ('{n} likes {v}.',), 'what {n} likes',
         'Does {n} like {v}?', ('Actually, {n} likes {v} now.',)),
    Kind('drinks', 'drink', ('{n} drinks {v}.', '{n} likes to drink {v}.', '{n} always drinks {v}.',
          '{n} usually drinks {v}.', '{n} drinks {v} every day.', '{n} prefers to drink {v}.'), ('What does {n} drink?', 'What does {n} like to drink?', 'Which drink does {n} like?', 'What should I offer {n} to drink?',
          "What's {n}'s favourite drink?", "What's {n}'s favorite drink?", 'What does {n} usually drink?', 'What should I pour for {n}?', "What's in {n}'s glass?", 'What would {n} order at the bar?',
          'What can I get {n} to drink?', 'What does {n} have to drink?', 'Which drink does {n} prefer?', 'What is {n} drinking?', 'What does {n} drink when thirsty?', 'What beverage does {n} like?',
          'What kind of drink should I buy for {n}?', "{n}'s usual drink?"), ('{n} drinks {v}.',), 'what {n} drinks',
         'Does {n} drink {v}?', ()),
    Kind('plays', 'instrument', ('{n} plays the {v}.', '{n} is learning the {v}.', '{n} can play the {v}.',
          '{n} is good at playing the {v}.', '{n} has played the {v} for years.', '{n} knows how to play the {v}.'), ('What does {n} play?', 'Which instrument does {n} play?', 'What instrument does {n} play?', 'What can {n} play?', 'Which instrument does {n} know?',
          'What musical instrument does {n} play?', "What's {n}'s instrument?", 'What instrument is {n} learning?', 'On what instrument does {n} make music?', 'Which instrument can {n} play?',
          'What does {n} play in the band?', 'What does {n} practise for music lessons?', 'Which instrument has {n} learnt?', 'What instrument is {n} good at?', 'On which instrument does {n} give concerts?',
          'What instrument would {n} bring along?', 'How does {n} make music?', "{n}'s instrument?"), ('{n} plays the {v}.',),
         'what {n} plays', 'Does {n} play the {v}?', ('{n} now plays the {v}.',)),
    Kind('colour', 'colour', ("{n}'s favourite colour is {v}.", 'The favourite colour of {n} is {v}.',
          "{n}'s favorite color is {v}.", 'The colour {n} likes most is {v}.', "{n}'s best colour is {v}."), ("What is {n}'s favourite colour?", 'What is the favourite colour of {n}?', 'Which colour does {n} like most?',
          "What's {n}'s favourite colour?", "What is {n}'s favorite color?", 'What colour does {n} like best?', 'Which colour does {n} prefer?', 'What colour does {n} love?', "Which colour is {n}'s favourite?",
          'In what colour should I buy {n} a scarf?', 'What colour would {n} choose?', 'What color does {n} like the most?', "What colour should I paint {n}'s room?", 'What colour is {n} fond of?',
          'Of all colours, which does {n} like most?', "What's the favorite color of {n}?", "{n}'s favourite colour?"),
         ("{n}'s favourite colour is {v}.",), 'the favourite colour of {n}', "Is {n}'s favourite colour {v}?", ()),
    Kind('pet', 'pet', ("{n}'s {x} is called {v}.", '{n} has a {x} called {v}.', 'The {x} of {n} is called {v}.', '{n} has a {x} named {v}.',
          '{n} calls the {x} {v}.', "The name of {n}'s {x} is {v}.", "{n}'s {x} has the name {v}."), ("What is {n}'s {x} called?", "What is the name of {n}'s {x}?", 'What is the {x} of {n} called?', "What's {n}'s {x} called?", 'Which name does the {x} of {n} have?',
          "{n}'s {x} is called what?", "What's the name of {n}'s {x}?", "What is {n}'s {x}'s name?", 'What does {n} call the {x}?', 'What name did {n} give the {x}?', "What does {n}'s {x} answer to?",
          "What was {n}'s {x} called again?", "How is {n}'s {x} called?", "What's the {x} of {n} called?", 'What did {n} name the {x}?', "Which name does {n}'s {x} have?", "Can you name {n}'s {x}?",
          "The name of {n}'s {x}?", "By what name does {n}'s {x} go?"),
         ("{n}'s {x} is called {v}.",), "the name of {n}'s {x}", "Is {n}'s {x} called {v}?", (), 'ANIMALS'),
    Kind('age', 'age', ('{n} is {v} years old.', '{n} is {v}.', '{n} turned {v} last week.', '{n} is {v} now.',
          '{n} has just turned {v}.', '{n} is aged {v}.', '{n} has reached the age of {v}.'), ('How old is {n}?', 'What is the age of {n}?', 'What age is {n}?', 'How many years old is {n}?', "What is {n}'s age?",
          "What's {n}'s age?", "{n}'s age?", 'How old would {n} be?', 'How many years has {n} lived?', "How many candles go on {n}'s cake?", 'How old has {n} become?', 'What age has {n} reached?',
          'How old did {n} turn?', 'At what age is {n} now?', 'How many years has {n} been alive?', "What's the age of {n}?", 'How old did I say {n} was?', 'How old might {n} be?'), ('{n} is {v} years old.',), 'how old {n} is', 'Is {n} {v} years old?', ()),
    Kind('birthday', 'date', ('The birthday of {n} is on {v}.', "{n}'s birthday is on {v}.",
          '{n} was born on {v}.', '{n} has a birthday on {v}.', "The date of {n}'s birthday is {v}."), ('When is the birthday of {n}?', "When is {n}'s birthday?", 'On what date is the birthday of {n}?', "What is the date of {n}'s birthday?",
          "When's {n}'s birthday?", "What day is {n}'s birthday?", 'When was {n} born?', "What is {n}'s date of birth?", 'On which day was {n} born?', 'When does {n} have a birthday?',
          'When should I wish {n} a happy birthday?', 'When does {n} turn a year older?', 'When do I have to send {n} a birthday card?', 'When does {n} celebrate a birthday?', "What's the date of {n}'s birthday?",
          'By when do I need a birthday present for {n}?', "On which date is {n}'s birthday?", "{n}'s birthday?"), ('The birthday of {n} is on {v}.',), 'when the birthday of {n} is',
         'Is the birthday of {n} on {v}?', ()),
    Kind('phone', 'code', ('The number of {n} is {v}.', "{n}'s number is {v}.",
          "{n}'s phone number is {v}.", 'You can reach {n} at {v}.', 'To call {n}, dial {v}.'), ('What is the number of {n}?', "What is {n}'s number?",
          "{n}'s phone number?", 'How can I reach {n}?', "What's {n}'s number?", 'What number do I dial for {n}?', 'How do I call {n}?', "What is {n}'s phone number?", 'Which number does {n} have?',
          "I want to call {n}, what's the number?", 'Under which number can I reach {n}?', 'What number should I ring to talk to {n}?', 'How can I get {n} on the phone?', 'I need the number of {n}.',
          "Give me {n}'s number.", "What's the phone number of {n}?"), ('The number of {n} is {v}.',), 'the number of {n}', 'Is the number of {n} {v}?',
         ('The number of {n} is now {v}.',)),
    Kind('origin', 'city', ('{n} comes from {v}.', '{n} is from {v}.', '{n} was born in {v}.', '{n} grew up in {v}.',
          '{n} was raised in {v}.', '{n} is originally from {v}.'), ('Where does {n} come from?', 'Where is {n} from?', 'Where was {n} born?', 'Where did {n} grow up?', 'In which city was {n} born?', "What is {n}'s home town?",
          'Where does {n} come from originally?', "Where's {n} from?", "What is {n}'s place of birth?", "What's {n}'s birthplace?", 'What city does {n} come from?', 'Which town is {n} from?',
          'Where was {n} raised?', 'Where did {n} spend childhood?', "Where are {n}'s roots?", 'What city was {n} born in?', 'In which town did {n} grow up?', 'Where is {n} originally from?', "{n}'s birthplace?",
          'What place does {n} hail from?'), ('{n} comes from {v}.',), 'where {n} comes from', 'Does {n} come from {v}?', ()),
    Kind('married', 'name', ('{n} is married to {v}.', '{n} married {v}.',
          '{n} got married to {v}.', '{n} is the spouse of {v}.', '{n} tied the knot with {v}.'), ('Who is {n} married to?', 'Who did {n} marry?', 'Who is the husband or wife of {n}?', 'Whom did {n} marry?',
          "Who's {n} married to?", 'To whom is {n} married?', "Who is {n}'s spouse?", 'Who did {n} get married to?', "What's the name of {n}'s spouse?", "Who is {n}'s better half?",
          'Who did {n} tie the knot with?', 'Who is the person {n} married?', 'With whom did {n} exchange rings?', "Who became {n}'s spouse?", 'Whose ring does {n} wear?', 'Who said yes to {n}?',
          '{n} is married to whom?', 'Who did {n} walk down the aisle with?'), ('{n} is married to {v}.',), 'who {n} is married to', 'Is {n} married to {v}?', ()),
    Kind('relative', 'name', ("{n}'s {x} is called {v}.", 'The {x} of {n} is called {v}.', '{n} has a {x} called {v}.', "{n}'s {x} is {v}.",
          '{n} has a {x} named {v}.', "The name of {n}'s {x} is {v}."), ("What is {n}'s {x} called?", "Who is {n}'s {x}?", "What is the name of {n}'s {x}?",
          "What's {n}'s {x} called?", "Who's {n}'s {x}?", "What is {n}'s {x}'s name?", "What's the name of {n}'s {x}?", "How is {n}'s {x} called?", 'What is the {x} of {n} called?', 'Who is the {x} of {n}?',
          "What was the name of {n}'s {x} again?", "What do people call {n}'s {x}?", "What name does {n}'s {x} go by?", "Can you name {n}'s {x}?", "The name of {n}'s {x}?", "Which name does {n}'s {x} have?",
          "Who did I say {n}'s {x} was?"),
         ("{n}'s {x} is called {v}.",), "the name of {n}'s {x}", "Is {n}'s {x} called {v}?", (), 'RELATIVES'),
    Kind('subject', 'subject', ('{n} studies {v}.', '{n} is studying {v}.',
          '{n} is a student of {v}.', '{n} is doing a degree in {v}.', '{n} reads {v} at university.'), ('What does {n} study?', 'Which subject does {n} study?',
          'What is {n} studying?', "What's {n}'s subject?", "What's {n}'s major?", 'What is {n} doing at university?', 'What does {n} read at university?', 'What is {n} a student of?',
          'What did {n} choose to study?', 'Which subject did {n} pick?', 'In which subject is {n} taking a degree?', 'What does {n} learn at college?', "What are {n}'s courses about?",
          "What's {n}'s field of study?", 'What is {n} getting a degree in?', "{n}'s subject?"), ('{n} studies {v}.',), 'what {n} studies', 'Does {n} study {v}?', ('{n} now studies {v}.',)),
    Kind('language', 'language', ('{n} speaks {v}.', '{n} speaks {v} at home.',
          '{n} grew up speaking {v}.', '{n} talks to everyone in {v}.', "{n}'s mother tongue is {v}."), ('Which language does {n} speak?', 'What does {n} speak?',
          'What language does {n} speak?', "What's {n}'s mother tongue?", "What is {n}'s language?", "What's {n}'s native language?", "What's {n}'s first language?", 'In which language should I talk to {n}?',
          'In what language can I write to {n}?', 'What does {n} speak at home?', 'Which language does {n} understand?', "What language do they speak in {n}'s family?", 'Which tongue does {n} speak?',
          'What language do I have to learn to talk with {n}?', 'What language did {n} grow up with?', "{n}'s language?"), ('{n} speaks {v}.',), 'which language {n} speaks', 'Does {n} speak {v}?', ()),
    Kind('fear', 'fear', ('{n} is afraid of {v}.', '{n} fears {v}.', '{v} scare {n}.',
          '{n} is scared of {v}.', '{n} is terrified of {v}.', '{n} has always been afraid of {v}.'), ('What is {n} afraid of?', 'What does {n} fear?', 'What scares {n}?', 'What frightens {n}?',
          'What is {n} scared of?', "What's {n} afraid of?", 'What is {n} frightened of?', 'What is {n} terrified of?', "What's {n}'s biggest fear?", 'What gives {n} the creeps?', 'What makes {n} run away?',
          'What makes {n} shiver?', 'What gives {n} nightmares?', 'What does {n} have a phobia of?', 'What would make {n} scream?', "What are {n}'s nightmares about?",
          'What is {n} most afraid of?', "{n}'s greatest fear?"), ('{n} is afraid of {v}.',), 'what {n} is afraid of', 'Is {n} afraid of {v}?', ()),
    Kind('number', 'number', ('{n} has {v} {x}.', '{n} owns {v} {x}.',
          '{n} has got {v} {x}.', '{n} has {v} {x} in all.', '{n} has as many as {v} {x}.'), ('How many {x} does {n} have?', 'How many {x} does {n} own?',
          'How many {x} has {n} got?', 'What number of {x} does {n} have?', 'How many {x} belong to {n}?', "How many {x} are {n}'s?", 'How many {x} does {n} call their own?', "What's the number of {n}'s {x}?",
          'How many {x} did I say {n} has?', "The number of {n}'s {x}?", 'Count the {x} {n} has.', 'How many {x} are there with {n}?', '{n} has how many {x}?', 'How many {x} are there that {n} owns?'), ('{n} has {v} {x}.',), 'how many {x} {n} has', 'Does {n} have {v} {x}?', ('{n} now has {v} {x}.',), 'COUNTED'),
    Kind('wish', 'thing', ('{n} wants {a} {v}.', '{n} would like {a} {v}.', '{n} wishes for {a} {v}.',
          '{n} is hoping for {a} {v}.', '{n} would love to have {a} {v}.', '{n} wants to have {a} {v}.'), ('What does {n} want?', 'What would {n} like to have?', 'What shall I give {n}?', 'What present does {n} want?', 'What does {n} wish for?',
          'What should I buy for {n}?', "What's on {n}'s wish list?", 'What gift should I get {n}?', 'What would be a good present for {n}?', 'What can I give {n} as a present?', 'What is {n} hoping to get?',
          'What is {n} wishing for?', 'What would {n} love to get?', 'What is {n} longing for?', 'What would {n} be glad to own?', 'What can I bring {n} as a gift?', 'What would {n} like for Christmas?',
          'What would {n} like as a present?', "{n}'s wish?"), ('{n} wants {a} {v}.',), 'what {n} wants', 'Does {n} want {a} {v}?', ()),
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
        return random.choice((str(random.randint(1, 99)), str(random.randint(100, 999)), str(random.randint(1000, 9999)), f'{random.randint(1000, 99999):,}'))
    if c == 'person':
        who = random.choice(names.FAMILY) if random.random() < 0.3 * open_rate else value('name', random, book_words, open_rate, held_out)
        return random.choice((who, who, who, f'{random.choice(("Mr", "Mrs", "Dr", "Miss"))} {who}', f'{random.choice(words.NAMES)} {who}'))
    if c == 'title':
        return value(random.choice(('name', 'city', 'pet')), random, book_words, open_rate, held_out)
    if c == 'price':
        return random.choice((str(random.randint(2, 99)), str(random.randint(1, 20) * 50), f'{random.randint(10, 400) * 100:,}'))
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
        if proper and (chance := random.random()) < 0.7:
            return words.invented(random) if chance < 0.35 else random.choice(names.TOWNS if c == 'city' else names.GIVEN)
        word = random.choice(book_words)
        return word.capitalize() if proper else word
    return random.choice(POOLS[c])


def article(text, v):
    return text.replace('{a}', 'an' if v[:1].lower() in 'aeiou' else 'a')
