"""Writes the folder of a model: int8 weights in groups of 32 columns, config, generation defaults.

Run: python3 export.py RUN.pt TOKENIZER_FOLDER OUT_FOLDER [--windows 64,64,64,64] [--golden FILE]
The golden file holds the 20 best logits after a short dialogue, computed token by token from the written weights.
"""
import argparse
import hashlib
import json
import os
import shutil
import struct

import numpy as np
import torch

from data import LATE, UNSURE
from model import Config, Model
from reading import FINDS, NOT_THERE
from reference import Decoder
from tokenizer import Tokenizer

GROUP = 32
PASSES_ON, DOUBTS = 3.0, 3.0        # nats; measured in DECISIONS.md
TYPES = {'I8': np.int8, 'F16': np.float16, 'F32': np.float32}


def named(model):
    """(Hugging Face name, tensor) for every weight; the fused matrices are split."""
    c = model.config
    yield 'model.embed_tokens.weight', model.embed.weight
    for layer, block in enumerate(model.blocks):
        head = f'model.layers.{layer}.'
        yield head + 'input_layernorm.weight', block.norm1.weight
        yield head + 'post_attention_layernorm.weight', block.norm2.weight
        for name, w, b in zip('qkvg', block.into.weight.split(block.sizes), block.into.bias.split(block.sizes)):
            yield f'{head}self_attn.{name}_proj.weight', w
            yield f'{head}self_attn.{name}_proj.bias', b
        yield head + 'self_attn.o_proj.weight', block.out.weight
        gate, up = block.up.weight.split(c.feed_forward)
        yield head + 'mlp.gate_proj.weight', gate
        yield head + 'mlp.up_proj.weight', up
        yield head + 'mlp.down_proj.weight', block.down.weight
    yield 'model.norm.weight', model.norm.weight


def quantise(w):
    """w [rows, cols] to int8 [rows, cols] and f16 scale [rows, cols/32]: scale = absmax / 127."""
    groups = w.reshape(w.shape[0], -1, GROUP)
    scale = (np.abs(groups).max(-1) / 127).astype(np.float16)
    safe = np.where(scale == 0, 1, scale).astype(np.float32)
    return np.clip(np.rint(groups / safe[..., None]), -127, 127).astype(np.int8).reshape(w.shape), scale


