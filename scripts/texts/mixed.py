"""Real text of several kinds in equal parts, for measuring what a cache loses of its teacher.

usage: mixed.py FOLDER_OF_TEXTS FOLDER_USR OUTPUT.jsonl

A quarter each: the World English Bible; manuals (three fifths English, a fifth German, a fifth
French); Python's documentation; Python's source. The first two come from the sets `web` and `herd`
in the folder of texts, the others from Debian's packages. Documents are cut to 12,000 characters,
and a kind's documents are taken in the order of their hashes: the same packages give the same text.
The key `domain` says which of the four a document is of, `language` which language it is in.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from documents import Document, of_files, read_documents, write_documents

SHARE_CHARACTERS = 130_000
SHORTEST_CHARACTERS = 400
LONGEST_CHARACTERS = 12_000


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
    herd, doc, library = texts / "herd", usr / "share" / "doc", usr / "lib" / "python3.11"
    kinds = [
        (read_documents(texts / "web.jsonl", domain="bible", language="en"), SHARE_CHARACTERS),
        (read_documents(herd / "en.jsonl", domain="manuals", language="en"), SHARE_CHARACTERS),
        (read_documents(herd / "de.jsonl", domain="manuals", language="de"), SHARE_CHARACTERS // 3),
        (read_documents(herd / "fr.jsonl", domain="manuals", language="fr"), SHARE_CHARACTERS // 3),
        (of_files(doc, "_sources/**/*.txt", domain="documentation", language="en"), SHARE_CHARACTERS),
        (of_files(library, "*.py", domain="source", language="en"), SHARE_CHARACTERS),
    ]
    write_documents(
        (document for documents, size in kinds for document in share(documents, size)), output)


if __name__ == "__main__":
    main()
