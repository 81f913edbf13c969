"""First weights that bind: heads that look back by their biases, and heads that are induction heads from the beginning."""
import torch

EMBED = 0.04            # standard deviation of the embedding at the start


def look_back(bias, config, strength=6.0, pairs=10):
    """Start heads 0 and 1 of a layer as "1 and 2 tokens back" by q and k biases.

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
