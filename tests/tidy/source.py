"""What the checks share: a complaint, and C++ text without its comments and strings."""

import re
from typing import NamedTuple

CPP = (".cc", ".h")
CODE = CPP + (".py", ".proto", ".cmake", ".ts")


class Complaint(NamedTuple):
    """One line to mend. `line` counts from 1; 0 means the file or folder as a whole."""

    path: str
    line: int
    rule: str
    words: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: [{self.rule}] {self.words}"


def is_shell(path, text):
    return path.endswith(".sh") or text.startswith(
        ("#!/usr/bin/env bash", "#!/bin/bash", "#!/bin/sh")
    )


def is_code(path, text):
    return path.endswith(CODE) or path.endswith("CMakeLists.txt") or is_shell(path, text)


TOKENS = re.compile(
    r'R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'  # string
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'"  # character, but not the separator of 1'000
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL,
)


def bare_cpp(text, keep_strings=False):
    """The text without comments and (unless kept) what strings hold; line numbers stay."""

    def blank(match):
        token = match.group()
        if keep_strings and token[0] not in "/":
            return token
        lines = "\n" * token.count("\n")
        return ('""' + lines) if token[0] in "R\"'" else (" " + lines)

    return TOKENS.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
