"""Which heads remember: facts told once, a text between, each asked once, and the same with the slots of one head after another kept empty.

Run: python3 heads.py FOLDER_OR_RUN.pt [--tokenizer FOLDER] [--rounds 20] [--distance 300] [--count 4]
A head whose slots can be left out without an answer less holds nothing that anybody asks for.
"""
import argparse
import random as random_module

import torch

from evaluate import judge, open_model, told_once
from prose import Books


def right(model, tokenizer, books, o):
    """Answers that are right to the last token, and how many there were."""
    total = [0, 0]
    for seed in range(o.rounds):
        messages, answers = told_once(tokenizer, random_module.Random(900000 + seed), books, o.count, o.distance, 1, False)
        total[0] += judge(model, tokenizer, messages, answers, None, True)[0]
        total[1] += answers
    return total


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('model')
    p.add_argument('--tokenizer', default='')
    p.add_argument('--rounds', type=int, default=20)
    p.add_argument('--distance', type=int, default=300)
    p.add_argument('--count', type=int, default=4)
    o = p.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = open_model(o.model, o.tokenizer)
    books = Books(held_out=True)
    books.words = Books().words
    print('all heads: {} of {}'.format(*right(model, tokenizer, books, o)), flush=True)
    for layer, block in enumerate(model.blocks):
        for head in range(model.config.kv_heads if block.has_slots else 0):
            block.closed = (head,)
            print('slots of layer {} head {} empty: {} of {}'.format(layer, head, *right(model, tokenizer, books, o)), flush=True)
        block.closed = ()


if __name__ == '__main__':
    main()
