"""The attention of scan.c for torch: compiled once with gcc, with its own backward. Where gcc is missing, model.py's chunk form is used."""
import ctypes
import os
import shutil
import subprocess
import tempfile

import torch

_libraries = {}


def library(head_dim, slots):
    """The compiled scan for these sizes, or None."""
    key = (head_dim, slots)
    if key not in _libraries:
        _libraries[key] = None
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'scan.c')
        if shutil.which('gcc') and head_dim % 16 == 0 and slots % 16 == 0:
            target = os.path.join(tempfile.mkdtemp(prefix='pocket-scan-'), 'scan.so')
            done = subprocess.run(['gcc', '-O3', '-march=native', '-mprefer-vector-width=512', '-ffast-math', '-shared', '-fPIC', f'-DD={head_dim}', f'-DM={slots}',
                                   source, '-o', target, '-lm'], capture_output=True, text=True)
            if done.returncode == 0:
                _libraries[key] = ctypes.CDLL(target)
            else:
                print('scan.c was not compiled:', done.stderr[-300:])
    return _libraries[key]


def _address(x):
    return ctypes.c_void_p(None if x is None else x.data_ptr())


class Scan(torch.autograd.Function):
    """rows [B, T, S] = q | k | v | z to out [B, T, H D]. carried: the slots of the segment before, as `carry` left them, or None."""
    @staticmethod
    def forward(context, rows, cosines, sines, heads, head_dim, slots, window, normalizer, carried=None, carry=None):
        B, T, _ = rows.shape
        rows = rows.contiguous()
        out = torch.empty(B, T, heads * head_dim)
        p = torch.empty(B, heads, T, slots + window)
        states = torch.empty(B, heads, -(-T // 32), 2, head_dim * max(slots, 1)) if slots else torch.empty(1)
        context.call = [ctypes.c_long(x) for x in (B, heads, T, window, 1 if slots else 0)] + [ctypes.c_float(normalizer)]
        context.library = library(head_dim, slots or 32)
        context.begin = carried if slots else None
        finish = torch.empty(B, heads, 2, head_dim * slots) if slots and carry is not None else None
        context.library.forward(*context.call, *map(_address, (rows, cosines, sines, context.begin, out, p, states, finish)))
        if finish is not None:
            carry.append(finish)
        context.save_for_backward(rows, cosines, sines, out, p, states)
        return out

    @staticmethod
    def backward(context, gradient):
        rows, cosines, sines, out, p, states = context.saved_tensors
        into = torch.zeros_like(rows)
        gradient = gradient.contiguous()
        context.library.backward(*context.call, *map(_address, (rows, cosines, sines, context.begin, out, p, states, gradient, into)))
        return (into,) + (None,) * 9
