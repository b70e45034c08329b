"""No file comes of the memory of a command, whatever ends it.      Usage: core_test.py JALON

One that opens what is sealed, and those that read keys, are caught at work and crashed.
"""

import errno
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import jalon

PROGRAM = os.path.abspath(sys.argv.pop(1))
PATIENCE_S = 30


def core_limits(pid):
    """How large a core file of that process may be, now and at most."""
    with open(f"/proc/{pid}/limits", encoding="utf-8") as limits:
        return next(line.split()[4:6] for line in limits if line.startswith("Max core file size"))


class CoreDumps(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.jalon = jalon.Jalon(PROGRAM, folder.name)
        self.data = pathlib.Path(self.jalon.data)
        self.addCleanup(self.jalon.stop)

    def soon(self, look):
        """What `look` gives, once it gives something."""
        give_up = time.monotonic() + PATIENCE_S
        while True:
            found = look()
            if found is not None:
                return found
            self.assertLess(time.monotonic(), give_up)
            time.sleep(0.01)

    def crash(self, *words, reached):
        """Runs it where core dumps are allowed, and crashes it once `reached` returns."""
        process = subprocess.Popen(
            ["prlimit", "--core=unlimited", PROGRAM, *words],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.jalon.environment(JALON_TOKEN="eyJ.e.s"),
        )
        try:
            reached()
            self.assertEqual(core_limits(process.pid), ["0", "0"], words)
            process.send_signal(signal.SIGSEGV)
            self.assertEqual(process.wait(timeout=PATIENCE_S), -signal.SIGSEGV, words)
        finally:
            process.kill()
            process.wait()
        self.assertFalse([name for name in os.listdir(self.folder) if "core" in name])

    def end_of(self, pipe):
        """Our end of the pipe, once a command has opened its own and waits for bytes."""
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            self.assertEqual(error.errno, errno.ENXIO)
            return None

    def test_the_search_finds_what_allows_one(self):
        process = subprocess.Popen(["prlimit", "--core=unlimited", "sleep", "60"])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.soon(lambda: core_limits(process.pid)[0] == "unlimited" or None)

    def test_an_export_that_waits_for_its_server(self):
        host, port = self.jalon.address.split(":")
        with socket.create_server((host, int(port))) as silent:
            silent.settimeout(PATIENCE_S)
            met = []
            self.crash(
                *("person", "export", "00" * 8, "--to", str(self.folder / "export.json")),
                reached=lambda: met.append(silent.accept()),
            )
            met[0][0].close()

    def test_a_command_that_reads_a_key(self):
        self.jalon.serve()
        self.assertEqual(self.jalon.stop(), 0)
        for key, words in (
            ("root.key", ("vault", "rotate-root")),
            ("token.key", ("token", "issue", "--role", "REG")),
        ):
            pipe = self.data / key
            pipe.rename(f"{pipe}.kept")
            os.mkfifo(pipe, 0o600)
            self.crash(
                *words,
                reached=lambda pipe=pipe: self.addCleanup(
                    os.close, self.soon(lambda: self.end_of(pipe))
                ),
            )
            pipe.unlink()
            pathlib.Path(f"{pipe}.kept").rename(pipe)


if __name__ == "__main__":
    unittest.main()
