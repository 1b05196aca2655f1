"""A finished comparison: what its files and its page say, against its runs' `measured.json`."""

import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np

from .checks import Figures
from .statistics import FEWEST_SEEDS, compare, held_out_mean, holm, resample_weights


class Study:
    """What a comparison's folder holds of the held-out text that ranks the arms, or of one of the others."""

    def __init__(self, folder: Path, other: int | None = None) -> None:
        whole = json.loads((folder / "comparison.json").read_text())
        self.comparison = whole if other is None else whole["others"][other]
        self.baseline, self.set = whole.get("baseline"), self.comparison.get("set", "")
        self.name = folder.name + (f", {self.set}" if self.set else "")
        self.is_first, self.prefix = other is None, "" if other is None else f"other-{other}-"
        with (folder / "runs.csv").open(newline="") as file:
            self.runs = {row["name"]: row for row in csv.DictReader(file) if row.get("set", "") == self.set}
        with (folder / "arms.csv").open(newline="") as file:
            self.arms = [row for row in csv.DictReader(file) if row.get("set", "") == self.set]
        self.page = (folder / "report.html").read_text()
        stem = "measured" + (f".{self.set}" if self.set else "")
        self.measured = {
            run["name"]: json.loads((folder / run["name"] / f"{stem}.json").read_text())
            for run in self.comparison["runs"]}

    @staticmethod
    def all(folder: Path) -> list["Study"]:
        """One for each held-out text."""
        first = Study(folder)
        return [first] + [Study(folder, n) for n in range(len(first.comparison.get("others", [])))]

    def documents(self, run: str) -> dict[str, np.ndarray]:
        """The sums of a run's documents that have predictions."""
        documents = [d for d in self.measured[run]["evaluation"]["documents"] if d["tokens"] > 0]
        return {key: np.array([d[key] for d in documents], float)
                for key in ("tokens", "nll", "kl", "agreements") if key in documents[0]}

    def table(self, name: str) -> dict[str, list[dict[str, str]]]:
        """A table of the page: per heading of a row its cells by their columns' titles."""
        root = ElementTree.fromstring(self.page)
        table = next(e for e in root.iter() if e.tag.endswith("table") and e.get("aria-labelledby") == name)
        rows = [["".join(cell.itertext()).strip() for cell in row]
                for row in table.iter() if row.tag.endswith("tr")]
        found: dict[str, list[dict[str, str]]] = {}
        for row in rows[1:]:
            found.setdefault(row[0], []).append(dict(zip(rows[0][1:], row[1:])))
        return found

    def key_figure(self, name: str) -> str:
        """A figure at the head of the page."""
        found = re.search(f"<dt>{re.escape(name)}</dt><dd class=\"figure\">([^<]*)</dd>", self.page)
        return found[1] if found else ""


def check_runs(figures: Figures, study: Study) -> None:
    """Every run's means and standard errors over documents."""
    for run in study.comparison["runs"]:
        name, documents = run["name"], study.documents(run["name"])
        row, tokens = study.runs[name], documents["tokens"]
        figures.equal(f"{study.name} {name}: documents", run["documents"], len(tokens))
        figures.equal(f"{study.name} {name}: predictions", run["evaluated_tokens"], int(tokens.sum()))
        for key, sums in (("nll", "nll"), ("kl", "kl"), ("top1_agreement", "agreements")):
            if sums not in documents:
                continue
            mean = held_out_mean(documents[sums][None], tokens)
            for where, found in (("runs.csv", row), ("comparison.json", run)):
                figures.same(f"{study.name} {where} {name}: {key}", found.get(key), mean.mean)
                figures.same(f"{study.name} {where} {name}: {key}_stderr", found.get(key + "_stderr"), mean.error)
        figures.same(f"{study.name} {name}: perplexity", row["perplexity"],
                     np.exp((documents["nll"]).sum() / tokens.sum()))


