#!/usr/bin/env python3
"""Makes rope_scalings.safetensors: what transformers computes with tiny_llama's weights under other
rotary settings.

    python make_rope.py            (in this folder)

`tokens` holds 40 ids, `NAME.logits` (40 × 12) their logits under the setting of that name, and
`NAME.inv_freq` its frequencies. RopeScalingTests has the settings as a config.json would say them.
"""

import numpy as np
import torch
import transformers
from safetensors.numpy import load_file, save_file

SETTINGS = {
    "plain": {"rope_type": "default"},
    "linear": {"rope_type": "linear", "factor": 2.5},
    "llama3": {
        "rope_type": "llama3", "factor": 6.0, "low_freq_factor": 1.0, "high_freq_factor": 3.0,
        "original_max_position_embeddings": 96,
    },
}

tokens = (np.arange(40) * 5 + 3) % 12
weights = {k: torch.from_numpy(v) for k, v in load_file("tiny_llama.safetensors").items()}
found = {"tokens": tokens.astype(np.int64)}
for name, setting in SETTINGS.items():
    config = transformers.LlamaConfig(
        vocab_size=12, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
        rms_norm_eps=1e-5, tie_word_embeddings=True,
        rope_parameters={"rope_theta": 50000.0, **setting},
    )
    model = transformers.LlamaForCausalLM(config).eval()
    missing = model.load_state_dict(weights, strict=False)
    assert missing.missing_keys == ["lm_head.weight"] and not missing.unexpected_keys, missing
    model.tie_weights()
    with torch.no_grad():
        found[name + ".logits"] = model(torch.from_numpy(tokens)[None]).logits[0].numpy()
    found[name + ".inv_freq"] = model.model.rotary_emb.inv_freq.numpy()
save_file(found, "rope_scalings.safetensors")
for name in SETTINGS:
    print(name, abs(found[name + ".logits"] - found["plain.logits"]).max(), found[name + ".inv_freq"])
