"""Rewrites g++'s compile_commands.json so that clang-tidy can read it.

Usage: clang_database.py BUILD_FOLDER OUT_FOLDER   (writes OUT_FOLDER/compile_commands.json)

g++ compiles with precompiled headers in its own form, and with options that clang does not have.
Its warnings are its own too: .clang-tidy says which of clang count. Generated sources are dropped:
nobody reads complaints about them.
"""

import json
import pathlib
import re
import shlex
import sys

COMPILER = re.compile(r"(^|/)(c|g)\+\+(-\d+)?$")  # what stands before it launches it
GCC_ONLY = ("-fno-canonical-system-headers", "-fuse-ld=mold")


def for_clang(words):
    """The words of one compile command, without what only g++ understands."""
    compiler = next(at for at, word in enumerate(words) if COMPILER.search(word))
    kept = ["clang++-19"]
    rest = iter(words[compiler + 1 :])
    for word in rest:
        if word == "-include":
            header = next(rest)
            kept += [] if header.endswith("cmake_pch.hxx") else [word, header]
        elif word not in GCC_ONLY and not word.startswith("-W"):
            kept.append(word)
    return kept


def convert(entries, build):
    """The compile commands of our own sources, for clang."""
    for entry in entries:
        source = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if source.is_relative_to(build):
            continue
        words = entry.get("arguments") or shlex.split(entry["command"])
        yield {"directory": entry["directory"], "file": str(source), "arguments": for_clang(words)}


def main(build, out):
    build, out = pathlib.Path(build).resolve(), pathlib.Path(out)
    entries = json.loads((build / "compile_commands.json").read_text())
    out.mkdir(parents=True, exist_ok=True)
    converted = list(convert(entries, build))
    (out / "compile_commands.json").write_text(json.dumps(converted, indent=1))
    return 0 if converted else "no source of ours in " + str(build / "compile_commands.json")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
