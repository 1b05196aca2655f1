"""A corpus of two kinds of text, and text of two kinds that it has nothing of: for the demo and examples/when-it-pays.

usage: limited.py FOLDER_OF_TEXTS FOLDER_USR FOLDER

Writes limited.jsonl (the World English Bible and English manuals) and unseen.jsonl (Python's documentation and
Python's source, half each) into FOLDER. Documents are cut to 2,000 characters, so that a part held out of the
corpus is many of them, and shuffled by their hashes: any prefix is a fair sample, and the same packages give
the same text. The key `domain` says which of the four a document is of.
"""

import sys
from pathlib import Path

from documents import write_documents
from mixed import of_files, of_set, share

CORPUS_CHARACTERS = {"bible": 2_000_000, "manuals": 400_000}
UNSEEN_CHARACTERS = 65_000
LONGEST_CHARACTERS = 2_000


def main() -> None:
    texts, usr, folder = (Path(argument) for argument in sys.argv[1:])
    corpus = [
        (of_set(texts / "web.jsonl", "bible", "en"), CORPUS_CHARACTERS["bible"]),
        (of_set(texts / "herd" / "en.jsonl", "manuals", "en"), CORPUS_CHARACTERS["manuals"]),
    ]
    unseen = [
        (of_files(usr / "share" / "doc", "_sources/**/*.txt", "documentation"), UNSEEN_CHARACTERS),
        (of_files(usr / "lib" / "python3.11", "*.py", "source"), UNSEEN_CHARACTERS),
    ]
    for name, kinds in (("limited", corpus), ("unseen", unseen)):
        write_documents(
            (document for documents, characters in kinds for document in share(documents, characters, LONGEST_CHARACTERS)),
            folder / f"{name}.jsonl")


if __name__ == "__main__":
    main()
