"""Manuals in nine languages, from Debian's packages to JSON lines: a section or page a document.
The key `language` says which of the nine it is in.

usage: herd.py FOLDER_USR_SHARE OUTPUT_FOLDER      writes herd/<lang>.jsonl and herd.jsonl

Translations of manuals fall back to English where nobody has translated yet. A paragraph that the
English edition has too, word for word, is therefore left out of every other language, and so is
one that reads as English: the fallback may be from another version of the manual.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from documents import Document, write_documents

# The language's name here, in debian-reference and in gnome-user-docs (None: not there, or hardly).
LANGUAGES = {
    "en": ("en", "C"),
    "de": ("de", "de"),
    "es": ("es", "es"),
    "fr": ("fr", "fr"),
    "it": ("it", None),
    "ja": ("ja", None),
    "pt": ("pt", "pt"),
    "ru": (None, "ru"),
    "zh": ("zh-cn", None),
}
# Shorter ones are labels, cells of tables and names of commands.
SHORTEST_PARAGRAPH_BYTES = 48
SHORTEST_DOCUMENT_BYTES = 400
# No other language here uses these words, save in what it quotes.
ENGLISH_WORDS = frozenset("the of and to is that for you with this are".split())
ENGLISH_SHARE = 0.15
WORD = re.compile(r"[^\W\d_]+")


class Sections(HTMLParser):
    """Collects a page's paragraphs, in one list a section; understands XHTML and Mallard."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: list[list[str]] = [[]]
        self.depth_left_out = 0
        self.words: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        # A section's heading is a caption as well, so it has to be seen first.
        if tag == "h2":
            self.sections.append([])
        if self.depth_left_out or self.is_left_out(tag, dict(attributes)):
            self.depth_left_out += 1
        elif tag == "p":
            self.words = []

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """An empty element opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if self.depth_left_out:
            self.depth_left_out -= 1
        elif tag == "p" and self.words is not None:
            self.add_paragraph(" ".join("".join(self.words).split()))
            self.words = None

    def handle_data(self, data: str) -> None:
        if self.words is not None and not self.depth_left_out:
            self.words.append(data)

    def add_paragraph(self, text: str) -> None:
        if len(text.encode()) >= SHORTEST_PARAGRAPH_BYTES:
            self.sections[-1].append(text)

    @staticmethod
    def is_left_out(tag: str, attributes: dict[str, str | None]) -> bool:
        """True for tables, listings, tables of contents, captions and credits."""
        if tag in ("head", "table", "pre", "screen", "code-block", "info", "comment"):
            return True
        return attributes.get("class") in ("toc", "title", "navheader", "navfooter", "footnotes")


def sections(path: Path) -> list[list[str]]:
    """The paragraphs of a page's sections."""
    parser = Sections()
    parser.feed(path.read_text(encoding="utf-8", errors="replace"))
    parser.close()
    return parser.sections


def pages(share: Path, language: str) -> Iterator[Path]:
    """The files of a language."""
    reference, gnome = LANGUAGES[language]
    if reference:
        yield from sorted((share / "debian-reference").glob(f"*.{reference}.html"))
    if gnome:
        yield from sorted((share / "help" / gnome).rglob("*.page"))


def is_english(paragraph: str) -> bool:
    """True when the words that only English uses are too many for quotations."""
    words = WORD.findall(paragraph.lower())
    return sum(word in ENGLISH_WORDS for word in words) > ENGLISH_SHARE * len(words)


def is_own(paragraph: str, language: str, english: set[str]) -> bool:
    """True when the paragraph is in the language that it stands under."""
    return language == "en" or not (paragraph in english or is_english(paragraph))


def documents(share: Path, language: str, english: set[str]) -> Iterator[Document]:
    """The documents of a language, without what is still English."""
    for page in pages(share, language):
        for number, paragraphs in enumerate(sections(page)):
            text = "\n\n".join(p for p in paragraphs if is_own(p, language, english))
            if len(text.encode()) >= SHORTEST_DOCUMENT_BYTES:
                title = f"{language} {page.name} {number}"
                yield Document(title, text, language=language)


def english_paragraphs(share: Path) -> set[str]:
    """Every paragraph of the English editions."""
    found: Iterable[list[str]] = (s for page in pages(share, "en") for s in sections(page))
    return {paragraph for section in found for paragraph in section}


def main() -> None:
    share, output = Path(sys.argv[1]), Path(sys.argv[2])
    english = english_paragraphs(share)
    together: list[Document] = []
    for language in LANGUAGES:
        found = list(documents(share, language, english))
        if not found:
            sys.exit(f"herd.py: error: no text in '{language}' under {share}; the layout changed")
        write_documents(found, output / "herd" / f"{language}.jsonl")
        together += found
    write_documents(together, output / "herd.jsonl")


if __name__ == "__main__":
    main()
