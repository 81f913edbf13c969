"""Pocket's network: a Qwen2-type decoder whose attention is Native Hybrid Attention (slots + window).

Letters as in NHA.md: T tokens, C hidden size, Q query heads, H key/value heads, G = Q/H, D head size, M slots, W window,
N chunk. On a CPU the attention is the compiled scan of scan.c, elsewhere the chunk form below; check.py tests both against
a token-by-token scan written from NHA.md.
"""
import math
from dataclasses import dataclass, asdict, field

import torch
import torch.nn as nn
import torch.nn.functional as F

from scan import Scan, library

NEVER = -1e9
ALL = 1 << 30           # a window that never ends: full attention
CHUNK = 32              # N
EMBED = 0.04            # standard deviation of the embedding at the start
FLOOR = -2.0            # training clamps log alpha here, so that exp(-A) <= e^64 within a chunk; inference does not


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


_ropes, _masks = {}, {}


def rope_table(tokens, config, device):
    """cos and sin [T, D/2], cached; grown to a power of two."""
    key = (config.head_dim, config.rope_theta, str(device))
    table = _ropes.get(key)
    if table is None or table[0].shape[0] < tokens:
        size = 1 << max(12, (tokens - 1).bit_length())
        frequency = config.rope_theta ** (-torch.arange(0, config.head_dim, 2, dtype=torch.float64) / config.head_dim)
        angle = torch.arange(size, dtype=torch.float64)[:, None] * frequency
        table = _ropes[key] = (angle.cos().float().to(device), angle.sin().float().to(device))
    return table[0][:tokens], table[1][:tokens]


