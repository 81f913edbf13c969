"""Trains Pocket. Binding first (pairs, full attention), then slots, then language, then length.

A step moves the embeddings of those tokens only that it has: every softmax pushes all others one way, until what is hardly ever an answer cannot be
told apart, and a rare word is not copied (grow.py distinct).

Run: python3 train.py --out RUN.pt --tokenizer FOLDER --minutes 120      (continues from RUN.pt if it exists)
Every 50 steps one line: step, tokens, loss, and the running accuracy of answers by task and attention. Always compare
with guessing (about 0.25 for pairs). All sizes are options; on a GPU the linear layers run in bf16 and larger batches fit.
"""
import argparse
import math
import os
import random as random_module
import signal
import time

import torch
import torch.nn.functional as F

from attention import ALL
from data import Talk
from export import load
from model import Config, Model
from muon import Muon
from pairs import pairs
from prose import BOOKS, Books
from render import FAR, FIXED, MEMORY, MISSING, PASSED_ON, READ, render, render_far
from tokenizer import Tokenizer
from workers import Workers


LIGHT = 0.25
LATE_RATE = 0.25        # share of what was never told whose answer was begun, and is taken back where the value should come
GROWN = 5000            # steps since binding after which lengths and fillers are the longest, and the lessons no longer change


def options():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--out', required=True)
    p.add_argument('--tokenizer', required=True)
    p.add_argument('--start', help='a model folder to start from, where there is no RUN.pt; its age is taken as grown up')
    p.add_argument('--minutes', type=float, default=120)
    p.add_argument('--rate', type=float, default=1.5e-3)
    p.add_argument('--rate-end', type=float, default=1e-4)
    p.add_argument('--batch-tokens', type=int, default=2048)
    p.add_argument('--longest', type=int, default=4096)
    p.add_argument('--lost-weight', type=float, default=0.5, help='weight of what other text writes over in the slots')
    p.add_argument('--muon', action='store_true', help='Muon for the matrices of the layers instead of AdamW')
    p.add_argument('--close', default='', help='heads, "1:0 1:1" for two of layer 1, of which one at a time keeps its slots empty, so that the others learn to remember too')
    p.add_argument('--close-rate', type=float, default=0.15, help='share of the steps with one of them closed')
    p.add_argument('--far-rate', type=float, default=0.45, help='share of the steps with other text between telling and asking')
    p.add_argument('--workers', type=int, default=1, help='processes that train together, each started with its --rank')
    p.add_argument('--rank', type=int, default=0)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--without-books', action='store_true', help='train on made-up prose alone')
    p.add_argument('--full', action='store_true', help='full attention only and no slots anywhere: a model to hybridize')
    p.add_argument('--age', type=int, default=-1, help='set the steps since binding, to move within the curriculum')
    for name, default in (('hidden', 192), ('layers', 4), ('query-heads', 3), ('kv-heads', 3), ('head-dim', 64), ('feed-forward', 384), ('slots', 32)):
        p.add_argument('--' + name, type=int, default=default)
    return p.parse_args()


