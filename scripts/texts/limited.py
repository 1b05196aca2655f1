"""Text of two kinds to train on, text of the same kinds to measure on, and text of two other kinds.

usage: limited.py FOLDER_OF_TEXTS FOLDER_USR FOLDER

Writes limited.jsonl and seen.jsonl (the World English Bible and English manuals) and unseen.jsonl (Python's
documentation and Python's source, half each) into FOLDER: for the demo and examples/when-it-pays. Documents are
cut to 2,000 characters, so that what is measured on is many of them, and shuffled by their hashes: any prefix is
a fair sample, and the same packages give the same text. The key `domain` says which of the four a document is of.
"""

import sys
from pathlib import Path

from documents import Document, write_documents
from mixed import of_files, of_set, share

CORPUS_CHARACTERS = {"bible": 2_000_000, "manuals": 400_000}
MEASURED_CHARACTERS = 65_000
LONGEST_CHARACTERS = 2_000


def last(documents: list[Document], characters: int) -> list[Document]:
    """Documents from the end of the order of their hashes: its beginning is what a run's `held_out` takes."""
    taken: list[Document] = []
    for document in sorted(documents, key=lambda document: document.digest, reverse=True):
        if sum(len(d.text) for d in taken) > characters:
            break
        taken.append(document)
    return taken


def main() -> None:
    texts, usr, folder = (Path(argument) for argument in sys.argv[1:])
    corpus = share(of_set(texts / "web.jsonl", "bible", "en"), CORPUS_CHARACTERS["bible"], LONGEST_CHARACTERS)
    corpus += share(of_set(texts / "herd" / "en.jsonl", "manuals", "en"), CORPUS_CHARACTERS["manuals"], LONGEST_CHARACTERS)
    seen = last(corpus, 2 * MEASURED_CHARACTERS)
    documentation = of_files(usr / "share" / "doc", "_sources/**/*.txt", "documentation")
    source = of_files(usr / "lib" / "python3.11", "*.py", "source")
    unseen = share(documentation, MEASURED_CHARACTERS, LONGEST_CHARACTERS)
    unseen += share(source, MEASURED_CHARACTERS, LONGEST_CHARACTERS)
    measured = {document.digest for document in seen}
    write_documents((document for document in corpus if document.digest not in measured), folder / "limited.jsonl")
    write_documents(seen, folder / "seen.jsonl")
    write_documents(unseen, folder / "unseen.jsonl")


if __name__ == "__main__":
    main()