def rotate(x, cos, sin):
    """RoPE, rotate_half. x [..., T, D]; cos, sin [T, D/2]."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def causal_mask(tokens, device):
    """[T, T]: 0 where key <= query, else NEVER."""
    key = ('causal', tokens, str(device))
    if key not in _masks:
        _masks[key] = torch.full((tokens, tokens), NEVER, device=device).triu(1)
    return _masks[key]


def window_mask(chunks, window, slots, with_slots, device):
    """[n, N, M + (P+1) N]: 0 where a slot or key may be read, else NEVER. P = chunks before the own one."""
    key = (chunks, window, slots, with_slots, str(device))
    if key not in _masks:
        before = -(-(window - 1) // CHUNK) if window > 0 else 0
        query = torch.arange(chunks)[:, None, None] * CHUNK + torch.arange(CHUNK)[None, :, None]
        keys = (torch.arange(chunks)[:, None, None] - before) * CHUNK + torch.arange((before + 1) * CHUNK)[None, None]
        seen = (keys <= query) & (keys > query - window) & (keys >= 0)
        parts = [seen]
        if with_slots:
            parts.insert(0, (query >= window).expand(-1, -1, slots))      # masked until a token has left
        if window == 0:
            parts = parts[:1]
        open_ = torch.cat(parts, -1)
        if len(_masks) > 200:
            _masks.clear()
        _masks[key] = torch.where(open_, 0.0, NEVER).to(device)
    return _masks[key]


def attend(q, k, v, gate, window, config):
    """NHA in chunk form. q [B, Q, T, D]; k, v [B, H, T, D]; gate = log alpha [B, H, T, M] or None; returns [B, Q, T, D].

    T is a multiple of N, or W >= T (then it is plain causal attention).
    gate None: slots off, window only.
    """
    B, Q, T, D = q.shape
    H = k.shape[1]
    G, N, scale = Q // H, CHUNK, D ** -0.5
    cos, sin = rope_table(T, config, q.device)
    rotated_q, rotated_k = rotate(q, cos, sin) * scale, rotate(k, cos, sin)
    if G > 1:
        rotated_q, q = (x.view(B, H, G, T, D) for x in (rotated_q, q))
    if window >= T:
        if G > 1:
            rotated_k, v = rotated_k.unsqueeze(2), v.unsqueeze(2)
        p = F.softmax(rotated_q @ rotated_k.transpose(-1, -2) + causal_mask(T, q.device), -1)
        return (p @ v).reshape(B, Q, T, D)
    n = T // N

    def queries(x):
        """[B, (H, G), T, D] to [B, H, n, G N, D]."""
        if G == 1:
            return x.view(B, H, n, N, D)
        return x.view(B, H, G, n, N, D).transpose(2, 3).reshape(B, H, n, G * N, D)

    def blocks(x):
        return x.reshape(B, H, n, N, x.shape[-1])

    with_slots = gate is not None
    if window == 0 and not with_slots:
        window = 1
    mask = window_mask(n, window, config.slots, with_slots, q.device)
    if G > 1:
        mask = mask.repeat(1, G, 1)
    scores = []
    if window > 0:
        before = -(-(window - 1) // N)

        def with_previous(x):
            """[B, H, T, D] to [B, H, n, (P+1) N, D]: the chunks before, then the own one."""
            if before == 0:
                return blocks(x)
            padded = F.pad(x, (0, 0, before * N, 0))
            return torch.cat([blocks(padded[:, :, i * N:i * N + T]) for i in range(before + 1)], 3)

        keys, values = with_previous(rotated_k), with_previous(v)
        scores.append(queries(rotated_q) @ keys.transpose(-1, -2))
    if with_slots:
        def leaving(x):
            """The token that leaves the window at each step: x shifted by W."""
            return blocks(F.pad(x, (0, 0, window, 0))[:, :, :T] if window else x)

        old_k, old_v, old_gate = leaving(k), leaving(v), leaving(gate)
        lower = torch.ones(N, N, device=q.device).tril()
        A = lower @ old_gate                                             # running sum of log alpha within the chunk
        decay = A.exp()
        u = -torch.expm1(old_gate) * (-A).exp()
        dk, dv, total = u.transpose(-1, -2) @ old_k, u.transpose(-1, -2) @ old_v, decay[..., -1, :, None]
        key_state = value_state = torch.zeros(B, H, config.slots, D, device=q.device)
        key_states, value_states = [], []
        for e, a, b in zip(total.unbind(2), dk.unbind(2), dv.unbind(2)):  # unbind, never index: its backward is cheap
            key_states.append(key_state)
            value_states.append(value_state)
            key_state, value_state = e * (key_state + a), e * (value_state + b)
        key_states, value_states = torch.stack(key_states, 2), torch.stack(value_states, 2)
        qc = queries(q) * scale
        if G > 1:
            lower, decay = lower.repeat(G, 1), decay.repeat(1, 1, 1, G, 1)
        inner = ((qc @ old_k.transpose(-1, -2)) * lower) @ u
        scores.insert(0, decay * (qc @ key_states.transpose(-1, -2) + inner))
    p = F.softmax(torch.cat(scores, -1) + mask, -1)
    if with_slots:
        slot_p = p[..., :config.slots] * decay
        out = slot_p @ value_states + ((slot_p @ u.transpose(-1, -2)) * lower) @ old_v
        if window > 0:
            out = out + p[..., config.slots:] @ values
    else:
        out = p @ values
    if G > 1:
        out = out.view(B, H, n, G, N, D).transpose(2, 3)
    return out.reshape(B, Q, T, D)


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
        self.sizes = [c.query_heads * c.head_dim, c.kv_heads * c.head_dim, c.kv_heads * c.head_dim]
        if self.has_slots:
            self.sizes.append(c.kv_heads * c.slots)
        self.norm1, self.norm2 = Norm(c), Norm(c)
        self.into = nn.Linear(c.hidden, sum(self.sizes))
        self.out = nn.Linear(c.query_heads * c.head_dim, c.hidden, bias=False)
        self.up = nn.Linear(c.hidden, 2 * c.feed_forward, bias=False)
        self.down = nn.Linear(c.feed_forward, c.hidden, bias=False)

    def split(self, h):
        """h [B, T, C] to q [B, Q, T, D], k, v [B, H, T, D], log alpha [B, H, T, M] or None."""
        B, T, _ = h.shape
        c = self.config
        parts = self.into(h).float().split(self.sizes, -1)
        q, k, v = (x.reshape(B, T, -1, c.head_dim).transpose(1, 2) for x in parts[:3])
        gate = None
        if self.has_slots:
            gate = F.logsigmoid(parts[3]).reshape(B, T, c.kv_heads, c.slots).transpose(1, 2) / c.gate_normalizer
        return q, k, v, gate

    def forward(self, x, window, slots_on):
        B, T, _ = x.shape
        c = self.config
        if x.device.type == 'cpu' and c.query_heads == c.kv_heads and library(c.head_dim, c.slots):
            rows = self.into(self.norm1(x))
            slots = c.slots if self.has_slots and slots_on and window < T else 0
            window = max(window, 0 if slots else 1)
            rows = rows if slots or not self.has_slots else rows[..., :sum(self.sizes[:3])]
            x = x + self.out(Scan.apply(rows, *rope_table(T, c, x.device), c.query_heads, c.head_dim, slots, min(window, T), c.gate_normalizer))
            return x + self.feed(x)
        q, k, v, gate = self.split(self.norm1(x))
        gate = gate.clamp(min=FLOOR) if gate is not None and slots_on else None
        with torch.autocast(x.device.type, enabled=False):
            o = attend(q.contiguous(), k.contiguous(), v.contiguous(), gate, window, self.config)
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
        self.start()

    def start(self):
        """First weights: small normal; gates with spread half-lives; layer 0's heads 0 and 1 look 1 and 2 tokens back."""
        c = self.config
        for p in self.parameters():
            if p.dim() == 2:
                nn.init.normal_(p, 0, 0.02)
        nn.init.normal_(self.embed.weight, 0, EMBED)
        for block in self.blocks:
            nn.init.zeros_(block.into.bias)
            nn.init.normal_(block.down.weight, 0, 0.02 / math.sqrt(2 * c.layers))
            nn.init.normal_(block.out.weight, 0, 0.02 / math.sqrt(2 * c.layers))
            if block.has_slots:
                gates = c.kv_heads * c.slots
                nn.init.constant_(block.into.bias[-gates:].data, 5.0)
                nn.init.normal_(block.into.weight[-gates:].data, 0, 4 / c.hidden ** 0.5)
        look_back(self.blocks[0].into.bias.data, c)
        induction(self)

    def forward(self, ids, windows=None, slots_on=True, only=None):
        """only [B, T] of bool: logits of those positions alone, [their number, V]."""
        windows = self.config.windows if windows is None else windows
        if isinstance(windows, int):
            windows = [windows] * self.config.layers
        h = self.embed(ids)
        for block, window in zip(self.blocks, windows):
            h = block(h, max(window, 1) if not block.has_slots else window, slots_on)
        if only is not None:
            h = h[only]
        return F.linear(self.norm(h), self.embed.weight)


