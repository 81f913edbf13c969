"""Questions about prose that stands before them, made from its own sentences: each is answered by the clause that says it, word for word.

clauses(text) finds "Alice took down a jar from one of the shelves": who, did, the rest. question(random, clause) asks for it:
"Who took down a jar?", "What did Alice take down?", "Where was the jar?", "Who is Alice?". The answer is the clause itself, so that what
is answered stands in the text and can be cited. unlike(random, sentence, clause, word) asks what no clause of the text says; then the text itself is said again.
"""
import bisect
import re

_TAKEN = '''was were is had has said went came took saw made found gave got knew thought left felt ran sat stood began kept heard brought held
lay fell told put wore met spoke led rose drew lost turned sent built caught broke ate drank slept wrote read bought sold threw flew grew rode sang
swam won paid cut hid shook struck swung hung lived loved'''.split()
_BASE = dict(zip('had has said went came took saw made found gave got knew thought left felt ran sat stood began kept heard brought held lay fell told put wore met spoke led rose drew lost sent built caught broke ate drank slept wrote read bought sold threw flew grew rode sang swam won paid cut hid shook struck swung hung'.split(),
                 'have have say go come take see make find give get know think leave feel run sit stand begin keep hear bring hold lie fall tell put wear meet speak lead rise draw lose send build catch break eat drink sleep write read buy sell throw fly grow ride sing swim win pay cut hide shake strike swing hang'.split()))
_BE = ('was', 'were', 'is')
_PLACE = ('in', 'at', 'on', 'under', 'near', 'into', 'to', 'from', 'behind', 'through', 'over', 'by', 'upon')
_BEHIND = _PLACE + ('out', 'up', 'down', 'away', 'off', 'back', 'with', 'for')
_OPEN = _PLACE + ('a', 'an', 'the', 'and', 'of', 'his', 'her', 'with', 'that', 'as', 'for', 'its', 'their', 'or', 'but', 'my', 'your', 'who', 'which')
_NO_NAME = set('''He She It They We You I The A An This That These Those There Here What Where When Who How Why Which But And Or So For If As At In On Of To Then Now Not No Yes
My His Her Its Our Your Their All Some Many One Two Once After Before While With From By Chapter Mr Mrs Oh Ah Well Nothing Everything Something Nobody Everybody Everyone Each
Be Has Always Less More Hardly Indeed However Down Up Away Under Both Other Others Another Sir Poor Dear Most Such Never Ever Only Even Still Just Perhaps Do Did Does Have Had Let Soon Suddenly Presently'''.split())
_WORD = r"(?:[a-z][a-z'-]*|[A-Z][a-z]+|I)"
_NO_QUESTION = 'and but that which who when as or if'.split()
_CLAUSE = re.compile(r"(?:(?<=[.!?;:,] )|(?<=[.!?,]['\"] )|(?<= and )|(?<= but )|(?<= that )|(?<= when ))"
                     r"((?:[Tt]he )?(?:[A-Z][a-z]+ ){1,2}|[Tt]he (?:[a-z]{3,9} )?[a-z]{3,9} )"
                     r"(" + '|'.join(_TAKEN) + r"|[a-z]{3,8}ed) (" + _WORD + "(?: " + _WORD + r"){1,9})(?=[.;:!?,])")
_SENTENCE_END = re.compile(r"[.!?]['\"]? ")
LONGEST = 260
ASK = ('{}', '{}', '{}', '{}', 'Tell me, {}', 'So, {}', 'One question. {}', 'Do you know {}', 'Can you tell me {}', 'In the text, {}')
# What a clause does not say of whom or what it names
_MORE = ('why did {who} {base}{part}?', 'why did {who} {base}{part}?', 'when did {who} {base}{part}?', 'how did {who} {base}{part}?', 'how long did {who} {base}?', 'with whom did {who} {base}?', 'how often did {who} {base}?',
         'what happened when {who} {did}{part}?', 'what happened to {who}?', 'what does {who} look like?', 'how does {who} look?', 'how old is {who}?', 'what colour was the {noun}?', 'what is the name of the {noun}?', 'what does {who} {word}?',
         'what is the {noun} like?', 'who has the {noun}?', 'whose is the {noun}?', 'where is the {noun}?', 'what was in the {noun}?', 'what was written on the {noun}?', 'how many {noun}s are there?', 'what did {who} {word} with the {noun}?',
         'what did {who} {word}?', 'what did {who} say?', 'what did {who} say to the {noun}?', 'who {word}ed the {noun}?', 'where does {who} live?', 'what does {who} want?', 'what is {who} afraid of?', 'who is {who} with?', 'how big is {who}?')
NOT_THERE = 'I do not find that in what I read.'
# The program says it, and no lesson has it: before words of a document that say most of what is asked.
FINDS = 'I find this:'


def clauses(text):
    """[(sentence, (who, did, rest))]: what can be asked of a text, and the sentence that says it."""
    out, ends = [], [m.end() for m in _SENTENCE_END.finditer(text)]
    for m in _CLAUSE.finditer(text):
        who, did, rest = m.group(1).strip(), m.group(2), m.group(3)
        names = [w for w in who.split(' ') if w not in ('The', 'the')]
        if any(w in _NO_NAME or w in ('more', 'less', 'most', 'only', 'first', 'last') for w in names) or not names or names[-1] in _TAKEN or names[-1].endswith('ed'):
            continue
        if rest.split(' ')[0] in _NO_QUESTION:
            continue
        i = bisect.bisect_right(ends, m.start())
        begin, end = ends[i - 1] if i else 0, ends[i] if i < len(ends) else len(text)
        if end - begin <= LONGEST:
            out.append((re.sub(' +', ' ', text[begin:end]).strip(), (who, did, rest)))
    return out


