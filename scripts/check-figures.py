#!/usr/bin/env python3
"""Computes again, in float64 and outside of the program, what our files say of students.

Makes a tiny teacher, a student, caches and a study of three arms and five seeds, and holds against NumPy and SciPy:
what `evaluate` prints and a first step logs (by the models' logits and docs/losses.md's formulas), and what runs.csv,
arms.csv, comparison.json and report.html say of a study (by its runs' measured.json): means, standard errors over
seeds and documents, paired differences, Student's t, Holm's correction. Studies that are named are checked as well.
At the end figures are changed one by one: each change must be found. Ends with 1 where one is not, or a figure
does not hold.

usage: check-figures.py [STUDY ...]
"""

import copy
import json
import sys
import tempfile
from pathlib import Path

from figures.checks import Figures
from figures.losses import live, stored
from figures.study import Study, check_study
from figures.toys import Toys

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build/release/codistill"
CACHES = {"dense": 1, "dense-2": 2, "threshold": 1, "threshold-2": 2, "topk": 1}


# Logits are float32, and so are losses on their way; what is summed of them is off by so much.
RELATIVE, ABSOLUTE = 2e-6, 2e-7


def changed(study: Study, change) -> Study:
    """A copy of a study's files with something changed in them."""
    other = copy.deepcopy(study)
    change(other)
    return other


def off(text: str) -> str:
    """A number by a millionth larger."""
    return repr(float(text) * (1 + 1e-6))


def changes(study: Study) -> dict:
    """Figures to change, of every kind that a study says."""
    run, pair = study.comparison["runs"][0], study.comparison["pairs"][0]

    def in_row(row: str, key: str):
        return lambda s: s.runs[row].update({key: off(s.runs[row][key])})

    place = max(n for n, arm in enumerate(study.arms) if arm["difference"])

    def in_arm(key: str):
        return lambda s: s.arms[place].update({key: off(s.arms[place][key])})

    def in_pair(key: str):
        return lambda s: s.comparison["pairs"][0].update({key: s.comparison["pairs"][0][key] * (1 + 1e-6)})

    def on_page(table: str, column: str):
        def change(s: Study) -> None:
            cell = next(iter(s.table(s.prefix + table).values()))[0][column]
            digit = max(i for i, letter in enumerate(cell) if letter.isdigit())
            s.page = s.page.replace(cell, cell[:digit] + str((int(cell[digit]) + 5) % 10) + cell[digit + 1:])
        return change

    found = {f"runs.csv {key}": in_row(run["name"], key)
             for key in ("nll", "nll_stderr", "perplexity", "kl", "kl_stderr", "top1_agreement", "top1_agreement_stderr")}
    found |= {f"arms.csv {key}": in_arm(key) for key in (
        "nll", "nll_half_width", "nll_stddev", "nll_stderr", "difference", "difference_half_width", "kl", "kl_stderr",
        "top1_agreement_stderr")}
    found |= {f"comparison.json {key}": in_pair(key) for key in ("difference", "half_width", "seed_stderr", "document_stderr", "p")}
    found |= {
        "comparison.json is_told_apart": lambda s: s.comparison["pairs"][0].update(is_told_apart=not pair["is_told_apart"]),
        "comparison.json gain": lambda s: s.comparison["gain"].update(half_width=s.comparison["gain"]["half_width"] * 1.01),
        "a document's NLL": lambda s: s.measured[run["name"]]["evaluation"]["documents"][0].update(nll=1.0),
        "page NLL": on_page("ranking-table", "NLL"), "page KL": on_page("fidelity-table", "KL to the teacher"),
        "page top-1": on_page("fidelity-table", "top-1 agreement")}
    return found | ({"page interval": on_page("pairs-table", "interval")} if study.is_first else {})


def check_losses(figures: Figures, losses: list[tuple[str, dict, dict]]) -> None:
    """What the program says of losses, against what it should."""
    for name, found, wanted in losses:
        for key, value in wanted.items():
            figures.same(f"{name}: {key}", found.get(key), value, RELATIVE, ABSOLUTE)


def self_test(figures: Figures, losses: list[tuple[str, dict, dict]], study: Study) -> None:
    """Every change of a figure must be found."""
    for name, said, wanted in losses:
        for key in wanted:
            found = Figures()
            check_losses(found, [(name, said | {key: said[key] * (1 + 1e-4) + 1e-6}, wanted)])
            figures.equal(f"self-test: {name}: {key} changed", len(found.failures), 1)
    for name, change in changes(study).items():
        found = Figures()
        check_study(found, changed(study, change))
        figures.equal(f"self-test: {name} changed", bool(found.failures), True)


def main() -> None:
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        toys = Toys(PROGRAM, Path(folder))
        toys.make()
        losses = [live(toys)]
        for cache, temperature in CACHES.items():
            losses += stored(toys, cache, temperature)
        check_losses(figures, losses)
        print(f"losses: {figures.count} figures, at most {figures.largest:.1e} off")
        figures.largest = 0.0
        folders = toys.compare() + [Path(name) for name in sys.argv[1:]]
        studies = [study for folder in folders for study in Study.all(folder)]
    for study in studies:
        check_study(figures, study)
    print(f"{', '.join(study.name for study in studies)}: {figures.count} figures in all, at most {figures.largest:.1e} off")
    for study in studies[:3]:
        self_test(figures, losses, study)
    for failure in figures.failures:
        print("FAIL", failure)
    print(f"{len(figures.failures)} of {figures.count} do not hold" if figures.failures else "all hold; every change was found")
    sys.exit(1 if figures.failures else 0)


if __name__ == "__main__":
    main()
