"""Markdown: links that lead somewhere, and a README in each folder."""

import posixpath
import re

import rules
from source import Complaint

LINK = re.compile(r"\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#+[ \t]+(.*?)[ \t]*#*$", re.MULTILINE)


def without_code(text):
    text = FENCE.sub(lambda match: "\n" * match.group().count("\n"), text)
    return CODE.sub(" ", text)


def anchors(text):
    """The anchors of a page's headings, as the usual Markdown renderers make them."""
    found = set()
    for title in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower())
        base = anchor = plain.replace(" ", "-")
        count = 0
        while anchor in found:
            count += 1
            anchor = f"{base}-{count}"
        found.add(anchor)
    return found


def folders_of(files):
    found = set()
    for path in files:
        folder = posixpath.dirname(path)
        while folder:
            found.add(folder)
            folder = posixpath.dirname(folder)
    return found


def dead(path, target, files, folders):
    """Why the link is dead, or None."""
    where, _, anchor = target.partition("#")
    aim = posixpath.normpath(posixpath.join(posixpath.dirname(path), where)) if where else path
    if aim not in files and aim not in folders and aim != ".":
        return f"{target}: there is no {aim}"
    if anchor and aim.endswith(".md") and anchor not in anchors(files[aim]):
        return f"{target}: {aim} has no such heading"
    return None


def check(files):
    folders = folders_of(files)
    for path, text in files.items():
        if not path.endswith(".md"):
            continue
        for number, line in enumerate(without_code(text).splitlines(), 1):
            for target in LINK.findall(line):
                words = (
                    None
                    if "://" in target or target.startswith("mailto:")
                    else dead(path, target, files, folders)
                )
                if words:
                    yield Complaint(path, number, "link", words)
    for folder in sorted(folders):
        if not re.search(rules.NO_README, folder) and f"{folder}/README.md" not in files:
            yield Complaint(
                folder,
                0,
                "readme",
                "a folder says in a README.md what lives in it and what may not",
            )
