"""Pocket's network: a Qwen2-type decoder whose attention is Native Hybrid Attention (slots + window).

Letters, in all files: T tokens, C hidden size, Q query heads, H key/value heads, G = Q/H, D head size, M slots, W window,
N chunk. On a CPU the attention is the compiled scan of scan.c, elsewhere the chunk form below; check.py tests both against
the token-by-token scan of reference.py.
"""
import math
from dataclasses import dataclass, asdict, field

import torch
import torch.nn as nn
import torch.nn.functional as F

import start
from attention import attend, rope_table
from scan import Scan, library

FLOOR = -2.0            # training clamps log alpha here, so that exp(-A) <= e^64 within a chunk; inference does not
FAR_TOKENS = 16384      # so long, other text should leave slots as they are (Block.lost)


@dataclass
class Config:
    """Sizes. slot_layers[l] = False: layer l has a window only."""
    vocab: int = 2048
    hidden: int = 192
    layers: int = 4
    query_heads: int = 4
    kv_heads: int = 4
    head_dim: int = 64
    feed_forward: int = 512
    slots: int = 32
    gate_normalizer: float = 8.0
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-6
    windows: list = field(default_factory=list)
    slot_layers: list = field(default_factory=list)

    def __post_init__(self):
        self.windows = self.windows or [64] * self.layers
        self.slot_layers = self.slot_layers or [False] + [True] * (self.layers - 1)

    def to_dict(self):
        return asdict(self)


class Norm(nn.Module):
    """RMSNorm: x / sqrt(mean x^2 + epsilon) * weight."""
    def __init__(self, config):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(config.hidden))
        self.epsilon = config.norm_epsilon

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


class Block(nn.Module):
    """One layer. into = [q | k | v | gate] rows in one matrix; up = [gate | up] of SwiGLU in one matrix."""
    def __init__(self, config, layer):
        super().__init__()
        c = self.config = config
        self.has_slots = c.slot_layers[layer]
        self.closed = ()                                                 # key/value heads whose slots nothing is written into (train.py)
        self.sizes = [c.query_heads * c.head_dim, c.kv_heads * c.head_dim, c.kv_heads * c.head_dim]
        if self.has_slots:
            self.sizes.append(c.kv_heads * c.slots)
        self.norm1, self.norm2 = Norm(c), Norm(c)
        self.into = nn.Linear(c.hidden, sum(self.sizes))
        self.out = nn.Linear(c.query_heads * c.head_dim, c.hidden, bias=False)
        self.up = nn.Linear(c.hidden, 2 * c.feed_forward, bias=False)
        self.down = nn.Linear(c.feed_forward, c.hidden, bias=False)

    def split(self, rows):
        """rows [B, T, S] to q [B, Q, T, D], k, v [B, H, T, D], log alpha [B, H, T, M] or None."""
        B, T, _ = rows.shape
        c = self.config
        parts = rows.float().split(self.sizes, -1)
        q, k, v = (x.reshape(B, T, -1, c.head_dim).transpose(1, 2) for x in parts[:3])
        gate = None
        if self.has_slots:
            gate = F.logsigmoid(parts[3]).reshape(B, T, c.kv_heads, c.slots).transpose(1, 2) / c.gate_normalizer
        return q, k, v, gate

    def without_slots(self, rows):
        """rows with the gates of the closed heads open for what was there (alpha = 1): their slots stay empty."""
        c, gates = self.config, sum(self.sizes[:3])
        keep, shift = torch.ones(sum(self.sizes), device=rows.device), torch.zeros(sum(self.sizes), device=rows.device)
        for head in self.closed:
            at = slice(gates + head * c.slots, gates + (head + 1) * c.slots)
            keep[at], shift[at] = 0, 200
        return torch.addcmul(shift, rows, keep)

    def lost(self, z):
        """The share of a slot that FAR_TOKENS tokens like these write over, about: d / (1 + d), d = FAR_TOKENS * mean(-log alpha), the
        mean over slots. It pulls at slots that nearly last so far, hardly at those for short times. z [tokens, H M]."""
        d = FAR_TOKENS / self.config.gate_normalizer * F.softplus(-z.float()).mean(0)
        return (d / (1 + d)).mean()

    def forward(self, x, window, slots_on, carried=None, carry=None, other=None, lost=None):
        B, T, _ = x.shape
        c = self.config
        rows = self.into(self.norm1(x))
        if other is not None and self.has_slots and slots_on:
            lost.append(self.lost(rows[..., sum(self.sizes[:3]):][other]))
        if self.closed and self.has_slots:
            rows = self.without_slots(rows)
        if x.device.type == 'cpu' and c.query_heads == c.kv_heads and library(c.head_dim, c.slots):
            slots = c.slots if self.has_slots and slots_on and window < T else 0
            window = max(window, 0 if slots else 1)
            rows = rows if slots or not self.has_slots else rows[..., :sum(self.sizes[:3])]
            x = x + self.out(Scan.apply(rows, *rope_table(T, c, x.device), c.query_heads, c.head_dim, slots, min(window, T), c.gate_normalizer,
                                            carried, carry))
            return x + self.feed(x)
        q, k, v, gate = self.split(rows)
        gate = gate.clamp(min=FLOOR) if gate is not None and slots_on else None
        with torch.autocast(x.device.type, enabled=False):
            o = attend(q.contiguous(), k.contiguous(), v.contiguous(), gate, window, self.config, carried, carry)
        x = x + self.out(o.transpose(1, 2).reshape(B, T, -1))
        return x + self.feed(x)

    def feed(self, x):
        a, b = self.up(self.norm2(x)).chunk(2, -1)
        return self.down(F.silu(a) * b)


