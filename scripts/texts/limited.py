"""A corpus of one's own and two texts to measure on: of the corpus's kinds, and of kinds that it lacks.

usage: limited.py FOLDER_OF_TEXTS FOLDER_USR OUTPUT_FOLDER

Writes three files, no document in two of them; `domain` says which kind a document is of:
  limited.jsonl   the corpus: the World English Bible and English manuals, four characters to one
  seen.jsonl      other documents of these two kinds, in the same shares
  unseen.jsonl    Python's documentation and Python's source, in equal shares

The kinds are taken in the order of their documents' hashes, the corpus from the lowest, what is seen
from the highest: the same packages give the same text, and any prefix of the corpus is of both kinds.
Documents to measure on are cut, so that an error by documents has many of them.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from documents import Document, of_files, read_documents, write_documents

BIBLE_TO_MANUALS = 4
SEEN_MANUALS_CHARACTERS = 20_000
UNSEEN_CHARACTERS = 60_000
SHORTEST_CHARACTERS = 400
LONGEST_MEASURED_CHARACTERS = 2_000


def by_hash(documents: Iterable[Document]) -> list[Document]:
    """The documents that are long enough, each text once, by their hashes."""
    distinct = {d.digest: d for d in documents if len(d.text) >= SHORTEST_CHARACTERS}
    return [distinct[digest] for digest in sorted(distinct)]


def share(documents: list[Document], characters: int) -> list[Document]:
    """The first documents that have so many characters together."""
    total = 0
    for count, document in enumerate(documents):
        if total >= characters:
            return documents[:count]
        total += len(document.text)
    if total >= characters:
        return documents
    sys.exit(f"limited.py: error: {total} characters of one kind, not {characters}; a package changed")


def measured(documents: list[Document], characters: int) -> list[Document]:
    """As `share`, of documents that are cut."""
    cut = [d._replace(text=d.text[:LONGEST_MEASURED_CHARACTERS]) for d in documents]
    return share(cut, characters)


def main() -> None:
    texts, usr, output = (Path(argument) for argument in sys.argv[1:])
    bible = by_hash(read_documents(texts / "web.jsonl", domain="bible"))
    manuals = by_hash(read_documents(texts / "herd" / "en.jsonl", domain="manuals"))
    seen_bible = measured(bible[::-1], BIBLE_TO_MANUALS * SEEN_MANUALS_CHARACTERS)
    seen_manuals = measured(manuals[::-1], SEEN_MANUALS_CHARACTERS)
    own_manuals = manuals[: len(manuals) - len(seen_manuals)]
    own_bible = share(
        bible[: len(bible) - len(seen_bible)],
        BIBLE_TO_MANUALS * sum(len(document.text) for document in own_manuals),
    )
    documentation = by_hash(
        of_files(usr / "share" / "doc", "_sources/**/*.txt", domain="documentation"))
    source = by_hash(of_files(usr / "lib" / "python3.11", "*.py", domain="source"))
    write_documents(own_bible + own_manuals, output / "limited.jsonl")
    write_documents(seen_bible + seen_manuals, output / "seen.jsonl")
    write_documents(
        measured(documentation, UNSEEN_CHARACTERS) + measured(source, UNSEEN_CHARACTERS),
        output / "unseen.jsonl",
    )


if __name__ == "__main__":
    main()
