"""./dev kafka: up, status and down, as a person types them.

  broker_test.py
"""

import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def runs(pid):
    """Of a process that ended and that nobody waited for yet, no words are left."""
    try:
        return bool(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


class DevKafka(unittest.TestCase):
    def setUp(self):
        self.above = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self.above.name, "cluster")

    def tearDown(self):
        if os.path.exists(self.folder):
            self.broker("down")
        self.above.cleanup()

    def kafka(self, verb, *words):
        """What `./dev kafka` exits with and says; it leaves the cluster of the checkout alone."""
        done = subprocess.run([ROOT / "dev", "kafka", verb, *words, "--folder", self.folder],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout.strip(), done.stderr

    def broker(self, *words):
        subprocess.run([ROOT / "deploy/kafka/broker", *words, "--folder", self.folder], check=True)

    def test_up_status_down(self):
        code, _, said = self.kafka("status")
        self.assertEqual(code, 1)
        self.assertIn("start one by `up`", said)

        code, address, said = self.kafka("up", "--while", str(os.getpid()))
        self.assertEqual(code, 0, said)
        host, port = address.split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        code, first, _ = self.kafka("status")
        self.assertEqual(code, 0)
        self.assertRegex(first, f"^broker 1  {re.escape(address)}  process [0-9]+$")

        code, again, said = self.kafka("up")
        self.assertEqual((code, again), (0, address), said)
        self.assertEqual(self.kafka("status")[1], first, "another process")
        code, _, said = self.kafka("up", "--brokers", "3")
        self.assertEqual(code, 1)
        self.assertIn("is a cluster of 1: stop it first", said)

        self.broker("kill", "1")
        code, killed, _ = self.kafka("status")
        self.assertEqual((code, killed), (1, f"broker 1  {address}  down"))
        code, again, said = self.kafka("up")
        self.assertEqual((code, again), (0, address), said)
        process = int(self.kafka("status")[1].rpartition(" ")[2])

        code, _, said = self.kafka("down")
        self.assertEqual(code, 0, said)
        self.assertFalse(os.path.exists(self.folder), "its data is there")
        self.assertFalse(runs(process), "it runs")
        code, _, said = self.kafka("down")
        self.assertEqual(code, 1)
        self.assertIn("there is no cluster in", said)

    def test_bad_words(self):
        for words, status, hint in ((["sideways"], 2, "wants up, status or down"),
                                    (["up", "--brokers", "2"], 2, "invalid choice: 2")):
            code, _, said = self.kafka(*words)
            self.assertEqual(code, status)
            self.assertIn(hint, said)
            self.assertFalse(os.path.exists(self.folder))


if __name__ == "__main__":
    unittest.main(verbosity=2)
