"""Every precondition of every command, and the scenario that meets it.

    coverage.py SCENARIOS_TEST [--table FILE]
    coverage.py SCENARIOS_TEST --same-in WORLD_TEST [OPTIONS OF IT]

Runs the scenarios, compares what each command was seen doing in them with what it must be seen
doing, and prints the gaps; exits 1 if there is one. What a command must be seen doing is what
coverage.txt lists, from the catalogue; each reason that its decide function can give, from the
sources (reasons_of.py); and, where a teacher may send it, a refusal for what is out of scope.
--table writes all of it with its scenarios as Markdown. --same-in runs the scenarios in another
world too, which must prove the same, each thing at the same place of the same file.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import reasons_of

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
RPC = re.compile(r"rpc (\w+)\(.*?(?=rpc |\n})", re.S)


class Wanted:
    """What coverage.txt says."""

    def __init__(self, text):
        self.listed = {}  # command → its preconditions, in order
        self.common = []  # those that one scenario proves for all
        self.excused = {}  # (command, reason) → why it is never given
        for line in text.splitlines():
            name, _, rest = line.partition(":")
            if line.startswith("except "):
                reasons, _, commands = name.removeprefix("except ").partition(" of ")
                for command in commands.split():
                    for reason in reasons.split():
                        self.excused[command, reason] = rest.strip()
            elif name == "*":
                self.common = rest.split()
            elif line and not line.startswith("#"):
                self.listed[name] = rest.split()


def run_scenarios(*binary):
    """(command, what) → places, from the lines that the runner writes."""
    with tempfile.NamedTemporaryFile(mode="r", suffix=".txt") as file:
        subprocess.run([*binary, f"--coverage={file.name}", "--gtest_brief=1"], check=True)
        proved = {}
        for line in file:
            command, what, place = line.split()
            proved.setdefault((command, what), []).append(place)
    return proved


def commands_of_teachers():
    """The commands that a teacher may send, by the contracts."""
    for path in sorted((ROOT / "proto" / "jalon").rglob("*_service.proto")):
        for rpc in RPC.finditer(path.read_text()):
            if "jalon.option.v1.command" in rpc[0] and "ROLE_TEACHER" in rpc[0]:
                yield rpc[1]


def preconditions(wanted):
    """Command → all that it must be seen doing, without what is excused or common to all."""
    all_of = {command: list(whats) for command, whats in wanted.listed.items()}
    for command, reasons in reasons_of.reasons_by_command().items():
        known = all_of.setdefault(command, [])
        for reason in sorted(reasons):
            if reason not in (*known, *wanted.common) and (command, reason) not in wanted.excused:
                known.append(reason)
    for command in commands_of_teachers():
        all_of[command].append("OUT_OF_SCOPE")
    return all_of


def gaps_of(wanted, proved):
    met = {what for _, what in proved}
    for what in wanted.common:
        if what not in met:
            yield f"no scenario shows {what}"
    for command, whats in preconditions(wanted).items():
        if command not in wanted.listed:
            yield f"{command}: coverage.txt does not list this command"
        for what in whats:
            if (command, what) not in proved:
                yield f"{command}: no scenario shows {what}"
    reached = reasons_of.reasons_by_command()
    for command, reason in wanted.excused:
        if (command, reason) in proved or reason not in reached.get(command, ()):
            yield f"{command}: {reason} is excused in vain"


def write_table(path, wanted, proved):
    with open(path, "w") as file:
        file.write("| command | precondition | scenario |\n|---|---|---|\n")
        for command, whats in preconditions(wanted).items():
            for what in whats:
                places = proved.get((command, what), [])
                file.write(f"| {command} | {what} | {', '.join(places[:3])} |\n")
        for (command, reason), why in wanted.excused.items():
            file.write(f"| {command} | {reason} | never: {why} |\n")


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
    wanted = Wanted((HERE / "coverage.txt").read_text())
    proved = run_scenarios(arguments[0])
    if "--same-in" in arguments:
        other = arguments[arguments.index("--same-in") + 1 :]
        return compare(proved, run_scenarios(*other))
    if "--table" in arguments:
        write_table(arguments[arguments.index("--table") + 1], wanted, proved)
    gaps = list(gaps_of(wanted, proved))
    for gap in gaps:
        print(gap)
    all_of = preconditions(wanted)
    count = sum(len(whats) for whats in all_of.values())
    print(f"coverage: {count} preconditions of {len(all_of)} methods, {len(gaps)} gaps")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
