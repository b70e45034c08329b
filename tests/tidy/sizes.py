"""How long files and functions may be, as a ratchet: what is excused may shrink but not grow.

A line of baseline.txt is `LINES PATH` for a file or `LINES PATH FUNCTION`, then `# why`.
"""

import ast
import re

import rules
from source import CPP, Complaint, bare_cpp, is_code, is_shell, line_of

BASELINE = "tests/tidy/baseline.txt"
SCOPE = re.compile(r"^(inline\s+)?(namespace|class|struct|union|enum|extern)\b")
TEMPLATE = re.compile(r"^template\s*<[^{}]*?>\s*(?=[a-zA-Z\[])")
ACCESS = ("public", "private", "protected")
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
SHELL_FUNCTION = re.compile(r"^(\w+)\(\) [{(].*?^[})]", re.MULTILINE | re.DOTALL)


def kind_of(head):
    """What a brace opens after `head`, the text before it: "scope", "function" or "value"."""
    head = TEMPLATE.sub("", head.strip())
    if SCOPE.match(head):
        return "scope"
    return "function" if "(" in head and head[-1] not in "(,=" else "value"


def name_of(head):
    head = TEMPLATE.sub("", head.strip())
    match = re.search(r"(~?[\w:]+|operator\W{1,3})\s*\(([^()]*)", head)
    if not match:
        return head.split("\n")[0]
    name = match.group(1)
    return f"{name}({match.group(2)})" if name.startswith(("TEST", "RC_")) else name


def cpp_functions(text):
    """(name, first line, lines) of each function outside functions; lambdas are part of theirs."""
    code = PREPROCESSOR.sub(lambda match: "\n" * match.group().count("\n"), bare_cpp(text))
    stack, nested, begin = [], 0, 0  # nested: open braces that are no scope; begin: of the head
    for match in re.finditer(r"[{};:]", code):
        at, char = match.start(), match.group()
        if char == "{":
            kind = "block" if nested else kind_of(code[begin:at])
            stack.append((kind, begin, at))
            nested += kind != "scope"
            begin = begin if nested > 1 else at + 1
        elif char == "}" and stack:
            kind, head_begin, opened = stack.pop()
            nested -= kind != "scope"
            if nested:
                continue
            begin = at + 1
            if kind != "scope" and code[at + 1 :].lstrip()[:1] in (",", "{"):
                begin = (
                    head_begin  # an initialiser in a constructor's list: its body is yet to come
                )
            elif kind == "function":
                head = code[head_begin:opened]
                first = line_of(code, head_begin + len(head) - len(head.lstrip()))
                yield name_of(head), first, line_of(code, at) - first + 1
        elif not nested and (char == ";" or code[begin:at].strip() in ACCESS):
            begin = at + 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def shell_functions(text):
    for match in SHELL_FUNCTION.finditer(text):
        yield match.group(1), text.count("\n", 0, match.start()) + 1, match.group().count("\n") + 1


def functions(path, text):
    if path.endswith(CPP):
        return cpp_functions(text)
    if path.endswith(".py"):
        return python_functions(text)
    return shell_functions(text) if is_shell(path, text) else ()


def read_baseline(text):
    """{(path, function or ""): (lines allowed, line of the baseline)}"""
    excused = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split(None, 2)
        if words:
            excused[(words[1], words[2].strip() if len(words) > 2 else "")] = (
                int(words[0]),
                number,
            )
    return excused


def check(files):
    excused = read_baseline(files.get(BASELINE, ""))
    needed = set()
    for path, text in files.items():
        if not is_code(path, text):
            continue
        measured = []
        if path not in rules.REGISTRIES:
            measured.append(("", 0, len(text.splitlines()), rules.FILE_LINES_MAX))
        measured += [(*function, rules.FUNCTION_LINES_MAX) for function in functions(path, text)]
        for name, first, lines, lines_max in measured:
            if lines <= lines_max:
                continue
            needed.add((path, name))
            allowed, _ = excused.get((path, name), (lines_max, 0))
            if lines > allowed:
                what = f"{name} has" if name else "the file has"
                yield Complaint(path, first, "size", f"{what} {lines} lines, at most {allowed}")
    for key, (_, number) in excused.items():
        if key not in needed:
            yield Complaint(
                BASELINE, number, "size", f"{' '.join(key).strip()} needs no excuse any more"
            )
