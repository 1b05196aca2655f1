#!/usr/bin/env python3
"""Counts the house: files and lines, who uses whom, folders out of order, public declarations that nobody uses.

    house.py [--build .build/debug] [--json | --check]

--check exits with 1 where folders of a module use each other in a circle, where one uses a later one of
docs/house.md's list or is missing there, or where one holds over 20 files.

Reads the index that the compiler writes beside a debug build (`swift build --build-tests`), by the
toolchain's libIndexStore. A file uses another where it names what the other one defines; a folder is
a folder directly under Sources/MODULE, and files beside those are a room of their own.
"""

import argparse
import collections
import ctypes
import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "Sources"
DEFINITION, REFERENCE = 1 << 1, 1 << 2
MOST_FILES = 20  # in one folder
PUBLIC = re.compile(
    r"\s*(?:@\w+(?:\(.*?\))? )*public (?:[\w()]+ )*?(?:func|var|let|case|struct|class|enum|actor|protocol|typealias|init|subscript)\b ?(\w*)")


class Text(ctypes.Structure):
    """A string of the index: not terminated."""

    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def __str__(self):
        return ctypes.string_at(self.data, self.length).decode() if self.length else ""


def library():
    """The toolchain's libIndexStore, beside the compiler."""
    swiftc = Path(shutil.which("swiftc") or sys.exit("house.py: swiftc is not on the path")).resolve()
    found = swiftc.parent.parent / "lib/libIndexStore.so"
    if not found.exists():
        sys.exit(f"house.py: {found} is missing")
    store = ctypes.CDLL(str(found))
    for name, result in {
        "store_create": ctypes.c_void_p, "unit_reader_create": ctypes.c_void_p,
        "record_reader_create": ctypes.c_void_p, "occurrence_get_symbol": ctypes.c_void_p,
        "occurrence_get_roles": ctypes.c_uint64, "symbol_get_usr": Text, "unit_dependency_get_name": Text,
        "unit_dependency_get_filepath": Text, "unit_dependency_get_kind": ctypes.c_int,
    }.items():
        getattr(store, f"indexstore_{name}").restype = result
    return store


class Index:
    """Every occurrence of every symbol in the Swift files under Sources and Tests."""

    def __init__(self, path):
        self.lib = library()
        self.store = ctypes.c_void_p(self.call("store_create", str(path).encode(), None))
        if not self.store:
            sys.exit(f"house.py: no index in {path}; run: swift build --build-tests")

    def call(self, name, *arguments):
        return getattr(self.lib, f"indexstore_{name}")(*arguments)

    def each(self, what, read, *arguments, kind=ctypes.c_void_p):
        """What `read` makes of everything that one of the index's `_apply_f` functions visits."""
        found = []
        visit = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, kind)(
            lambda _, subject: found.append(read(subject)) or True)
        self.call(f"{what}_apply_f", *arguments, None, visit)
        return found

    def read(self, reader, name, what, each):
        """What a reader of a unit or a record visits; nothing where the index lacks it."""
        handle = ctypes.c_void_p(self.call(f"{reader}_create", self.store, name.encode(), None))
        if not handle:
            return []
        found = self.each(f"{reader}_{what}", lambda subject: each(ctypes.c_void_p(subject)), handle)
        self.call(f"{reader}_dispose", handle)
        return found

    def units(self):
        """Names of all units."""
        return self.each("store_units", str, self.store, 0, kind=Text)

    def records(self, unit):
        """The records that a unit consists of: (name, file)."""

        def record(dependency):
            if self.call("unit_dependency_get_kind", dependency) != 2:
                return None
            return tuple(str(self.call(f"unit_dependency_get_{part}", dependency)) for part in ("name", "filepath"))

        return list(filter(None, self.read("unit_reader", unit, "dependencies", record)))

    def occurrences(self, record):
        """(symbol, roles, line) of everything that a record names."""

        def occurrence(found):
            symbol = ctypes.c_void_p(self.call("occurrence_get_symbol", found))
            line, column = ctypes.c_uint(), ctypes.c_uint()
            self.call("occurrence_get_line_col", found, ctypes.byref(line), ctypes.byref(column))
            return str(self.call("symbol_get_usr", symbol)), self.call("occurrence_get_roles", found), line.value

        return self.read("record_reader", record, "occurrences", occurrence)


