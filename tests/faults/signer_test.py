"""The signer as a process of its own, on a log on Kafka that other nodes write: receipts,
checkpoints, exports and the root log at a node without the key; the signer killed; and two signers
with one key at once.

Usage: signer_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# This folder first: that of the command line has a vault_test, too.
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cli"), os.path.join(HERE, "..", "feed")]

import grpc  # noqa: E402
from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
import jalon  # noqa: E402
import jalon_test  # noqa: E402  (takes the program's name)
import trail_school  # noqa: E402
from kafka import Broker  # noqa: E402

sys.argv.insert(1, jalon_test.PROGRAM)  # which that one takes too
from vault_test import CANARY, VaultProcess, free_port, in_clear  # noqa: E402

PATIENCE_S = 60
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SUPERSEDED = "another signer has claimed after this one"


class Signer(trail_school.TrailSchool):
    """A node that writes and has no key, which calls go to; a vault; a process that signs."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.broker = Broker(cls.folder.name)
        cls.log = f"kafka://{cls.broker.addresses}/signed"
        cls.jalon = cls.made("a")
        cls.vault = VaultProcess(cls.folder.name, cls.certificates("vault", "v1"))
        cls.vault.start()
        cls.ran("log", "init", cls.log, "--unsafe-single-broker", "--partitions", "4")
        cls.serve(cls.jalon, "--roles=writer,query,relay")
        cls.signer = cls.made("s")
        cls.ran("signer", "init", JALON_DATA=cls.signer.data)
        cls.serve_signer(cls.signer)
        cls.found()

    @classmethod
    def tearDownClass(cls):
        codes = [cls.signer.stop(), cls.jalon.stop(), cls.vault.end()]
        cls.broker.down()
        clear = in_clear(cls.folder.name)  # the broker's files, and exports and receipts, too
        cls.folder.cleanup()
        assert codes == [0, 0, 0], f"SIGTERM: {codes}"
        assert not clear, f"personal values in clear: {clear}"

    @classmethod
    def made(cls, name):
        under = os.path.join(cls.folder.name, name)
        os.mkdir(under)
        node = jalon.Jalon(jalon_test.PROGRAM, under)
        node.name = name
        return node

    @classmethod
    def ran(cls, *words, **environment):
        ran = cls.jalon.run(*words, **environment)
        assert ran.code == 0, f"{words}: {ran}"
        return ran

    @classmethod
    def certificates(cls, kind, name):
        out = os.path.join(cls.folder.name, f"certificates-{name}")
        if not os.path.exists(out):
            cls.ran("cert", "issue", "--ca", os.path.join(cls.folder.name, "ca"), "--kind", kind,
                    "--name", name, "--host", "127.0.0.1", "--out", out)
        return out

    @classmethod
    def serve(cls, node, *options):
        node.serve("--log", cls.log, "--unsafe-single-broker", "--vault", cls.vault.address,
                   "--certificates", cls.certificates("node", node.name),
                   "--peer-listen", f"127.0.0.1:{free_port()}", "--publish-seconds", "1", *options)

    @classmethod
    def serve_signer(cls, node):
        cls.serve(node, "--roles=signer", "--token-keys",
                  os.path.join(cls.jalon.data, "token.key.pub"))

    def await_true(self, what, check):
        give_up = time.monotonic() + PATIENCE_S
        while not check():
            self.assertLess(time.monotonic(), give_up, f"{what}: not within {PATIENCE_S} s")
            time.sleep(0.1)

    def health(self, node):
        with grpc.insecure_channel(node.address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            return stub.Check(health_pb2.HealthCheckRequest(service="signer"), timeout=10).status

    def receipt_of(self, comment):
        """A report at the node without the key: its receipt, or None while it is to come."""
        result = self.reported(CANARY + comment, "--receipts", str(self.held))["result"]
        self.last = result["receipts"][0]
        return None if result["receiptPending"] else self.last

    def await_receipts(self):
        self.await_true("receipts", lambda: self.receipt_of("is anybody there") is not None)

    def setUp(self):
        super().setUp()
        self.held = self.under / "held"
        self.await_receipts()

    def said(self, node):
        return pathlib.Path(node.log).read_text(encoding="utf-8").count(SUPERSEDED)

    def export_at(self, node, name):
        folder = str(self.under / name)
        ran = self.jalon.run("--output", "json", "trail", "export", self.company, folder,
                             JALON_TOKEN=self.auditor, JALON_SERVER=node.address)
        self.assertEqual(ran.code, 0, str(ran))
        return folder, ran.json["verifierKey"]

    def held_proofs(self):
        return [word for file in sorted(self.held.glob("*.tlog-proof"))
                for word in ("--receipt", str(file))]

    def test_a_node_without_the_key_answers_with_what_is_signed(self):
        receipt = self.receipt_of("signed elsewhere")
        self.assertIsNotNone(receipt, "within a quarter of a second")
        later = ("--output", "json", "trail", "receipt", self.company, receipt["index"])
        again = self.jalon.run(*later, JALON_TOKEN=self.tutor)
        self.assertEqual(again.json["receipt"]["entry"], receipt["entry"])
        stranger = self.jalon.run("--school", "CFP-NORD", *later, JALON_TOKEN=self.stranger)
        self.shows(stranger, "NOT_FOUND", code=3)
        kept = str(self.under / "kept")
        self.shows(self.jalon.run("trail", "checkpoint", self.company, "--out", kept), "+")
        # The signer publishes, by way of the node that owns the system partition.
        size = self.root_size()
        self.report(CANARY + " grows")
        self.await_true("the root log grows", lambda: self.root_size() > size)
        for node, name in ((self.jalon, "export"), (self.signer, "at-the-signer")):
            folder, key = self.export_at(node, name)
            valid = self.verify(folder, key, "--key", receipt["verifierKey"], "--published",
                                "--key", self.root()["verifierKey"], "--checkpoint", kept,
                                *self.held_proofs())
            self.shows(valid, "VALID")
        self.assertEqual(self.health(self.signer), SERVING)
        self.assertEqual(self.health(self.jalon), NOT_SERVING)

    def test_a_node_without_the_key_exports_what_was_accepted_this_moment(self):
        for comment in ("one", "two", "three"):
            index = int(self.receipt_of(comment)["index"])
            folder, key = self.export_at(self.jalon, comment)
            note = (pathlib.Path(folder) / "checkpoint").read_text(encoding="utf-8")
            self.assertGreater(int(note.splitlines()[1]), index)
            self.shows(self.verify(folder, key, "--published", "--key",
                                   self.root()["verifierKey"]), "VALID")
        stranger = self.jalon.run("--school", "CFP-NORD", "trail", "export", self.company,
                                  str(self.under / "hers"), JALON_TOKEN=self.stranger)
        self.shows(stranger, "NOT_FOUND", code=3)

    def root(self):
        got = self.jalon.run("--output", "json", "trail", "root")
        self.assertEqual(got.code, 0, str(got))
        return got.json["checkpoint"]

    def root_size(self):
        return int(self.root()["size"])

    def no_export(self):
        """Nobody signs: the export is refused in words, and leaves nothing behind."""
        folder = self.under / "none"
        for language, what in (("en", "start the node that was given the signing key"),
                               ("fr", "démarrez le nœud qui a reçu la clé de signature")):
            refused = self.jalon.run("--lang", language, "trail", "export", self.company,
                                     str(folder), JALON_TOKEN=self.auditor)
            self.shows(refused, "SIGNER_ELSEWHERE", code=5)
            self.shows(refused, what, code=5)
        self.assertFalse(folder.exists())

    def test_a_killed_signer_is_missed_and_gives_later_what_is_owed(self):
        self.signer.server.send_signal(signal.SIGSTOP)  # whoever asks now has no answer
        try:
            self.no_export()
        finally:
            self.signer.server.send_signal(signal.SIGKILL)
            self.signer.server.wait()
        self.await_true("receipts are pending", lambda: self.receipt_of("nobody") is None)
        owed = self.last
        ask = ("--output", "json", "trail", "receipt", self.company, owed["index"])
        self.shows(self.jalon.run(*ask, JALON_TOKEN=self.tutor), "SIGNER_ELSEWHERE", code=5)
        self.no_export()
        self.serve_signer(self.signer)
        self.await_receipts()
        late = self.jalon.run(*ask, JALON_TOKEN=self.tutor)
        self.assertEqual(late.code, 0, str(late))
        self.assertTrue(late.json["receipt"]["tlogProof"])

    def test_of_two_signers_with_one_key_the_later_signs_and_both_agree(self):
        key_of_receipts = self.receipt_of("by the first")["verifierKey"]
        kept = str(self.under / "kept")
        self.shows(self.jalon.run("trail", "checkpoint", self.company, "--out", kept), "+")
        said = self.said(self.signer)
        self.assertEqual(self.signer.stop(), 0)
        second = self.made("t")
        os.mkdir(second.data)
        shutil.copytree(os.path.join(self.signer.data, "signer"),
                        os.path.join(second.data, "signer"))
        self.serve_signer(self.signer)
        self.await_receipts()
        self.serve_signer(second)
        try:
            self.await_true("the first one stops",
                            lambda: self.health(self.signer) == NOT_SERVING)
            self.assertEqual(self.health(second), SERVING)
            self.await_receipts()
            self.receipt_of("by the second")
            self.assertEqual(self.said(self.signer), said + 1)
            self.assertEqual(self.said(second), 0)
            folder, key = self.export_at(second, "two")
            # The first one has the key, and does not sign with it any more.
            self.assertEqual(self.export_at(self.signer, "asks-the-second")[1], key)
        finally:
            second.server.kill()
            second.server.wait()
        # Whoever starts again claims again; each with its own memory signs one history.
        self.assertEqual(self.signer.stop(), 0)
        self.serve_signer(self.signer)
        self.await_receipts()
        latest, same = self.export_at(self.signer, "latest")
        self.assertEqual(same, key)
        earlier = ("--checkpoint", kept, "--checkpoint", os.path.join(folder, "checkpoint"))
        valid = self.verify(latest, key, "--key", key_of_receipts, *earlier, *self.held_proofs())
        self.shows(valid, "VALID")


if __name__ == "__main__":
    unittest.main()
