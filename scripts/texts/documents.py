"""JSON lines of documents, in an order that makes any prefix a fair sample of the whole."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Document(NamedTuple):
    """A text with its title, which says where it stands in its source.

    Its language (ISO 639-1) and its domain, where a set has several, are what figures are told by.
    """

    title: str
    text: str
    language: str | None = None
    domain: str | None = None

    @property
    def digest(self) -> bytes:
        """The hash that decides the document's place; it depends on the text alone."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def fields(self) -> dict[str, str]:
        """What is known of the document, by the keys of its JSON line."""
        return {key: value for key, value in self._asdict().items() if value is not None}


def read_documents(path: Path, **known: str) -> Iterator[Document]:
    """The documents of a set that another script has made, and what is known of all of them."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            fields = json.loads(line)
            yield Document(fields["title"], fields["text"], **known)


def of_files(folder: Path, pattern: str, **known: str) -> Iterator[Document]:
    """A document for each file below a folder."""
    for path in folder.rglob(pattern):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            yield Document(str(path.relative_to(folder)), text, **known)


def write_documents(documents: Iterable[Document], path: Path) -> None:
    """Writes the documents, each text once, shuffled by their hashes."""
    distinct = {document.digest: document for document in documents}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for digest in sorted(distinct):
            json.dump(distinct[digest].fields, file, ensure_ascii=False)
            file.write("\n")
