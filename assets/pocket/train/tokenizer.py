"""Byte-level BPE: trains merges, writes a Hugging Face tokenizer.json, encodes. Plain Python, nothing to install.

Run: python3 tokenizer.py OUT_FOLDER [VOCAB]
Text is split by Qwen2's expression (below as Python's re can say it; tokenizer.json carries the original), then merged
within each piece. Ids: 256 bytes, merges in order of their making, then the three special tokens last. After the most
frequent merges come those that make each listed name and value, and each word of the phrasings, one token: what is one
token when told is one thing to remember, and half of them were two to four. Held-out names and cities stay in pieces.
Before that, what is written in several ways becomes one (ONE_WAY): curly quotes and long dashes, which books and phones make, would be
bytes that no lesson has.
"""
import heapq
import json
import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict

SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
SPLIT_HF = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPLIT = re.compile(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|(?:[^\r\n\w]|_)?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
ONE_WAY = str.maketrans({
    '\u2018': "'", '\u2019': "'", '\u201a': "'", '\u201b': "'", '\u201c': '"', '\u201d': '"', '\u201e': '"', '\u201f': '"',
    '\u2010': '-', '\u2011': '-', '\u2012': '-', '\u2013': '-', '\u2014': '--', '\u2015': '--', '\u2026': '...', '\u00a0': ' ', '\u202f': ' ', '\u2009': ' '})
CHAT_TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
                 "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def byte_letters():
    """GPT-2's printable letter for each byte."""
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters, extra = {}, 0
    for b in range(256):
        if b in keep:
            letters[b] = chr(b)
        else:
            letters[b] = chr(256 + extra)
            extra += 1
    return letters


LETTERS = byte_letters()


def train(counts, merges_wanted):
    """counts: piece -> how often. Returns merges [(left, right)], the most frequent pair first, ties by text."""
    pieces = [[LETTERS[b] for b in p.encode('utf8')] for p in counts]
    weights = list(counts.values())
    pairs, where = Counter(), defaultdict(set)
    for i, symbols in enumerate(pieces):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += weights[i]
            where[pair].add(i)
    heap = [(-n, pair) for pair, n in pairs.items()]
    heapq.heapify(heap)
    merges = []
    while len(merges) < merges_wanted and heap:
        n, pair = heapq.heappop(heap)
        if pairs.get(pair, 0) != -n:
            if pairs.get(pair, 0) > 0:
                heapq.heappush(heap, (-pairs[pair], pair))
            continue
        merges.append(pair)
        joined, changed = pair[0] + pair[1], set()
        for i in where.pop(pair):
            symbols, out, j = pieces[i], [], 0
            for old in zip(symbols, symbols[1:]):
                pairs[old] -= weights[i]
            while j < len(symbols):
                if j + 1 < len(symbols) and symbols[j] == pair[0] and symbols[j + 1] == pair[1]:
                    out.append(joined)
                    j += 2
                else:
                    out.append(symbols[j])
                    j += 1
            pieces[i] = out
            for new in zip(out, out[1:]):
                pairs[new] += weights[i]
                where[new].add(i)
                changed.add(new)
        pairs[pair] = 0
        for new in changed:
            heapq.heappush(heap, (-pairs[new], new))
    return merges


def whole(merges, pieces):
    """merges, and after them those that make each of these pieces of text one token."""
    ranks = {pair: i for i, pair in enumerate(merges)}
    for piece in sorted(pieces):
        symbols = merged([LETTERS[b] for b in piece.encode('utf8')], ranks)
        while len(symbols) > 1:
            ranks.setdefault((symbols[0], symbols[1]), len(ranks))
            symbols[:2] = [symbols[0] + symbols[1]]
    return list(ranks)


def merged(symbols, ranks):
    """The symbols of one piece after every merge that applies, the oldest first."""
    while len(symbols) > 1:
        rank, j = min((ranks.get(pair, 1 << 30), j) for j, pair in enumerate(zip(symbols, symbols[1:])))
        if rank == 1 << 30:
            break
        symbols[j:j + 2] = [symbols[j] + symbols[j + 1]]
    return symbols


def known_pieces():
    """Listed names and values, after a space and, for names, at the start of a sentence; every word of the phrasings."""
    import facts
    import talk
    import words
    held_out = {*words.HELD_OUT_NAMES, *words.HELD_OUT_CITIES}
    listed = [w for name, some in vars(words).items() if name.isupper() and isinstance(some, list) for w in some if w not in held_out]
    phrasings = [text for kinds in (facts.MY, facts.PERSON, facts.THE) for k in kinds
                 for text in (*k.tell, *k.ask, *k.answer, *k.change, k.missing, k.check)]
    sentences = [re.sub(r'\{.\}', '', text) for text in phrasings + [text for name, some in vars(talk).items() if name.isupper() for text in texts_in(some)]]
    return {' ' + w for w in listed} | {w for w in words.NAMES if w not in held_out} | {m.group() for text in sentences for m in SPLIT.finditer(text)}


def texts_in(some):
    """Every string in nested tuples and lists."""
    return [some] if isinstance(some, str) else [text for part in some for text in texts_in(part)] if isinstance(some, (tuple, list)) else []


class Tokenizer:
    """Encodes as the Hugging Face tokenizer does; a piece's ids are cached."""
    def __init__(self, path):
        document = json.load(open(path, encoding='utf8'))
        self.ids = document['model']['vocab']
        self.ranks = {tuple(m): i for i, m in enumerate(document['model']['merges'])}
        self.special = {t['content']: t['id'] for t in document['added_tokens']}
        self.size = len(self.ids) + sum(t not in self.ids for t in self.special)
        self.start, self.end = self.special['<|im_start|>'], self.special['<|im_end|>']
        self.cache = {}
        back = {letter: b for b, letter in LETTERS.items()}
        self.bytes = {i: bytes(back[c] for c in token) for token, i in self.ids.items() if token not in self.special}

    def piece(self, text):
        ids = self.cache.get(text)
        if ids is None:
            ids = self.cache[text] = [self.ids[s] for s in merged([LETTERS[b] for b in text.encode('utf8')], self.ranks)]
            if len(self.cache) > 500000:
                self.cache.clear()
        return ids

    def encode(self, text):
        """Text without special tokens to ids."""
        out = []
        for m in SPLIT.finditer(normalized(text)):
            out.extend(self.piece(m.group()))
        return out

    def decode(self, ids):
        names = {i: t for t, i in self.special.items()}
        out = b''
        for i in ids:
            out += names[i].encode() if i in names else self.bytes[i]
        return out.decode('utf8', errors='replace')


def normalized(text):
    """As tokenizer.json's normalizer does it."""
    return unicodedata.normalize('NFC', text).translate(ONE_WAY)


def write(folder, merges):
    vocab = {LETTERS[b]: b for b in range(256)}
    for left, right in merges:
        vocab.setdefault(left + right, len(vocab))
    added = []
    for token in SPECIAL:
        vocab[token] = len(vocab)
        added.append({'id': vocab[token], 'content': token, 'single_word': False, 'lstrip': False, 'rstrip': False, 'normalized': False, 'special': True})
    byte_level = {'type': 'ByteLevel', 'add_prefix_space': False, 'trim_offsets': False, 'use_regex': False}
    normalizers = [{'type': 'NFC'}] + [{'type': 'Replace', 'pattern': {'String': chr(one)}, 'content': way} for one, way in ONE_WAY.items()]
    document = {
        'version': '1.0', 'truncation': None, 'padding': None, 'added_tokens': added, 'normalizer': {'type': 'Sequence', 'normalizers': normalizers},
        'pre_tokenizer': {'type': 'Sequence', 'pretokenizers': [
            {'type': 'Split', 'pattern': {'Regex': SPLIT_HF}, 'behavior': 'Isolated', 'invert': False}, byte_level]},
        'post_processor': None, 'decoder': dict(byte_level),
        'model': {'type': 'BPE', 'dropout': None, 'unk_token': None, 'continuing_subword_prefix': '', 'end_of_word_suffix': '',
                  'fuse_unk': False, 'byte_fallback': False, 'ignore_merges': False, 'vocab': vocab, 'merges': [list(m) for m in merges]}}
    os.makedirs(folder, exist_ok=True)
    json.dump(document, open(os.path.join(folder, 'tokenizer.json'), 'w', encoding='utf8'), ensure_ascii=False, separators=(',', ':'))
    json.dump({'tokenizer_class': 'Qwen2Tokenizer', 'add_bos_token': False, 'add_prefix_space': False, 'bos_token': None, 'clean_up_tokenization_spaces': False,
               'eos_token': '<|im_end|>', 'pad_token': '<|endoftext|>', 'unk_token': None, 'model_max_length': 1000000, 'document_role': 'document',
               'added_tokens_decoder': {str(a['id']): {k: v for k, v in a.items() if k != 'id'} for a in added}, 'chat_template': CHAT_TEMPLATE},
              open(os.path.join(folder, 'tokenizer_config.json'), 'w', encoding='utf8'), indent=2)


def main():
    import random as random_module
    from data import Talk
    from prose import Books
    from render import plain
    folder, size = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2048
    random = random_module.Random(7)
    books, dialogue, prose = Books(), Counter(), Counter()
    for _ in range(3000):
        for role, content in Talk(random, books, level=1, filler_characters=0, open_rate=0.3).messages(40):
            dialogue.update(SPLIT.findall(plain(content)))
    for text in books.texts:
        prose.update(SPLIT.findall(text))
    scale = 0.5 * sum(dialogue.values()) / max(1, sum(prose.values()))   # books weigh half as much as the dialogues
    counts = Counter({p: n for p, n in dialogue.items()})
    for p, n in prose.items():
        if n > 3:
            counts[p] += n * scale
    counts = Counter({p: round(n * 100) for p, n in counts.items() if len(p) < 30})
    write(folder, whole(train(counts, size - 256 - len(SPECIAL)), known_pieces()))
    t = Tokenizer(os.path.join(folder, 'tokenizer.json'))
    print(t.size, 'tokens;', [t.decode([i]) for i in t.encode("Mira lives in Oslo. The code is 4821. Dreloni Winona said: \"Nice to meet you, Mira.\"\n")])


if __name__ == '__main__':
    main()
