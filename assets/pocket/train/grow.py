"""Gives a trained run a larger vocabulary, more slots, a wider feed-forward, another head that remembers, another layer or tokens that can be told apart; its weights are kept, the optimizer starts afresh.

Run: python3 grow.py vocabulary RUN.pt OLD_TOKENIZER_FOLDER NEW_RUN.pt NEW_TOKENIZER_FOLDER
     python3 grow.py slots RUN.pt NEW_RUN.pt
     python3 grow.py feed-forward RUN.pt NEW_RUN.pt 768
     python3 grow.py head RUN.pt NEW_RUN.pt LAYER FROM TO
     python3 grow.py layer RUN.pt NEW_RUN.pt LAYER TOKENIZER_FOLDER
     python3 grow.py distinct RUN.pt NEW_RUN.pt 0.2
Vocabulary: the merges stay, those that tokenizer.whole() adds come after. A new token starts as the mean of the tokens it was
spelled with, at their mean length. Slots: each becomes two, whose gates z = w x + b part to both sides of what they were.
Feed-forward: new rows of gate and up are random, as large as the others; their columns of down are zero, so that the model computes what it did.
Head: head TO of a layer becomes what head FROM is, with other gates, and each gives half of what FROM gave; what TO was is lost.
Layer: a new one without slots before LAYER, whose heads look at the first, second and third token of the sentence (look.py); it writes nothing at first, so that the
model computes what it did.
Distinct: embeddings within a cosine of 0.9 of another's keep their mean, and what differs from it becomes at least so long; those that are still
alike get a random direction of that length. What is hardly ever an answer is pushed one way by every softmax until it cannot be told apart.
"""
import copy
import json
import os
import sys

import torch

from look import look_to_begin
from model import Block, Config, Model
from tokenizer import SPECIAL, Tokenizer, known_pieces, merged, whole, write


ALIKE = 0.9             # a cosine above which two embeddings can hardly be told apart
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


def head(run, new_run, layer, source, target):
    saved = torch.load(run, map_location='cpu')
    config, weights, (source, target) = saved['config'], saved['model'], (int(source), int(target))
    H, D, M = config['kv_heads'], config['head_dim'], config['slots']
    if config['query_heads'] != H:
        raise SystemExit('heads that share keys cannot be copied')
    into, out = f'blocks.{layer}.into.', f'blocks.{layer}.out.weight'
    for first, size in [(part * H * D, D) for part in range(3)] + [(3 * H * D, M)]:
        old, new = (slice(first + at * size, first + (at + 1) * size) for at in (source, target))
        rows = weights[into + 'weight'][old].clone()
        if first == 3 * H * D:
            rows += 2 * APART * rows.std() * torch.randn_like(rows)
        weights[into + 'weight'][new] = rows
        weights[into + 'bias'][new] = weights[into + 'bias'][old].clone()
    half = weights[out][:, source * D:(source + 1) * D] / 2
    weights[out][:, source * D:(source + 1) * D] = half
    weights[out][:, target * D:(target + 1) * D] = half
    saved.pop('optimizers', None)
    torch.save(saved, new_run)
    print('layer', layer, 'head', target, 'is what head', source, 'is')


@torch.no_grad()
def layer(run, new_run, layer, tokenizer_folder, steps=300):
    saved, layer = torch.load(run, map_location='cpu'), int(layer)
    config, weights = saved['config'], saved['model']
    old = Config(**copy.deepcopy(config))
    for at in range(config['layers'] - 1, layer - 1, -1):
        for name in [name for name in weights if name.startswith(f'blocks.{at}.')]:
            weights[name.replace(f'.{at}.', f'.{at + 1}.', 1)] = weights.pop(name)
    config['layers'] += 1
    config['windows'].insert(layer, config['windows'][layer - 1])
    config['slot_layers'].insert(layer, False)
    block = Block(Config(**config), layer)
    after = f'blocks.{layer + 1}.'
    for part in ('norm1', 'norm2'):
        getattr(block, part).weight.copy_(weights[f'{after}{part}.weight'])
    for part in ('into', 'up'):
        torch.nn.init.normal_(getattr(block, part).weight, 0, weights[f'{after}{part}.weight'].std())
    torch.nn.init.zeros_(block.into.bias)
    tokenizer, before = Tokenizer(os.path.join(tokenizer_folder, 'tokenizer.json')), Model(old)
    before.load_state_dict(torch.load(run, map_location='cpu')['model'])
    look_to_begin(block, tokenizer, lambda ids: before.upto(ids, layer), int(steps))
    for part in (block.out, block.down):
        torch.nn.init.zeros_(part.weight)
    weights.update({f'blocks.{layer}.{name}': tensor for name, tensor in block.state_dict().items()})
    saved.pop('optimizers', None)
    torch.save(saved, new_run)
    print('layer', layer, 'is new, of', config['layers'])


@torch.no_grad()
def distinct(run, new_run, length):
    saved, length = torch.load(run, map_location='cpu'), float(length)
    table = saved['model']['embed.weight']
    alike = too_near(table)
    print(int(alike.sum()), 'of', len(table), 'tokens were alike')
    mean = table[alike].mean(0)
    own = table[alike] - mean
    table[alike] = mean + own * (length / own.norm(dim=1, keepdim=True)).clamp(min=1)
    while (alike := too_near(table)).any():                              # what differs from the mean is alike as well: nothing told them apart
        table[alike] += length * torch.nn.functional.normalize(torch.randn_like(table[alike]), dim=1)
        print(int(alike.sum()), 'got a direction of their own')
    saved.pop('optimizers', None)
    torch.save(saved, new_run)


def too_near(table):
    """Which rows lie within a cosine of ALIKE of another."""
    directions = torch.nn.functional.normalize(table, dim=1)
    return (directions @ directions.T).fill_diagonal_(-1).max(1).values > ALIKE


if __name__ == '__main__':
    torch.manual_seed(0)
    {'vocabulary': vocabulary, 'slots': slots, 'feed-forward': feed_forward, 'head': head, 'layer': layer, 'distinct': distinct}[sys.argv[1]](*sys.argv[2:])
