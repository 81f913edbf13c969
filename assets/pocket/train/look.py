"""Teaches the heads of a new layer where to look before it is trained with the others (grow.py layer)."""
import random as random_module

import torch

from attention import rope_table, rotate
from data import Talk
from prose import Books
from render import KINDS, render


@torch.enable_grad()
def look_to_begin(block, tokenizer, hidden, steps=300):
    """Teach head n of a layer to look at token n of this sentence, which mostly says whose it is: its q and k alone, by cross-entropy of where
    it looks on dialogues. hidden: ids [B, T] to what the layer reads, [B, T, C]."""
    c = block.config
    random, books, T = random_module.Random(0), Books(), 256
    weights = dict.fromkeys((*KINDS, 'noted'), (0, 0, 0)) | {'rest': 0}
    ends = torch.tensor([tokenizer.encode(sign)[0] for sign in ('.', '?', '!', '\n')])
    seen = torch.ones(T, T, dtype=torch.bool).tril()
    seen &= ~seen.tril(-c.windows[0])
    learned = [block.into.weight, block.into.bias]
    optimizer, running = torch.optim.Adam(learned, 3e-3), 0
    start_near(block)
    for step in range(steps):
        ids = torch.tensor([render(tokenizer, Talk(random, books, most=8, filler_rate=0.1, filler_characters=300, roster=random.random() < 0.5).stream(), T - 1, weights)[0] for _ in range(8)])
        at = torch.arange(T).expand_as(ids)
        begins = torch.isin(ids, ends).roll(1, 1)
        begin = torch.where(begins, at, 0).cummax(1).values                    # of the sentence that each token stands in
        with torch.no_grad():
            x = block.norm1(hidden(ids))
        q, k, _, _ = block.split(block.into(x))
        q, k = (rotate(part, *rope_table(T, c, x.device)) for part in (q, k))
        scores = (q @ k.transpose(-1, -2) / c.head_dim ** 0.5).masked_fill(~seen, float('-inf')).log_softmax(-1)
        target = torch.stack([begin + head for head in range(c.query_heads)], 1)     # [B, H, T]
        known = (target <= at[:, None]) & (target > at[:, None] - 48)
        share = scores.gather(-1, target.clamp(max=T - 1)[..., None])[..., 0]
        loss = -share[known].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running = 0.95 * running + 0.05 * share[known].exp().mean().item()
        if step % 50 == 49:
            print('step', step + 1, 'of what it looks at, on the right token:', round(running / (1 - 0.95 ** (step + 1)), 3), flush=True)


@torch.no_grad()
def start_near(block, near=6.0):
    """Start every head of a layer with near^2 (cos(f d) + cos(f' d)) / sqrt(D) added to the score at distance d, f and f' about 0.02: less where it is farther."""
    c = block.config
    D = c.head_dim
    for part in (0, 1):
        rows = block.into.bias.data[part * c.query_heads * D:][:c.query_heads * D].view(c.query_heads, D)
        rows[:, D // 4 - 3:D // 4 - 1] = near
