"""Dialogues, made as they are trained on: a stream of messages about a small world of facts, with everything between.

A message is (role, content); in assistant text the values that must be recalled stand between \\x01 and \\x02, and a first
letter \\x03 marks an answer from memory, \\x06 one that no answer before helps with, \\x04 fixed talk, \\x05 what was never told, \\x07 what a text says, \\x0e what it says passed on word for word;
without one it is an acknowledgement, which counts little. What stands before \\x08 is not learned.
render.render() makes ids of them, exactly as the chat template does, with a loss weight for each.
"""
import random as random_module
import re

import everyday
import facts
import reading
import remarks
import talk
import words
from documents import document
from facts import article, value
from prose import Books, filler
from render import FAR, FIXED, MEMORY, MISSING, PASSED_ON, READ, plain


MY, THE, PERSON = facts.MY + everyday.MY, facts.THE + everyday.THE, facts.PERSON + everyday.PERSON


class Fact:
    """One fact alive: kind, person (or None) or "my brother", fixed part x, value v, how often asked; whose name that is ("my sister"),
    the sentence that told it, and the one that told what it was before."""
    def __init__(self, kind, n, x, v):
        self.kind, self.n, self.x, self.v, self.asked, self.turn = kind, n, x, v, 0, 0
        self.alias, self.said, self.before = None, None, None

    @property
    def key(self):
        return self.kind.name, self.n, self.x

    def say(self, form, v=None):
        v = self.v if v is None else v
        return self.filled(form, v).replace('{v}', v)

    def filled(self, form, v):
        x = self.x or ''
        text = article(form, v).replace('{n}', self.n or '').replace('{xs}', third(x)).replace('{x}', x).replace('{X}', x[:1].upper() + x[1:])
        return text[0].upper() + text[1:] if form.startswith('{n}') else text

    def yours(self, text):
        """As the assistant says it: "my brother" is "your brother"."""
        if not self.n or not self.n.startswith('my '):
            return text
        return text.replace(self.n, 'your' + self.n[2:]).replace('My' + self.n[2:], 'Your' + self.n[2:])

    def missing(self):
        """"where you live", "the code of the door", as the assistant says it."""
        return self.yours(self.say(self.kind.missing))

    def answer(self, form, v=None):
        """As say, the value marked (with the space before it)."""
        v = self.v if v is None else v
        text = self.yours(self.filled(form, v))
        return text.replace(' {v}', f'\x01 {v}\x02').replace('{v}', f'\x01{v}\x02')

    def answer_who(self):
        """The answer to a question for the person: that name marked."""
        n = self.yours(self.n)
        return f'\x01{n[0].upper()}{n[1:]}\x02' + self.say(self.kind.answer[0])[len(self.n):]


def third(verb):
    """The third person: collects, teaches, carries."""
    if verb.endswith(('ch', 'sh', 's', 'x')):
        return verb + 'es'
    return verb[:-1] + 'ies' if verb.endswith('y') and verb[-2:-1] not in 'aeiou' else verb + 's'


TELL_FRAMES = ('By the way, {}', 'Please remember: {}', 'Please remember that {}', 'Remember that {}', 'Just so you know, {}', 'You should know that {}', 'Note that {}',
               'Here is something to remember. {}', 'I want to tell you something. {}', 'Hello! {}', 'Hi. {}', 'Also, {}', 'And {}', 'Well, {}')
ASK_FRAMES = ('Tell me {}.', 'Please tell me {}.', 'Do you remember {}?', 'Do you know {}?', 'Can you tell me {}?', 'Could you tell me {}?', 'Do you still know {}?',
              'I forgot {}.', 'Say {}.', 'I want to know {}.', 'Can you say {}?', 'Tell me {} again.', 'Tell me {} again, please.', 'Please tell me {} again.', 'Remind me {}.',
              'I would like to know {}.')
