"""Size against fidelity: caches of ours and the schemes of others on one pass of a teacher."""

import json
import math
import subprocess
import tempfile
from pathlib import Path

from paths import BENCH, ROOT, RUNS, BenchError, require
from scale import Scale
from tables import heading, table

MIXED = ROOT / ".assets/texts/mixed.jsonl"
SMOLLM2 = ROOT / ".assets/SmolLM2-135M-Instruct.Q4_1.gguf"
GERMAN = ROOT / ".assets/texts/herd/de.jsonl"
LLAMA4_TOY = ROOT / "runs/llama4-toy"

# The teachers by name, and the make target or script that brings each.
TEACHERS = {"fidelity": (SMOLLM2, "teacher"), "fidelity-llama4": (LLAMA4_TOY, "llama4-toy")}
REFERENCE = "RS-KD, 50 draws"
READINGS = {
    "stored": "", "renormalized": "zero: renormalised", "even": "symmetric_uniform: spread evenly",
    "bucket": "ghost entry"}


def measure(name: str, tokens: int, scale: Scale) -> dict[str, object]:
    """Measures one teacher, prints its tables, and returns what the program printed."""
    teacher, target = TEACHERS[name]
    if scale.is_small and teacher == LLAMA4_TOY:
        teacher = LLAMA4_TOY.with_name(f"{LLAMA4_TOY.name}-small")
    require(teacher, target)
    require(MIXED, "texts-mixed")
    RUNS.mkdir(parents=True, exist_ok=True)
    curve = RUNS / f"{name}{'-small' if scale.is_small else ''}.svg"
    command = [
        str(BENCH), "fidelity", "--teacher", str(model(teacher)), "--data", str(MIXED),
        "--tokens", str(tokens), "--svg", str(curve), *scale.fidelity]
    result = outcome(command)
    print(report(name, result), flush=True)
    record = {"command": command, "curve": str(curve.relative_to(ROOT)), "result": result}
    if teacher == SMOLLM2:
        record["kinds"] = kinds = measure_kinds(teacher, max(256, tokens // 8), scale)
        print(f"\n{kinds_table(kinds)}", flush=True)
    return record


def outcome(command: list[str]) -> dict[str, object]:
    """What the program prints."""
    # What was seen of a broken pipe or a full disk stands on standard error already.
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        raise BenchError(f"codistill-bench fidelity ended with exit code {run.returncode}")
    return json.loads(run.stdout)


def measure_kinds(teacher: Path, tokens: int, scale: Scale) -> list[dict[str, object]]:
    """The default threshold against random draws, per kind of text and temperature."""
    require(GERMAN, "texts")
    texts: dict[str, list[str]] = {}
    for line in MIXED.read_text().splitlines():
        texts.setdefault(json.loads(line)["domain"], []).append(line)
    texts["german"] = GERMAN.read_text().splitlines()
    found = []
    with tempfile.TemporaryDirectory(dir=RUNS, prefix="kinds-") as folder:
        for kind, lines in texts.items():
            path = Path(folder) / f"{kind}.jsonl"
            path.write_text("\n".join(lines) + "\n")
            for temperature in (1, 2):
                command = [
                    str(BENCH), "fidelity", "--teacher", str(model(teacher)), "--data", str(path),
                    "--tokens", str(tokens), "--temperature", str(temperature),
                    *scale.fidelity, "--pilot", "0", "--taus", "0.05"]
                found.append({
                    "kind": kind, "temperature": temperature, "command": command,
                    "result": outcome(command)})
    return found


def kinds_table(kinds: list[dict]) -> str:
    """A row a kind of text and temperature: errors over those of random draws, and bytes."""
    lines = []
    for entry in kinds:
        rows = entry["result"]["rows"]
        reference = next(row for row in rows if row["name"] == REFERENCE)
        same = next(row for row in rows if row["name"].startswith("our codec of random draws"))
        ours = [row for row in rows if row.get("threshold") is not None]
        for row in ours:
            error = row["figures"]["rms_error"] / reference["figures"]["rms_error"]
            lines.append([
                entry["kind"], str(entry["temperature"]), str(row["threshold"]), f"{error:.3f} ×",
                f"{row['target_bytes_per_token']:.1f}", f"{same['target_bytes_per_token']:.1f}",
                ratio(row, same, "target_bytes_per_token"),
                f"{reference['bytes_per_token']:.1f}",
                f"{row['target_bytes_per_token'] / reference['bytes_per_token']:.3f} ×"])
    return table([
        "text", "T", "τ", f"RMS ‖t − p‖ ÷ {REFERENCE}", "targets, bytes", "50 draws in our coding",
        "÷ (equal coding)", "50 draws as published", "÷"], lines)


def model(path: Path) -> Path:
    """The checkpoint of a run, or the path itself."""
    return path / "model" if (path / "model").is_dir() else path


def report(name: str, result: dict[str, object]) -> str:
    """The tables in Markdown."""
    rows = result["rows"]
    reference = next(row for row in rows if row["name"] == REFERENCE)
    title = heading(f"Size and fidelity, V = {result['vocabulary']:,}")
    about = (
        f"{Path(result['teacher']).name}, {result['tokens']:,} predictions of mixed text; the "
        f"teacher's NLL is {result['nll']:.3f} nats, its entropy {result['entropy']:.3f}; angles "
        f"over batches of {result['batch_tokens']:,}.")
    return "\n\n".join([
        "", title, about, fidelity_table(rows, reference), targets_table(rows, reference),
        planes_table(rows)])


def fidelity_table(rows: list[dict], reference: dict) -> str:
    """A row a scheme."""
    header = [
        "scheme", "bytes a token", f"÷ {REFERENCE}", "targets alone", "entries", "RMS ‖t − p‖",
        "÷", "angle", "KL bias (nats)", "cut off (nats)", "mass kept", "ECE"]
    lines = []
    for row in rows:
        figures, reading = row["figures"], READINGS[row["reading"]]
        cut = figures.get("truncation_kl")
        lines.append([
            row["name"] + (f", {reading}" if reading else ""),
            f"{row['bytes_per_token']:.2f}", ratio(row, reference, "bytes_per_token"),
            f"{row['target_bytes_per_token']:.2f}", f"{figures['entries_per_token']:.1f}",
            f"{figures['rms_error']:.4f}",
            f"{figures['rms_error'] / reference['figures']['rms_error']:.2f}",
            f"{figures['gradient_angle']:.2f}°",
            f"{figures['kl_bias']:+.4f} ± {figures.get('kl_bias_stderr', math.nan):.4f}",
            "" if cut is None else f"{cut:.3f}", f"{figures['mass_kept']:.1%}",
            f"{figures['calibration_error']:.1%}"])
    return table(header, lines)


def default(rows: list[dict]) -> dict:
    """Ours at the default threshold, which is always measured, and first."""
    return next(row for row in rows if row.get("threshold") is not None)


def targets_table(rows: list[dict], reference: dict) -> str:
    """What issue 4 asks for, as measured."""
    usual = default(rows)
    tau = usual["threshold"]
    error = usual["figures"]["rms_error"] / reference["figures"]["rms_error"]
    lines = [
        [f"bytes a token, everything included, τ = {tau}",
         ratio(usual, reference, "bytes_per_token")],
        [f"the targets alone, τ = {tau}", ratio(usual, reference, "target_bytes_per_token")],
        [f"RMS ‖t − p‖, τ = {tau}", f"{error:.3f} ×"]]
    for share in (0.28, 0.36, 1.0):
        error = error_at(rows, share * reference["bytes_per_token"])
        if error is not None:
            lines.append([
                f"RMS ‖t − p‖ of ours at {share:.2f} × its bytes",
                f"{error / reference['figures']['rms_error']:.3f} ×"])
    return table([f"ours over {REFERENCE}", "ratio"], lines)


def error_at(rows: list[dict], size: float) -> float | None:
    """The error of ours at a size, between its neighbours on the log-log curve."""
    points = sorted(
        (row["bytes_per_token"], row["figures"]["rms_error"])
        for row in rows if row.get("threshold") is not None)
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x0 <= size <= x1:
            share = math.log(size / x0) / math.log(x1 / x0) if x1 > x0 else 0.0
            return y0 * (y1 / y0) ** share
    return None


def planes_table(rows: list[dict]) -> str:
    """Where the bytes of ours are, at the default threshold."""
    usual = default(rows)
    planes = sorted(usual["planes"].items(), key=lambda item: -item[1])
    return table(
        [f"numbers, τ = {usual['threshold']}", "bytes a token"],
        [[name, f"{size:.3f}"] for name, size in planes])


def ratio(row: dict, reference: dict, key: str) -> str:
    """A row's figure over the reference's."""
    return f"{row[key] / reference[key]:.3f} ×"