class Model(nn.Module):
    """ids [B, T] to logits [B, T, V]; windows: one number per layer, or one for all."""
    def __init__(self, config):
        super().__init__()
        self.config = c = config
        self.embed = nn.Embedding(c.vocab, c.hidden)
        self.blocks = nn.ModuleList(Block(c, layer) for layer in range(c.layers))
        self.norm = Norm(c)
        self.first_weights()

    def first_weights(self):
        """First weights: small normal; gates with spread half-lives; layer 0's heads 0 and 1 look 1 and 2 tokens back."""
        c = self.config
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, 0, 0.02)
        nn.init.normal_(self.embed.weight, 0, start.EMBED)
        for block in self.blocks:
            nn.init.zeros_(block.into.bias)
            nn.init.normal_(block.down.weight, 0, 0.02 / math.sqrt(2 * c.layers))
            nn.init.normal_(block.out.weight, 0, 0.02 / math.sqrt(2 * c.layers))
            if block.has_slots:
                gates = c.kv_heads * c.slots
                nn.init.constant_(block.into.bias[-gates:].data, 5.0)
                nn.init.normal_(block.into.weight[-gates:].data, 0, 4 / c.hidden ** 0.5)
        start.look_back(self.blocks[0].into.bias.data, c)
        start.induction(self)

    def upto(self, ids, layer):
        """What layer number `layer` reads, [B, T, C]."""
        h = self.embed(ids)
        for block, window in zip(self.blocks[:layer], self.config.windows):
            h = block(h, window, True)
        return h

    def forward(self, ids, windows=None, slots_on=True, only=None, carried=None, carry=None, other=None, lost=None):
        """only [B, T] of bool: logits of those positions alone, [their number, V].

        A long text in segments: carry, an empty list, takes the slots behind this segment, the windows emptied into them;
        as `carried` of the next one they are where it begins. No gradient crosses.
        other [B, T] of bool: text that nothing need be kept of; lost, an empty list, takes Block.lost of it, one for each layer with slots.
        """
        windows = self.config.windows if windows is None else windows
        if isinstance(windows, int):
            windows = [windows] * self.config.layers
        h = self.embed(ids)
        carried = iter(carried or ())
        for block, window in zip(self.blocks, windows):
            h = block(h, max(window, 1) if not block.has_slots else window, slots_on, next(carried, None) if block.has_slots else None,
                      carry if block.has_slots else None, other, lost)
        if only is not None:
            h = h[only]
        return F.linear(self.norm(h), self.embed.weight)
