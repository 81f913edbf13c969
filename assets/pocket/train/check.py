"""Numerics: chunk form and compiled scan equal the token-by-token scan, for every kind of window. Run before a long training."""
import torch

import model as model_module
from attention import ALL
from model import Config, Model
from reference import Decoder


def main():
    torch.manual_seed(1)
    worst = 0.0
    compiled = model_module.library
    for query_heads, kv_heads, use_scan in ((4, 4, True), (4, 4, False), (4, 2, False), (3, 1, False)):
        model_module.library = compiled if use_scan else lambda *_: None
        c = Config(vocab=97, hidden=64, layers=3, query_heads=query_heads, kv_heads=kv_heads, head_dim=32, feed_forward=96, slots=16)
        model = Model(c)
        with torch.no_grad():
            for p in model.parameters():
                p.add_(torch.randn_like(p) * 0.15)
        ids = torch.randint(0, 97, (2, 288))
        for windows in (0, 1, 16, 32, 33, 64, 100, 128, [64, 0, 32], ALL):
            for attention in ('nha', 'window'):
                with torch.no_grad():
                    fast = model(ids, windows, slots_on=attention == 'nha')[1]
                decoder = Decoder(model, windows, attention)
                slow = torch.stack([decoder.step(int(i)) for i in ids[1]])
                error = ((fast - slow).norm() / slow.norm()).item()
                worst = max(worst, error)
                print(f'{"scan" if use_scan else "chunks"} Q {query_heads} H {kv_heads} W {windows} {attention}: relative L2 {error:.1e}', '' if error < 1e-4 else '  WRONG')
    print('worst', worst)
    assert worst < 1e-4


if __name__ == '__main__':
    main()
