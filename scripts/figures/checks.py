"""Figures held against recomputed ones: in full to 1e-9, printed ones to half of their last digit."""

import math
import re

MINUS = "\N{MINUS SIGN}"
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


class Figures:
    """Counts what was compared, and keeps what does not agree."""

    def __init__(self) -> None:
        self.count = 0
        self.failures: list[str] = []
        self.largest = 0.0
        self.off: list[float] = []  # of drawn means, in standard errors

    def same(self, name: str, found, wanted, relative: float = 1e-9, absolute: float = 0.0) -> None:
        """Two numbers in full; None, an empty text or nan is a figure that there is not."""
        self.count += 1
        found, wanted = (None if x in (None, "") or math.isnan(float(x)) else float(x) for x in (found, wanted))
        if found is None or wanted is None:
            if found is not wanted:
                self.failures.append(f"{name}: {found}, expected {wanted}")
            return
        off = abs(found - wanted)
        # What is 0 but for the rounding of a difference has no relative error.
        if off > max(relative * abs(wanted), absolute, 1e-14):
            self.failures.append(f"{name}: {found!r}, expected {wanted!r}")
        elif off > 1e-14:
            self.largest = max(self.largest, off / abs(wanted))

    def equal(self, name: str, found, wanted) -> None:
        """Two values that must be the same."""
        self.count += 1
        if found != wanted:
            self.failures.append(f"{name}: {found!r}, expected {wanted!r}")

    def printed(self, name: str, text: str | None, *wanted) -> None:
        """The numbers of a printed text, `1.5 ± 0.2 %` say, one after the other; None are left out."""
        self.count += 1
        wanted = [x for x in wanted if x is not None]
        texts = NUMBER.findall((text or "").replace(MINUS, "-"))
        if len(texts) != len(wanted):
            self.failures.append(f"{name}: {text!r}, expected {wanted}")
            return
        for number, value in zip(texts, wanted):
            places = len(number.partition(".")[2])
            if "<" in text:
                holds = value < float(number)
            else:
                holds = abs(float(number) - value) <= 0.5 * 10.0**-places * (1 + 1e-6)
            if not holds:
                self.failures.append(f"{name}: {text!r}, expected {value!r}")
