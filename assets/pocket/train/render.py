"""Dialogues to token ids with a loss weight for each, exactly as the chat template renders them."""
from tokenizer import SPLIT

MEMORY, FIXED, MISSING = '\x03', '\x04', '\x05'      # first letter of assistant text: from memory, fixed talk, never told


def render(tokenizer, stream, tokens, weights):
    """ids [tokens+1] and weights [tokens+1] (the loss weight of predicting that token). weights: 'rest' for what is
    read, and (value, other words, first word) for answers from memory, fixed talk and acknowledgements."""
    ids, loss = [], []
    heads = {}
    newline = tokenizer.encode('\n')
    for role, content in stream:
        head = heads.get(role)
        if head is None:
            head = heads[role] = [tokenizer.start] + tokenizer.encode(role + '\n')
        ids.extend(head)
        loss.extend([weights['rest']] * len(head))
        if role != 'assistant':
            body = tokenizer.encode(content)
            ids.extend(body)
            loss.extend([weights['rest']] * len(body))
            ids.append(tokenizer.end)
            loss.append(weights['rest'])
        else:
            value, text, first = weights[content[0] if content[0] in (MEMORY, FIXED, MISSING) else 'noted']
            body, marks = encode_marked(tokenizer, content, value, text)
            marks[0] = max(marks[0], first)
            ids.extend(body)
            loss.extend(marks)
            ids.append(tokenizer.end)
            loss.append(text)
        ids.extend(newline)
        loss.extend([0.0] * len(newline))
        if len(ids) > tokens:
            return ids[:tokens + 1], loss[:tokens + 1]


def encode_marked(tokenizer, content, inside, outside):
    """Marked text to ids and weights."""
    spans, plain, at = [], [], 0
    for part in content.lstrip(MEMORY + FIXED + MISSING).replace('\x01', '\x02\x01').split('\x02'):
        marked = part.startswith('\x01')
        part = part.lstrip('\x01')
        if marked:
            spans.append((at, at + len(part)))
        plain.append(part)
        at += len(part)
    ids, marks = [], []
    for m in SPLIT.finditer(''.join(plain)):
        piece = tokenizer.piece(m.group())
        weight = inside if any(m.start() < b and m.end() > a for a, b in spans) else outside
        ids.extend(piece)
        marks.extend([weight] * len(piece))
    return ids, marks
