"""The World English Bible, from a SWORD module to JSON lines: a chapter a document.

usage: web.py FOLDER_OF_SWORD OUTPUT.jsonl

A zText module keeps each testament in three little-endian files: `.bzz` holds the compressed
blocks; `.bzs` the offset, compressed size and size of each block (three uint32); `.bzv` the block,
offset and size of each verse in it (uint32, uint32, uint16). The text is OSIS, whose elements for
paragraphs, lines and chapters are empty markers at their beginning and end.
"""

import html
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from documents import Document, write_documents

# The Greek versions repeat most of their books, word for word: held-out text would not be new.
REPEATED_BOOKS = {"EsthGr", "DanGr"}

CHAPTER = re.compile(r'<chapter n="\d+" osisID="(\w+)\.(\d+)"[^>]*>(.*?)<chapter eID=', re.DOTALL)
LEFT_OUT = re.compile(
    r'<note\b.*?</note>|<title(?![^>]*type="psalm")[^>]*>.*?</title>', re.DOTALL)
PARAGRAPH_BREAK = re.compile(r'<div sID="[^"]*" type="x-p"/>|</title>')
LINE_BREAK = re.compile(r"<lb\b[^>]*>|<lg? [^>]*sID=[^>]*>|</item>|</speaker>")
ELEMENT = re.compile(r"<[^>]*>")
SPACE_BEFORE_PUNCTUATION = re.compile(r" +(?=[,.;:!?’”)])")


def read_blocks(module: Path, testament: str) -> list[bytes]:
    """The blocks of a testament, decompressed."""
    compressed = (module / f"{testament}.bzz").read_bytes()
    index = (module / f"{testament}.bzs").read_bytes()
    return [
        zlib.decompress(compressed[offset : offset + size])
        for offset, size, _ in struct.iter_unpack("<III", index)
    ]


def read_testament(module: Path, testament: str) -> str:
    """The markup of a testament, verse by verse in the order of the verse index."""
    blocks = read_blocks(module, testament)
    verses = struct.iter_unpack("<IIH", (module / f"{testament}.bzv").read_bytes())
    # Verses that were translated as one share one entry, which must not be read twice.
    entries = dict.fromkeys(verse for verse in verses if verse[2] > 0)
    markup = b"".join(blocks[block][start : start + size] for block, start, size in entries)
    return markup.decode("utf-8")


def plain_text(markup: str) -> str:
    """The text without markup: paragraphs apart by an empty line, lines of verse by a newline."""
    # A note may be all that parts two words, or stand between a word and its full stop.
    text = LEFT_OUT.sub(" ", markup)
    # Until here line ends are only those of the source, which mean nothing.
    text = " ".join(text.split())
    text = PARAGRAPH_BREAK.sub("\n\n", text)
    text = LINE_BREAK.sub("\n", text)
    text = html.unescape(ELEMENT.sub("", text))
    text = SPACE_BEFORE_PUNCTUATION.sub("", re.sub(r" {2,}", " ", text))
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def chapters(module: Path) -> Iterator[Document]:
    """Every chapter of both testaments."""
    for testament in ("ot", "nt"):
        for book, number, markup in CHAPTER.findall(read_testament(module, testament)):
            if book not in REPEATED_BOOKS:
                yield Document(title=f"{book} {number}", text=plain_text(markup))


def main() -> None:
    sword, output = Path(sys.argv[1]), Path(sys.argv[2])
    modules = sorted(index.parent for index in sword.glob("modules/texts/ztext/*/ot.bzv"))
    if not modules:
        sys.exit(f"web.py: error: no zText module under {sword}; the package's layout has changed")
    found = list(chapters(modules[0]))
    # 1,189 chapters of the Protestant canon, and the deuterocanonical books.
    if len(found) < 1189:
        sys.exit(f"web.py: error: {len(found)} chapters in {modules[0]}, expected at least 1189")
    write_documents(found, output)


if __name__ == "__main__":
    main()
