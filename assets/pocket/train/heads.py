"""Which heads remember: facts told once, a text between, each asked once, and the same with the slots of one head after another kept empty.

Run: python3 heads.py FOLDER_OR_RUN.pt [--tokenizer FOLDER] [--rounds 20] [--distance 300] [--count 4]
A head whose slots can be left out without an answer less holds nothing that anybody asks for.
"""
import argparse

import torch

from evaluate import open_model, questions, recalled


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
    asked = tokenizer, questions(), range(900000, 900000 + o.rounds), o.count, o.distance
    print('all heads: {} of {}'.format(*recalled(model, *asked)), flush=True)
    for layer, block in enumerate(model.blocks):
        for head in range(model.config.kv_heads if block.has_slots else 0):
            block.closed = (head,)
            print('slots of layer {} head {} empty: {} of {}'.format(layer, head, *recalled(model, *asked)), flush=True)
        block.closed = ()


if __name__ == '__main__':
    main()
