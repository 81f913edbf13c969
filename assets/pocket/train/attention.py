"""Native Hybrid Attention (arXiv 2510.07019) in chunk form, RoPE and masks. Letters as in model.py; N is the chunk.

The compiled scan of scan.c computes the same on a CPU; check.py tests both against a token-by-token scan.
"""
import torch
import torch.nn.functional as F

NEVER = -1e9
ALL = 1 << 30           # a window that never ends: full attention
CHUNK = 32              # N


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


def window_mask(chunks, window, slots, with_slots, device, carried=False):
    """[n, N, M + (P+1) N]: 0 where a slot or key may be read, else NEVER. P = chunks before the own one."""
    key = (chunks, window, slots, with_slots, str(device), carried)
    if key not in _masks:
        before = -(-(window - 1) // CHUNK) if window > 0 else 0
        query = torch.arange(chunks)[:, None, None] * CHUNK + torch.arange(CHUNK)[None, :, None]
        keys = (torch.arange(chunks)[:, None, None] - before) * CHUNK + torch.arange((before + 1) * CHUNK)[None, None]
        seen = (keys <= query) & (keys > query - window) & (keys >= 0)
        parts = [seen]
        if with_slots:
            parts.insert(0, ((query >= window) | carried).expand(-1, -1, slots))      # masked until a token has left
        if window == 0:
            parts = parts[:1]
        open_ = torch.cat(parts, -1)
        if len(_masks) > 200:
            _masks.clear()
        _masks[key] = torch.where(open_, 0.0, NEVER).to(device)
    return _masks[key]


def attend(q, k, v, gate, window, config, carried=None, carry=None):
    """NHA in chunk form. q [B, Q, T, D]; k, v [B, H, T, D]; gate = log alpha [B, H, T, M] or None; returns [B, Q, T, D].

    T is a multiple of N, or W >= T (then it is plain causal attention).
    gate None: slots off, window only. carried: slots [K, V], each [B, H, M, D], of a segment before whose window was emptied
    into them; carry: a list that takes those behind the last token. W <= T then.
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
    mask = window_mask(n, window, config.slots, with_slots, q.device, carried is not None)
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
        key_state, value_state = carried or (torch.zeros(B, H, config.slots, D, device=q.device),) * 2
        key_states, value_states = [], []
        for e, a, b in zip(total.unbind(2), dk.unbind(2), dv.unbind(2)):  # unbind, never index: its backward is cheap
            key_states.append(key_state)
            value_states.append(value_state)
            key_state, value_state = e * (key_state + a), e * (value_state + b)
        if carry is not None:
            tail = gate[:, :, T - window:]
            total = tail.sum(2)
            share = (-torch.expm1(tail) * (total[:, :, None] - tail.cumsum(2)).exp()).transpose(-1, -2)
            carry.append([total.exp()[..., None] * state + share @ x[:, :, T - window:] for state, x in ((key_state, k), (value_state, v))])
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
