"""Measures Pocket: recall by distance and number of facts (nha, slots off, full), refusals, bits per byte; prints dialogues.

Run: python3 evaluate.py FOLDER_OR_RUN.pt [--tokenizer FOLDER] [--rounds 20] [--distances 0,128,512,2048] [--chat-only] [--goals] [--names] [--level 1]
An answer is right when every token of it, its end included, is the model's first choice (greedy). Facts are told once, with
the acknowledgement "I will remember that.", then D tokens of the held-out book, then each is asked once.
"""
import argparse
import math
import os
import random as random_module

import torch
import torch.nn.functional as F

from data import LATE, UNSURE, Talk
from export import load, prompt_ids
from attention import ALL, CHUNK
from model import Config, Model
from prose import Books
from reference import Decoder
from render import MISSING, READ, encode_marked
from tokenizer import Tokenizer

MODES = (('nha', None, True), ('slots off', None, False), ('full', ALL, True))


def open_model(path, tokenizer_folder):
    if os.path.isdir(path):
        return load(path), Tokenizer(os.path.join(path, 'tokenizer.json'))
    saved = torch.load(path, map_location='cpu')
    model = Model(Config(**saved['config']))
    model.load_state_dict(saved['model'])
    return model.eval(), Tokenizer(os.path.join(tokenizer_folder, 'tokenizer.json'))


def told_once(tokenizer, random, books, count, distance, level, held_out, missing=False, change=False, who=False, late=False):
    """Messages of telling, filler, asking; the answers to judge are the last ones. Returns messages, how many answers."""
    talk_ = Talk(random, books, level=level, most=count, held_out=held_out, open_rate=1.0 if held_out else 0.0, late_rate=float(late))
    told = [f for f in (talk_.new_fact() for _ in range(count)) if f]
    messages = []
    for f in told:
        messages += [('user', f.say(talk_.pick(f.kind.tell))), ('assistant', 'I will remember that.')]
    if change:
        some = [f for f in told if f.kind.change]
        for f in some:
            f.v = talk_.value(f.kind)
            messages += [('user', f.say(random.choice(f.kind.change))), ('assistant', 'I will remember that.')]
        told = some
    if distance:
        text = tokenizer.encode(books.passage(random, distance * 5))[:distance]
        messages.append(('document', tokenizer.decode(text)))
    asked = []
    if missing:
        for _ in range(2):
            f = talk_.decline()
            asked += [m for m in f]
        return messages + asked, 2
    random.shuffle(told)
    if who:
        some = [f for f in told if f.n and f.kind.answer[0].startswith('{n} ')]
        for f in some:
            asked += [('user', f'W{talk_.who(f)[1:]}?'), ('assistant', f.answer_who())]
        return messages + asked, len(some)
    for f in told:
        asked += [('user', f.say(talk_.pick(f.kind.ask))), ('assistant', f.answer(f.kind.answer[0]))]
    return messages + asked, len(told)


@torch.no_grad()
def judge(model, tokenizer, messages, answers, windows, slots_on):
    """How many of the last answers are right to the last token, and which of them begin as a refusal, whether that is right or where they go wrong first,
    or take back what was begun (Talk.decline)."""
    ids, spans, begun = [], [], []
    for role, content in messages:
        ids += [tokenizer.start] + tokenizer.encode(role + '\n')
        start = len(ids)
        body, _, unlearned = encode_marked(tokenizer, content, 1, 1)
        ids += body + [tokenizer.end]
        if role == 'assistant':
            spans.append((start, len(ids)))
            begun.append(unlearned)
        ids += tokenizer.encode('\n')
    padded = ids + [0] * (-len(ids) % CHUNK)
    best = model(torch.tensor([padded]), windows, slots_on)[0].argmax(-1).tolist()
    refusal, late = tokenizer.encode('You have not'), tokenizer.encode(LATE)
    right, refused = 0, set()
    for i, (a, b) in enumerate(spans[-answers:] if answers else ()):
        wrong = next((p for p in range(a, b) if best[p - 1] != ids[p]), None)
        right += wrong is None
        if begun[i - answers]:
            a += begun[i - answers]
            declines = best[a - 1:a - 1 + len(late)] == late
        else:
            same = next((i for i in range(3) if ids[a + i] != refusal[i]), 3)          # tokens that the right answer has in common with a refusal
            declines = best[a - 1:a + 2] == refusal if same == 3 else best[a - 1:a + same] == refusal[:same + 1]
        if declines or wrong and best[wrong - 1] == late[0]:
            refused.add(i)
    return right, refused


def questions():
    """The held-out book between facts whose words are those of the other books."""
    books = Books(held_out=True)
    books.words = Books().words
    return books