def write_safetensors(path, tensors):
    header, at = {}, 0
    for name, (kind, array) in tensors.items():
        header[name] = {'dtype': kind, 'shape': list(array.shape), 'data_offsets': [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path + '.tmp', 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text)
        for _, array in tensors.values():
            f.write(np.ascontiguousarray(array).tobytes())
    os.replace(path + '.tmp', path)


def read_safetensors(path):
    data = open(path, 'rb').read()
    size = struct.unpack('<Q', data[:8])[0]
    return {name: np.frombuffer(data[8 + size + t['data_offsets'][0]:8 + size + t['data_offsets'][1]], TYPES[t['dtype']]).reshape(t['shape'])
            for name, t in json.loads(data[8:8 + size]).items()}


def load(folder):
    """An exported folder as a Model with the dequantised weights."""
    d = json.load(open(os.path.join(folder, 'config.json')))
    model = Model(Config(d['vocab_size'], d['hidden_size'], d['num_hidden_layers'], d['num_attention_heads'], d['num_key_value_heads'], d['head_dim'],
                         d['intermediate_size'], d['num_slots'], d['gate_logit_normalizer'], d['rope_theta'], d['rms_norm_eps'], d['layer_windows'], d['slot_layers']))
    tensors = read_safetensors(os.path.join(folder, 'model.safetensors'))
    with torch.no_grad():
        for name, target in named(model):
            w = tensors[name].astype(np.float32)
            if name + '_scale' in tensors:
                w = (w.reshape(w.shape[0], -1, GROUP) * tensors[name + '_scale'].astype(np.float32)[..., None]).reshape(w.shape)
            target.copy_(torch.from_numpy(w))
    return model.eval()


def export(run, tokenizer_folder, out, windows=None):
    saved = torch.load(run, map_location='cpu')
    config = Config(**saved['config'])
    config.windows = windows or config.windows
    model = Model(config)
    model.load_state_dict(saved['model'])
    tokenizer = Tokenizer(os.path.join(tokenizer_folder, 'tokenizer.json'))
    os.makedirs(out, exist_ok=True)
    for name in ('tokenizer.json', 'tokenizer_config.json'):
        if os.path.abspath(tokenizer_folder) != os.path.abspath(out):
            shutil.copyfile(os.path.join(tokenizer_folder, name), os.path.join(out, name))
    end_of_text = tokenizer.special['<|endoftext|>']
    c = config
    fields = {
        '_name_or_path': 'Pocket', 'architectures': ['Qwen2NHAForCausalLM'], 'model_type': 'qwen2_nha', 'hidden_size': c.hidden, 'intermediate_size': c.feed_forward,
        'num_hidden_layers': c.layers, 'num_attention_heads': c.query_heads, 'num_key_value_heads': c.kv_heads, 'head_dim': c.head_dim,
        'vocab_size': c.vocab, 'rms_norm_eps': c.norm_epsilon, 'rope_theta': c.rope_theta, 'tie_word_embeddings': True, 'hidden_act': 'silu',
        'max_position_embeddings': 1048576, 'bos_token_id': end_of_text, 'eos_token_id': tokenizer.end, 'torch_dtype': 'float32',
        'num_slots': c.slots, 'gate_logit_normalizer': c.gate_normalizer, 'window_size': c.windows[0], 'layer_windows': c.windows,
        'slot_layers': c.slot_layers, 'gate_bias': True, 'empty_slots': 'masked', 'quantization': {'format': 'q8', 'group_size': GROUP},
    }
    if not any(c.slot_layers):                            # trained with --full: a plain Qwen2
        of_slots = ('num_slots', 'gate_logit_normalizer', 'window_size', 'layer_windows', 'slot_layers', 'gate_bias', 'empty_slots')
        fields = {k: v for k, v in fields.items() if k not in of_slots}
        fields.update(_name_or_path='Pocket with full attention', architectures=['Qwen2ForCausalLM'], model_type='qwen2')
    json.dump(fields, open(os.path.join(out, 'config.json'), 'w'), indent=2)
    json.dump({'do_sample': False, 'temperature': 0.0, 'top_k': 40, 'top_p': 0.9, 'repetition_penalty': 1.0, 'bos_token_id': end_of_text,
               'pad_token_id': end_of_text, 'eos_token_id': tokenizer.end, 'max_new_tokens': 200,
               'passes_on_after': UNSURE, 'passes_on_by': PASSES_ON, 'finds_with': FINDS, 'doubts_with': LATE[:3], 'doubts_by': DOUBTS, 'declines_with': NOT_THERE},
              open(os.path.join(out, 'generation_config.json'), 'w'), indent=2)
    tensors = {}
    for name, w in named(model):
        w = w.detach().float().numpy()
        if w.ndim == 2:
            q, scale = quantise(w)
            tensors[name], tensors[name + '_scale'] = ('I8', q), ('F16', scale)
        else:
            tensors[name] = ('F32', w)
    write_safetensors(os.path.join(out, 'model.safetensors'), tensors)
    return saved


GOLDEN = (('system', 'You are a helpful assistant.'), ('user', 'Hello! My name is Mira.'), ('assistant', 'Nice to meet you, Mira.'),
          ('user', 'My dog is called Rex and I live in Oslo.'), ('assistant', 'Your dog is called Rex. You live in Oslo. I will remember that.'),
          ('user', 'The code of the door is 4821.'), ('assistant', 'Okay, I will remember that.'),
          ('document', 'The rain fell softly on the old harbour. A man walked to the market and bought bread, and nobody said a word. The clock struck nine.'),
          ('user', 'What is my name?'))


def prompt_ids(tokenizer, messages, generation=True):
    """ids of messages as the chat template renders them; with the head of the assistant's turn at the end."""
    ids = []
    for role, content in messages:
        ids += [tokenizer.start] + tokenizer.encode(role + '\n' + content) + [tokenizer.end] + tokenizer.encode('\n')
    return ids + ([tokenizer.start] + tokenizer.encode('assistant\n') if generation else [])


def golden(folder, path):
    model, tokenizer = load(folder), Tokenizer(os.path.join(folder, 'tokenizer.json'))
    ids = prompt_ids(tokenizer, GOLDEN)
    logits = Decoder(model).read(ids)
    best = logits.topk(20)
    digest = hashlib.sha256(open(os.path.join(folder, 'model.safetensors'), 'rb').read()).hexdigest()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    json.dump({'ids': ids, 'top': [[int(i), round(float(x), 6)] for x, i in zip(best.values, best.indices)], 'sha256': digest, 'windows': model.config.windows},
              open(path, 'w'))
    print('golden', len(ids), 'ids; best', repr(tokenizer.decode([int(best.indices[0])])))


if __name__ == '__main__':
    torch.set_num_threads(1)
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('run')
    p.add_argument('tokenizer')
    p.add_argument('out')
    p.add_argument('--windows', type=lambda s: [int(x) for x in s.split(',')])
    p.add_argument('--golden')
    o = p.parse_args()
    state = export(o.run, o.tokenizer, o.out, o.windows)
    print('step', state['step'], 'tokens', state['tokens'], os.path.getsize(os.path.join(o.out, 'model.safetensors')), 'bytes')
    if o.golden:
        golden(o.out, o.golden)