def lesson(age, random, longest, layers, far_rate=0.45):
    """What to train on at this age (steps since binding; None: not bound): tokens, windows, share of pairs, options of Talk."""
    if age is None:
        return dict(tokens=128, windows=ALL, slots_on=True, pairs=1.0, key=1, value=1, fill=0.0, talk={})
    grown = min(1.0, age / 1500)
    kind = random.random() if age >= GROWN else 1
    if kind < far_rate:
        return far_lesson(random, longest, layers)
    dense = kind < far_rate + (1 - far_rate) * 0.67      # questions one after another: three times as many to learn from
    lengths = [128] if age < 500 else [128, 256] if age < 1200 else [128, 256, 256, 512] if age < 2200 else [256, 512, 512, 1024, 2048] if age < GROWN else \
        [512, 1024, 1024, 2048] if dense else [512, 1024, 1024, 2048, 4096]
    tokens = min(random.choice(lengths), longest)
    if age < 1200:
        window = random.choice([ALL, ALL, 32, 32, 32])
    else:
        kind = random.random()
        window = (64 if kind < 0.6 else 32 if kind < 0.7 else ALL if kind < 0.85 else
                  random.choice([0, 16, 128, 256]) if kind < 0.93 else [random.choice([0, 16, 32, 64, 128, 512]) for _ in range(layers)])
    if window == ALL and tokens > 512:
        window = 64
    # without slots only what the window still has can be answered, so not often
    slots_on = age < GROWN or random.random() > 0.04
    roster = age >= GROWN and dense and random.random() < 0.5
    return dict(tokens=tokens, windows=window, slots_on=slots_on, pairs=0.5 if age < 500 else 0.3 if age < 1500 else 0.12, key=1 if age < 200 else 2, value=1 if age < 200 else 3,
                fill=0.3 * grown if age > 500 else 0.0,
                talk=dict(level=max(0.0, min(1.0, (age - 300) / 900)), most=4 if age < 800 else 8, filler_rate=0.0 if age < 800 else 0.02 if dense else 0.12 * grown,
                          filler_characters=int(min(tokens * (1.5 if age < GROWN else 3), 60 + max(0, age - 800))), open_rate=min(1.0, 0.3 + age / 1500),
                          chat_rate=0.05 if age < 800 or dense else 0.2, contrast=0.3 * grown, roster=roster, remark_rate=0.4 * grown, late_rate=LATE_RATE * grown))


