"""Who includes whom: dependencies point one way, and only adapters name third-party headers."""

import re

import rules
from source import CPP, Complaint, bare_cpp, line_of

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
SYSTEM = re.compile(r"^((sys|netinet|net|arpa|linux|bits)/)?\w+\.h$")
STANDARD = re.compile(r"^[a-z_0-9]+$")


def longest(table, path):
    return max((key for key in table if path.startswith(key)), key=len, default=None)


def is_test(path):
    return re.search(rules.TEST_FILE, path) is not None


def internal(path, target):
    """Why `path` may not include `target`, a header of ours or a generated one; None if it may."""
    room = longest(rules.ROOMS, path)
    door = longest(rules.PRIVATE, target)
    if door and not path.startswith(door) and not is_test(path):
        if not path.startswith(rules.PRIVATE[door]):
            return (
                f"{door} is private to itself and the wiring: include the contract in front of it"
            )
    if is_test(path) or target.startswith(room):
        return None
    if not target.startswith(rules.ROOMS[room]):
        allowed = ", ".join(rules.ROOMS[room]) or "nothing but itself"
        return f"{room} may not include {target}; it may include {allowed}"
    return None


def external(path, target):
    """Why `path` may not include `target`, somebody else's header; None if it may."""
    pure = path.startswith(rules.PURE) and not is_test(path)
    family = longest(rules.THIRD_PARTY, target)
    if family:
        if is_test(path) or path.startswith(rules.THIRD_PARTY[family]):
            return None
        where = ", ".join(rules.THIRD_PARTY[family]) or "tests"
        return f"{family} is named only by its adapters: {where}"
    if STANDARD.match(target):
        if pure and target in rules.PURE_HEADERS:
            return f"<{target}> has no place in a pure function"
        return None
    if SYSTEM.match(target):
        return f"<{target}>: a pure function asks nothing of the system" if pure else None
    return f"{target} is of no library in tests/tidy/rules.py; add its row, with its adapter"


def check(files):
    ours = {path.split("/")[0] for path in rules.ROOMS}
    for path, text in files.items():
        if not path.endswith(CPP):
            continue
        if longest(rules.ROOMS, path) is None:
            yield Complaint(
                path, 0, "room", "this folder has no row in ROOMS of tests/tidy/rules.py"
            )
            continue
        bare = bare_cpp(text, keep_strings=True)
        for match in INCLUDE.finditer(bare):
            quote, target = match.groups()
            if quote == '"' and "/" not in target:
                words = f'"{target}": includes are written from the root'
            elif target.split("/")[0] in ours or target.startswith("jalon/"):
                words = internal(path, target)
            else:
                words = external(path, target)
            if words:
                yield Complaint(path, line_of(bare, match.start(2)), "include", words)
