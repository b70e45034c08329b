"""Who takes the folders of processes as they lie there at one moment (thief.cc)."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile

NOTHING, SOMETHING = 0, 1  # what the program exits with, where that shows anything
SCHOOL = "CFP-NORD"
ROW = "a key in a row p, wrapped"  # what it calls a person's


def epoch(number):
    return f"the key of epoch {number}, wrapped"


class Thief:
    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.away = tempfile.TemporaryDirectory()  # where nothing is searched
        self.numbers = itertools.count(1)

    def end(self):
        self.away.cleanup()

    def path(self, name):
        return os.path.join(self.away.name, name)

    def run(self, *words, stdin=""):
        done = subprocess.run([self.program, *words], input=stdin, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode in (NOTHING, SOMETHING), f"{words}: {done.stdout}{done.stderr}"
        return done

    def copy_of(self, process, folder):
        """Whoever opened keys where they lie would change them."""
        copy = self.path(str(next(self.numbers)))
        process.send_signal(signal.SIGSTOP)
        shutil.copytree(folder, copy, ignore=lambda _, names: [
            name for name in names if name.endswith(".sock")])
        process.send_signal(signal.SIGCONT)
        return copy

    def take(self, person, *folders):
        """The person's key and what wraps it: a line for each."""
        return self.run("take", SCHOOL, person, *folders).stdout

    def found(self, taken, folder):
        """What of that is in any file below the folder, and in which part of it."""
        hits = self.run("find", folder, stdin=taken).stdout.splitlines()
        places = (hit.removeprefix(folder + "/").split(": ", 1) for hit in hits)
        return {(path.split("/")[0], what) for path, what in places}
