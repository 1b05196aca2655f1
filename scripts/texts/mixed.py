"""Real text of several kinds in equal parts, for measuring what a cache loses of its teacher.

usage: mixed.py FOLDER_OF_TEXTS FOLDER_USR OUTPUT.jsonl

A quarter each: the World English Bible; manuals (three fifths English, a fifth German, a fifth
French); Python's documentation; Python's source. The first two come from the sets `web` and `herd`
in the folder of texts, the others from Debian's packages. Documents are cut to 12,000 characters,
and a kind's documents are taken in the order of their hashes: the same packages give the same text.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from documents import Document, write_documents

SHARE_CHARACTERS = 130_000
SHORTEST_CHARACTERS = 400
LONGEST_CHARACTERS = 12_000


def of_set(path: Path) -> Iterator[Document]:
    """The documents of a set that another script has made."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            fields = json.loads(line)
            yield Document(title=fields["title"], text=fields["text"])


def of_files(folder: Path, pattern: str) -> Iterator[Document]:
    """A document for each file below a folder."""
    for path in folder.rglob(pattern):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            yield Document(title=str(path.relative_to(folder)), text=text)


def share(documents: Iterable[Document], characters: int) -> list[Document]:
    """Documents by the order of their hashes, until they have so many characters."""
    cut = (Document(d.title, d.text[:LONGEST_CHARACTERS]) for d in documents)
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
        (of_set(texts / "web.jsonl"), SHARE_CHARACTERS),
        (of_set(texts / "herd" / "en.jsonl"), SHARE_CHARACTERS),
        (of_set(texts / "herd" / "de.jsonl"), SHARE_CHARACTERS // 3),
        (of_set(texts / "herd" / "fr.jsonl"), SHARE_CHARACTERS // 3),
        (of_files(usr / "share" / "doc", "_sources/**/*.txt"), SHARE_CHARACTERS),
        (of_files(usr / "lib" / "python3.11", "*.py"), SHARE_CHARACTERS),
    ]
    write_documents(
        (document for documents, size in kinds for document in share(documents, size)), output)


if __name__ == "__main__":
    main()
