"""Gives a trained run a larger vocabulary: its merges stay, those that tokenizer.whole() adds come after, weights are kept.

Run: python3 grow.py RUN.pt OLD_TOKENIZER_FOLDER NEW_RUN.pt NEW_TOKENIZER_FOLDER
A new token starts as the mean of the tokens it was spelled with, at their mean length; the optimizer starts afresh.
"""
import json
import os
import sys

import torch

from tokenizer import SPECIAL, Tokenizer, known_pieces, merged, whole, write


def grow(run, old_folder, new_run, new_folder):
    old = Tokenizer(os.path.join(old_folder, 'tokenizer.json'))
    document = json.load(open(os.path.join(old_folder, 'tokenizer.json'), encoding='utf8'))
    write(new_folder, whole([tuple(m) for m in document['model']['merges']], known_pieces()))
    new = Tokenizer(os.path.join(new_folder, 'tokenizer.json'))
    saved = torch.load(run, map_location='cpu')
    names = [name for name, tensor in saved['model'].items() if tensor.dim() == 2 and tensor.shape[0] == old.size]
    for name in names:
        rows = saved['model'][name]
        grown = torch.empty(new.size, rows.shape[1])
        for token, i in new.ids.items():
            if token in SPECIAL or token in old.ids:
                grown[i] = rows[old.special.get(token, old.ids.get(token))]
            else:
                parts = rows[[old.ids[s] for s in merged(list(token), old.ranks)]]
                middle = parts.mean(0) + 0.1 * parts.std() * torch.randn(rows.shape[1])
                grown[i] = middle * parts.norm(dim=1).mean() / middle.norm()
        saved['model'][name] = grown
    saved['config']['vocab'] = new.size
    del saved['optimizer']
    torch.save(saved, new_run)
    print(names, old.size, 'to', new.size, 'tokens')


if __name__ == '__main__':
    torch.manual_seed(0)
    grow(*sys.argv[1:])
