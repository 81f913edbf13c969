"""Dialogues to token ids with a loss weight for each, exactly as the chat template renders them."""
from tokenizer import SPLIT, normalized

# first letter of assistant text: from memory, fixed talk, never told, from far back, what prose says, prose that is passed on
MEMORY, FIXED, MISSING, FAR, READ, PASSED_ON = KINDS = '\x03', '\x04', '\x05', '\x06', '\x07', '\x0e'


def plain(content):
    """What a message says, without any mark."""
    return content.lstrip(''.join(KINDS)).translate({1: None, 2: None, 8: None})


def render(tokenizer, stream, tokens, weights):
    """ids [tokens+1] and weights [tokens+1] (the loss weight of predicting that token). weights: 'rest' for what is
    read, and (value, other words, first word) for answers from memory, fixed talk and acknowledgements."""
    ids, loss = [], []
    for role, content in stream:
        add(ids, loss, tokenizer, role, content, weights)
        if len(ids) > tokens:
            return ids[:tokens + 1], loss[:tokens + 1]


def render_far(tokenizer, talk, before, after, weights):
    """As render, before + after tokens, of one conversation: facts told, other text up to token `before`, questions from there on.
    Returns also where the other text begins."""
    ids, loss = [], []
    for role, content in talk.telling():
        add(ids, loss, tokenizer, role, content, weights)
    told = min(len(ids), before)
    frame = len(tokenizer.encode('document\n')) + 3
    while before - len(ids) > frame:
        room = before - len(ids)
        size = room if room < 100 or talk.random.random() < 0.4 else talk.random.randrange(50, room - 40)
        body = []
        while len(body) < size - frame:
            body += tokenizer.encode(talk.other_text(5 * size))
        add(ids, loss, tokenizer, 'document', '', weights, body[:size - frame])
        for role, content in talk.between_documents():
            if before - len(ids) > 200:
                add(ids, loss, tokenizer, role, content, weights)
    ids, loss = ids[:before], loss[:before]
    left = before - len(ids)
    ids, loss = ids + tokenizer.encode('\n') * left, loss + [0.0] * left
    rest, rest_loss = render(tokenizer, talk.turns(), after, weights)
    return ids + rest, loss + rest_loss, told


def add(ids, loss, tokenizer, role, content, weights, body=None):
    """One message to the end of ids and loss; body: the ids of what is read, where they are known."""
    rest = weights['rest']
    head = [tokenizer.start] + tokenizer.encode(role + '\n')
    ids.extend(head)
    loss.extend([rest] * len(head))
    if role != 'assistant':
        body = tokenizer.encode(content) if body is None else body
        ids.extend(body + [tokenizer.end])
        loss.extend([rest] * (len(body) + 1))
    else:
        value, text, first = weights[content[0] if content[0] in KINDS else 'noted']
        body, marks, begun = encode_marked(tokenizer, content, value, text)
        marks[begun] = max(marks[begun], first)
        ids.extend(body + [tokenizer.end])
        loss.extend(marks + [text])
    newline = tokenizer.encode('\n')
    ids.extend(newline)
    loss.extend([0.0] * len(newline))


def encode_marked(tokenizer, content, inside, outside):
    """Marked text to ids and weights, and how many of them stand before \\x08: they were said wrongly, and are not learned (weight 0)."""
    content = normalized(content.lstrip(''.join(KINDS)))
    begun, content = content.split('\x08') if '\x08' in content else ('', content)
    spans, plain, at = [], [begun], len(begun)
    for part in content.replace('\x01', '\x02\x01').split('\x02'):
        marked = part.startswith('\x01')
        part = part.lstrip('\x01')
        if marked:
            spans.append((at, at + len(part)))
        plain.append(part)
        at += len(part)
    ids, marks, unlearned = [], [], 0
    for m in SPLIT.finditer(''.join(plain)):
        piece = tokenizer.piece(m.group())
        learned = m.start() >= len(begun)
        weight = 0.0 if not learned else inside if any(m.start() < b and m.end() > a for a, b in spans) else outside
        ids.extend(piece)
        marks.extend([weight] * len(piece))
        unlearned += 0 if learned else len(piece)
    return ids, marks, unlearned