DIRECT_FRAMES = ('Now tell me: {}', 'Quick question: {}', 'One question. {}', 'So, {}', 'And {}', 'Please tell me: {}', 'Hey, {}', 'I have a question. {}', 'Tell me, {}', '{} Please answer.')
MIXED_UP = [kind for kind in MY + PERSON + THE if kind.value in ('name', 'city', 'pet', 'code', 'place')]
UNSURE = 'I am not sure. I find only this:'
LATE = '... no'
LOOKED_UP = 115         # characters that the app looks up for a window of 64
PLAIN = set('this that have with when where what which from they them there your mine will would then than been were only also like into about every always never some again over very'.split())
HERS = ('sister', 'mother', 'wife', 'daughter', 'aunt')
HIS = ('brother', 'father', 'husband', 'son', 'uncle')
_SWAP = {'you': 'I', 'your': 'my', 'are': 'am'}


def swap(text):
    """"where you live" to "where I live", "how old you are" to "how old I am"."""
    mine = ' you ' in f' {text} '
    return ' '.join(_SWAP[w] if w in _SWAP and (w != 'are' or mine) else w for w in text.split(' '))


def unsure(text):
    """Said where what was looked up does not tell for certain: its own words, to judge for oneself. In a chat the program puts them in after
    the first ones (passes_on_after in generation_config.json), so that they are exact; here they are learned too, and count little."""
    return f'{UNSURE}\x01 {text}\x02'


def content_words(text):
    """The words that something is looked up by: longer ones, less the plainest."""
    return set(re.findall(r'\w{4,}', text.lower())) - PLAIN


def small_start(sentence):
    """The first letter small, unless it is "I" or a name."""
    first = sentence.split(' ')[0]
    return sentence[0].lower() + sentence[1:] if first in ('My', 'The', 'What', "What's", 'Where', 'When', 'Who', 'How', 'Which', 'Do', 'Is', 'Does', 'In', 'On', 'Can', 'Am', 'We', 'They', 'You', 'Tell', 'Call', 'Our', 'There') else sentence


