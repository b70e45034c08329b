"""A node whose brokers are gone: it says so, ends in time when it is told to, and otherwise goes on
by itself once they are back.

Usage: brokers_gone_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "feed"), os.path.join(HERE, "..", "clients")]

from jalon_client import Client, uuid7  # noqa: E402
from kafka import Broker, Node  # noqa: E402
from school import School  # noqa: E402

JALON = os.path.abspath(sys.argv.pop(1))
SCHOOLS = 6
# Calls that are out get 10 s; then a claim that cannot be made is waited for 5 s (limits.h), behind
# one call to brokers that do not answer, 10 s; the rest of the end is short. With room for a busy
# machine.
END_S = 45
BACK_S = 60


class Load:
    """Commands at several schools, one at a time at each; how they were answered."""

    def __init__(self, address, schools):
        self.accepted, self.others = 0, []
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(address, school), daemon=True)
                         for school in schools]
        for thread in self._threads:
            thread.start()

    def _run(self, address, school):
        client, number = Client(address), 0
        while not self._stop.is_set():
            number += 1
            answer = client.command(
                "jalon.company.v1.CompanyService/RegisterHostCompany",
                {"name": f"Garage {number}", "site": f"{number}, rue A"}, school.coordinator,
                request_id=uuid7(), timeout=30)
            with self._lock:
                if answer.ok:
                    self.accepted += 1
                else:
                    self.others.append((answer.code.name, answer.reason))
            if not answer.ok:
                time.sleep(0.05)
        client.close()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()


class BrokersGone(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.broker = Broker(folder.name)
        self.addCleanup(self.broker.down)
        self.node = Node(JALON, os.path.join(folder.name, "node"), self.broker, "gone")
        self.addCleanup(self.node.out.close)
        self.addCleanup(lambda: self.node.process.poll() is None and self.node.kill())
        client = Client(self.node.address)
        self.schools = [School(self.node, client, f"CFP-{i}") for i in range(SCHOOLS)]
        client.close()

    def brokers(self, verb):
        subprocess.run([os.path.join(HERE, "../../deploy/kafka/broker"), verb, "1", "--folder",
                        self.broker.folder], check=True, stdout=subprocess.DEVNULL)

    def ends_in_time(self):
        began = time.monotonic()
        self.node.process.send_signal(signal.SIGTERM)
        try:
            code = self.node.process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            stacks = subprocess.run(["gdb", "-p", str(self.node.process.pid), "-batch", "-ex",
                                     "thread apply all bt 12"], capture_output=True, text=True,
                                    check=False)
            self.fail(f"it had not ended after {END_S} s\n{stacks.stdout}")
        print(f"ended after {time.monotonic() - began:.1f} s", flush=True)
        with open(self.node.out.name, encoding="utf-8", errors="replace") as out:
            self.assertEqual(code, 0, out.read()[-4000:])

    def test_an_idle_node_ends(self):
        self.brokers("kill")
        time.sleep(2)
        self.ends_in_time()

    def test_a_node_with_commands_out_ends_and_answers_them(self):
        load = Load(self.node.address, self.schools)
        time.sleep(1)
        self.brokers("kill")
        time.sleep(0.5)
        before = load.accepted
        self.assertGreater(before, 0)
        self.ends_in_time()
        load.stop()
        self.assertLessEqual(load.accepted, before + SCHOOLS)
        self.assertTrue(load.others)
        self.assertEqual({code for code, _ in load.others} - {"UNAVAILABLE", "UNKNOWN"}, set())

    def test_a_node_that_waits_to_claim_again_ends(self):
        load = Load(self.node.address, self.schools)
        time.sleep(1)
        self.brokers("kill")
        time.sleep(12)  # the producer gave its messages up, and claims are tried
        self.ends_in_time()
        load.stop()

    def test_a_node_goes_on_by_itself(self):
        load = Load(self.node.address, self.schools)
        time.sleep(1)
        self.brokers("kill")
        time.sleep(1)
        before = load.accepted
        time.sleep(11)
        self.assertEqual(load.accepted, before, "the fault did not bite")
        self.brokers("start")
        began = time.monotonic()
        while load.accepted < before + 10 * SCHOOLS and time.monotonic() < began + BACK_S:
            time.sleep(0.05)
        print(f"commands again after {time.monotonic() - began:.1f} s", flush=True)
        self.assertGreaterEqual(load.accepted, before + 10 * SCHOOLS)
        load.stop()
        self.assertEqual(self.node.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
