"""The truth the chunk form is tested against, and the slow chat loop: one token at a time, straight from the
paper's steps (arXiv 2510.07019)."""
import torch
import torch.nn.functional as F

from attention import rope_table, rotate


class Decoder:
    """State of one conversation. step(id) returns logits [V]. No clamp of the gates, empty slots masked.

    attention: 'nha' | 'window' (slots off) | 'full' (the window never ends).
    """
    def __init__(self, model, windows=None, attention='nha'):
        c = self.config = model.config
        self.model, self.attention, self.position = model, attention, 0
        windows = c.windows if windows is None else windows
        self.windows = [windows] * c.layers if isinstance(windows, int) else list(windows)
        self.layers = []
        for layer, block in enumerate(model.blocks):
            W = self.windows[layer]
            if not block.has_slots or attention == 'window':
                W = max(W, 1)
            if attention == 'full':
                W = 1 << 30
            dtype = model.embed.weight.dtype
            self.layers.append({'W': W, 'window': [], 'written': False,
                                'K': torch.zeros(c.kv_heads, c.slots, c.head_dim, dtype=dtype),
                                'V': torch.zeros(c.kv_heads, c.slots, c.head_dim, dtype=dtype)})

    @torch.no_grad()
    def step(self, token):
        c, t = self.config, self.position
        cos, sin = rope_table(t + 1, c, 'cpu')
        x = self.model.embed.weight[token][None, None]
        G, scale = c.query_heads // c.kv_heads, c.head_dim ** -0.5
        for block, s in zip(self.model.blocks, self.layers):
            parts = block.into(block.norm1(x)).split(block.sizes, -1)
            q = parts[0].view(c.kv_heads, G, c.head_dim)
            k, v = (y.view(c.kv_heads, c.head_dim) for y in parts[1:3])
            gate = F.logsigmoid(parts[3]).view(c.kv_heads, c.slots) / c.gate_normalizer if block.has_slots else None
            # the window after t, and the token that leaves
            s['window'].append((k, rotate(k, cos[t], sin[t]), v, gate))
            if len(s['window']) > s['W']:
                old_k, _, old_v, old_gate = s['window'].pop(0)
                if block.has_slots and self.attention == 'nha':
                    alpha = old_gate.exp()[..., None]
                    s['K'] = alpha * s['K'] + (1 - alpha) * old_k[:, None]
                    s['V'] = alpha * s['V'] + (1 - alpha) * old_v[:, None]
                    s['written'] = True
            scores, values = [], []
            if s['written']:
                scores.append(q @ s['K'].transpose(1, 2))
                values.append(s['V'])
            if s['window']:
                keys = torch.stack([w[1] for w in s['window']], 1)
                scores.append(rotate(q, cos[t], sin[t]) @ keys.transpose(1, 2))
                values.append(torch.stack([w[2] for w in s['window']], 1))
            p = F.softmax(torch.cat(scores, -1) * scale, -1)
            x = x + block.out((p @ torch.cat(values, 1)).reshape(1, 1, -1))
            x = x + block.feed(x)
        self.position += 1
        return F.linear(self.model.norm(x), self.model.embed.weight)[0, 0]

    def empty_windows(self):
        """Fold what the windows have into the slots, as at the end of a segment of training."""
        for block, s in zip(self.model.blocks, self.layers):
            for k, _, v, gate in s['window']:
                if block.has_slots and self.attention == 'nha':
                    alpha = gate.exp()[..., None]
                    s['K'] = alpha * s['K'] + (1 - alpha) * k[:, None]
                    s['V'] = alpha * s['V'] + (1 - alpha) * v[:, None]
                    s['written'] = True
            s['window'] = []

    def read(self, ids):
        for token in ids:
            logits = self.step(token)
        return logits
