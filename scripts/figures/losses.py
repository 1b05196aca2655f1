"""What `evaluate` prints and a step logs, against docs/losses.md's formulas over the models' logits in float64."""

import json

import numpy as np

from .statistics import held_out_mean
from .toys import Toys


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def fragments(sequence: dict):
    """Per fragment of a cached sequence: its tokens, whether each prediction counts, its first record."""
    token, record = 0, 0
    for length in sequence["fragments"]:
        mask = sequence["loss_mask"][record:record + length - 1] if sequence["loss_mask"] else [True] * (length - 1)
        yield sequence["tokens"][token:token + length], np.array(mask, bool), record
        token, record = token + length, record + length - 1


def stored_divergence(sequence: dict, record: int, log_q: np.ndarray) -> float:
    """D(stored target, q) of one record, log q at the cache's temperature."""
    draw = sequence["draws"][0]
    if "log_probabilities" in draw:
        # Written as the shortest decimals that give the same float16.
        log_p = log_softmax(np.array(draw["log_probabilities"][record], np.float16).astype(float))
        return float((np.exp(log_p) * (log_p - log_q)).sum())
    ids, t = np.array(draw["ids"][record], int), np.array(draw["values"][record], float)
    if not sequence["truncated"]:
        return float(-sequence["entropy"][record] - (t * log_q[ids]).sum())
    rest, outside = 1 - t.sum(), np.delete(np.exp(log_q), ids).sum()
    tail = 0.0 if rest == 0 else rest * ((np.log(rest) if rest > 0 else 0) - np.log(outside))
    return float((t * (np.log(t) - log_q[ids])).sum() + tail)


def whole_acceptance(log_p: np.ndarray, log_q: np.ndarray) -> dict[str, float]:
    """What one whole distribution says of a draft: Σ min(p, q), and p of q's favourite."""
    return {"acceptance": np.minimum(np.exp(log_p), np.exp(log_q)).sum(),
            "greedy_draft_acceptance": np.exp(log_p[log_q.argmax()])}


def stored_acceptance(sequence: dict, record: int, log_q: np.ndarray) -> dict[str, float]:
    """What one stored record says of a draft, log q at the cache's temperature; sparse ones bound the first."""
    draw = sequence["draws"][0]
    if "log_probabilities" in draw:
        log_p = log_softmax(np.array(draw["log_probabilities"][record], np.float16).astype(float))
        return whole_acceptance(log_p, log_q)
    ids, t = np.array(draw["ids"][record], int), np.array(draw["values"][record], float)
    q, kept = np.exp(log_q), t.astype(np.float32) > np.float32(sequence["threshold"])
    kept |= ids == sequence["argmax"][record]
    shared, favourite = np.minimum(t, q[ids]), ids == log_q.argmax()
    found = {"acceptance_lower_bound": shared.sum(),
             "acceptance_upper_bound": shared[kept].sum() + max(0, 1 - max(t[kept].sum(), q[ids[kept]].sum()))}
    low = t[favourite].sum()
    if not sequence["truncated"]:
        return found | {"greedy_draft_acceptance": low}
    high = low if favourite.any() else min(t.min(), max(0, 1 - t.sum()))
    return found | {"greedy_draft_acceptance_lower_bound": low, "greedy_draft_acceptance_upper_bound": high}


