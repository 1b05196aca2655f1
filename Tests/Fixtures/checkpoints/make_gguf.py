#!/usr/bin/env python3
"""Makes the GGUF fixtures and what they must read as, with PyPI's gguf, transformers and torch.

    python make_gguf.py            (in this folder; rewrites the four files beside it)

quantized.gguf holds a few blocks of every supported type, quantized.safetensors their values as
gguf de-quantises them. tiny_llama.gguf is a whole model with a vocabulary, tiny_llama.safetensors
the tensors that transformers reads from it.
"""

import os
import struct

import gguf
import numpy as np
import torch
import transformers
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import save_file
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

random = np.random.default_rng(20)

# Where the half-precision fields of a block lie; random bytes there would be NaN now and then.
HALVES = {
    Type.F16: None, Type.BF16: None, Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0],
    Type.Q5_1: [0, 2], Type.Q8_0: [0], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208],
}


def blocks(kind):
    """Random blocks; the last one's scales are subnormal."""
    size, width = gguf.GGML_QUANT_SIZES[kind]
    if HALVES[kind] is None:
        values = random.normal(size=64).astype(np.float32)
        if kind == Type.F16:
            return values.astype(np.float16).view(np.uint8)
        return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    count = 512 // size
    raw = random.integers(0, 256, (count, width), dtype=np.uint8)
    for index in range(count):
        for offset in HALVES[kind]:
            scale = 3e-7 if index == count - 1 else random.normal() * 0.05
            raw[index, offset : offset + 2] = np.frombuffer(struct.pack("<e", scale), np.uint8)
    return raw.reshape(-1)


def make_quantized():
    writer = gguf.GGUFWriter("quantized.gguf", "llama")
    expected = {}
    for kind in HALVES:
        raw = blocks(kind)
        writer.add_tensor(kind.name, raw.reshape(1, -1), raw_dtype=kind)
        expected[kind.name] = gguf.dequantize(raw.reshape(1, -1), kind).astype(np.float32)
    values = random.normal(size=(1, 40)).astype(np.float32)
    writer.add_tensor("F32", values)
    expected["F32"] = values
    finish(writer)
    save_file(expected, "quantized.safetensors")


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


LAYERS, WIDTH, HEADS, KEYS, FEED, VOCABULARY = 2, 32, 4, 2, 64, 12


def make_tiny_llama():
    writer = gguf.GGUFWriter("tiny_llama.gguf", "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEYS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(50000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    tokens = ["<|start|>", "<|end|>"] + list("abcdefg") + ["ab", "Ġ", "Ċ"]
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3] + [1] * (len(tokens) - 2))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(False)

    def add(name, rows, columns, kind):
        values = random.normal(size=(rows, columns)).astype(np.float32)
        writer.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)

    narrow = WIDTH * KEYS // HEADS
    add("token_embd.weight", VOCABULARY, WIDTH, Type.Q8_0)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(block + name + ".weight", random.normal(size=WIDTH).astype("f4"))
        add(block + "attn_q.weight", WIDTH, WIDTH, Type.Q4_1)
        add(block + "attn_k.weight", narrow, WIDTH, Type.Q5_0)
        add(block + "attn_v.weight", narrow, WIDTH, Type.F16)
        add(block + "attn_output.weight", WIDTH, WIDTH, Type.BF16)
        add(block + "ffn_gate.weight", FEED, WIDTH, Type.Q5_1)
        add(block + "ffn_up.weight", FEED, WIDTH, Type.Q4_0)
        add(block + "ffn_down.weight", WIDTH, FEED, Type.F32)
    writer.add_tensor("output_norm.weight", random.normal(size=WIDTH).astype("f4"))
    finish(writer)

    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=FEED,
            num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=KEYS,
            tie_word_embeddings=True,
        )
    )
    path = os.path.abspath("tiny_llama.gguf")
    read = load_gguf_checkpoint(path, return_tensors=True, model_to_load=model)["tensors"]
    read.pop("lm_head.weight", None)
    save_file({k: v.to(torch.float32).numpy() for k, v in read.items()}, "tiny_llama.safetensors")


make_quantized()
make_tiny_llama()
