"""Writes the table by which splitting does not depend on the version of libpcre2.

usage: python scripts/unicode_tables.py          (needs `tokenizers`, `regex`; Python of Unicode 14)

Every character whose properties changed after Unicode 14, and every code point that has none yet,
is matched as an older character with the properties that `tokenizers` knows (Oniguruma's Unicode,
16.0.0 in tokenizers 0.23.3) and as many UTF-8 bytes. libpcre2 from 10.40 on agrees about the others.
Also writes the classes of all code points by `tokenizers` and checksums of their normalisation forms,
which the tests compare with.
"""

import json
import pathlib
import unicodedata
import zlib

import regex
from tokenizers import Regex, normalizers, pre_tokenizers

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSION, EDITION = "16.0.0", 1
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn".split()
SCRIPTS = "Han Hiragana Katakana Hangul Latin Greek Cyrillic Arabic Hebrew Thai Devanagari".split()
OTHERS = ["White_Space", "Alphabetic"]
TESTED = ["L", "N", "M", "P", "S", "Z", "Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Han", "White_Space"]
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, POINTS))
OFFSET = lambda index: index if index < 0xD800 else index + 0x800


def ranges(pattern):
    """The code points of a class by `tokenizers`, as ranges with both ends."""
    split = pre_tokenizers.Split(Regex(f"{pattern}+"), "removed", invert=True)
    for _, (start, end) in split.pre_tokenize_str(TEXT):
        for first, last in cut(OFFSET(start), OFFSET(end - 1)):
            yield first, last


def cut(first, last):
    """A range without the surrogates in it."""
    if first < 0xD800 <= last:
        return [(first, 0xD7FF), (0xE000, last)]
    return [(first, last)]


def vectors():
    """Of every code point: category, scripts and other properties by `tokenizers`."""
    category, others = {}, {}
    for name in CATEGORIES:
        for first, last in ranges(rf"\p{{{name}}}"):
            for code in range(first, last + 1):
                category[code] = name
    for name in SCRIPTS + OTHERS:
        for first, last in ranges(rf"\p{{{name}}}"):
            for code in range(first, last + 1):
                others.setdefault(code, []).append(name)
    return {code: (category[code], *others.get(code, [])) for code in POINTS}


def width(code):
    return len(chr(code).encode())


def main():
    known = vectors()
    newer = {}
    for name in CATEGORIES:
        for match in regex.finditer(rf"\p{{{name}}}+", TEXT):
            for code in range(OFFSET(match.start()), OFFSET(match.end() - 1) + 1):
                newer[code] = name
    # Changed since 14, or to be changed, or without a meaning yet.
    young = [
        code for code in POINTS
        if known[code][0] != unicodedata.category(chr(code))
        or known[code][0] == "Cn"
        or known[code][0] != newer[code]
    ]
    others = set(young)
    old = {}
    for code in POINTS:
        if code not in others:
            old[(known[code], width(code))] = code
            old.setdefault((known[code][0], "Alphabetic" in known[code], width(code)), code)
    for size, code in ((2, 0x378), (3, 0xFDD0), (4, 0x1FFFE)):
        old[(("Cn",), size)] = code
    table, loose = [], {}
    for code in young:
        vector, size = known[code], width(code)
        twin = old.get((vector, size))
        if twin is None:
            twin = old.get((vector[0], "Alphabetic" in vector, size))
            loose.setdefault((vector, size), []).append(hex(code))
        assert twin is not None, (hex(code), vector)
        if twin == code:
            continue
        if table and table[-1][1] == code - 1 and table[-1][2] == twin:
            table[-1][1] = code
        else:
            table.append([code, code, twin])
    print(len(young), "code points in", len(table), "ranges; by category alone:", loose)
    entries = [f"{a:X}-{b:X}:{t:X}" if a != b else f"{a:X}:{t:X}" for a, b, t in table]
    lines, line = [], ""
    for entry in entries:
        if len(line) + len(entry) + 1 > 92:
            lines.append(line)
            line = ""
        line = f"{line} {entry}".strip()
    lines.append(line)
    body = " \\\n".join(f"    {line}" for line in lines)
    (ROOT / "Sources/Text/Pattern/YoungCharacters+Table.swift").write_text(f'''extension YoungCharacters {{
  /// The version of Unicode by which text is split: that of `tokenizers` {version()}.
  package static let unicodeVersion = "{VERSION}"

  /// Counts the versions of this table; a part of every tokenizer's fingerprint.
  static let edition = {EDITION}

  /// Code points in hexadecimal, and what each is matched as. (Written by scripts/unicode_tables.py)
  static let table = """
{body}
    """
}}
''')
    fixture = {}
    for name in TESTED:
        fixture[rf"\p{{{name}}}"] = [list(pair) for pair in ranges(rf"\p{{{name}}}")]
    for pattern in (r"\s", r"\w", r"(?i:s)", r"(?i:k)"):
        fixture[pattern] = [list(pair) for pair in ranges(pattern)]
    path = ROOT / "Tests/Fixtures/tokenizers/unicode_classes.json"
    rows = [f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in fixture.items()]
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")
    forms = ROOT / "Tests/Fixtures/tokenizers/unicode_forms.json"
    forms.write_text(json.dumps(checksums(), indent=1) + "\n")


def checksums():
    """For each form and 4,096 code points: CRC-32 of what becomes of each with marks behind it."""
    blocks = range(0, 0x20000, 0x1000), range(0x2F000, 0x30000, 0x1000), range(0xE0000, 0xE1000, 0x1000)
    sums = {}
    for name in "NFC", "NFD", "NFKC", "NFKD":
        form = getattr(normalizers, name)()
        sums[name] = {}
        for first in (first for part in blocks for first in part):
            points = (c for c in range(first, first + 0x1000) if not 0xD800 <= c < 0xE000)
            text = "".join(f"a{chr(c)}\u0327\U0001D165\u0301" for c in points)
            sums[name][f"{first:X}"] = zlib.crc32(form.normalize_str(text).encode())
    return sums



def version():
    import tokenizers

    return tokenizers.__version__


if __name__ == "__main__":
    main()
