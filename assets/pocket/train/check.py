"""Numerics: chunk form and compiled scan equal the token-by-token scan, for every kind of window, and have the same gradients.
Run before a long training."""
import os
import tempfile

import torch
import torch.nn.functional as F

import grow
import model as model_module
from attention import ALL
from model import Config, Model
from muon import orthogonal
from reference import Decoder


def main():
    torch.manual_seed(1)
    errors = []
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
                errors.append(error)
                print(f'{"scan" if use_scan else "chunks"} Q {query_heads} H {kv_heads} W {windows} {attention}: relative L2 {error:.1e}', '' if error < 1e-4 else '  WRONG')
        for windows in (0, 1, 32, 64, [64, 0, 100]):
            carry = []
            with torch.no_grad():
                model(ids[:, :128], windows, carry=carry)
                fast = model(ids[:, 128:], windows, carried=carry)[1]
                decoder = Decoder(model, windows)
                decoder.read(ids[1][:128].tolist())
                decoder.empty_windows()
                slow = torch.stack([decoder.step(int(i)) for i in ids[1][128:]])
            error = ((fast - slow).norm() / slow.norm()).item()
            errors.append(error)
            print(f'{"scan" if use_scan else "chunks"} Q {query_heads} H {kv_heads} W {windows} carried: relative L2 {error:.1e}', '' if error < 1e-4 else '  WRONG')
    model_module.library = compiled
    errors += [*same_gradients(), closed_heads(), new_layer()]
    smallest, largest = singular_values()
    print('worst', max(errors))
    # Each by itself: the largest of numbers with NaN among them may be any of them.
    assert all(error < 1e-4 for error in errors)
    assert smallest > 0.5 and largest < 1.3


@torch.no_grad()
def new_layer():
    """Relative L2 between a model and itself with a new layer in it (grow.py)."""
    pocket = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
    c = Config(vocab=2954, hidden=64, layers=3, query_heads=2, kv_heads=2, head_dim=32, feed_forward=96, slots=16)
    model, ids = Model(c), torch.randint(0, c.vocab, (2, 128))
    with tempfile.TemporaryDirectory() as folder:
        run, new_run = (os.path.join(folder, name) for name in ('run.pt', 'new.pt'))
        torch.save(dict(config=c.to_dict(), model=model.state_dict()), run)
        grow.layer(run, new_run, 1, pocket, 2)
        saved = torch.load(new_run)
    grown = Model(Config(**saved['config']))
    grown.load_state_dict(saved['model'])
    assert saved['config']['slot_layers'] == [False, False, True, True]
    was, now = model(ids, 32), grown(ids, 32)
    error = ((now - was).norm() / was.norm()).item()
    print(f'new layer: relative L2 {error:.1e}')
    return error


@torch.no_grad()
def closed_heads():
    """Relative L2 between a layer with a closed head and one whose gates of that head never write (z = 200)."""
    c = Config(vocab=97, hidden=64, layers=2, query_heads=2, kv_heads=2, head_dim=32, feed_forward=96, slots=16)
    model, ids = Model(c), torch.randint(0, 97, (2, 256))
    block, open_ = model.blocks[1], model(ids, 32)
    block.closed = (1,)
    closed = model(ids, 32)
    block.closed = ()
    block.into.weight[-c.slots:], block.into.bias[-c.slots:] = 0, 200
    never = model(ids, 32)
    assert not torch.allclose(open_, closed)
    error = ((closed - never).norm() / never.norm()).item()
    print(f'closed head: relative L2 {error:.1e}')
    return error


def singular_values():
    """The smallest and the largest singular value of what Muon makes of long and of wide matrices."""
    values = torch.cat([torch.linalg.svdvals(orthogonal(torch.randn(m, n))) for m, n in ((576, 192), (192, 384), (96, 192))])
    print(f'Muon: singular values {values.min():.2f} to {values.max():.2f}')
    return values.min().item(), values.max().item()


def same_gradients():
    """The relative L2 between the gradients of the scan and those of the chunk form, with and without carried slots."""
    c = Config(vocab=97, hidden=64, layers=3, query_heads=2, kv_heads=2, head_dim=32, feed_forward=96, slots=16)
    model, errors, compiled = Model(c), [], model_module.library
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.15)
    ids = torch.randint(0, 97, (2, 257))
    for windows in (0, 32, [64, 16, 100]):
        for carried in (False, True):
            gradients = []
            for use_scan in (True, False):
                model_module.library = compiled if use_scan else lambda *_: None
                carry = [] if carried else None
                if carried:
                    with torch.no_grad():
                        model(ids[:, :128], windows, carry=carry)
                model.zero_grad()
                F.cross_entropy(model(ids[:, :-1], windows, carried=carry).flatten(0, 1), ids[:, 1:].flatten()).backward()
                gradients.append(torch.cat([p.grad.flatten() for p in model.parameters()]))
            error = ((gradients[0] - gradients[1]).norm() / gradients[1].norm()).item()
            errors.append(error)
            print(f'gradients W {windows}{" carried" if carried else ""}: relative L2 {error:.1e}')
    model_module.library = compiled
    return errors


if __name__ == '__main__':
    main()
