"""Saves a GGUF teacher as the Hugging Face folder that torch_teacher.py loads.

usage: save_teacher.py FILE.gguf FOLDER
"""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM


def main() -> None:
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    model = AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.float32)
    # The weights are plain floats by now, but transformers refuses to save what came quantised.
    del model.config.quantization_config
    model.hf_quantizer = None
    model.is_quantized = False
    model.save_pretrained(folder)


if __name__ == "__main__":
    main()
