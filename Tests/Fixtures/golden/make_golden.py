#!/usr/bin/env python3
"""Makes the reference answers beside this file with transformers and PyTorch, or checks them.

    make_golden.py [NAME ...]   write expected.safetensors anew, in every folder or the named ones
    make_golden.py --check      compare with what is there, write nothing; exit code 1 on a difference

The weights and the input tokens in the folders are the fixtures; this computes what transformers
answers to them: logits, hidden states, router logits, the loss and every gradient, greedy tokens,
left-padded batches. Tensors of images (`mm.*`) are taken over as they are. `training_curve` has ten
updates of a Llama 4 student (text_top2_tied) under a Llama 4 teacher (scout_like): the losses, and
every gradient at the final weights. qwen3_moe and mixtral_moe are left as they are: transformers
fuses in memory the experts that their files, and so the names of their gradients, have one by one.
Needs what Benchmarks/peers/requirements.txt lists.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

HERE = Path(__file__).parent
MODELS = (
    "scout_like", "maverick_like", "text_top2_tied", "llama_tied", "llama3_scaled",
    "qwen2_tied", "qwen3", "qwen3_yarn", "mistral_sliding",
)
PROMPT_LENGTH, NEW_TOKENS = 9, 20


def model_of(name: str) -> torch.nn.Module:
    """The tiny checkpoint of a folder, in float32; the multimodal ones with their tower."""
    architecture = json.loads((HERE / name / "config.json").read_text())["architectures"][0]
    kind = getattr(transformers, architecture)
    model = kind.from_pretrained(HERE / name, dtype=torch.float32, attn_implementation="sdpa")
    return model.eval()


def decoder_of(model: torch.nn.Module) -> torch.nn.Module:
    """The text decoder with its output layer."""
    return getattr(model, "language_model", model)


def parameter_names(model: torch.nn.Module) -> dict[str, Tensor]:
    """Every parameter of the text decoder by its name in the file."""
    prefix = "language_model." if hasattr(model, "language_model") else ""
    return {prefix + name: value for name, value in decoder_of(model).named_parameters()}


def router_logits(model: torch.nn.Module, found: list[Tensor]) -> list:
    """Hooks that collect every router's logits (N, E) into `found`."""

    def keep(_, __, output):
        found.append(output[1] if isinstance(output, tuple) else output)

    routers = [m for n, m in model.named_modules() if n.endswith("feed_forward.router")]
    return [router.register_forward_hook(keep) for router in routers]


