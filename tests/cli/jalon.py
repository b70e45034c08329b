"""The program `jalon` and a server of it, for tests."""

import glob
import json
import os
import pty
import socket
import struct
import subprocess
import time

READY_WITHIN_S = 60
FULL_RECORD = 1  # of RocksDB's WAL: a whole batch
TORN_BYTES = 200
TORN_RECORD_BYTES = 7 + TORN_BYTES
BLOCK_BYTES = 32 * 1024


def wal(database):
    """The file with the last writes of a RocksDB."""
    files = glob.glob(os.path.join(database, "*.log"))
    return max(path for path in files if os.path.getsize(path) > 0)


def tear(database):
    """Adds a write that a power cut left half written: its length is there, not its content."""
    _tear(wal(database))


def tear_manifest(database):
    """The same of what it notes of its files."""
    with open(os.path.join(database, "CURRENT"), encoding="utf-8") as current:
        _tear(os.path.join(database, current.read().strip()))


def _tear(path):
    left = BLOCK_BYTES - os.path.getsize(path) % BLOCK_BYTES
    assert left > TORN_RECORD_BYTES, "it lies within one block of the file"
    with open(path, "ab") as file:
        file.write(struct.pack("<IHB", 0xBADC0DE, TORN_BYTES, FULL_RECORD) + bytes(TORN_BYTES))


class Ran:
    """What one command line came to."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.code}\n{self.out}{self.err}"


class Jalon:
    """A server on a folder of its own, and the command line to it."""

    def __init__(self, program, folder):
        self.program, self.data = program, os.path.join(folder, "data")
        self.log = os.path.join(folder, "server.log")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.token = ""
        self.before = ()  # what runs the server, such as prlimit
        self.server = None

    def environment(self, **more):
        kept = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm"}
        kept |= {"JALON_DATA": self.data, "JALON_SERVER": self.address, "JALON_TOKEN": self.token}
        return {name: value for name, value in (kept | more).items() if value is not None}

    def run(self, *words, stdin="", **environment):
        done = subprocess.run(
            [self.program, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            env=self.environment(**environment),
            check=False,
        )
        return Ran(done)

    def start(self, *words):
        """Runs it beside."""
        return subprocess.Popen(
            [self.program, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
        )

    def on_terminal(self, *words, **environment):
        """What the command line writes where both its outputs are a terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [self.program, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=self.environment(**environment),
        )
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            text += piece
        os.close(ours)
        process.wait(timeout=60)
        return text.decode()

    def serving(self):
        return self.program, "serve", "--data", self.data, "--listen", self.address

    def serve(self, *options):
        with open(self.log, "a", encoding="utf-8") as log:
            words = [*self.before, *self.serving(), *options]
            self.server = subprocess.Popen(words, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_WITHIN_S
        while self.run("log", "status").code != 0:
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start; see " + self.log)
            time.sleep(0.05)

    def serve_until_it_ends(self, *options):
        """For a server that cannot go on. Its exit code."""
        with open(self.log, "a", encoding="utf-8") as log:
            words = [*self.serving(), *options]
            ended = subprocess.run(
                words, stdout=log, stderr=log, timeout=READY_WITHIN_S, check=False
            )
        return ended.returncode

    def stop(self):
        if self.server is None or self.server.poll() is not None:
            return 0
        self.server.terminate()
        return self.server.wait(timeout=30)
