"""JSON lines of documents, in an order that makes any prefix a fair sample of the whole."""

import hashlib
import json
from collections.abc import Iterable
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


def write_documents(documents: Iterable[Document], path: Path) -> None:
    """Writes the documents, each text once, shuffled by their hashes."""
    distinct = {document.digest: document for document in documents}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for digest in sorted(distinct):
            json.dump(distinct[digest].fields, file, ensure_ascii=False)
            file.write("\n")