def recalled(model, tokenizer, books, seeds, count, distance, level=1, held_out=False, windows=None, slots_on=True, **options):
    """Of told_once with each of the seeds: how many answers are right (`missing`: begin as a refusal, or take back what was begun), how many there are, and how many begin as a refusal."""
    right = total = refused = 0
    for seed in seeds:
        messages, answers = told_once(tokenizer, random_module.Random(seed), books, count, distance, level, held_out, **options)
        found, declined = judge(model, tokenizer, messages, answers, windows, slots_on)
        if options.get('missing'):
            messages, answers = told_once(tokenizer, random_module.Random(seed), books, count, distance, level, held_out, late=True, **options)
            declined |= judge(model, tokenizer, messages, answers, windows, slots_on)[1]
        right, total, refused = right + found, total + answers, refused + len(declined)
    return refused if options.get('missing') else right, total, refused


def table(model, tokenizer, o):
    books = questions()
    rows = []
    for held_out in (False, True):
        for distance in o.distances:
            for count in o.counts:
                cells = []
                for name, windows, slots_on in MODES:
                    if name == 'full' and distance > 1200:
                        cells.append('-')
                        continue
                    rounds = max(2, o.rounds // (2 if distance > 600 else 1) // max(1, count // 4))
                    right, total, _ = recalled(model, tokenizer, books, range(900000, 900000 + rounds), count, distance, o.level, held_out, windows, slots_on)
                    cells.append(f'{right / max(1, total):.2f} ({total})')
                rows.append(f'| {"unseen" if held_out else "seen"} | {distance} | {count} | ' + ' | '.join(cells) + ' |')
                print(rows[-1], flush=True)
    for label, options in (('never told, says so', dict(missing=True)), ('updated, the latest', dict(change=True)), ('who it was told of', dict(who=True))):
        for distance in o.distances[:3]:
            right, total, _ = recalled(model, tokenizer, books, range(800000, 800000 + o.rounds), 4, distance, o.level, **options)
            print(f'{label}: distance {distance}: {right / max(1, total):.2f} ({total})', flush=True)


GOALS = (                # label, facts, distance, dialogues, options: more of them than in the table, for the figures that Pocket has to reach
    ('one fact in the window', 1, 0, 100, {}),
    ('one fact in the window, unseen', 1, 0, 100, dict(held_out=True)),
    ('eight after 2,048 tokens', 8, 2048, 40, {}),
    ('eight after 2,048 tokens, unseen', 8, 2048, 40, dict(held_out=True)),
    ('eight after 2,048 tokens, window alone', 8, 2048, 10, dict(slots_on=False)),
    ('four after 16,384 tokens', 4, 16384, 20, {}),
    ('four after 16,384 tokens, unseen', 4, 16384, 20, dict(held_out=True)),
    ('never told, after 128 tokens', 4, 128, 60, dict(missing=True)),
    ('never told, after 2,048 tokens', 4, 2048, 60, dict(missing=True)),
    ('updated, after 2,048 tokens', 4, 2048, 40, dict(change=True)),
)


def goals(model, tokenizer, o):
    books = questions()
    for label, count, distance, dialogues, options in GOALS:
        right, total, refused = recalled(model, tokenizer, books, range(850000, 850000 + dialogues), count, distance, o.level, **options)
        declined = '' if options.get('missing') else f', declined {refused / max(1, total):.2f}'
        print(f'{label}: {right / max(1, total):.2f} ({total}){declined}', flush=True)


PEOPLE = '''Oskar Nele Katrin Stefan Rebecca Jonas Mateo Priya Anneke Lars Kjell Fatima Giulia Dmitri Wren Beatrix Hiroshi Milo Saoirse Otto Tilda Ravi Agnes
Cedric Yusuf Ingrid Pavel Noor Elif Bo'''.split()
INTRODUCED = ("Hi! I'm {}.", 'Hello, I am {}.', 'My name is {}.', "I'm {}.", 'Call me {}, please.', 'Hi, my name is {}.')


def names(model, tokenizer):
    """Whether people are greeted by their name, most of them of several tokens, in an answer that it writes itself."""
    for way in INTRODUCED:
        answers = {name: answer(Decoder(model), tokenizer, way.format(name))[0] for name in PEOPLE}
        wrong = [said for name, said in answers.items() if name not in said]
        print(f'{way} {len(PEOPLE) - len(wrong)} of {len(PEOPLE)}', *wrong, sep=' · ', flush=True)


def reading(model, tokenizer, rounds):
    """Questions about sentences of the held-out book that stand before them, one to four, alone or with prose around them."""
    books = Books(held_out=True)
    there, missing, unsure = [], [], []
    for seed in range(8 * rounds):
        turn = Talk(random_module.Random(700000 + seed), books, held_out=True).read()
        if UNSURE in turn[-1][1]:
            unsure.append(turn)
        elif turn[-1][1].startswith(READ):
            there.append(turn)
        elif turn[-1][1].startswith(MISSING):
            missing.append(turn)
    for label, turns in (('asked of a text, its words', there), ('not in the text, says so', missing), ('not in what was looked up, says it again', unsure)):
        cells = [f'{name} {sum(judge(model, tokenizer, turn, 1, windows, on)[0] for turn in turns) / max(1, len(turns)):.2f}' for name, windows, on in MODES]
        print(f'{label} ({len(turns)}):', ', '.join(cells), flush=True)


@torch.no_grad()
def bits_per_byte(model, tokenizer, characters=20000):
    text = Books(held_out=True).passage(random_module.Random(5), characters)
    ids = tokenizer.encode(text)
    ids = ids[:len(ids) // CHUNK * CHUNK]
    size = len(tokenizer.decode(ids).encode())
    out = []
    for name, windows, slots_on in MODES:
        x = torch.tensor(ids)
        x = x.view(1, -1) if name != 'full' else x[:len(ids) // 512 * 512].view(-1, 512)
        loss = F.cross_entropy(model(x, windows, slots_on)[:, :-1].flatten(0, 1), x[:, 1:].flatten(), reduction='sum').item()
        out.append(f'{name} {loss / math.log(2) / (size * x.numel() / len(ids)):.2f}')
    print('held-out book, bits per byte:', ', '.join(out), '(full: pieces of 512)')


SCRIPTS = (
    ('Hello', 'My name is Mira.', 'I live in Oslo.', 'How are you?', 'What is my name?', 'Where do I live?', 'What is my job?', 'Thank you!'),
    ('Hi, I am Tobias.', 'My dog is called Kavira.', 'What can you do?', 'The code of the door is 4821.', 'What is the memory meter?', 'What is my dog called?',
     'What is the code of the door?', "What's my name?", 'What is my cat called?'),
    ('Anna lives in Rome and Ben lives in Paris.', 'Anna works as a baker.', 'Who are you?', 'Where does Ben live?', 'Where does Anna live?', 'What does Anna work as?',
     'Ben moved to Berlin.', 'Where does Ben live?', 'Does Anna live in Madrid?', 'What do you know about Anna?', 'What is the capital of France?', 'Bye'),
    ('My sister is called Priya. My brother is called Ronan.', 'My favourite colour is green.', 'Tell me a joke.', 'What are slots?', "What is my sister's name?",
     'What is my favourite colour?', 'Do you remember the name of my brother?', 'Where do I live?'),
)


def answer(decoder, tokenizer, line, most=60):
    """What it says to one more line greedily, token by token, and whether it came to an end."""
    logits = decoder.read(prompt_ids(tokenizer, [('user', line)]))
    out = []
    while (best := int(logits.argmax())) != tokenizer.end and len(out) < most:
        out.append(best)
        logits = decoder.step(best)
    return tokenizer.decode(out), best == tokenizer.end


def chat(model, tokenizer, script, attention='nha'):
    """Plays a script."""
    decoder, broken = Decoder(model, attention=attention), 0
    for line in script:
        text, ended = answer(decoder, tokenizer, line)
        broken += not ended
        decoder.read([tokenizer.end] + tokenizer.encode('\n'))
        print(f'  user: {line}\n  pocket: {text}', flush=True)
    print(f'  ({decoder.position} tokens, {broken} answers did not stop)')


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('model')
    p.add_argument('--tokenizer', default='')
    p.add_argument('--rounds', type=int, default=20)
    p.add_argument('--level', type=float, default=1)
    p.add_argument('--distances', type=lambda s: [int(x) for x in s.split(',')], default=[0, 128, 512, 2048])
    p.add_argument('--counts', type=lambda s: [int(x) for x in s.split(',')], default=[1, 4, 8])
    p.add_argument('--chat-only', action='store_true')
    p.add_argument('--names', action='store_true', help='whether people are greeted by their name, alone')
    p.add_argument('--goals', action='store_true', help='the figures that Pocket has to reach, alone')
    o = p.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = open_model(o.model, o.tokenizer)
    if o.goals:
        return goals(model, tokenizer, o)
    if o.names:
        return names(model, tokenizer)
    for script in SCRIPTS:
        chat(model, tokenizer, script)
    if o.chat_only:
        return
    print('| names | distance | facts | nha | slots off | full |\n| --- | --- | --- | --- | --- | --- |')
    table(model, tokenizer, o)
    reading(model, tokenizer, o.rounds)
    bits_per_byte(model, tokenizer)


if __name__ == '__main__':
    main()
