#!/usr/bin/env python3
"""Checks that transformers loads a saved folder without a word, and gives the expected logits.

    check_transformers.py FOLDER --tokens 1,2,3 --expected LOGITS.safetensors [--tolerance 5e-5]
    check_transformers.py FOLDER --text "Hello there"

LOGITS.safetensors holds a tensor `logits` (tokens × vocabulary, or batch × tokens × vocabulary),
and perhaps `input_ids`, which then stand in for --tokens. With --text, the folder's tokenizer as
transformers loads it must give the ids of its tokenizer.json. Exits with 1 when a check fails;
anything that transformers prints or warns about while loading is a failure, unless --allow names
a part of it (Scout's own rope factors, low = high = 1, make it warn).
"""

import argparse
import contextlib
import io
import sys
import warnings


def quietly(load):
    """The result of `load`, and everything that was printed, logged or warned on the way."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import transformers

            transformers.utils.logging.disable_progress_bar()
            transformers.utils.logging.set_verbosity_info()
            handler = transformers.utils.logging.logging.StreamHandler(said)
            handler.setLevel("WARNING")
            root = transformers.utils.logging.get_logger("transformers")
            root.handlers = [handler]
            result = load(transformers)
    lines = [line for line in said.getvalue().splitlines() if line.strip()]
    ours = [str(w.message) for w in caught if not issubclass(w.category, DeprecationWarning)]
    return result, lines + ours


def load_model(folder):
    """The model in single precision, and what was said; keys must match exactly."""

    def load(transformers):
        import torch

        return transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )

    (model, info), said = quietly(load)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
        said += [f"{kind}: {name}" for name in info.get(kind) or []]
    return model.eval(), said


def check_logits(model, tokens, expected, tolerance):
    """The complaint about logits that differ by more than the tolerance, or None."""
    import torch

    with torch.no_grad():
        logits = model(tokens).logits.flatten(0, 1)
    expected = expected.reshape(-1, expected.shape[-1]).float()
    if logits.shape != expected.shape:
        return f"logits have shape {tuple(logits.shape)}, expected {tuple(expected.shape)}"
    worst = (logits - expected).abs().max().item()
    print(f"logits: largest difference {worst:.3g} over {tokens.numel()} tokens")
    return None if worst <= tolerance else f"logits differ by {worst:.3g} > {tolerance:.3g}"


def check_tokenizer(folder, text):
    """Complaints about the folder's tokenizer, as transformers loads it."""
    import tokenizers

    tokenizer, said = quietly(lambda t: t.AutoTokenizer.from_pretrained(folder))
    expected = tokenizers.Tokenizer.from_file(f"{folder}/tokenizer.json").encode(text).ids
    found = tokenizer(text)["input_ids"]
    print(f"tokenizer: {type(tokenizer).__name__}, {len(found)} ids")
    return said + ([] if found == expected else [f"ids {found} instead of {expected}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--tokens", help="comma-separated ids")
    parser.add_argument("--expected", help="a safetensors file with `logits`")
    parser.add_argument("--tolerance", type=float, default=5e-5)
    parser.add_argument("--text", help="also check the tokenizer on this text")
    parser.add_argument("--allow", action="append", default=[], help="a part of a known warning")
    arguments = parser.parse_args()

    model, problems = load_model(arguments.folder)
    if arguments.expected:
        import torch
        from safetensors.torch import load_file

        tensors = load_file(arguments.expected)
        if arguments.tokens:
            tokens = torch.tensor([[int(token) for token in arguments.tokens.split(",")]])
        else:
            tokens = tensors["input_ids"]
            tokens = tokens.reshape(-1, tokens.shape[-1])
        problem = check_logits(model, tokens, tensors["logits"], arguments.tolerance)
        problems += [problem] if problem else []
    if arguments.text:
        problems += check_tokenizer(arguments.folder, arguments.text)
    problems = [p for p in problems if not any(known in p for known in arguments.allow)]
    for problem in problems:
        print("problem:", problem, file=sys.stderr)
    print("failed" if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
