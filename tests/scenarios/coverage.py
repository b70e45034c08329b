"""Every precondition of every command, and the scenario that meets it.

    coverage.py SCENARIOS_TEST [--table FILE]
    coverage.py SCENARIOS_TEST --same-in WORLD_TEST [OPTIONS OF IT]

Runs the scenarios, compares what they proved with coverage.txt, and prints the gaps; exits 1 if
there is one. Three gaps are told apart: a precondition that no scenario meets, a command that the
list leaves out, and a reason that decide names and no line lists. --table writes the whole table as
Markdown. --same-in runs the scenarios in another world too, which must prove the same, each thing
at the same place of the same file.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
DOMAIN = HERE.parent.parent / "services" / "domain"

# Reasons that decide names and that no command meets in this set of commands, with why.
EXCUSED = {
    "INTERNAL": "the words of a number that is no reason: explain_test",
    "ENROLMENT_CLOSED": "no command closes an enrolment yet",
    "UNSUPPORTED": "a command that the domain does not know: application_test",
    "RECORD_TOO_LARGE": "the size of a record: application_test",
}


def read_list():
    """Command → its preconditions, in order; "*" → those common to all."""
    wanted = {}
    for line in (HERE / "coverage.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            command, reasons = line.split(":")
            wanted[command] = reasons.split()
    return wanted


def run_scenarios(*binary):
    """(command, what) → places, from the lines that the runner writes."""
    with tempfile.NamedTemporaryFile(mode="r", suffix=".txt") as file:
        subprocess.run([*binary, f"--coverage={file.name}", "--gtest_brief=1"], check=True)
        proved = {}
        for line in file:
            command, what, place = line.split()
            proved.setdefault((command, what), []).append(place)
    return proved


def registered_commands():
    text = "".join(path.read_text() for path in sorted((DOMAIN / "decide").glob("*.cc")))
    return set(re.findall(r"commands\.Add<(?:\w+::)*(\w+)>", text))


def named_reasons():
    """Reasons that some decide function, or what it calls, can give."""
    sources = [
        path
        for path in sorted(DOMAIN.rglob("*.cc"))
        if "_test" not in path.name and "words" not in path.parts
    ]
    text = "".join(path.read_text() for path in sources)
    return set(re.findall(r"Reason::([A-Z][A-Z_0-9]+)", text))


def gaps_of(wanted, proved):
    met = {what for _, what in proved}
    for command, reasons in wanted.items():
        for reason in reasons:
            there = reason in met if command == "*" else (command, reason) in proved
            if not there:
                yield f"{command}: no scenario shows {reason}"
    for command in sorted(registered_commands() - wanted.keys()):
        yield f"{command}: coverage.txt does not list this command"
    listed = {reason for reasons in wanted.values() for reason in reasons}
    for reason in sorted(named_reasons() - listed - met - EXCUSED.keys()):
        yield f"{reason}: decide names it, no scenario meets it"


def write_table(path, wanted, proved):
    with open(path, "w") as file:
        file.write("| command | precondition | scenario |\n|---|---|---|\n")
        for command, reasons in wanted.items():
            for reason in reasons if command != "*" else ():
                places = proved.get((command, reason), [])
                file.write(f"| {command} | {reason} | {', '.join(places[:3])} |\n")


def compare(proved, elsewhere):
    """The exit code: 0 if both worlds proved the same."""
    for one, other, where in ((proved, elsewhere, "only here"), (elsewhere, proved, "only there")):
        for key in sorted(one):
            for place in sorted(set(one[key]) - set(other.get(key, []))):
                print(f"{where}: {' '.join(key)} {place}")
    count = sum(len(places) for places in proved.values())
    print(f"coverage: {count} proofs, {'the same' if proved == elsewhere else 'not the same'}")
    return 0 if count and proved == elsewhere else 1


def main(arguments):
    wanted = read_list()
    proved = run_scenarios(arguments[0])
    if "--same-in" in arguments:
        other = arguments[arguments.index("--same-in") + 1 :]
        return compare(proved, run_scenarios(*other))
    if "--table" in arguments:
        write_table(arguments[arguments.index("--table") + 1], wanted, proved)
    gaps = list(gaps_of(wanted, proved))
    for gap in gaps:
        print(gap)
    count = sum(len(reasons) for reasons in wanted.values())
    print(f"coverage: {count} preconditions of {len(wanted) - 1} commands, {len(gaps)} gaps")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
