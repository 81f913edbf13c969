"""Dialogues for a model that others train: one conversation a line, {"messages": [{"role": "user", "content": "..."}, ...]}.

Run: python3 dialogues.py [--count 400] [--messages 24] [--seed 0] > talk.jsonl      (plateau hybridize --text talk.jsonl)
"""
import argparse
import json
import random as random_module

from data import Talk
from prose import Books
from render import plain


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--count', type=int, default=400)
    p.add_argument('--messages', type=int, default=24)
    p.add_argument('--seed', type=int, default=0)
    o = p.parse_args()
    random, books = random_module.Random(o.seed), Books()
    for _ in range(o.count):
        talk = Talk(random, books, filler_rate=0.1, filler_characters=300, remark_rate=0.4)
        messages = [{'role': role, 'content': plain(content)} for role, content in talk.messages(o.messages)]
        print(json.dumps({'messages': messages}))


if __name__ == '__main__':
    main()
