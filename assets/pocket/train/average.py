"""The middle of two runs of one shape: each weight that share of the way from the first to the second.

Run: python3 average.py RUN.pt RUN.pt NEW_RUN.pt [SHARE]
Two runs from one state that were taught different things lie in one valley: between them is a model that has most of both.
The optimizer's state is left out.
"""
import sys

import torch


def main():
    first, second = (torch.load(path, map_location='cpu') for path in sys.argv[1:3])
    share = float(sys.argv[4]) if len(sys.argv) > 4 else 0.5
    model = {name: first['model'][name] * (1 - share) + value * share for name, value in second['model'].items()}
    torch.save({**second, 'model': model, 'optimizers': []}, sys.argv[3])


if __name__ == '__main__':
    main()
