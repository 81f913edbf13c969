"""What people tell in passing, in whatever words: the answer says it again in those words, turned round ("I broke my arm in
June." is "You broke your arm in June."), so that a sentence nobody trained can be answered from as well.

A remark: how it is told, the class of its value, ways to ask. {v}, {n} and {x} as in facts.py; "|" parts ways of telling.
"""
import re

import remark_list
from facts import Kind

_TURNED = {'i': 'you', 'me': 'you', 'my': 'your', 'mine': 'yours', 'we': 'you', 'us': 'you', 'our': 'your', 'ours': 'yours', 'am': 'are', "i'm": 'you are', "i've": 'you have', "we're": 'you are',
           "i'll": 'you will', "we've": 'you have', 'myself': 'yourself', "i'd": 'you would'}


def turned(text):
    """As it is said back: "I was born in Cork" is "You were born in Cork"."""
    text = re.sub(r"\b(I|we) was\b", 'you were', text, flags=re.I)
    text = re.sub(r"[A-Za-z']+", lambda m: _TURNED.get(m.group().lower(), m.group()), text)
    return text[0].upper() + text[1:]


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


MY, THE, PERSON = _kinds(remark_list.MY), _kinds(remark_list.THE), _kinds(remark_list.PERSON)
