"""The signer killed and stopped at every point on its way to the disk: while it signs and
publishes, at its start, and while its key is changed; on the embedded log, where it is a thread of
the server, and as a process of its own on a real Kafka.

Usage: signer_points_test.py JALON DIES_AT [CLASS]     (with the environment of ./dev setup)
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

LIBRARY = os.path.abspath(sys.argv.pop(2))

import points  # noqa: E402
import signer_test  # noqa: E402  (takes JALON, and adds the folders of the others)
import jalon  # noqa: E402
import jalon_test  # noqa: E402
import trail_school  # noqa: E402

NOT_ANSWERED = 5  # what the program exits with where no server answers, or not yet
PUBLISHES = ("--publish-seconds", "1")


def root_size(node):
    """Of the root log; -1 while nobody says."""
    got = node.run("--output", "json", "trail", "root")
    return int(got.json["checkpoint"]["size"]) if got.code == 0 else -1


class Holder:
    """Who keeps what got out: every receipt, and every checkpoint."""

    def __init__(self, folder):
        self.receipts, self.kept = folder / "receipts", folder / "kept"
        self.kept.mkdir(parents=True)

    def keep_checkpoint(self, node, company):
        path = self.kept / str(len(list(self.kept.iterdir())))
        node.run("trail", "checkpoint", company, "--out", str(path))

    def asked(self):
        files = [("--receipt", file) for file in sorted(self.receipts.glob("*.tlog-proof"))]
        files += [("--checkpoint", file) for file in sorted(self.kept.iterdir())]
        return [str(word) for pair in files for word in pair]

    def receipts_key(self, node):
        """The verifier key by which the receipts hold."""
        held = next(iter(self.receipts.glob("*.tlog-proof"))).read_text(encoding="utf-8")
        origin = held.split("\n\n")[1].splitlines()[0]
        shown = node.run("--output", "json", "signer", "show", "--origin", origin)
        assert shown.code == 0, str(shown)
        return shown.json["verifierKey"]


class Embedded(trail_school.TrailSchool):
    """A server alone on its log, and an operator who changes its key."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.jalon = jalon.Jalon(jalon_test.PROGRAM, cls.folder.name)
        order = os.path.join(cls.folder.name, "order")
        cls.server_points = points.Points(LIBRARY, order, cls.jalon.data + "/")
        cls.signer_points = points.Points(LIBRARY, order, cls.jalon.data + "/signer/")
        cls.jalon.serve(*PUBLISHES)
        cls.found()

    def serve(self, at=None):
        self.jalon.before = at.words if at else ()
        self.jalon.serve(*PUBLISHES)

    def end(self):
        self.assertEqual(self.jalon.stop(), 0)

    def setUp(self):
        super().setUp()
        self.holder = Holder(self.under)
        if self.jalon.server.poll() is not None:  # the test before failed
            self.serve()

    def tried(self, comment, *named):
        estimate = {
            "stayId": self.stay,
            "objective": "o1",
            "observedOn": self.today_on,
            "words": {"clear": {"word": "alone", "comment": comment}},
        }
        return self.jalon.run(
            *("--output", "json", "--receipts", str(self.holder.receipts)),
            *("call", "ReportFormativeEstimate", *named, "--json", json.dumps(estimate)),
            JALON_TOKEN=self.tutor)

    def report_held(self, comment, *named):
        """A report that must be accepted; its receipt is kept. It may be to come, where the signer
        has only begun: a repeat has it."""
        def has_it():
            nonlocal ran
            self.assertEqual(ran.code, 0, str(ran))
            if not ran.json["result"]["receiptPending"]:
                return True
            ran = self.tried(comment, "--request-id", ran.json["requestId"])
            return False

        ran = self.tried(comment, *named)
        self.await_true(has_it)

    def holds(self, name, *more):
        """All that was kept, of what is exported now."""
        folder, key = self.export(name)
        keys = more or ("--key", self.holder.receipts_key(self.jalon))
        asked = self.holder.asked()
        ran = self.verify(folder, key, "--output", "json", *keys, *asked)
        self.assertEqual(ran.code, 0, str(ran))
        self.assertEqual(2 * (int(ran.json["receiptsChecked"]) + int(ran.json["olderChecked"])),
                         len(asked))

    def test_what_was_signed_holds_wherever_the_server_died(self):
        self.end()
        self.serve(self.server_points)
        unanswered = []

        def report(at):
            size = root_size(self.jalon)
            ran = self.tried(f"point {at}")
            self.holder.keep_checkpoint(self.jalon, self.company)
            died = lambda: points.is_killed(self.jalon.server)
            # The publication follows within a second.
            self.await_true(lambda: died() or root_size(self.jalon) > size)
            self.server_points.forget()
            if not died():
                return False
            self.serve(self.server_points)
            if ran.code == NOT_ANSWERED:
                unanswered.append(at)
                told = json.loads(ran.out).get("requestId", "")
                self.report_held(f"point {at}", *(("--request-id", told) if told else ()))
            else:
                self.assertEqual(ran.code, 0, str(ran))
            self.holder.keep_checkpoint(self.jalon, self.company)
            return True

        count = self.server_points.visit("kill", report)
        # A record is synced, what is signed of it, a publication, what is signed of that.
        self.assertGreaterEqual(count, 7)
        self.assertGreater(len(unanswered), 0)
        # What follows would meet the point that the last report did not.
        self.jalon.server.kill()
        self.jalon.server.wait()
        self.serve()
        self.holds("signed")
        print(f"a report and its publication: killed at {points.OF} {count} points, "
              f"{len(unanswered)} without an answer")

    def test_a_start_that_dies_claims_again(self):
        self.report_held("before")

        def start(_):
            self.end()
            try:
                self.serve(self.signer_points)
                return False
            except RuntimeError:
                self.assertTrue(points.is_killed(self.jalon.server))
            self.signer_points.forget()
            self.serve()
            self.report_held("after")
            return True

        count = self.signer_points.visit("kill", start)
        self.assertGreater(count, 0)
        self.holds("started")
        print(f"a start: killed at {points.OF} {count} points")

    def key_is_changed(self, *words):
        """By an operator, server stopped; whether the program died on the way. Then it is changed
        by another try."""
        done = subprocess.run(
            [*self.signer_points.words, self.jalon.program, "signer", *words],
            capture_output=True, text=True, timeout=60, env=self.jalon.environment(), check=False)
        if done.returncode != -signal.SIGKILL:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return False
        return True

    def test_a_key_that_is_changed_is_one_key_wherever_the_change_died(self):
        self.report_held("by the first key")
        receipts_key = self.holder.receipts_key(self.jalon)
        _, first = self.export("first")
        died = {"rotate": 0, "retire": 0}
        # What had been done when it died is not done again.
        is_done = {"rotate": "jalon signer retire", "retire": "one key signs"}

        changes = []

        def change(at):
            changes.append(at)
            self.end()
            reached = False
            for word, lines in (("rotate", "two lines"), ("retire", "one line")):
                self.signer_points.order_at(at, "kill")
                if self.key_is_changed(word):
                    reached = True
                    died[word] += 1
                    again = self.jalon.run("signer", word)
                    if again.code != 0:
                        self.shows(again, is_done[word], code=again.code)
                self.signer_points.forget()
                self.serve()
                self.report_held(lines)
                self.holder.keep_checkpoint(self.jalon, self.company)
                if word == "rotate":
                    self.end()
            return reached

        self.signer_points.visit("kill", change)
        self.assertGreater(min(died.values()), 2)
        rotations = self.jalon.run("--output", "json", "signer", "show").json["rotations"]
        # A change that died and went on is one: no old key vouches for two.
        notes = list(pathlib.Path(self.jalon.data, "signer").glob("rotation.*"))
        self.assertEqual(len(notes), len(changes))
        self.assertEqual(len(rotations), len(changes))
        chain = []
        for number, note in enumerate(rotations):
            file = self.under / f"rotation{number}"
            file.write_text(note, encoding="utf-8")
            chain += ["--rotation", str(file)]
        folder, _ = self.export("changed")
        ran = self.verify(folder, first, "--key", receipts_key, *chain, *self.holder.asked())
        self.shows(ran, "VALID")
        print(f"a key is changed: killed at {died} points")

    def await_true(self, check):
        give_up = time.monotonic() + signer_test.PATIENCE_S
        while not check():
            self.assertLess(time.monotonic(), give_up)
            time.sleep(0.05)


