"""The peer of tokenizing: Hugging Face's tokenizers, a step server as `protocol.py` has it.

A step turns every text of a JSON array into an Encoding; that its ids become a Python list is not
timed. `--fast` leaves out the offsets (`encode_batch_fast`), as Codistill does.

usage: tokenizers_server.py TOKENIZER.json TEXTS.json [--threads N] [--fast]
"""

import argparse
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from protocol import WARM_UP_STEPS, serve


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves steps of tokenizing.")
    parser.add_argument("tokenizer")
    parser.add_argument("texts", type=Path)
    parser.add_argument("--threads", type=int, help="how many threads (default: every core)")
    parser.add_argument("--fast", action="store_true", help="without offsets")
    options = parser.parse_args()
    # The pool of threads reads these when it starts.
    os.environ["TOKENIZERS_PARALLELISM"] = "false" if options.threads == 1 else "true"
    if options.threads:
        os.environ["RAYON_NUM_THREADS"] = str(options.threads)
    import tokenizers  # noqa: PLC0415

    tokenizer = tokenizers.Tokenizer.from_file(options.tokenizer)
    texts = json.loads(options.texts.read_text(encoding="utf-8"))
    encode = tokenizer.encode_batch_fast if options.fast else tokenizer.encode_batch
    facts = {
        "tokenizers": tokenizers.__version__,
        "digest": digest(found.ids for found in encode(texts, add_special_tokens=False))}
    def step() -> dict[str, object]:
        start = time.perf_counter()
        encodings = encode(texts, add_special_tokens=False)
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "tokens": sum(map(len, encodings))}

    for _ in range(WARM_UP_STEPS):
        step()
    serve(facts, step)


def digest(documents: Iterable[list[int]]) -> str:
    """FNV-1a over ids in place of bytes, every document ended by −1: what ours prints, too."""
    value = 0xCBF29CE484222325
    for ids in documents:
        for token in (*ids, 0xFFFFFFFF):
            value = (value ^ token) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:x}"


if __name__ == "__main__":
    main()
