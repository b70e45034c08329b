"""The server is killed while tutors report: what was signed before holds of what is there after.

Usage: trail_kill_test.py JALON
"""

import json
import pathlib
import random
import threading
import time
import unittest

import trail_school

KILLS = 6
TUTORS = 3  # who report at once, through programs of their own
NOT_ANSWERED = 5  # what the program exits with where no server answers, or not yet


class Killed(trail_school.TrailSchool):
    """Reports that bring receipts, and checkpoints that are kept, over kills."""

    def setUp(self):
        super().setUp()
        self.receipts = self.under / "receipts"
        self.kept = self.under / "kept"
        self.kept.mkdir()
        self.ends = threading.Event()
        self.reported_count = 0
        self.unanswered = 0
        self.odd = []
        self.lock = threading.Lock()

    def report_on_and_on(self, number):
        """Each report is sent again, under its id, until it is answered."""
        count = 0
        while not self.ends.is_set():
            count += 1
            estimate = {
                "stayId": self.stay,
                "objective": "o1",
                "observedOn": self.today_on,
                "words": {"clear": {"word": "alone", "comment": f"{number}.{count}"}},
            }
            named = ()
            while True:
                ran = self.jalon.run(
                    *("--output", "json", "--receipts", str(self.receipts)),
                    *("call", "ReportFormativeEstimate", *named, "--json"),
                    json.dumps(estimate),
                    JALON_TOKEN=self.tutor,
                )
                with self.lock:
                    if ran.code == 0:
                        self.reported_count += 1
                    elif ran.code == NOT_ANSWERED:
                        self.unanswered += 1
                    else:
                        self.odd.append(str(ran))
                if ran.code != NOT_ANSWERED:
                    break
                # The id stands where the answer would: the outcome is unknown.
                told = json.loads(ran.out).get("requestId", "")
                named = ("--request-id", told) if told else named
                time.sleep(0.05)

    def keep_checkpoints(self):
        count = 0
        while not self.ends.is_set():
            count += 1
            path = self.kept / f"{count}.checkpoint"
            self.jalon.run("trail", "checkpoint", self.company, "--out", str(path))
            time.sleep(0.02)

    def test_what_was_signed_is_there_whenever_the_server_was_killed(self):
        threads = [threading.Thread(target=self.keep_checkpoints)]
        for number in range(TUTORS):
            threads.append(threading.Thread(target=self.report_on_and_on, args=(number,)))
        for thread in threads:
            thread.start()
        try:
            for _ in range(KILLS):
                # A kill that comes before anybody reported shows nothing.
                before = self.reported_count
                self.assertTrue(self.wait_until(lambda: self.reported_count > before + 2))
                time.sleep(random.random() / 2)
                self.jalon.server.kill()
                self.jalon.server.wait()
                self.jalon.serve()
            before = self.reported_count
            self.assertTrue(self.wait_until(lambda: self.reported_count > before + TUTORS))
        finally:
            self.ends.set()
            for thread in threads:
                thread.join()
        self.assertEqual(self.odd, [])
        receipts = sorted(map(str, self.receipts.glob("*.tlog-proof")))
        kept = sorted(map(str, self.kept.iterdir()))
        folder, key = self.export()
        origin = pathlib.Path(receipts[0]).read_text(encoding="utf-8").split("\n\n")[1]
        shown = self.jalon.run("signer", "show", "--origin", origin.splitlines()[0])
        receipts_key = next(word for word in shown.out.split() if word.startswith(origin[:32]))
        asked = [word for file in receipts for word in ("--receipt", file)]
        asked += [word for file in kept for word in ("--checkpoint", file)]
        verified = self.jalon.run(
            *("verify", folder, "--output", "json", "--key", key, "--key", receipts_key, *asked)
        )
        self.assertEqual(verified.code, 0, str(verified))
        self.assertEqual(int(verified.json["receiptsChecked"]), len(receipts))
        self.assertEqual(int(verified.json["olderChecked"]), len(kept))
        # It bit: reports were out when the server died, and each answered one is in the trail once.
        self.assertGreater(self.unanswered, 0)
        self.assertGreater(len(receipts), 2 * KILLS)
        self.assertGreater(len(kept), KILLS)
        self.assertGreaterEqual(int(verified.json["size"]), self.reported_count)
        print(
            f"{KILLS} kills, {self.unanswered} calls without an answer: {len(receipts)} receipts "
            f"and {len(kept)} checkpoints hold of {verified.json['size']} entries"
        )

    def wait_until(self, came):
        for _ in range(600):
            if came():
                return True
            time.sleep(0.05)
        return False


if __name__ == "__main__":
    unittest.main()