def far_lesson(random, longest, layers):
    """Facts told, other text, questions; up to `longest` tokens with their gradient, else only the questions with it."""
    carried = random.random() < 0.12
    before = min(random.choice((2048, 4096, 8192, 14336, 14336)), 4 * longest) if carried else min(random.choice((512, 512, 1024, 1536, 1536, 3072)), longest // 2)
    after = 1024 if before == 3072 else 512
    kind = random.random()
    window = 64 if kind < 0.7 else 32 if kind < 0.8 else [random.choice((0, 16, 32, 64, 128, 256)) for _ in range(layers)]
    return dict(tokens=1024 if carried else before + after, before=before, after=after, carried=carried, windows=window, slots_on=True, pairs=0.0,
                talk=dict(level=1.0, most=8, open_rate=1.0, chat_rate=0.05, contrast=0.3, far=True, roster=random.random() < 0.5, remark_rate=0.4, late_rate=LATE_RATE))


def batch(plan, size, random, books, tokenizer, age):
    """ids [B, T+1], weights [B, T] of predicting ids[:, 1:], is_pairs [B], [B] where other text begins that lasts to the questions, or None."""
    ids, weights, kinds, told = [], [], [], []
    bound = age is not None
    rest = 0.02 if not bound or age < 2500 else 0.03
    talk_loss = {'rest': rest, MEMORY: (1.5, 0.7, 2.0), MISSING: (0.7, 0.5, 2.3), FIXED: (0.5, 0.5, 0.5), FAR: (4.0, 1.5, 5.0), READ: (1.2, 0.7, 2.7), PASSED_ON: (0.3, 0.7, 2.7), 'noted': (0.4, 0.15, 0.15)}

    def noise(n):
        return tokenizer.encode(books.passage(random, 6 * n))[:n]

    for _ in range(size):
        if random.random() < plan['pairs']:
            low, high = (300, 500) if not bound or age < 100 else (256, tokenizer.size - 3)
            row, answers = pairs(random, plan['tokens'], low, high, 8, plan['key'], plan['value'], plan['fill'], noise)
            w = [0.02] * len(row)
            for p in answers:
                w[p] = 1.0 if not bound else 0.3
            kinds.append(True)
        else:
            talk = Talk(random, books, **plan['talk'])
            if 'before' in plan:
                row, w, begins = render_far(tokenizer, talk, plan['before'], plan['after'], talk_loss)
                told.append(begins)
            else:
                row, w = render(tokenizer, talk.stream(), plan['tokens'], talk_loss)
            kinds.append(False)
        ids.append(row)
        weights.append(w[1:])
    return torch.tensor(ids), torch.tensor(weights), torch.tensor(kinds), torch.tensor(told) if told else None


def main():
    o = options()
    torch.set_num_threads(o.threads)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    tokenizer, books = Tokenizer(os.path.join(o.tokenizer, 'tokenizer.json')), Books()
    if not books.texts and not o.without_books:          # a run without them looks well and unlearns what stands among real prose
        raise SystemExit(f'there are no books in {BOOKS}: set POCKET_BOOKS to their folder, or say --without-books')
    config = Config(vocab=tokenizer.size, hidden=o.hidden, layers=o.layers, query_heads=o.query_heads, kv_heads=o.kv_heads, head_dim=o.head_dim,
                    feed_forward=o.feed_forward, slots=o.slots, **(dict(windows=[ALL] * o.layers, slot_layers=[False] * o.layers) if o.full else {}))
    saved = torch.load(o.out, map_location=device) if os.path.exists(o.out) else None
    if saved:
        config = Config(**saved['config'])
    elif o.start:
        config = load(o.start).config
    torch.manual_seed(o.seed)
    model = Model(config).to(device)
    optimizers = optimizers_of(model, o.muon)
    step = tokens = seconds = 0
    age = None
    if saved:
        model.load_state_dict(saved['model'])
        if len(saved.get('optimizers', ())) == len(optimizers):          # another kind starts afresh
            for optimizer, state in zip(optimizers, saved['optimizers']):
                optimizer.load_state_dict(state)
        step, tokens, age, seconds = saved['step'], saved['tokens'], saved.get('age'), saved.get('seconds', 0)
    elif o.start:
        model.load_state_dict(load(o.start).state_dict())
        age = GROWN
    if o.age >= 0:
        age = o.age
    random = random_module.Random((o.seed + 1000 * o.rank) * 1000003 + step)
    workers, closable = Workers(o.rank, o.workers), [tuple(map(int, one.split(':'))) for one in o.close.split()]
    print(sum(p.numel() for p in model.parameters()), 'parameters, device', device, 'step', step, 'age', age, flush=True)
    running, began, last_saved = {}, time.time(), time.time()
    first_step = step

    def save():
        torch.save(dict(config=config.to_dict(), model=model.state_dict(), optimizers=[x.state_dict() for x in optimizers], step=step, tokens=tokens, age=age,
                        seconds=seconds + time.time() - began), o.out + '.tmp')
        os.replace(o.out + '.tmp', o.out)

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))             # kill PID: saves, then ends
    ended = False
    while not ended:
        done = min(1, (time.time() - began) / (60 * o.minutes))
        rate = o.rate_end + (o.rate - o.rate_end) * 0.5 * (1 + math.cos(math.pi * done))
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group['lr'] = rate * min(1, (step - first_step + 1) / (100 if step == first_step == 0 or step < 100 else 20))
        plan = lesson(age if age is None or not o.full else min(age, GROWN - 1), random, o.longest, config.layers, o.far_rate)
        if o.full:
            plan.update(windows=ALL, slots_on=False)
        carried = None
        closed = random.choice(closable) if closable and random.random() < o.close_rate else None
        for layer, block in enumerate(model.blocks):
            block.closed = (closed[1],) if closed and closed[0] == layer else ()
        ids, weights, kinds, told = batch(plan, max(1, o.batch_tokens // plan['tokens']), random, books, tokenizer, age)
        if plan.get('carried'):                                          # the text before, for its slots alone
            carried = []
            with torch.no_grad(), torch.autocast(device, dtype=torch.bfloat16, enabled=device == 'cuda'):
                model(ids[:, :plan['before']].to(device), plan['windows'], carry=carried, only=torch.zeros(1, 1, dtype=torch.bool).expand(len(ids), plan['before']).to(device))
            ids, weights, told = ids[:, plan['before']:], weights[:, plan['before']:], None
        # text that is only read is judged at one token in four: the head and its softmax cost a fifth of a step
        light = (weights < 0.1) & (weights > 0)
        only = (weights >= 0.1) | (light & (torch.rand(weights.shape) < LIGHT))
        judged = torch.where(light, weights / LIGHT, weights)[only].to(device)
        target, pair_row, light = ids[:, 1:][only].to(device), kinds[:, None].expand_as(only)[only], light[only]
        other, lost = None, []
        if told is not None:
            at = torch.arange(weights.shape[1])
            other = ((at >= told[:, None]) & (at < plan['before'])).to(device)
            other = other if other.any() else None
        with torch.autocast(device, dtype=torch.bfloat16, enabled=device == 'cuda'):
            logits = model(ids[:, :-1].to(device), plan['windows'], plan['slots_on'], only=only.to(device), carried=carried, other=other, lost=lost).float()
        losses = F.cross_entropy(logits, target, reduction='none')
        loss = (losses * judged).sum() / judged.sum() + o.lost_weight * sum(lost) / max(1, len(lost))
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # tokens that the step does not have: neither their gradient, which would stay in the moments, nor earlier moments move them
        absent = torch.ones(config.vocab, dtype=torch.bool, device=device).index_fill_(0, ids.flatten().to(device), False)
        embedding = model.embed.weight
        embedding.grad[absent], kept = 0, embedding.detach()[absent]
        for optimizer in optimizers:
            optimizer.step()
        with torch.no_grad():
            embedding[absent] = kept
        step, tokens = step + 1, tokens + o.workers * weights.numel()
        age = age + 1 if age is not None else None
        with torch.no_grad():                                            # running accuracy by task and attention
            right, losses, judged = (logits.argmax(-1) == target).float().cpu(), losses.cpu(), judged.cpu()
            mode = 'far' if carried else {str(ALL): 'full', '64': '64'}.get(str(plan['windows']), 'nha')
            for name, asked in (('pairs', pair_row & (judged > 0.25)), ('talk', ~pair_row & (judged > 1.4) & (judged < 1.6)), ('told', ~pair_row & (judged > 1.9) & (judged < 2.1)),
                                ('never told', ~pair_row & (judged > 2.2) & (judged < 2.4)), ('read', ~pair_row & (judged > 1.1) & (judged < 1.3)),
                                ('read first', ~pair_row & (judged > 2.6) & (judged < 2.8)), ('asked first', judged > 3.9)):
                if asked.any():
                    track(running, f'{name}/{mode}', right[asked].mean().item())
            for name, some in (('text loss', ~pair_row & light), ('answer loss', ~pair_row & ~light)):
                if some.any():
                    track(running, name, losses[some].mean().item())
            if lost:
                track(running, 'lost', sum(lost).item() / len(lost))
            track(running, 'loss', loss.item())
        if age is None and running.get('pairs/full', 0) > 0.93 and step > 100:
            age = 0
            print('bound at step', step, flush=True)
        if step % 50 == 0:
            print(step, f'{time.time() - began:.0f}s {tokens / 1e6:.2f}M rate {rate:.1e} T {plan["tokens"]}', ' '.join(f'{k} {v:.3f}' for k, v in sorted(running.items())), flush=True)
        ended = workers.meet(model, step, done == 1 or bool(stop))
        if o.rank == 0 and (ended or time.time() - last_saved > 120):
            save()
            last_saved = time.time()


def optimizers_of(model, muon):
    matrices = {}
    if muon:
        for block in model.blocks:
            matrices |= {block.into.weight: block.sizes, block.out.weight: [len(block.out.weight)], block.down.weight: [len(block.down.weight)],
                         block.up.weight: [len(block.up.weight) // 2] * 2}
    rest = [p for p in model.parameters() if p not in matrices]
    adam = torch.optim.AdamW(rest, betas=(0.9, 0.95), weight_decay=0.01)
    return [adam, Muon(matrices)] if muon else [adam]


def track(running, name, x):
    running[name] = x if name not in running else 0.97 * running[name] + 0.03 * x


if __name__ == '__main__':
    main()