def renamed(sentence, clause, name):
    """The same of another, where one name alone does it."""
    who, did, rest = clause
    if ' ' in who or not who[0].isupper():
        return sentence, clause
    return re.sub(rf'\b{who}\b', name, sentence), (name, did, re.sub(rf'\b{who}\b', name, rest))


def cut(random, sentence, clause, most=115):
    """At most so many characters of it, the clause among them, as the app looks them up for a window of 64."""
    who, did, rest = clause
    at = sentence.find(f'{who} {did} {rest}')
    spare = most - len(f'{who} {did} {rest}.')
    if at < 0 or len(sentence) <= most or spare < 0:
        return sentence
    begin = max(0, at - random.randint(0, spare))
    begin = sentence.rfind(' ', 0, begin + 1) + 1 if begin else 0
    end = sentence.rfind(' ', 0, begin + most + 1)
    return sentence[begin:max(end, at + most - spare)]


def said(clause):
    """The clause as a sentence."""
    who, did, rest = clause
    text = f'{who} {did} {rest}.'
    return text[0].upper() + text[1:]


def infinitive(did):
    if did in _BASE:
        return _BASE[did]
    if re.search('[a-z]{3}ered$|(vis|lim)ited$', did):
        return did[:-2]
    if re.search(r'([vcsz]|[^aeiou][aeiou][lrtdk]|u)ed$', did) and not did.endswith('ssed'):
        return did[:-1]
    if re.search(r'([bdgmnprt])\1ed$', did):
        return did[:-3]
    return did[:-3] + 'y' if did.endswith('ied') else did[:-2]


def closed(words, least):
    """The first of them, at least so many: words that want another after them are left out at the end."""
    while len(words) > least and words[-1] in _OPEN:
        words = words[:-1]
    return words


def question(random, clause):
    who, did, rest = clause
    who = 'the' + who[3:] if who.startswith('The ') else who
    words = re.split(' (?:and|but|when|as|that|who|which) ', rest)[0].split(' ')
    part = words[:random.randint(min(2, len(words)), len(words))] if random.random() < 0.4 else words
    part = closed(part, 1)
    named = who[0].isupper()
    ways = ['who'] * 4 if named else ['which', 'which']
    at, behind = (next((i for i, w in enumerate(words) if w in some), None) for some in (_PLACE, _BEHIND))
    if did in _BE:
        ways += ['where is'] * 3 if at == 0 else ['what is'] * 3
    else:
        base = infinitive(did)
        ways += ['what', 'what']
        if at == 0:
            ways += ['where', 'where', 'where']
        elif behind:
            ways += ['what where', 'what where'] + ['where what'] * (at == behind)
    if named:
        ways += ['about']
    way = random.choice(ways)
    if way in ('who', 'which'):
        asked = f'{"who" if named else random.choice(("who", "what"))} {did} {" ".join(part)}?'
    elif way == 'where is':
        asked = f'where {did} {who}?'
    elif way == 'what is':
        asked = f'{random.choice(("what", "what", "who" if named else "what", "how"))} {did} {who}?'
    elif way == 'where':
        asked = f'where did {who} {base}?'
    elif way == 'what where':                                             # "what did the Rabbit take out of its pocket?"
        asked = f'what did {who} {base} {" ".join(words[behind:])}?'
    elif way == 'where what':                                             # "where did the Rabbit put the watch?"
        asked = f'where did {who} {base} {" ".join(words[:at])}?'
    elif way == 'what':
        asked = random.choice((f'what did {who} {base}?', f'what did {who} do?', f'did {who} {base} {" ".join(part)}?'))
    else:
        asked = random.choice((f'who is {who}?', f'who was {who}?', f'what do you know about {who}?', f'what does it say about {who}?'))
    asked = random.choice(ASK).format(asked)
    return asked[0].upper() + asked[1:]


def unlike(random, sentence, clause, word):
    """A text and a question that none of its clauses answers as it stands: it says "she" of whom is asked, another verb asks for it, or
    something else is asked than what it says ("Why did Alice take down a jar?"). word: any word."""
    who, did, rest = clause
    who = 'the' + who[3:] if who.startswith('The ') else who
    kind = random.random()
    if kind < 0.35 and rest[:1].islower():
        pronoun = random.choice(('he', 'she') if who[0].isupper() else ('he', 'she', 'it', 'they'))
        at = sentence.find(f'{clause[0]} {did} {rest}')
        small = at > 0 and sentence[at - 2:at] not in ('. ', '! ', '? ', "' ")
        text = sentence[:at] + (pronoun if small else pronoun.capitalize()) + sentence[at + len(clause[0]):]
        if at >= 0 and who.split(' ')[-1] not in text:
            return text, question(random, clause)
    if kind < 0.55 and did not in _BE:
        return sentence, question(random, (who, random.choice([verb for verb in _TAKEN if verb not in _BE and verb != did]), rest))
    words = [w for w in rest.split(' ') if len(w) > 3 and w.islower() and w not in _NO_QUESTION] or [word]
    part = closed(rest.split(' ')[:random.randint(0, 4)], 0)
    forms = [form for form in _MORE if did not in _BE or '{base}' not in form and '{did}' not in form]
    asked = random.choice(forms).format(who=who, did=did, base=infinitive(did), part=''.join(' ' + w for w in part), noun=random.choice(words), word=word)
    asked = random.choice(ASK).format(asked)
    return sentence, asked[0].upper() + asked[1:]
