"""What the figures were measured on."""

import os
import platform
from pathlib import Path


def machine() -> dict[str, object]:
    """The processor, the memory, the system and how busy they were at the start."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": processor(), "cores": os.cpu_count(), "memory_bytes": pages * size,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(), "load_at_start": os.getloadavg()[0]}


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
