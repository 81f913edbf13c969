"""Documents with facts in them: letters, minutes, notes, entries of an encyclopedia, stories. The prose between comes from outside."""
import words

_GREETING = ('Dear {n},', 'My dear {n},', 'Hello {n},', 'Dear all,')
_CLOSING = ('Yours, {n}', 'With love, {n}', 'Best wishes, {n}', 'Write soon. {n}', 'See you soon, {n}')
_AGENDA = ('Last time', 'News', 'Plans', 'Questions', 'Money', 'Any other business', 'Next time')
_ENTRY = ('{x} is a land in the north.', '{x} lies by the sea.', '{x} is small and old.', '{x} is known for its hills and lakes.',
          'Few people live in {x}.', 'The winters in {x} are long.', 'Many roads lead to {x}.')


def document(random, told, passages):
    """told: sentences that must stand in it, in this order; passages: len(told) + 1 pieces of prose to put around them."""
    return random.choice((letter, minutes, notes, entry, story, story))(random, told, [p for p in passages if p])


def letter(random, told, passages):
    paragraphs = woven(random, told, passages)
    return '\n\n'.join([random.choice(_GREETING).format(n=random.choice(words.NAMES)), *paragraphs,
                        random.choice(_CLOSING).format(n=random.choice(words.NAMES))])


def minutes(random, told, passages):
    present = ', '.join(random.sample(words.NAMES, random.choice((2, 3, 4))))
    points = woven(random, told, passages)
    heads = random.sample(_AGENDA, min(len(points), len(_AGENDA)))
    lines = [f'{i + 1}. {head}: {point}' for i, (head, point) in enumerate(zip(heads, points))]
    rest = points[len(heads):]
    return '\n'.join([f'Minutes of the {random.choice(words.EVENTS)}, {random.choice(words.DAYS)}. Present: {present}.', *lines, *rest])


def notes(random, told, passages):
    count = len(passages) + len(told)
    at = sorted(random.sample(range(count), len(told)))
    out, facts, prose = [], iter(told), iter(passages)
    for i in range(count):
        out.append('- ' + (next(facts) if i in at else next(prose)))
    return 'Notes\n' + '\n'.join(out)


def entry(random, told, passages):
    x = random.choice(words.LANDS) if random.random() < 0.3 else words.invented(random)
    about = [line.format(x=x) for line in random.sample(_ENTRY, random.choice((1, 2, 3)))]
    return f'{x}\n' + ' '.join(about + woven(random, told, passages))


def story(random, told, passages):
    return ' '.join(woven(random, told, passages))


def woven(random, told, passages):
    """Prose and facts in turns, each pair or one alone a paragraph."""
    out = []
    for i in range(max(len(told), len(passages))):
        pair = [part[i] for part in (passages, told) if i < len(part)]
        if random.random() < 0.3:
            pair.reverse()
        out.append(' '.join(pair))
    return out
