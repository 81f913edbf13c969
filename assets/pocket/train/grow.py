"""Gives a trained run a larger vocabulary, more slots or a wider feed-forward; its weights are kept, the optimizer starts afresh.

Run: python3 grow.py vocabulary RUN.pt OLD_TOKENIZER_FOLDER NEW_RUN.pt NEW_TOKENIZER_FOLDER
     python3 grow.py slots RUN.pt NEW_RUN.pt
     python3 grow.py feed-forward RUN.pt NEW_RUN.pt 768
Vocabulary: the merges stay, those that tokenizer.whole() adds come after. A new token starts as the mean of the tokens it was
spelled with, at their mean length. Slots: each becomes two, whose gates z = w x + b part to both sides of what they were.
Feed-forward: new rows of gate and up are random, as large as the others; their columns of down are zero, so that the model computes what it did.
"""
import json
import os
import sys

import torch

from tokenizer import SPECIAL, Tokenizer, known_pieces, merged, whole, write


APART = 0.5             # the twins' weights lie this many of their standard deviations to either side


def vocabulary(run, old_folder, new_run, new_folder):
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
    saved.pop('optimizers', None)
    torch.save(saved, new_run)
    print(names, old.size, 'to', new.size, 'tokens')


def slots(run, new_run):
    saved = torch.load(run, map_location='cpu')
    config = saved['config']
    gates = config['kv_heads'] * config['slots']
    for layer in (i for i, has in enumerate(config['slot_layers']) if has):
        name = f'blocks.{layer}.into.'
        weight, bias = saved['model'][name + 'weight'], saved['model'][name + 'bias']
        z = weight[-gates:]                                              # [H M, C]
        apart = APART * z.std() * torch.randn_like(z)
        twins = torch.stack((z + apart, z - apart), 1).reshape(2 * gates, -1)
        saved['model'][name + 'weight'] = torch.cat((weight[:-gates], twins))
        saved['model'][name + 'bias'] = torch.cat((bias[:-gates], bias[-gates:].repeat_interleave(2)))
    config['slots'] *= 2
    saved.pop('optimizers', None)
    torch.save(saved, new_run)
    print(config['slots'], 'slots')


def feed_forward(run, new_run, size):
    saved = torch.load(run, map_location='cpu')
    config, weights, size = saved['config'], saved['model'], int(size)
    for layer in range(config['layers']):
        up, down = f'blocks.{layer}.up.weight', f'blocks.{layer}.down.weight'
        new = size - config['feed_forward']
        more = [torch.cat((half, half.std() * torch.randn(new, config['hidden']))) for half in weights[up].chunk(2)]
        weights[up] = torch.cat(more)                                    # [2 F, C], gate before up
        weights[down] = torch.cat((weights[down], torch.zeros(config['hidden'], new)), 1)
    config['feed_forward'] = size
    saved.pop('optimizers', None)
    torch.save(saved, new_run)
    print('feed-forward', size)


if __name__ == '__main__':
    torch.manual_seed(0)
    {'vocabulary': vocabulary, 'slots': slots, 'feed-forward': feed_forward}[sys.argv[1]](*sys.argv[2:])
