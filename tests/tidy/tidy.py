#!/usr/bin/env python3
"""Holds the tree to its house rules; prints one line a complaint and exits 1 if there is any.

Usage: tidy.py [ROOT]      (default: the checkout it stands in)

Reads what git tracks or would track. The rules are tables in rules.py; what each check means stands
at its head.
"""

import pathlib
import subprocess
import sys

import includes
import prose
import rules
import sizes
import words

CHECKS = (includes.check, words.check, sizes.check, prose.check)
FILE_BYTES_MAX = 1 << 20  # larger ones are data


def read_tree(root):
    """{path: text} of every file that git tracks or would track; the text of data is ''."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout.decode()
    files = {}
    for path in filter(None, listed.split("\0")):
        file = pathlib.Path(root, path)
        if path.startswith(rules.COPIED) or not file.is_file():  # or deleted, not yet committed
            continue
        data = file.read_bytes() if file.stat().st_size <= FILE_BYTES_MAX else b""
        try:
            files[path] = "" if b"\0" in data else data.decode()
        except UnicodeDecodeError:
            files[path] = ""
    return files


def complaints(files):
    return sorted(complaint for check in CHECKS for complaint in check(files))


def main(root=str(pathlib.Path(__file__).resolve().parents[2])):
    files = read_tree(root)
    found = complaints(files)
    for complaint in found:
        print(complaint)
    print(f"tidy: {len(files)} files, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