def answers(name: str) -> dict[str, Tensor]:
    """What transformers says about the input tokens of a folder."""
    given = load_file(HERE / name / "expected.safetensors")
    model = model_of(name)
    decoder = decoder_of(model)
    ids = given["input_ids"]
    made = {key: value for key, value in given.items() if key.startswith("mm.")}
    made["input_ids"] = ids

    routed: list[Tensor] = []
    hooks = router_logits(decoder, routed)
    output = decoder(input_ids=ids, output_hidden_states=True, use_cache=False)
    for hook in hooks:
        hook.remove()
    made["logits"] = output.logits
    if "hidden.0" in given:
        for index, hidden in enumerate(output.hidden_states):
            made[f"hidden.{index}"] = hidden
    for index, logits in enumerate(routed):
        made[f"router_logits.{index}"] = logits.reshape(-1, logits.shape[-1])
    loss = F.cross_entropy(output.logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    loss.backward()
    made["loss"] = loss.reshape(1)
    for key, parameter in parameter_names(model).items():
        made[f"grad.{key}"] = parameter.grad
    if "inv_freq" in given:
        made["inv_freq"] = decoder.model.rotary_emb.inv_freq

    with torch.no_grad():
        tokens = given["greedy.tokens"][:, :PROMPT_LENGTH]
        for _ in range(NEW_TOKENS):  # without a cache, and without generate()'s own rules
            following = decoder(input_ids=tokens, use_cache=False).logits[:, -1].argmax(-1)
            tokens = torch.cat([tokens, following[:, None]], -1)
        made["greedy.tokens"] = tokens
        if "pad.input_ids" in given:
            padded = {key: given[f"pad.{key}"] for key in ("input_ids", "attention_mask", "position_ids")}
            made |= {f"pad.{key}": value for key, value in padded.items()}
            made["pad.logits"] = decoder(**padded, use_cache=False).logits
    return {key: value.detach().clone().contiguous() for key, value in made.items()}


# The training curve. Its settings stand in TrainingCurveTests too.
CURVE = "training_curve"
STEPS, TEMPERATURE, SOFT, BALANCE, ROUTER_Z = 10, 2.0, 0.7, 0.01, 0.001
SEQUENCES, LENGTH, WEIGHT_DECAY, MAX_NORM = 3, 17, 0.1, 1.0


def curve_inputs() -> dict[str, Tensor]:
    """Tokens, which predictions count, and learning rates: a warm-up, then a fall."""
    generator = torch.Generator().manual_seed(2026)
    mask = torch.ones(SEQUENCES, LENGTH - 1, dtype=torch.int64)
    mask[1, :5] = 0
    return {
        "input_ids": torch.randint(3, 120, (SEQUENCES, LENGTH), generator=generator),
        "loss_mask": mask,
        "learning_rates": torch.tensor([2e-3 * min((t + 1) / 3, (STEPS - t) / 5, 1) for t in range(STEPS)]),
    }


def switch_loss(logits: Tensor, experts_per_token: int) -> Tensor:
    """BALANCE · E Σ f P (Fedus et al. 2021) and ROUTER_Z · mean of the squared log-sum-exp."""
    experts = logits.shape[-1]
    chosen = logits.topk(experts_per_token, -1).indices
    shares = F.one_hot(chosen, experts).float().sum((0, 1)) / chosen.numel()
    balance = experts * (shares * logits.softmax(-1).mean(0)).sum()
    return BALANCE * balance + ROUTER_Z * logits.logsumexp(-1).square().mean()


def training_curve() -> dict[str, Tensor]:
    """Ten updates by torch's AdamW on soft and hard targets, and the gradients after them."""
    made = curve_inputs()
    ids, counts = made["input_ids"], made["loss_mask"].bool()
    inputs = ids[:, :-1]  # the last token predicts nothing, so that no router sees it
    student, teacher = model_of("text_top2_tied"), decoder_of(model_of("scout_like"))
    with torch.no_grad():
        expected = (teacher(input_ids=inputs, use_cache=False).logits / TEMPERATURE).softmax(-1)

    def spared(name: str) -> bool:
        return "norm" in name or "embed_tokens" in name

    named = list(student.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for n, p in named if not spared(n)], "weight_decay": WEIGHT_DECAY},
            {"params": [p for n, p in named if spared(n)], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.95),
        eps=1e-8,
    )

    def losses() -> dict[str, Tensor]:
        routed: list[Tensor] = []
        hooks = router_logits(student, routed)
        logits = student(input_ids=inputs, use_cache=False).logits
        for hook in hooks:
            hook.remove()
        cold = (logits / TEMPERATURE).log_softmax(-1)
        soft = (expected * (expected.log() - cold)).sum(-1)[counts].mean()
        hard = F.cross_entropy(logits[counts], ids[:, 1:][counts])
        router = sum(
            switch_loss(r.reshape(-1, r.shape[-1]), student.config.num_experts_per_tok) for r in routed
        )
        loss = SOFT * TEMPERATURE**2 * soft + (1 - SOFT) * hard + router
        return {"loss": loss, "soft": soft, "hard": hard, "router": router}

    curve: dict[str, list[float]] = {}
    for rate in made["learning_rates"].tolist() + [None]:
        optimizer.zero_grad()
        found = losses()
        found["loss"].backward()
        if rate is None:
            break
        found["gradient_norm"] = torch.nn.utils.clip_grad_norm_(student.parameters(), MAX_NORM)
        for key, value in found.items():
            curve.setdefault(key, []).append(value.item())
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
    made |= {key: torch.tensor(values) for key, values in curve.items()}
    made |= {f"grad.{name}": parameter.grad.clone() for name, parameter in named}
    return made


def difference(found: Tensor, expected: Tensor) -> float:
    """The largest difference as a share of the largest value; infinite for other shapes or ids."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return float("inf")
    if not found.is_floating_point():
        return 0.0 if torch.equal(found, expected) else float("inf")
    return ((found - expected).abs().max() / expected.abs().max().clamp(min=1e-30)).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    folders = (*MODELS, CURVE)
    parser.add_argument("names", nargs="*", choices=[[], *folders], metavar="NAME", help="a folder")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    transformers.utils.logging.disable_progress_bar()
    bad = 0
    for name in options.names or folders:
        file = HERE / name / "expected.safetensors"
        made = training_curve() if name == CURVE else answers(name)
        if not options.check:
            file.parent.mkdir(exist_ok=True)
            save_file(made, file)
            continue
        expected = load_file(file)
        for key in sorted(made.keys() | expected.keys()):
            far = difference(made[key], expected[key]) if key in made and key in expected else float("inf")
            if not far <= options.tolerance:
                print(f"{name}: {key}: {far:.1e}")
                bad += 1
        print(f"{name}: {len(expected)} tensors")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
