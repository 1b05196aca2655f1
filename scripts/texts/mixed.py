"""Real text of several kinds in equal parts, for measuring what a cache loses of its teacher.

usage: mixed.py FOLDER_OF_TEXTS FOLDER_USR OUTPUT.jsonl

A quarter each: the World English Bible; manuals (three fifths English, a fifth German, a fifth
French); Python's documentation; Python's source. The first two come from the sets `web` and `herd`
in the folder of texts, the others from Debian's packages. Documents are cut to 12,000 characters,
and a kind's documents are taken in the order of their hashes: the same packages give the same text.
The key `domain` says which of the four a document is of, `language` which language it is in.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from documents import Document, write_documents

SHARE_CHARACTERS = 130_000
SHORTEST_CHARACTERS = 400
LONGEST_CHARACTERS = 12_000


def of_set(path: Path, domain: str, language: str) -> Iterator[Document]:
    """The documents of a set that another script has made, all in one language."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            fields = json.loads(line)
            yield Document(fields["title"], fields["text"], language, domain)


def of_files(folder: Path, pattern: str, domain: str) -> Iterator[Document]:
    """A document for each file below a folder, in English or in code with English words."""
    for path in folder.rglob(pattern):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            yield Document(str(path.relative_to(folder)), text, "en", domain)


def share(documents: Iterable[Document], characters: int) -> list[Document]:
    """Documents by the order of their hashes, until they have so many characters."""
    cut = (d._replace(text=d.text[:LONGEST_CHARACTERS]) for d in documents)
    distinct = {d.digest: d for d in cut if len(d.text) >= SHORTEST_CHARACTERS}
    taken: list[Document] = []
    for digest in sorted(distinct):
        if sum(len(d.text) for d in taken) > characters:
            return taken
        taken.append(distinct[digest])
    sys.exit(f"mixed.py: error: fewer than {characters} characters of one kind; a package changed")


def main() -> None:
    texts, usr, output = (Path(argument) for argument in sys.argv[1:])
    kinds = [
        (of_set(texts / "web.jsonl", "bible", "en"), SHARE_CHARACTERS),
        (of_set(texts / "herd" / "en.jsonl", "manuals", "en"), SHARE_CHARACTERS),
        (of_set(texts / "herd" / "de.jsonl", "manuals", "de"), SHARE_CHARACTERS // 3),
        (of_set(texts / "herd" / "fr.jsonl", "manuals", "fr"), SHARE_CHARACTERS // 3),
        (of_files(usr / "share" / "doc", "_sources/**/*.txt", "documentation"), SHARE_CHARACTERS),
        (of_files(usr / "lib" / "python3.11", "*.py", "source"), SHARE_CHARACTERS),
    ]
    write_documents(
        (document for documents, size in kinds for document in share(documents, size)), output)


if __name__ == "__main__":
    main()
