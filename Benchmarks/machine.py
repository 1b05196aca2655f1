"""What the figures were measured on."""

import datetime
import os
import platform
import subprocess
from pathlib import Path

from paths import ROOT


def machine() -> dict[str, object]:
    """The commit, the processor, the memory, the system and how busy they were at the start."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "commit": commit(), "processor": processor(), "cores": os.cpu_count(), "memory_bytes": pages * size,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(), "load_at_start": os.getloadavg()[0]}


def stamp() -> str:
    """What a table's figures were measured on, in a few words: commit, processor, cores and day."""
    day = datetime.datetime.now(datetime.UTC).date()
    return f"{commit()}, {os.cpu_count()} × {processor()}, {day}"


def commit() -> str:
    """The commit that lies here, with a word where files differ from it."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--exclude", "*"], cwd=ROOT,
            capture_output=True, text=True, check=False)
    except OSError:
        return "no git"
    return found.stdout.strip() or "no commit"


def facts_of_processor() -> dict[str, str]:
    """What the kernel says of the first processor."""
    facts: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    return facts


def features() -> list[str]:
    """The instruction sets of the processor."""
    return facts_of_processor().get("flags", "").split()


def processor() -> str:
    """The processor's name, family and model, as the kernel gives them."""
    facts = facts_of_processor()
    name = facts.get("model name") or platform.processor() or "unknown"
    return f"{name} (family {facts.get('cpu family', '?')}, model {facts.get('model', '?')})"