class Process(signer_test.Signer):
    """A process that signs what another one writes."""

    @classmethod
    def made(cls, name):
        node = super().made(name)
        if name == "s":
            cls.points = points.Points(LIBRARY, os.path.join(cls.folder.name, "order"),
                                       node.data + "/signer/")
            node.before = cls.points.words
        return node

    def test_what_was_signed_holds_wherever_the_signer_died_or_stopped(self):
        holder = Holder(self.under)
        holder.receipts = self.held
        pending = []

        def sign(_):
            size = root_size(self.jalon)
            if self.receipt_of("at a point") is None:
                pending.append(self.last["index"])
            holder.keep_checkpoint(self.jalon, self.company)
            over = lambda: (points.is_killed(self.signer.server) or
                            points.is_stopped(self.signer.server))
            self.await_true("published", lambda: over() or root_size(self.jalon) > size)
            self.points.forget()
            if not over():
                return False
            if points.is_killed(self.signer.server):
                self.serve_signer(self.signer)
            else:
                self.signer.server.send_signal(signal.SIGCONT)
            self.await_receipts()
            holder.keep_checkpoint(self.jalon, self.company)
            return True

        for how in ("kill", "stop"):
            count = self.points.visit(how, sign)
            self.assertGreaterEqual(count, 3, "of receipts, and of a publication")
            print(f"a report and its publication: {how} at {points.OF} {count} points")
        self.assertTrue(pending)
        for index in pending:  # what is owed is given
            late = self.jalon.run("--output", "json", "trail", "receipt", self.company, index,
                                  JALON_TOKEN=self.tutor)
            self.assertEqual(late.code, 0, str(late))
        folder, key = self.export_at(self.signer, "points")
        valid = self.verify(folder, key, "--key", self.last["verifierKey"], *holder.asked())
        self.shows(valid, "VALID")


# Only what is of points.
for name in [name for name in dir(signer_test.Signer) if name.startswith("test_")]:
    setattr(Process, name, None)

if __name__ == "__main__":
    unittest.main()
