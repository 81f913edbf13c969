"""Filler: sentences made from a small grammar, and passages of the public-domain books (read at training time, never copied here)."""
import functools
import os
import re

import words
from reading import clauses
from tokenizer import normalized

BOOKS = os.environ.get('POCKET_BOOKS') or os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../../shared/data/books')
HELD_OUT_BOOK = 'alice.txt'

_WHO = 'the man,a woman,the old sailor,a child,the girl,a boy,the teacher,my neighbour,the farmer,a stranger,the king,two friends,the captain,the postman,a bird,the cat,the cook,an old lady'.split(',')
_DID = 'walked to,looked at,came from,went back to,talked about,waited near,thought of,ran to,stood in front of,dreamed of,painted,sat beside,drove to'.split(',')
_WHAT = 'the market,the river,the old house,the station,the church,the garden,the harbour,the forest,a small shop,the bridge,the school,the hill,the lake,the tower,a field,the castle,the village'.split(',')
_WHEN = 'In the morning,In the evening,Later,After lunch,Before noon,At night,Then,Once more,Soon,The next day,In winter,In spring,For a while,Suddenly'.split(',')
_REST = 'It was a quiet day.,The rain fell softly.,Nobody said a word.,The wind was cold.,There was music in the street.,The sun went down behind the hills.,All was still.,The bread was still warm.,The clock struck nine.,The road was long.,Everyone laughed.,The leaves were yellow.,A dog barked far away.,The train was late again.,It began to snow.'.split(',')


def sentence(random):
    if random.random() < 0.3:
        return random.choice(_REST)
    who, did, what = random.choice(_WHO), random.choice(_DID), random.choice(_WHAT)
    if random.random() < 0.5:
        return f'{random.choice(_WHEN)} {who} {did} {what}.'
    return f'{who[0].upper()}{who[1:]} {did} {what}.'


class Books:
    """Nine books for training; the tenth only for measuring."""
    def __init__(self, held_out=False, folder=BOOKS):
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        names = [n for n in names if (n == HELD_OUT_BOOK) == held_out]
        self.texts = [re.sub(r'[ \t]*\n[ \t]*', ' ', normalized(self._body(os.path.join(folder, n)))) for n in names]
        seen = {}
        for text in self.texts:
            for word in re.findall(r'\b[a-z]{3,9}\b', text):
                seen[word] = seen.get(word, 0) + 1
        self.words = sorted(w for w, count in seen.items() if count >= 3) or words.THINGS

    @functools.cached_property
    def clauses(self):
        """What can be asked of the books (reading.py): found when it is first asked for, which takes some seconds."""
        return [each for text in self.texts for each in clauses(text)]

    @staticmethod
    def _body(path):
        text = open(path, encoding='utf8', errors='replace').read().replace('_', '')
        return text[len(text) // 50:-len(text) // 20]                   # less the licence pages at both ends

    def passage(self, random, characters):
        """A passage of about that many characters, from the start of a word to the end of one."""
        if not self.texts:
            return ' '.join(sentence(random) for _ in range(max(1, characters // 40)))
        text = random.choice(self.texts)
        start = random.randrange(max(1, len(text) - characters - 100))
        start = text.find(' ', start) + 1
        return re.sub(' +', ' ', text[start:text.rfind(' ', start, start + characters + 20)]).strip() or 'And so on.'


def filler(random, books, characters):
    """About that many characters of books (2 in 3) or of the grammar."""
    if random.random() < 0.66:
        return books.passage(random, characters)
    out = []
    while sum(map(len, out)) < characters:
        out.append(sentence(random))
    return ' '.join(out)
