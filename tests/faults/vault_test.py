"""A vault in a process of its own: a node with it, without it, and with one that is not its own.

Usage: vault_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import jalon

PROGRAM = os.path.abspath(sys.argv.pop(1))
PATIENCE_S = 60
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
# The longest that a call waits for a vault that says nothing (served/limits.h), on a busy machine.
NO_ANSWER_S = 15
KILLS = 8  # of a vault, later after its start each time
CANARY = "Zyxwvut"  # begins every personal value here
RETENTION_H = str(8 * 366 * 24)  # a school keeps seven years


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def files(*folders):
    for folder in folders:
        for root, _, names in os.walk(folder):
            paths = (os.path.join(root, name) for name in names)
            yield from (path for path in paths if os.path.isfile(path))  # no socket


def in_clear(folder):
    """Files of whatever process that hold a personal value of these tests, or are named so."""
    return [path for path in files(folder) if CANARY.encode() in path.encode() + read(path)]


class VaultProcess:
    """`jalon serve --roles=vault` on a folder of its own."""

    def __init__(self, folder, certificates):
        self.data, self.certificates = os.path.join(folder, "vault"), certificates
        self.log = os.path.join(folder, "vault.log")
        self.address = f"127.0.0.1:{free_port()}"
        self.process = None

    def words(self):
        return [PROGRAM, "serve", "--roles=vault", "--data", self.data,
                "--peer-listen", self.address, "--certificates", self.certificates]

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.words(), stdout=log, stderr=log)

    def end(self, how=signal.SIGTERM):
        if self.process is None or self.process.poll() is not None:
            return 0
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(how)
        return self.process.wait(timeout=30)

    def said(self):
        with open(self.log, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.startswith("{")]


class Vault(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(self.nothing_is_in_clear)  # runs once all processes have ended
        self.folder = folder.name
        self.jalon = jalon.Jalon(PROGRAM, self.folder)
        self.jalon.data = os.path.join(self.folder, "node")
        self.node = self.certificates("node", "n1")
        self.vault = VaultProcess(self.folder, self.certificates("vault", "v1"))
        self.addCleanup(self.vault.end)
        self.addCleanup(self.jalon.stop)

    def certificates(self, kind, name, authority="ca"):
        out = self.path(f"{name}-{authority}")
        issued = self.jalon.run("cert", "issue", "--ca", self.path(authority), "--kind", kind,
                                "--name", name, "--host", "127.0.0.1", "--out", out)
        self.assertEqual(issued.code, 0, str(issued))
        return out

    def path(self, name):
        return os.path.join(self.folder, name)

    def options(self, certificates=None):
        return ("--vault", self.vault.address, "--certificates", certificates or self.node,
                "--partitions", "2")

    def shows(self, ran, *parts, code=0):
        self.assertEqual(ran.code, code, str(ran))
        for part in parts:
            self.assertIn(part, ran.out + ran.err)
        return ran

    def await_true(self, what, check):
        give_up = time.monotonic() + PATIENCE_S
        while not check():
            self.assertLess(time.monotonic(), give_up, f"{what}: not within {PATIENCE_S} s")
            time.sleep(0.05)

    def health(self, name):
        """What the node's public port says of a name."""
        with grpc.insecure_channel(self.jalon.address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            return stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=10).status

    def await_health(self, status):
        self.await_true(f"health of the vault: {status}", lambda: self.health("vault") == status)

    def issue(self, *words):
        return self.shows(self.jalon.run("token", "issue", *words)).out.strip()

    def serve(self, *more):
        self.vault.start()
        self.jalon.serve(*self.options(), *more)
        self.await_health(SERVING)
        region = self.jalon.token = self.issue("--role", "REG")
        self.shows(self.jalon.run("school", "register", "--code", "CFP-NORD", "--name", "CFP"))
        self.jalon.token = self.issue("--role", "COO", "--school", "CFP-NORD", "--person",
                                      "00" * 7 + "01")
        return region

    def grant(self, name):
        """A command with personal content: it makes a key, and uses the look-up keys."""
        return self.jalon.run(
            "access", "grant", "--school", "CFP-NORD", "--whole-school",
            "--given-name", CANARY + name, "--family-name", CANARY, "--external-id", CANARY + name,
            "--role", "work-study-coordinator")

    def refused(self, ran):
        return self.shows(ran, "VAULT_UNAVAILABLE", code=5)

    def policy(self):
        """A query that needs no key."""
        return self.shows(self.jalon.run("school", "policy", "show"), "makeup_gate")

    def nothing_is_in_clear(self):
        self.assertEqual(in_clear(self.folder), [], "personal values in clear")

    def test_without_the_vault_nothing_is_sealed_and_the_rest_goes_on(self):
        self.serve()
        self.shows(self.grant("Ada"))
        self.assertEqual(self.vault.end(signal.SIGKILL), -signal.SIGKILL)
        self.refused(self.grant("Ben"))
        self.await_health(NOT_SERVING)
        self.assertEqual(self.health(""), SERVING)
        self.policy()
        # The day's key is at hand for up to a minute.
        self.shows(self.jalon.run("school", "policy", "set", "min_group", "6", "--from",
                                  "2099-01-01"))
        self.vault.start()
        self.await_health(SERVING)
        self.shows(self.grant("Cleo"))
        self.assertEqual(self.vault.end(), 0)
        self.assertEqual(self.jalon.stop(), 0)
        self.assertEqual(self.vault.said()[-1]["msg"], "ended")

        self.nothing_is_in_clear()
        self.assertTrue(any(b"CFP-NORD" in read(path) for path in files(self.jalon.data)),
                        "the search finds what is there")
        with open(self.path("planted"), "w", encoding="utf-8") as planted:
            planted.write(f"of {CANARY}Ada")
        self.assertEqual(in_clear(self.folder), [self.path("planted")])
        os.remove(self.path("planted"))
        self.assertFalse(os.path.exists(os.path.join(self.jalon.data, "keys")))

    def test_a_vault_that_is_paused_holds_up_nobody_for_long(self):
        self.serve()
        self.shows(self.grant("Ada"))
        self.vault.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.refused(self.grant("Ben"))
        self.assertLess(time.monotonic() - began, NO_ANSWER_S)
        self.await_health(NOT_SERVING)
        for _ in range(5):
            self.policy()
            began = time.monotonic()
            self.refused(self.grant("Ben"))
            self.assertLess(time.monotonic() - began, NO_ANSWER_S)
        self.vault.process.send_signal(signal.SIGCONT)
        self.await_health(SERVING)
        self.shows(self.grant("Ben"))

    def test_a_node_starts_without_its_vault(self):
        self.serve()
        self.shows(self.grant("Ada"))
        self.jalon.stop()
        self.vault.end()
        self.jalon.serve(*self.options())
        self.await_true("the node serves", lambda: self.health("") == SERVING)
        self.assertEqual(self.health("vault"), NOT_SERVING)
        self.policy()
        self.refused(self.grant("Ben"))
        self.vault.start()
        self.await_health(SERVING)
        self.shows(self.grant("Ben"))

    def test_another_vault_or_an_older_copy_is_refused(self):
        self.serve()
        self.vault.end()
        self.await_health(NOT_SERVING)
        shutil.copytree(self.vault.data, self.path("older"))
        self.vault.start()
        self.await_health(SERVING)
        self.shows(self.grant("Ada"))
        self.assertEqual(self.jalon.stop(), 0)
        self.vault.end()

        os.rename(self.vault.data, self.path("newest"))
        for folder, reason in ((None, "KEYS_MISSING"), ("older", "KEYS_OLDER")):
            if folder is not None:
                shutil.copytree(self.path(folder), self.vault.data)
            self.vault.start()
            self.assertEqual(self.jalon.serve_until_it_ends(*self.options()), 1)
            with open(self.jalon.log, encoding="utf-8") as log:
                self.assertIn(reason, log.read())
            self.vault.end()
            shutil.rmtree(self.vault.data)
        os.rename(self.path("newest"), self.vault.data)
        self.vault.start()
        self.jalon.serve(*self.options())
        self.await_health(SERVING)
        self.shows(self.grant("Ben"))

    def test_a_node_of_another_authority_gets_nothing(self):
        self.serve()
        self.jalon.stop()
        stranger = self.certificates("node", "n1", "other")
        self.jalon.serve(*self.options(stranger))
        self.await_true("the node serves", lambda: self.health("") == SERVING)
        self.refused(self.grant("Ada"))
        self.assertEqual(self.health("vault"), NOT_SERVING)

    def test_the_vault_tells_peers_how_it_is(self):
        self.vault.start()
        def check(certificates):
            credentials = grpc.ssl_channel_credentials(
                read(self.node + "/ca.crt"), read(certificates + "/node.key"),
                read(certificates + "/node.crt"))
            with grpc.secure_channel(self.vault.address, credentials) as channel:
                request = health_pb2.HealthCheckRequest(service="vault")
                stub = health_pb2_grpc.HealthStub(channel)
                return stub.Check(request, timeout=PATIENCE_S, wait_for_ready=True).status
        self.assertEqual(check(self.node), SERVING)
        self.assertEqual(subprocess.run(self.vault.words(), capture_output=True, timeout=60,
                                        check=False).returncode, 1, "one process on a folder")

    def key_of(self, person):
        """What the node says of a person's key; nothing while nobody knows."""
        shown = self.jalon.run("person", "show", person, "--output", "json")
        return shown.json["key"] if shown.code == 0 else str(shown)

    def until_today(self):
        today = self.jalon.run("clock", "show", "--output", "json").json["todayOn"]
        return "--until", f"{today // 10000}-{today // 100 % 100:02}-{today % 100:02}"

    def hire(self, name):
        """A teacher until today, whose retention is over in eight years."""
        return self.shows(self.jalon.run(
            "access", "grant", "--role", "teacher", "--whole-school", *self.until_today(),
            "--given-name", CANARY + name, "--family-name", CANARY, "--output", "json")).json[
                "result"]["created"][0]["personId"]

    def test_an_erasure_that_counts_is_done_whoever_dies_when(self):
        self.serve("--virtual-clock")
        ada, ben = (self.hire(name) for name in ("Ada", "Ben"))
        self.shows(self.jalon.run("clock", "advance", "--hours", RETENTION_H))
        self.shows(self.jalon.run("person", "request-erasure", ada))
        second = self.issue("--role", "COO", "--school", "CFP-NORD", "--person", "00" * 7 + "02")
        first, self.jalon.token = self.jalon.token, second
        # The vault dies before it can be asked; what the command needs of it is at hand.
        self.vault.end(signal.SIGKILL)
        self.shows(self.jalon.run("person", "erase", ada))
        self.jalon.token = first
        shown = self.jalon.run("person", "show", ada, "--output", "json").json
        self.assertEqual(shown["erased"]["type"], "PersonKeyDestroyed")
        self.assertNotEqual(shown["key"], "PERSON_KEY_STATE_DESTROYED")
        self.jalon.server.kill()
        self.jalon.server.wait()
        self.jalon.serve(*self.options())
        for turn in range(KILLS):
            self.vault.start()
            time.sleep(0.3 + turn * 0.25)
            self.vault.end(signal.SIGKILL)
        self.vault.start()
        self.await_true("the key is destroyed",
                        lambda: self.key_of(ada) == "PERSON_KEY_STATE_DESTROYED")
        self.assertEqual(self.key_of(ben), "PERSON_KEY_STATE_KEPT")
        # Of the school one epoch is left, whichever kill came in between.
        self.assertEqual(len(list(files(os.path.join(self.vault.data, "keys.epochs")))), 1)
        self.assertEqual(self.jalon.stop(), 0)
        self.assertEqual(self.vault.end(), 0)

    def test_a_vault_guards_its_own_keys(self):
        self.serve()
        self.jalon.stop()
        self.vault.end()
        shutil.rmtree(os.path.join(self.vault.data, "keys"))
        self.vault.start()
        self.assertEqual(self.vault.process.wait(timeout=60), 1)
        self.assertEqual(self.vault.said()[-1]["reason"], "KEYS_MISSING")
        # A certificate that no node would take for a vault's.
        self.vault.data, self.vault.certificates = self.path("fresh"), self.node
        self.vault.start()
        self.assertEqual(self.vault.process.wait(timeout=60), 1)
        self.assertEqual(self.vault.said()[-1]["reason"], "CERTIFICATE_IS_ANOTHER")

    def test_a_torn_end_of_the_keys_is_cut(self):
        self.serve()
        self.shows(self.grant("Ada"))
        self.vault.end(signal.SIGKILL)
        self.await_health(NOT_SERVING)
        jalon.tear(os.path.join(self.vault.data, "keys"))
        self.vault.start()
        self.assertEqual(self.vault.process.wait(timeout=60), 1)
        self.assertIn("jalon vault repair", str(self.vault.said()[-1]))
        repair = ("--data", self.vault.data, "--output", "json", "vault", "repair", "--cut-tail")
        cut = self.shows(self.jalon.run(*repair)).json
        self.assertEqual(cut["witness"], os.path.join(self.vault.data, "keys.witness"))
        self.vault.start()
        self.await_health(SERVING)
        self.shows(self.grant("Ben"))


if __name__ == "__main__":
    unittest.main()