def look_back(bias, config, strength=6.0, pairs=10):
    """Start heads 0 and 1 of a layer as "1 and 2 tokens back" by q and k biases (POCKET.md).

    With RoPE, k bias (a, 0) and q bias (a cos(-d f), a sin(-d f)) make a score that peaks at distance d.
    With grouped heads both look-back heads share the key head 0.
    """
    c = config
    D, group = c.head_dim, c.query_heads // c.kv_heads
    frequency = c.rope_theta ** (-torch.arange(0, D, 2).float() / D)
    q = bias[:c.query_heads * D].view(c.query_heads, D)
    k = bias[c.query_heads * D:(c.query_heads + c.kv_heads) * D].view(c.kv_heads, D)
    for head, distance in enumerate((1, 2)):
        angle = -distance * frequency[:pairs]
        k[head // group, :pairs] = strength
        q[head, :pairs] = strength * torch.cos(angle)
        q[head, D // 2:D // 2 + pairs] = strength * torch.sin(angle)


@torch.no_grad()
def induction(model, sharp=1.5):
    """Start heads as induction heads, so that binding need not be discovered.

    A, B1, B2 [D/2, C], E [D, C]: rows of one random rotation, so the subspaces do not disturb each other.
    Layer 0, heads 0 and 1 (one and two tokens back) write what they see: x += B1' A x[t-1] + B2' A x[t-2].
    Layer 1, head 0 looks where "the token before" is the present token:  q = A x, k = B1 x, and copies: x += E' E x[j].
    Layer 2, head 0 does the same with two tokens: q = (A x, B1 x), k = (B1 x, B2 x), half of the dimensions each.
    Scores use the slow half of RoPE's frequencies, which turn little within a few hundred tokens.
    """
    c = model.config
    D, C, half = c.head_dim, c.hidden, c.head_dim // 2
    if C < 2 * D + half or c.query_heads != c.kv_heads or c.layers < 3:
        return
    rotation = torch.linalg.qr(torch.randn(C, C))[0]
    A, B1, B2, E = rotation[:half], rotation[half:D], rotation[D:D + half], rotation[D + half:2 * D + half]
    slow = torch.cat([torch.arange(half // 2, half), torch.arange(half // 2, half) + half])

    def rows(layer, part, head):
        """The rows [D, C] of q (0), k (1) or v (2) of a head."""
        start = (part * c.query_heads + head) * D
        return model.blocks[layer].into.weight[start:start + D]

    def columns(layer, head):
        return model.blocks[layer].out.weight[:, head * D:(head + 1) * D]

    for head, target in ((0, B1), (1, B2)):
        rows(0, 2, head)[:half] = A
        columns(0, head)[:, :half] = EMBED * target.T
    rows(1, 0, 0)[slow], rows(1, 1, 0)[slow] = sharp * A, sharp * B1
    rows(2, 0, 0)[slow] = sharp * torch.cat([A[:half // 2], B1[:half // 2]])
    rows(2, 1, 0)[slow] = sharp * torch.cat([B1[:half // 2], B2[:half // 2]])
    for layer in (1, 2):
        rows(layer, 2, 0)[:] = E
        columns(layer, 0)[:] = 2 * EMBED * E.T