class Talk:
    """Draws one dialogue. level 0: plain phrasings only; 1: all. filler_characters: the longest filler between turns.
    roster: many facts of the kinds whose values are easily mixed up, each of another person or thing, told before they are asked, and
    acknowledged without saying them again: the hardest that a memory of fixed size is given."""
    def __init__(self, random, books, level=1, most=8, filler_rate=0.0, filler_characters=0, open_rate=1.0, held_out=False, chat_rate=0.25, contrast=0.0, far=False, roster=False, remark_rate=0.0, late_rate=0.0):
        self.random, self.books, self.level, self.most = random, books, level, most
        self.filler_rate, self.filler_characters, self.open_rate, self.held_out = filler_rate, filler_characters, open_rate, held_out
        self.chat_rate, self.contrast, self.far, self.roster, self.remark_rate, self.late_rate = chat_rate, contrast, far, roster, remark_rate, late_rate
        self.facts, self.ask_next = [], []
        self.target = random.choice((4, 6, 8, 10, 12, 16) if roster else (1, 2, 3, 3, 4, 5, 6, 8, 8)[:max(2, most + 1)])
        self.people = [self.value('name') for _ in range(random.choice((1, 1, 2, 3)))]
        self.relatives = [f'my {x}' for x in random.sample(words.RELATIVES + words.CONTACTS, 2)]
        self.turn = 0

    def value(self, kind):
        return value(kind, self.random, self.books.words, self.open_rate, self.held_out)

    def pick(self, forms):
        return forms[0] if self.level < self.random.random() else self.random.choice(forms)

    def told(self, fact, frames=True):
        """A fact in one of its telling phrasings, sometimes in a frame."""
        text, r = fact.say(self.pick(fact.kind.tell)), self.random
        if frames and r.random() < 0.25 * self.level and not text.startswith(('Hello', 'Hi')):
            frame = r.choice(TELL_FRAMES)
            text = frame.format(text if '. {' in frame or '! {' in frame else small_start(text))
        return text

    def asked(self, fact):
        """A question for a fact: its own ones, or "Can you tell me where I live?", or one in a frame."""
        r = self.random
        if fact.alias and r.random() < 0.5:                               # "my sister" of Anna, who was said to be that
            fact = Fact(fact.kind, fact.alias, fact.x, fact.v)
        chance = r.random()
        if chance < 0.2 * self.level and fact.kind.missing != 'that':
            about = swap(fact.missing())
            if r.random() < 0.5:
                about = re.sub(r"the name of (my \w+|\w+'s \w+)$", r"\1's name", about)
            return r.choice(ASK_FRAMES).format(about)
        text = fact.say(self.pick(fact.kind.ask))
        if chance > 1 - 0.12 * self.level:
            frame = r.choice(DIRECT_FRAMES)
            text = frame.format(text if '. {' in frame or frame.startswith('{') else small_start(text))
        return self.casual(text)

    def casual(self, text):
        """As people type: sometimes no full stop or question mark at the end, or a small first letter."""
        r = self.random
        if text.endswith('?') and r.random() < 0.25 * self.level:
            text = re.sub(r'\w+', lambda m: r.choice(words.SAME.get(m.group(), (m.group(),))), text)
        if r.random() < 0.1 * self.level:
            text = text.rstrip('.?!')
        if r.random() < 0.1 * self.level:
            text = small_start(text)
        return text

    # ---- the world
    def new_key(self):
        """A kind, person and fixed part of which nothing is known yet."""
        r = self.random
        known = {f.key for f in self.facts}
        for _ in range(20):
            kinds, others = r.choices(((MY, remarks.MY), (PERSON, remarks.PERSON), (THE, remarks.THE)), (5, 4, 2))[0]
            kind = r.choice(kinds)
            if not self.roster and r.random() < self.remark_rate:
                kind = remarks.with_more(r, r.choice(others))
            if kinds is MY and 'my name' not in [f.kind.name for f in self.facts] and r.random() < 0.25:
                kind = MY[0]
            if self.roster and r.random() < 0.85:
                kind = r.choice(MIXED_UP)
            n = None if '{n}' not in kind.tell[0] else self.value('name') if self.roster and r.random() < 0.85 else self.whom()
            x = r.choice(getattr(words, kind.slot)) if kind.slot else None
            if self.facts and r.random() < self.contrast:                 # the same kind again, of another person or thing
                like = r.choice(self.facts)
                kind, n = like.kind, like.n and (self.value('name') if self.roster else self.whom())
                x = r.choice(getattr(words, kind.slot)) if kind.slot else None
            if kind.slot == 'LANDS' and r.random() < 0.6:
                x = words.invented(r)
            elif kind.slot in ('THINGS', 'GOODS', 'LOCKS', 'EVENTS') and r.random() < 0.15:
                x = r.choice(self.books.words)
            fact = Fact(kind, n, x, '')
            if fact.key not in known:
                return fact
        return None

    def whom(self):
        """One of the people of this dialogue, by name or as "my brother"."""
        return self.random.choice(self.relatives if self.random.random() < 0.3 * self.level else self.people)

    def new_fact(self):
        fact = self.new_key()
        if fact is None:
            return None
        for _ in range(5):
            fact.v = self.value(fact.kind)
            if fact.v not in [f.v for f in self.facts]:
                break
        self.facts.append(fact)
        fact.turn = self.turn
        return fact

    # ---- turns: each returns a list of messages
    def tell(self):
        r = self.random
        told = self.introduce() if not self.roster and r.random() < 0.08 * self.level else []
        if told:
            text = f'My {told[0].x} ' + told[1].say(r.choice([form for form in told[1].kind.tell if form.startswith('{n} ')]))
            told[0].said = told[1].said = text
            return [('user', self.casual(text)), ('assistant', self.acknowledge(told))]
        if not self.roster and r.random() < 0.35 * self.level and (said := self.tell_on()):
            return said
        count = 1 if r.random() < (0.9 if self.roster else 0.6) else r.choice((2, 2, 3, 4))
        told = [f for f in (self.new_fact() for _ in range(count)) if f]
        if not told:
            return self.ask()
        r.shuffle(told)
        for f in told:
            f.said = self.told(f, len(told) == 1)
        text = told[0].said if len(told) == 1 else self.join([f.said for f in told])
        return [('user', self.casual(text)), ('assistant', self.acknowledge(told))]

    def tell_on(self):
        """More of whom the last fact told of, who is not named again: "She likes chess." The acknowledgement names them."""
        r, last = self.random, self.facts[-1] if self.facts else None
        name = last and last.turn == self.turn - 1 and (last.v if last.kind.name in ('my relative', 'relative') else last.n)
        if not name:
            return None
        kind = r.choice([kind for kind in PERSON if not kind.slot and kind.tell[0].startswith('{n} ')])
        fact = Fact(kind, name, None, self.value(kind))
        if fact.key in {f.key for f in self.facts} or fact.v in [f.v for f in self.facts]:
            return None
        fact.turn = self.turn
        self.facts.append(fact)
        before = last.said
        who = last.x if name == last.v else name.removeprefix('my ')
        she = 'He' if who in HIS else 'She' if who in HERS else r.choice(('He', 'She'))
        text = she + fact.say(r.choice([form for form in kind.tell if form.startswith('{n} ')]))[len(name):]
        fact.said = before and f'{before} {text}'
        return [('user', self.casual(text)), ('assistant', f'Okay, {fact.answer(kind.answer[0])} I will remember that.')]

    def introduce(self):
        """Two facts in one sentence, "My sister Anna works as a baker.": who that is, and what is said of them. None where one is known."""
        r = self.random
        name = r.choice(('my relative', 'my relative', 'my pet'))
        who = next(kind for kind in MY if kind.name == name)
        first = Fact(who, None, r.choice(getattr(words, who.slot)), self.value(who))
        some = [kind for kind in PERSON if kind.slot in ('', 'DOINGS', 'STATES') and kind.tell[0].startswith('{n} ') and (who.value == 'name' or kind.name in ('likes', 'age', 'fear'))]
        kind = r.choice(some)
        second = Fact(kind, first.v, r.choice(getattr(words, kind.slot)) if kind.slot else None, self.value(kind))
        second.alias = f'my {first.x}'
        if {first.key, second.key} & {f.key for f in self.facts} or first.v in [f.v for f in self.facts]:
            return []
        for fact in (first, second):
            fact.turn = self.turn
        self.facts += [first, second]
        return [first, second]

    def join(self, sentences):
        """Sentences one after another, or two of them with "and"."""
        if len(sentences) == 2 and self.level and self.random.random() < 0.3 and not sentences[1].startswith(('H', 'Actually', 'Call', 'Sorry')):
            second = sentences[1] if not sentences[1].startswith(('My', 'The', 'You', 'They', 'We')) else sentences[1][0].lower() + sentences[1][1:]
            return sentences[0][:-1] + ' and ' + second
        return ' '.join(sentences)

    def acknowledge(self, told):
        r = self.random
        name = [f for f in told if f.kind.name == 'my name']
        if self.roster and r.random() < 0.7:
            return r.choice(talk.NOTED)
        if name and r.random() < 0.9:
            return f'Nice to meet you,\x01 {name[0].v}\x02.'
        if r.random() < 0.3:
            return r.choice(talk.NOTED)
        return f'Okay, {self.lower(told[-1].answer(told[-1].kind.answer[0]))} I will remember that.' if r.random() < 0.5 else \
            ' '.join(f.answer(f.kind.answer[0]) for f in told[:3]) + ' I will remember that.'

    @staticmethod
    def lower(sentence):
        return sentence[0].lower() + sentence[1:] if sentence.startswith(('You', 'The', 'On ', 'In ', 'At ', 'Tomorrow', 'Tonight', 'Today', 'This', 'Next', 'After')) else sentence

    def known(self):
        """A fact to ask, those asked least first."""
        r = self.random
        if not self.facts:
            return None
        least = min(f.asked for f in self.facts)
        some = [f for f in self.facts if f.asked <= least + (r.random() < 0.2)]
        fact = r.choice(some)
        fact.asked += 1
        return fact

    def ask(self):
        fact = self.known()
        return self.tell() if fact is None else self.ask_for(fact)

    def ask_for(self, fact):
        return [('user', self.asked(fact)), ('assistant', (FAR if self.far and fact.asked == 1 else MEMORY) + fact.answer(fact.kind.answer[0]))]

    def ask_who(self):
        """Whom something was told of, where that is one person alone ("Who works as a baker?"), or who does what nobody was said to do."""
        r = self.random
        of = [f for f in self.facts if f.n and f.kind.answer[0].startswith('{n} ')]
        if r.random() < 0.25:
            kind = r.choice([kind for kind in PERSON if kind.answer[0].startswith('{n} ')])
            fact = Fact(kind, '{n}', r.choice(getattr(words, kind.slot)) if kind.slot else None, self.value(kind))
            if any((f.kind, f.x, f.v) == (kind, fact.x, fact.v) for f in of):
                return self.ask()
            who = self.who(fact)
            return [('user', self.casual(f'W{who[1:]}?')), ('assistant', MISSING + f'\x01You have not\x02 told me {who}.')]
        least = min((f.asked for f in of), default=0)
        some = [f for f in of if f.asked <= least + 1 and sum((f.kind, f.x, f.v) == (g.kind, g.x, g.v) for g in of) == 1]
        if not some:
            return self.ask()
        fact = r.choice(some)
        fact.asked += 1
        return [('user', self.casual(f'W{self.who(fact)[1:]}?')), ('assistant', (FAR if self.far and fact.asked == 1 else MEMORY) + fact.answer_who())]

    def who(self, fact):
        """"who works as a baker", in one of the ways to tell it."""
        form = self.pick([form for form in fact.kind.tell if form.startswith('{n} ')])
        return 'who' + fact.say(form)[len(fact.n):].rstrip('.')

    def check(self):
        """A yes/no question. What is known is said first: then yes or no is a comparison of words that stand in the window."""
        r, fact = self.random, self.known()
        if fact is None or not fact.kind.check:
            return self.ask()
        if r.random() < 0.5:
            return [('user', fact.say(fact.kind.check)), ('assistant', MEMORY + fact.answer(fact.kind.answer[0])[:-1] + ', so\x01 yes\x02.')]
        other = self.value(fact.kind)
        if other == fact.v:
            return self.ask()
        return [('user', fact.say(fact.kind.check, other)), ('assistant', MEMORY + fact.answer(fact.kind.answer[0])[:-1] + ', so\x01 no\x02.')]

    def decline(self):
        """Something never told."""
        r, fact = self.random, self.new_key()
        if fact is None:
            return self.ask()
        if fact.n and r.random() < 0.3:
            fact.n = self.value('name')
        others = [f.n for f in self.facts if f.n and f.kind is not fact.kind]
        if fact.n and others and r.random() < 0.5:        # of somebody known, of whom this was not told
            fact.n = r.choice(others)
            if fact.key in {f.key for f in self.facts}:
                return self.ask()
        fact.v = '?'
        text = self.asked(fact)
        if fact.kind.check and r.random() < 0.15:
            text = fact.say(fact.kind.check, self.value(fact.kind))
        begun = fact.answer(fact.kind.answer[0]).split('\x01')[0]
        if begun and r.random() < self.late_rate:                         # the answer was begun: it is noticed where the value should come
            return [('user', text), ('assistant', MISSING + f'{begun}\x08\x01{LATE}\x02, you have not told me {fact.missing()}.')]
        return [('user', text), ('assistant', MISSING + f'\x01You have not\x02 told me {fact.missing()}.')]

    def change(self):
        r = self.random
        some = [f for f in self.facts if f.kind.change]
        if not some:
            return self.ask()
        fact = r.choice(some)
        old = fact.v
        for _ in range(5):
            fact.v = self.value(fact.kind)
            if fact.v != old:
                break
        fact.asked = 0
        fact.before, fact.said = fact.said, fact.say(r.choice(fact.kind.change))
        now = fact.answer(fact.kind.answer[0])
        return [('user', fact.said), ('assistant', r.choice((f'Okay, {self.lower(now)}', f'Thank you. {now}', 'Okay, I will remember that.')))]

    def list(self):
        """What do you know about me, or about a person: in the order told, four at most."""
        r = self.random
        who = r.choice([None] + self.people)
        some = [f for f in self.facts if f.n == who and (who or f.kind in MY)]
        if not 1 <= len(some) <= 4:
            return self.ask()
        for f in some:
            f.asked += 1
        question = r.choice(('What do you know about {}?', 'Tell me what you know about {}.', 'What have I told you about {}?')).format(who or 'me')
        return [('user', question), ('assistant', MEMORY + ' '.join(f.answer(f.kind.answer[0]) for f in some))]

    def quotes(self, count):
        """Sentences of books that something can be asked of, with that: [(sentence, clause)], some of them of people nobody knows."""
        r = self.random
        some = r.sample(self.books.clauses, count)
        return [reading.renamed(*each, self.value('name')) if r.random() < 0.5 else each for each in some]

    def read(self):
        """A question about prose that stands right before it: a few sentences, as they are looked up, or a longer passage."""
        r = self.random
        if not self.books.clauses:
            return self.ask()
        if r.random() < 0.15:                                             # of what was never read
            return [('user', self.casual(reading.question(r, self.quotes(1)[0][1]))), ('assistant', MISSING + f'\x01{reading.NOT_THERE}\x02')]
        if r.random() < 0.4:
            return self.read_unlike()
        short = r.random() < 0.4
        quotes = self.quotes(r.choice((1, 1, 1, 2) if short else (1, 2, 2, 3, 4)))
        if short:
            quotes = [(reading.cut(r, *each), each[1]) for each in quotes]
        _, clause = asked = r.choice(quotes)
        there = r.random() < 0.8 or len(quotes) == 1
        if not there:
            quotes.remove(asked)
        text = ' '.join(sentence for sentence, _ in quotes)
        if not short and r.random() < 0.4:
            before, after = (self.other_text(r.randint(20, 200)) if r.random() < 0.6 else '' for _ in range(2))
            text = f'{before} {text} {after}'.strip()
        first = clause[0].split(' ')[-1]
        if not there and first in text:                                   # something else is said of it
            return self.ask()
        if there:
            answer = READ + f'\x01{reading.said(clause)}\x02'
        else:
            answer = PASSED_ON + unsure(text) if short else MISSING + f'\x01{reading.NOT_THERE}\x02'
        return [('document', text), ('user', self.casual(reading.question(r, clause))), ('assistant', answer)]

    def read_unlike(self):
        """A question that prose looked up for it does not answer word for word: the prose is said again, to judge for oneself."""
        r = self.random
        sentence, clause = self.quotes(1)[0]
        if r.random() < 0.4:                                              # any piece of prose, from the middle of a sentence too
            sentence = self.books.passage(r, r.randint(30, LOOKED_UP))
            names = re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}", sentence)
            some = [w for w in re.findall(r'[a-z]{4,}', sentence) if w not in PLAIN]
            clause = (r.choice(names) if names else 'the ' + r.choice(some or self.books.words), 'was', ' '.join(some[:2] or ['here']))
        text, asked = reading.unlike(r, sentence, clause, r.choice(self.books.words))
        text = reading.cut(r, text, clause)
        if len(text) > LOOKED_UP:
            begin = text.find(' ', r.randint(0, len(text) - LOOKED_UP)) + 1
            text = text[begin:text.rfind(' ', begin, begin + LOOKED_UP)]
        if r.random() < 0.15:                                             # as some books shout
            pieces = text.split(' ')
            begin = r.randrange(len(pieces))
            end = begin + r.choice((1, 1, 2, 4))
            pieces[begin:end] = (piece.upper() for piece in pieces[begin:end])
            text = ' '.join(pieces)
        return [('document', text), ('user', self.casual(asked)), ('assistant', PASSED_ON + unsure(text))]

    def looked_up(self):
        """A question about what was told, or was not, after sentences that were looked up for it: with what was told among them, if it was.
        What they do not answer, or what nobody taught how to ask, is answered with the sentences themselves."""
        r = self.random
        if r.random() < 0.2:
            return self.unclear()
        fact = self.known() if r.random() < 0.55 else None
        by_name = fact and fact.n and fact.kind.answer[0].startswith('{n} ') and r.random() < 0.4 and not any(f is not fact and (f.kind, f.v) == (fact.kind, fact.v) for f in self.facts)
        turn = [('user', f'W{self.who(fact)[1:]}?'), ('assistant', MEMORY + fact.answer_who())] if by_name else self.ask_for(fact) if fact else self.decline()
        if not self.books.clauses or not (fact or turn[-1][1].startswith(MISSING)):
            return turn
        quotes = [sentence for sentence, _ in self.quotes(r.choice((0, 0, 1, 2)))]
        others = sorted({f.said for f in self.facts if f.said and (not fact or f.said != fact.said)})
        r.shuffle(others)
        if not fact or r.random() < 0.4:                                  # first what says something else in words of the question
            others.sort(key=lambda said: -len(content_words(turn[0][1]) & content_words(said)))
        said = others[:r.choice((0, 0, 1, 2) if fact else (0, 1, 1, 2))]
        quotes += said
        found = fact and (not quotes or r.random() > 0.1)                 # else it must be remembered
        if found:
            quotes.append(fact.said or self.told(fact, False))
        r.shuffle(quotes)
        if found and fact.before and fact.said and r.random() < 0.6:  # in the order they were said
            quotes.insert(r.randint(0, quotes.index(fact.said)), fact.before)
        if not fact and quotes:
            while len(quotes) > 1 and len(' '.join(quotes)) > LOOKED_UP:
                quotes.pop(0)
            kept = any(sentence in said for sentence in quotes)               # what was said is looked up in other words too, which nobody teaches
            if kept or content_words(turn[0][1]) & content_words(' '.join(quotes)):    # else they have nothing to do with it, and it was not told
                turn = [turn[0], ('assistant', PASSED_ON + unsure(' '.join(quotes)))]
        return [('document', ' '.join(quotes)), *turn] if quotes else turn

    def aside(self):
        """A short text that has nothing to do with the question after it: it is answered, or declined, as if nothing stood between."""
        r = self.random
        return [('document', self.other_text(r.choice((30, 60, 120, 240)))), *r.choices((self.ask, self.decline), (4, 1))[0]()]

    def unclear(self):
        """A question in words that nobody taught, after sentences that were looked up for it: they are said again."""
        r = self.random
        told = [f.said for f in self.facts if f.said]
        said = [r.choice(told) if told and r.random() < 0.3 else self.told(self.stranger(), False) for _ in range(r.choice((1, 1, 2)))]
        if self.books.clauses and r.random() < 0.25:
            said[-1] = reading.cut(r, *self.quotes(1)[0])
        text = ' '.join(said)
        if len(text) > LOOKED_UP:
            text = said[0]
        of = [w for w in re.findall(r"[A-Za-z']{4,}|[A-Z][a-z]+", text) if w.lower() not in PLAIN] or ['thing']
        asked = re.sub(r'\{x\}', lambda _: small_start(r.choice(of)), r.choice(talk.UNCLEAR))
        asked = re.sub(r'\{w\}', lambda _: r.choice(self.books.words), asked)
        return [('document', text), ('user', self.casual(asked)), ('assistant', PASSED_ON + unsure(text))]

    def stranger(self):
        """A fact of any kind, that is not among those that are asked for."""
        r = self.random
        kind = remarks.with_more(r, r.choice(r.choice((MY, remarks.MY, remarks.MY, PERSON, remarks.PERSON, THE, remarks.THE))))
        return Fact(kind, self.value('name'), r.choice(getattr(words, kind.slot)) if kind.slot else None, self.value(kind))

    def small(self):
        r = self.random
        asked, answers = r.choice(talk.SMALL)
        return [('user', self.casual(r.choice(asked))), ('assistant', FIXED + r.choice(answers))]

    def plateau(self):
        asked, answer = self.random.choice(talk.PLATEAU)
        return [('user', self.casual(self.random.choice(asked))), ('assistant', FIXED + answer)]

    def unknown(self):
        r = self.random
        text = r.choice(talk.UNKNOWN).format(c=r.choice(words.COUNTRIES), n=r.randint(1, 99), m=r.randint(1, 99), f=r.choice(words.FOODS), w=r.choice(self.books.words))
        return [('user', text), ('assistant', FIXED + talk.UNKNOWN_ANSWER)]

    def between(self):
        """A document (letter, minutes, notes, entry, story), with facts in it or not, or a long user message that is acknowledged."""
        r = self.random
        size = int(20 * (max(40, self.filler_characters) / 20) ** r.random())
        text = filler(r, self.books, size)
        if r.random() < 0.6:
            told = [f for f in (self.new_document_fact() for _ in range(r.choice((1, 1, 2, 3)))) if f] if len(self.facts) < self.most else []
            sentences = [f.say(self.pick(f.kind.tell)) for f in told]
            return [('document', document(r, sentences, self.cut(text, len(told) + 1)))]
        if r.random() < 0.5:
            return [('document', text)]
        return [('user', r.choice(talk.READ) + text), ('assistant', r.choice(talk.READ_DONE))]

    def new_document_fact(self):
        r = self.random
        for _ in range(10):
            fact = self.new_fact()
            if fact is None:
                return None
            if fact.kind not in MY and 'My' not in fact.kind.tell[0] and fact.n not in self.relatives:
                return fact
            self.facts.remove(fact)
        return None

    def cut(self, text, parts):
        pieces, at = text.split(' '), 0
        cuts = sorted(self.random.randrange(len(pieces) + 1) for _ in range(parts - 1))
        out = []
        for c in cuts + [len(pieces)]:
            out.append(' '.join(pieces[at:c]))
            at = c
        return out

    def messages(self, least):
        """At least that many messages."""
        out = []
        for message in self.stream():
            out.append(message)
            if len(out) >= least:
                return out

    def opening(self):
        r = self.random
        if r.random() < 0.12:
            yield 'system', r.choice(talk.SYSTEMS)
        if r.random() < 0.4 * min(1, self.chat_rate * 4):
            yield from self.small() if r.random() < 0.5 else [('user', r.choice(talk.SMALL[0][0])), ('assistant', FIXED + talk.SMALL[0][1][0])]

    def stream(self):
        yield from self.opening()
        yield from self.turns()

    def telling(self):
        """Every fact there is to tell, in turns and in documents."""
        r = self.random
        yield from self.opening()
        while (live := len(self.facts)) < self.target:
            if r.random() < 0.25:
                told = [f for f in (self.new_document_fact() for _ in range(min(r.choice((1, 2, 3)), self.target - live))) if f]
                yield 'document', document(r, [f.say(self.pick(f.kind.tell)) for f in told], self.cut(filler(r, self.books, r.randint(40, 400)), len(told) + 1))
            else:
                yield from self.tell()
            if len(self.facts) == live:
                break
        if r.random() < 0.45:                                              # some of it is not so any more
            for _ in range(r.choice((1, 2, 4))):
                if any(f.kind.change for f in self.facts):
                    yield from self.change()

    def other_text(self, characters):
        return filler(self.random, self.books, characters)

    def between_documents(self):
        r = self.random
        return r.choices((self.small, self.plateau, self.unknown), (5, 4, 1.5))[0]() if r.random() < 0.4 else []

    def turns(self):
        r = self.random
        while True:
            self.turn += 1
            live, chance = len(self.facts), r.random()
            if live < self.target and chance < (0.95 if self.roster else 0.45 if live else 0.75):
                yield from self.tell()
            elif r.random() < self.filler_rate:
                yield from self.between()
            elif r.random() < self.chat_rate:
                yield from r.choices((self.small, self.plateau, self.unknown), (5, 4, 1.5))[0]()
            else:
                yield from r.choices((self.ask, self.ask_who, self.decline, self.check, self.change, self.list, self.read, self.looked_up, self.aside, self.tell),
                                     (54, 7, 30, 12, 18, 7, 24, 30, 8, 4 if live < self.most else 0))[0]()


if __name__ == '__main__':
    random = random_module.Random(3)
    books = Books()
    for role, content in Talk(random, books, filler_rate=0.15, filler_characters=400, remark_rate=0.35).messages(80):
        print(f'{role}: ' + plain(content.replace('\x01', '[').replace('\x02', ']').replace('\x08', '|')))
