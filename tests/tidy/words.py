"""What lines may not say: banned calls, unfinished work, skipped tests, paths of one machine."""

import re

import rules
from includes import is_test
from source import CPP, Complaint, bare_cpp, is_code, line_of

UNFINISHED = re.compile(rules.UNFINISHED)
SKIPPED = re.compile(rules.SKIPPED_TESTS)
PATH = re.compile(rules.PRIVATE_PATH)
URL = re.compile(r"\b(?:https?|git|ssh|ftp)://(?:[^/\s@]*@)?(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)")
HOST = re.compile(rules.HOSTS)
NOLINT = re.compile(r"\bNOLINT(NEXTLINE|BEGIN)?\b")
NOLINT_WITH_REASON = re.compile(r"\bNOLINT(NEXTLINE|BEGIN)?\([a-z0-9.,\- ]+\): \w")


def banned(path, text):
    if not path.endswith(CPP) or is_test(path):
        return
    pure = path.startswith(rules.PURE)
    bare = bare_cpp(text)
    for pattern, allowed, instead in rules.BANNED:
        if pure or (allowed is not None and not path.startswith(allowed)):
            for match in re.finditer(pattern, bare):
                yield Complaint(
                    path, line_of(bare, match.start()), "banned", f"{match.group()}: {instead}"
                )


def said(path, line, number):
    match = UNFINISHED.search(line)
    if match:
        yield Complaint(
            path, number, "unfinished", f"'{match.group()}': finish it, or file it outside the code"
        )
    match = SKIPPED.search(line)
    if match:
        yield Complaint(
            path, number, "skipped", f"'{match.group()}': a test runs or does not exist"
        )
    if path.endswith(CPP) and NOLINT.search(line) and not NOLINT_WITH_REASON.search(line):
        yield Complaint(path, number, "nolint", "write NOLINT(check-name): why")


def named(path, line, number):
    match = PATH.search(line)
    if match:
        yield Complaint(path, number, "path", f"'{match.group()}…' is a path of one machine")
    for match in URL.finditer(line):
        if not HOST.match(match.group(1)):
            yield Complaint(
                path, number, "host", f"{match.group(1)} is not in HOSTS of tests/tidy/rules.py"
            )


def too_wide(path, line, number):
    if len(line) > rules.COLUMNS_MAX and "://" not in line and not line.startswith("#include"):
        yield Complaint(
            path, number, "columns", f"{len(line)} columns, at most {rules.COLUMNS_MAX}"
        )


def check(files):
    for path, text in files.items():
        yield from banned(path, text)
        code = is_code(path, text)
        for number, line in enumerate(text.splitlines(), 1):
            yield from named(path, line, number)
            if code:
                yield from said(path, line, number)
                yield from too_wide(path, line, number)