class House:
    """Files under Sources (and Tests, as users), what each defines, and what each names."""

    def __init__(self, index):
        records = {}
        for unit in index.units():
            for name, file in index.records(unit):
                path = Path(file)
                if path.suffix == ".swift" and path.exists() and path.is_relative_to(ROOT):
                    relative = path.relative_to(ROOT)
                    if relative.parts[0] in ("Sources", "Tests"):
                        records[str(relative)] = name
        self.defined, self.named = {}, collections.defaultdict(set)
        for file, record in records.items():
            for usr, roles, line in index.occurrences(record):
                if roles & DEFINITION:
                    self.defined.setdefault(usr, (file, line))
                if roles & REFERENCE:
                    self.named[file].add(usr)
        self.files = sorted(f for f in records if f.startswith("Sources/"))
        lacking = {str(file.relative_to(ROOT)) for file in SOURCES.rglob("*.swift")} - set(self.files)
        if lacking:  # a check of a part would find nothing wrong with the rest
            sys.exit(f"house.py: the index lacks {len(lacking)} files, {min(lacking)} first; run: swift build --build-tests")

    def edges(self):
        """(user, used) for files of Sources, each pair once."""
        for file in self.files:
            used = {self.defined[usr][0] for usr in self.named[file] if usr in self.defined}
            yield from ((file, other) for other in used if other != file and other.startswith("Sources/"))

    def folder_cycles(self):
        """Groups of folders inside one module that reach each other."""
        graph = collections.defaultdict(set)
        for user, used in self.edges():
            a, b = room(user), room(used)
            if a != b and a[0] == b[0]:
                graph[a].add(b)
        return [sorted("/".join(part) for part in group) for group in circles(graph) if len(group) > 1]

    def out_of_order(self, order):
        """Uses of a later folder, and folders that no list names, of the modules that have a list."""
        for user, used in sorted(self.edges()):
            (module, a), (other, b) = room(user), room(used)
            if module != other or a == b or module not in order:
                continue
            named = order[module]
            if a in named and b in named and named.index(a) < named.index(b):
                yield f"{user} uses {used}: {a} stands before {b} in docs/house.md"
        for module, folder in sorted({room(file) for file in self.files}):
            if module in order and folder not in (*order[module], "."):
                yield f"{module}/{folder} is in no list of docs/house.md"

    def unused_public(self):
        """How many declarations are public, and those that no other module, Benchmarks or example names."""
        users = collections.defaultdict(set)
        for file, symbols in self.named.items():
            for usr in symbols:
                users[usr].add("/".join(Path(file).parts[:2]))
        lines = {file: (ROOT / file).read_text().splitlines() for file in self.files}
        # Other packages are not in the index: theirs are the words that they write.
        outside = [*(ROOT / "Benchmarks/Sources").rglob("*.swift"), *(ROOT / "examples").rglob("*.swift")]
        words = set(re.findall(r"\w+", " ".join(path.read_text() for path in outside)))
        public = collections.defaultdict(set)  # a property's line defines its accessors, too
        for usr, (file, line) in self.defined.items():
            found = file in lines and line <= len(lines[file]) and PUBLIC.match(lines[file][line - 1])
            if found:
                public[file, line] |= users[usr] | ({"outside"} if found[1] in words else set())
        unused = [
            f"{file}:{line}" for (file, line), modules in sorted(public.items())
            if all(module.startswith("Tests") or module == "/".join(Path(file).parts[:2]) for module in modules)]
        return len(public), unused


def room(file):
    """(module, folder) of a file under Sources; files beside the folders are in the folder '.'."""
    parts = Path(file).parts
    return parts[1], parts[2] if len(parts) > 3 else "."


def order_of_folders():
    """The folders of each module, lowest first, as docs/house.md lists them."""
    lists = re.findall(r"^\* \*\*(\w+)\*\*: (.*(?:\n  .*)*)", (ROOT / "docs/house.md").read_text(), re.MULTILINE)
    return {module: re.split(r",\s+", folders) for module, folders in lists}


def circles(graph):
    """Strongly connected groups, by Tarjan's algorithm."""
    index, low, stack, groups = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            groups.append(group)

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return groups


def sizes():
    """Swift files and lines under Sources, and the folders that hold too many."""
    files = sorted(SOURCES.rglob("*.swift"))
    lines = sum(len(file.read_text().splitlines()) for file in files)
    folders = collections.Counter(str(file.parent.relative_to(ROOT)) for file in files)
    return len(files), lines, {name: count for name, count in sorted(folders.items()) if count > MOST_FILES}


def tests_per_code():
    """Lines of Swift under Tests for a line under Sources, for each module that has tests of its own."""
    def lines(folder):
        return sum(len(file.read_text().splitlines()) for file in folder.rglob("*.swift"))

    tests = ((folder, SOURCES / folder.name.removesuffix("Tests")) for folder in sorted((ROOT / "Tests").glob("*Tests")))
    return {code.name: lines(folder) / lines(code) for folder, code in tests if code.is_dir()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=ROOT / ".build/debug", type=Path, help="the debug build")
    parser.add_argument("--check", action="store_true", help="fail on a circle or a crowded folder")
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    options = parser.parse_args()
    house = House(Index(options.build / "index/store"))
    files, lines, crowded = sizes()
    public, unused = house.unused_public()
    found = {
        "files": files, "lines": lines, "edges": len(set(house.edges())), "crowded_folders": crowded,
        "folder_cycles": house.folder_cycles(), "out_of_order": list(house.out_of_order(order_of_folders())),
        "public": public, "unused_public": len(unused), "tests_per_code": tests_per_code(),
    }
    if options.json:
        print(json.dumps(found | {"unused_public_at": unused}, indent=1))
        return
    print(f"{files} Swift files, {lines} lines, {found['edges']} uses of one file by another")
    print(f"{public} public declarations, {len(unused)} that no other module, benchmark or example names")
    for module, ratio in found["tests_per_code"].items():
        print(f"{module}: {ratio:.2f} lines of tests a line")
    for name, count in crowded.items():
        print(f"crowded: {name}: {count} files")
    for group in found["folder_cycles"]:
        print(f"circle of {len(group)}: " + ", ".join(group))
    for line in found["out_of_order"]:
        print(f"out of order: {line}")
    faults = crowded or found["folder_cycles"] or found["out_of_order"]
    sys.exit(1 if options.check and faults else 0)


main()
