"""Which reasons each command can give, read in the sources of the domain.

A decide function gives those that it names, and those of every function that it calls. A call is
followed by its name and the number of its arguments: first within the file, then anywhere in the
domain. That errs on the side of too many, never of too few; the rest is excused by name, with why.
"""

import dataclasses
import functools
import pathlib
import re

DOMAIN = pathlib.Path(__file__).parent.parent.parent / "services" / "domain"
LEFT_OUT = {"words", "evolve"}  # what is said of reasons; what cannot refuse

COMMENTS_AND_STRINGS = re.compile(
    r"""//[^\n]*|"(?:[^"\\\n]|\\.)*"|(?<![0-9])'(?:[^'\\\n]|\\.)'"""
)
OPENS_SCOPE = re.compile(r"^\s*(?:template\s*<[^{]*>\s*)?(?:namespace|class|struct|enum)\b")
HEAD = re.compile(r"(~?\w+)\s*\(")
CALL = re.compile(r"\b([A-Z]\w*)\s*(?:<[\w:,\s*&]*>)?\s*\(")
REASON = re.compile(r"\bReason::([A-Z][A-Z_0-9]+)")
COMMAND = re.compile(r"\s*const\s+(?:\w+::)*(\w+)&\s+command\b")


@dataclasses.dataclass(frozen=True)
class Function:
    file: str
    name: str
    parameters: tuple  # as they are written
    body: str

    def takes(self, count):
        needed = sum("=" not in parameter for parameter in self.parameters)
        return needed <= count <= len(self.parameters)


def closing(text, at):
    """Where the bracket at `at` closes."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "({[") - (text[i] in ")}]")
        if depth == 0:
            return i
    raise ValueError(f"unbalanced: {text[at:at + 40]}")


def parts(text):
    """Between the commas that no bracket encloses; angle brackets enclose too."""
    found, depth, begin = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "({[<") - (c in ")}]>")
        if c == "," and depth == 0:
            found.append(text[begin:i])
            begin = i + 1
    found.append(text[begin:])
    return tuple(part.strip() for part in found if part.strip())


def functions_in(path):
    text = path.read_text().replace("->", ". ")  # whose bracket closes nothing
    text = COMMENTS_AND_STRINGS.sub(lambda found: "" if found[0].startswith("//") else '""', text)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    at = begin = 0
    while at < len(text):
        if text[at] in ";}":
            begin = at + 1
        elif text[at] == "(":
            at = closing(text, at)
        elif text[at] == "{":
            head = text[begin:at]
            if OPENS_SCOPE.match(head):
                begin = at + 1
            else:
                end = closing(text, at)
                named = HEAD.search(head)
                if named:
                    last = closing(head, named.end() - 1)
                    yield Function(path.name, named.group(1), parts(head[named.end():last]),
                                   text[at:end])
                at, begin = end, end + 1
        at += 1


@functools.cache
def functions():
    """By name, all of the domain."""
    by_name = {}
    for path in sorted((*DOMAIN.rglob("*.cc"), *DOMAIN.rglob("*.h"))):
        if "_test" in path.name or LEFT_OUT & set(path.relative_to(DOMAIN).parts):
            continue
        for function in functions_in(path):
            by_name.setdefault(function.name, []).append(function)
    return by_name


def called_by(function):
    for call in CALL.finditer(function.body):
        count = len(parts(function.body[call.end():closing(function.body, call.end() - 1)]))
        fitting = [other for other in functions().get(call.group(1), ()) if other.takes(count)]
        here = [other for other in fitting if other.file == function.file]
        yield from here or fitting


def reasons_of(function):
    reached, ahead = set(), [function]
    while ahead:
        now = ahead.pop()
        if now not in reached:
            reached.add(now)
            ahead.extend(called_by(now))
    return {reason for each in reached for reason in REASON.findall(each.body)}


def reasons_by_command():
    """The command's name → the reasons that its decide function can give."""
    found = {}
    for function in functions()["Decide"]:
        command = COMMAND.match(function.parameters[0]) if function.parameters else None
        if command and command.group(1) != "Command":
            found[command.group(1)] = reasons_of(function)
    return found