class Documents:
    """The sums of documents, one after the other, and all single divergences and confidences."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, float, float, int]] = []
        self.kls, self.confidences, self.right = [], [], []
        self.acceptances: dict[str, list[float]] = {}

    def add(self, log_q: np.ndarray, labels: np.ndarray, mask: np.ndarray, kls: np.ndarray, favourites: np.ndarray,
            acceptances: list[dict[str, float]]) -> None:
        """One document's predictions: log q at T = 1, the divergences, the teacher's favourites, the acceptances."""
        nll = -log_q[np.arange(len(labels)), labels]
        mine = log_q.argmax(1)
        self.rows.append((mask.sum(), nll[mask].sum(), kls[mask].sum(), (mine == favourites)[mask].sum()))
        for key in acceptances[0]:
            values = np.array([found[key] for found in acceptances])
            self.acceptances.setdefault(key, []).append(values[mask].sum())
        self.kls += list(kls[mask])
        self.confidences += list(np.exp(log_q.max(1))[mask])
        self.right += list((mine == labels)[mask])

    def figures(self) -> dict:
        """By their names in the JSON of `evaluate`."""
        tokens, nll, kl, agreements = np.array(self.rows, float).T
        found = {"tokens": tokens.sum(), "documents": (tokens > 0).sum()}
        for key, sums in (("nll", nll), ("kl", kl), ("top1_agreement", agreements)):
            mean = held_out_mean(sums[None], tokens)
            found |= {key: mean.mean, key + "_stderr": mean.error}
        for key, sums in self.acceptances.items():
            mean = held_out_mean(np.array(sums)[None], tokens)
            found |= {key: mean.mean} | ({} if key.endswith("_bound") else {key + "_stderr": mean.error})
        bins = np.minimum(14, (np.array(self.confidences) * 15).astype(int))
        gaps = np.array(self.confidences) - np.array(self.right)
        found["ece"] = np.abs(np.bincount(bins, gaps)).sum() / tokens.sum()
        return found | {"perplexity": np.exp(found["nll"])}


def live(toys: Toys) -> tuple[str, dict, dict]:
    """What `evaluate` beside a live teacher says, and what it should."""
    documents, own = Documents(), []
    for text in toys.held_out:
        tokens = toys.encode(text)
        labels = np.array(tokens[1:])
        log_q, log_p = (log_softmax(toys.logits(model, tokens)[:-1]) for model in ("student", "teacher"))
        kls = (np.exp(log_p) * (log_p - log_q)).sum(1)
        acceptances = [whole_acceptance(*rows) for rows in zip(log_p, log_q)]
        documents.add(log_q, labels, np.full(len(labels), True), kls, log_p.argmax(1), acceptances)
        own += list(-log_p[np.arange(len(labels)), labels])
    wanted = documents.figures() | {"teacher_nll": np.mean(own)}
    for key, share in (("kl_median", .5), ("kl_95", .95), ("kl_99", .99), ("kl_999", .999)):
        wanted[key] = np.quantile(documents.kls, share)
    found = json.loads(toys.run("evaluate", "--model", "student", "--teacher", "teacher", "--data", "held-out.jsonl", "--json"))
    return "evaluate, live teacher", found, wanted


def stored(toys: Toys, cache: str, temperature: float) -> list[tuple[str, dict, dict]]:
    """What `evaluate --cache` says, what the first step of a run from the cache logs, and what they should."""
    sequences = toys.export(cache)
    codec = json.loads((toys.folder / cache / "manifest.json").read_text())["parts"][0]["capture"]["codec"]
    documents, hard, own = Documents(), [], []
    for sequence in sequences:
        sequence |= {"truncated": cache == "topk", "threshold": codec.get("threshold", 0)}
        for tokens, mask, first in fragments(sequence):
            logits = toys.logits("student", tokens)[:-1]
            log_q, tempered = log_softmax(logits), log_softmax(logits / temperature)
            kls = np.array([stored_divergence(sequence, first + i, tempered[i]) for i in range(len(mask))])
            favourites = np.array(sequence["argmax"][first:first + len(mask)])
            acceptances = [stored_acceptance(sequence, first + i, tempered[i]) for i in range(len(mask))]
            documents.add(log_q, np.array(tokens[1:]), mask, kls, favourites, acceptances)
            hard += list(-log_q[np.arange(len(mask)), tokens[1:]][mask])
            own += list(-np.array(sequence["next_log_probability"][first:first + len(mask)], float)[mask])
    # The student was trained on the same text: no matter here.
    evaluated = json.loads(toys.run("evaluate", "--model", "student", "--cache", cache, "--overlap", "keep", "--json"))
    toys.run("distill", "run.yaml", f"cache={cache}", "training.steps=1", f"training.batch_size={len(sequences)}",
             "training.logging_steps=1", f"output=step-{cache}")
    line = json.loads((toys.folder / f"step-{cache}" / "metrics.jsonl").read_text().splitlines()[0])
    soft, weight = np.mean(documents.kls), toys.soft_weight
    wanted = {
        "step": 1, "tokens": sum(len(s["argmax"]) for s in sequences), "soft_loss": soft, "hard_loss": np.mean(hard),
        "soft_weight": weight, "hard_weight": 1 - weight,
        "soft_term": weight * temperature**2 * soft, "hard_term": (1 - weight) * np.mean(hard)}
    wanted["loss"] = wanted["soft_term"] + wanted["hard_term"] + line["router_loss"]
    evaluation = documents.figures() | {"teacher_nll": np.mean(own)}
    return [(f"evaluate, {cache}", evaluated, evaluation), (f"step 1, {cache}", line, wanted)]
