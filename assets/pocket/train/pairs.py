"""The binding task: (key, value) pairs over token ids, asked again at all distances. No language in it.

pair(T): key and value are one to three tokens each. Loss on the values of repeated pairs only; a random value cannot be
known the first time. This is what teaches queries and keys to mean something before slots are switched on.
"""


def pairs(random, tokens, low=300, high=500, most=8, key_size=1, value_size=1, filler=0.0, noise=None):
    """Returns ids [T+1] and the positions (indices into ids) of answer tokens.

    Keys come from the first half of [low, high), values from the second half. filler: chance of noise(n) after a pair.
    """
    middle = (low + high) // 2
    facts = []
    taken = set()
    for _ in range(random.randint(2, most)):
        key = tuple(random.randrange(low, middle) for _ in range(random.randint(1, key_size)))
        if key in taken:
            continue
        taken.add(key)
        facts.append(key + tuple(random.randrange(middle, high) for _ in range(random.randint(1, value_size))) + (len(key),))
    ids, answers, told = [], [], 0
    while len(ids) < tokens + 1:
        if told < len(facts):
            fact, asked = facts[told], False
            told += 1
        else:
            fact, asked = random.choice(facts), True
        if asked:
            answers.extend(range(len(ids) + fact[-1], len(ids) + len(fact) - 1))
        ids.extend(fact[:-1])
        if filler and random.random() < filler:
            ids.extend(noise(random.randint(2, 16)))
    return ids[:tokens + 1], [p for p in answers if p <= tokens]