def check_arms(figures: Figures, study: Study) -> None:
    """The ranking: means, intervals, pairs, Holm's correction, the gain, and the page's tables."""
    comparison = study.comparison
    runs = {arm["name"]: [r for r in comparison["runs"] if r["arm"] == arm["name"]] for arm in comparison["arms"]}
    sums = {arm: {key: np.stack([study.documents(r["name"])[key] for r in own]) for key in study.documents(own[0]["name"])}
            for arm, own in runs.items()}
    tokens = next(iter(sums.values()))["tokens"][0]
    means = {arm: held_out_mean(own["nll"], tokens) for arm, own in sums.items()}
    order = sorted(means, key=lambda arm: means[arm].mean)
    figures.equal(f"{study.name}: ranking", comparison["ranking"], order)
    if comparison["ranking"] != order:
        return
    weights = resample_weights(len(tokens))
    pairs = {(a, b): compare(sums[a]["nll"], sums[b]["nll"], tokens, weights)
             for i, a in enumerate(order) for b in order[i + 1:] if study.baseline in (None, a, b)}
    holm(list(pairs.values()))
    check_pairs(figures, study, pairs)
    reference, title = study.baseline or order[0], f"to {study.baseline or 'the best'}"
    ranking, fidelity = study.table(study.prefix + "ranking-table"), study.table(study.prefix + "fidelity-table")
    for place, (arm, row) in enumerate(zip(comparison["arms"], study.arms)):
        name, mean = arm["name"], means[arm["name"]]
        label, own = f"{study.name} {name}", sums[arm["name"]]
        pair = pairs.get((reference, name)) or pairs.get((name, reference))
        sign = -1 if (reference, name) in pairs else 1
        wanted = {
            "nll": mean.mean, "nll_half_width": mean.half_width, "nll_stderr": mean.error,
            "nll_stddev": None if mean.seeds is None else mean.seeds * np.sqrt(mean.runs),
            "perplexity": np.exp(mean.mean), "difference": pair and sign * pair.difference,
            "difference_half_width": pair and pair.half_width(), "holm_p": pair and pair.holm}
        for key, column in (("kl", "kl"), ("top1_agreement", "agreements")):
            found = held_out_mean(own[column], tokens)
            wanted |= {key: found.mean, key + "_stderr": found.error}
        figures.equal(f"{label}: arms.csv", row["arm"], name)
        for key, value in wanted.items():
            figures.same(f"{label}: arms.csv {key}", row[key], value)
            figures.same(f"{label}: comparison.json {key}", arm.get(key), value)
        cells, near = ranking[name][0], fidelity[name][0]
        figures.printed(f"{label}: page NLL", cells["NLL"], mean.mean, mean.half_width)
        figures.printed(f"{label}: page perplexity", cells["perplexity"], wanted["perplexity"])
        figures.printed(f"{label}: page KL", near["KL to the teacher"], wanted["kl"], wanted["kl_stderr"])
        figures.printed(f"{label}: page top-1", near["top-1 agreement"], *(
            None if x is None else 100 * x for x in (wanted["top1_agreement"], wanted["top1_agreement_stderr"])))
        figures.printed(f"{label}: page {title}", cells.get(title), wanted["difference"], wanted["difference_half_width"])
        figures.printed(f"{label}: page p", cells.get("p (Holm)"), wanted["holm_p"])
    best = means[order[0]]
    if study.is_first:
        figures.printed(f"{study.name}: page best", study.key_figure("Best held-out loss"), best.mean, best.half_width)
    check_gain(figures, study, order, pairs)


def check_pairs(figures: Figures, study: Study, pairs: dict) -> None:
    """Every two arms; the bootstrap over documents also against the closed form of a ratio's error."""
    page = study.table("pairs-table") if study.is_first else None
    figures.equal(f"{study.name}: pairs", [(p["first"], p["second"]) for p in study.comparison["pairs"]], list(pairs))
    for found in study.comparison["pairs"]:
        pair = pairs[found["first"], found["second"]]
        label = f"{study.name} {found['first']} against {found['second']}"
        wanted = {"difference": pair.difference, "half_width": pair.half_width(), "seed_stderr": pair.seeds,
                  "document_stderr": pair.documents, "p": pair.p, "holm_p": pair.holm}
        for key, value in wanted.items():
            figures.same(f"{label}: {key}", found.get(key), value)
        # Of a few documents of unequal lengths the two differ more, and the bootstrap is the wider.
        if found["documents"] >= 8 and pair.closed:
            ratio = pair.documents / pair.closed
            figures.equal(f"{label}: bootstrap by closed form {ratio:.2f}, about 1", 0.75 < ratio < 1.33, True)
        figures.equal(f"{label}: told apart", found["is_told_apart"], pair.is_told_apart)
        figures.equal(f"{label}: claim", found["is_claim"], pair.is_told_apart and pair.count >= FEWEST_SEEDS)
        if page is None:
            continue
        cells = next(c for c in page[found["first"]] if c["against"] == found["second"])
        figures.printed(f"{label}: page difference", cells["difference"], pair.difference)
        figures.printed(f"{label}: page interval", cells.get("interval"), pair.half_width())
        figures.printed(f"{label}: page p", cells.get("p (Holm)"), pair.holm)


def check_gain(figures: Figures, study: Study, order: list[str], pairs: dict) -> None:
    """The best arm with a teacher against the best without, or the best against the baseline; its interval is for all
    pairs at once."""
    plain = {arm["name"] for arm in study.comparison["arms"] if arm["is_plain"]}
    gain = study.comparison.get("gain")
    if study.baseline:
        kinds = [[arm for arm in order if arm != study.baseline], [study.baseline]]
    else:
        kinds = [[arm for arm in order if (arm in plain) == is_plain] for is_plain in (False, True)]
    figures.equal(f"{study.name}: gain", gain is not None, all(kinds))
    if not all(kinds):
        return
    arm, baseline = kinds[0][0], kinds[1][0]
    pair = pairs.get((arm, baseline)) or pairs[baseline, arm]
    sign = 1 if (arm, baseline) in pairs else -1
    tests = sum(p.p is not None for p in pairs.values())
    figures.equal(f"{study.name}: gain's arms", (gain["arm"], gain["baseline"]), (arm, baseline))
    figures.equal(f"{study.name}: gain's choices", (gain["choices"], gain["tests"]), (len(kinds[0]) * len(kinds[1]), tests))
    figures.same(f"{study.name}: gain", gain["difference"], sign * pair.difference)
    figures.same(f"{study.name}: gain's interval", gain.get("half_width"), pair.half_width(tests))
    figures.same(f"{study.name}: gain's p", gain.get("holm_p"), pair.holm)
    if study.is_first:
        title = f"Against {study.baseline or 'plain language modelling'}"
        figures.printed(f"{study.name}: page gain", study.key_figure(title), sign * pair.difference, pair.half_width(tests))


def check_study(figures: Figures, study: Study) -> None:
    """All figures of a comparison without diverged or stopped runs."""
    if study.comparison["diverged"] or study.comparison["stopped"]:
        raise SystemExit(f"{study.name}: has diverged or stopped arms, which this check does not know")
    check_runs(figures, study)
    check_arms(figures, study)
