"""The PyTorch peer of caching: a teacher through transformers, forward, log-softmax and top-k.

Prints one JSON object; `tokens_per_second` is that of the median batch. With `--serve` it is a step
server, as `protocol.py` has it. The teacher is a Hugging Face folder; save_teacher.py makes one
from a GGUF file.

usage: torch_teacher.py FOLDER [--bf16] [--reduced] [--compile] [--serve]
"""

import argparse

import step_server
import torch
import torch._inductor.config
from transformers import AutoModelForCausalLM


def main() -> None:
    parser = argparse.ArgumentParser(description="Times a teacher's forward pass with top-k.")
    parser.add_argument("folder")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--entries", type=int, default=64, help="k of the top-k")
    parser.add_argument("--bf16", action="store_true", help="weights and arithmetic in bfloat16")
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile, weights frozen into mkldnn's layout")
    step_server.add_options(parser)
    c = parser.parse_args()
    step_server.apply(c)
    precision = torch.bfloat16 if c.bf16 else torch.float32
    teacher = AutoModelForCausalLM.from_pretrained(c.folder, dtype=precision).eval()
    if c.compile:
        torch._inductor.config.freezing = True
        teacher.forward = torch.compile(teacher.forward)
    tokens = torch.randint(0, teacher.config.vocab_size, (c.batch, c.length))

    def step() -> None:
        with torch.inference_mode():
            logits = teacher(tokens, use_cache=False).logits.float()
            torch.topk(torch.log_softmax(logits, -1), c.entries)

    step_server.run(
        c, step, tokens=c.batch * c.length, facts={"parameters": teacher.num_parameters()})


if __name__ == "__main__":
    main()
