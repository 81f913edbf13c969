"""Muon for the matrices of the layers, AdamW for the rest.

A matrix moves by its momentum with every singular value made about one, five Newton-Schulz steps (Jordan et al. 2024), at 0.2 * sqrt(max(m, n)), which
is the length of a usual step of AdamW (Liu et al. 2025, arXiv 2502.16982), so both take one rate.
"""
import torch

STEPS = 5
MOMENTUM = 0.95


def orthogonal(matrix):
    """The nearest matrix with singular values of about one (0.7 to 1.2)."""
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(STEPS):
        square = x @ x.T
        x = 3.4445 * x + torch.addmm(square, square, square, beta=-4.7750, alpha=2.0315) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


class Muon(torch.optim.Optimizer):
    """parts: parameter -> sizes of the row blocks that are matrices of their own (q, k, v, gates in one)."""
    def __init__(self, parts, weight_decay=0.01):
        self.parts = list(parts.values())
        super().__init__(list(parts), dict(lr=1e-3, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p, sizes in zip(group['params'], self.parts):
                if p.grad is None:
                    continue
                state = self.state[p]
                if 'momentum' not in state:
                    state['momentum'] = torch.zeros_like(p)
                momentum = state['momentum'].lerp_(p.grad, 1 - MOMENTUM)
                ahead = p.grad.lerp(momentum, MOMENTUM)
                p.mul_(1 - group['lr'] * group['weight_decay'])
                at = 0
                for size in sizes:
                    rows = ahead[at:at + size]
                    p[at:at + size].add_(orthogonal(rows), alpha=-group['lr'] * 0.2 * max(rows.shape) ** 0.5)
                    at += size
