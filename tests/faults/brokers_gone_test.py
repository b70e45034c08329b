"""A node whose brokers are gone: it says so, ends in time when it is told to, and otherwise goes on
by itself once they are back. And one whose log is not what it was: it ends, and says what to do.

Usage: brokers_gone_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import glob
import json
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

import grpc  # noqa: E402
from jalon_client import Client, uuid7  # noqa: E402
from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
from kafka import ANALYST, Broker, Node  # noqa: E402
from school import School  # noqa: E402

JALON = os.path.abspath(sys.argv.pop(1))
PARTITIONS = 64  # as many as a log has that nobody wished otherwise for
SCHOOLS = 64
# Calls that are out get 10 s; then a claim that cannot be made is waited for 5 s (limits.h), behind
# one call to brokers that do not answer, 10 s; the rest of the end is short. With room for a busy
# machine.
END_S = 45
BACK_S = 60
# A cut is believed after 10 s (options.h); a broker starts in 4 to 15 s.
FOUND_OUT_S = 60
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

DELETE_RECORDS = """
import sys
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
for done in admin.delete_records([TopicPartition(sys.argv[2], 0, 1)]).values():
    done.result()
"""
# Entry{record: Record{level: 99, epoch_id: 32 bytes, prev_hash: 32 bytes}}, see log.proto.
WRITE_NEWER = """
import sys
from confluent_kafka import Producer
producer = Producer({"bootstrap.servers": sys.argv[1]})
record = b"\\x08\\x63" + b"\\x1a\\x20" + bytes(32) + b"\\x2a\\x20" + bytes(32)
entry = b"\\x1a" + bytes([len(record)]) + record
producer.produce(sys.argv[2], entry, partition=0)
assert producer.flush(20) == 0
"""


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


class OnABroker(unittest.TestCase):
    """A node alone on a broker of its own, with schools."""

    PARTITIONS, SCHOOLS = PARTITIONS, SCHOOLS

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.broker = Broker(folder.name)
        self.addCleanup(self.broker.down)
        self.node = Node(JALON, os.path.join(folder.name, "node"), self.broker, "gone",
                         self.PARTITIONS)
        self.addCleanup(self.node.out.close)
        self.addCleanup(lambda: self.node.process.poll() is None and self.node.kill())
        client = Client(self.node.address)
        self.schools = [School(self.node, client, f"CFP-{i}") for i in range(self.SCHOOLS)]
        client.close()

    def brokers(self, verb):
        subprocess.run([os.path.join(HERE, "../../deploy/kafka/broker"), verb, "1", "--folder",
                        self.broker.folder], check=True, stdout=subprocess.DEVNULL)

    def said(self):
        with open(self.node.out.name, encoding="utf-8", errors="replace") as out:
            return out.read()

    def start_again(self):
        """A start that is not waited for."""
        node = self.node
        node.process = subprocess.Popen(
            [node.program, "serve", "--data", node.data, "--listen", node.address, *node.options],
            stdout=node.out, stderr=subprocess.STDOUT)

    def ends_and_says(self, *words):
        """By itself, with 1, and a line that says why and what to do."""
        try:
            code = self.node.process.wait(timeout=FOUND_OUT_S)
        except subprocess.TimeoutExpired:
            self.fail(f"it goes on\n{self.said()[-4000:]}")
        lines = [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]
        last = [line for line in lines if line["msg"] in ("the server cannot go on",
                                                          "the server does not start")][-1]
        self.assertEqual(code, 1)
        for word in words:
            self.assertIn(word, f"{last['reason']}: {last['what']}")


class BrokersGone(OnABroker):
    def health(self, name):
        channel = grpc.insecure_channel(self.node.address)
        try:
            stub = health_pb2_grpc.HealthStub(channel)
            return stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5).status
        finally:
            channel.close()

    def await_health(self, name, wanted):
        last = time.monotonic() + BACK_S
        while self.health(name) != wanted and time.monotonic() < last:
            time.sleep(0.1)
        self.assertEqual(self.health(name), wanted)

    def status(self):
        return json.loads(self.node.jalon("log", "status", "--data", self.node.data, "--output",
                                          "json"))

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
        self.assertEqual(code, 0, self.said()[-4000:])

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

    def test_a_node_says_so_and_goes_on_by_itself(self):
        self.assertEqual(self.health("log"), SERVING)
        self.assertEqual(self.status()["copies"], 1)
        self.assertIn("a record has few copies", self.said())
        self.assertEqual(self.status()["troubleReason"], "")
        load = Load(self.node.address, self.schools)
        time.sleep(1)
        self.brokers("kill")
        time.sleep(1)
        before = load.accepted
        self.await_health("log", NOT_SERVING)
        self.assertEqual(self.status()["troubleReason"], "LOG_UNREACHABLE")
        self.assertIn("see that the brokers run", self.status()["trouble"])
        people = self.node.jalon("log", "status", "--data", self.node.data)
        self.assertIn("LOG_UNREACHABLE", people)
        self.assertIn("1 of each record: what its broker loses is lost", people)
        self.assertEqual(self.health(""), SERVING)  # queries are answered
        time.sleep(5)
        self.assertEqual(load.accepted, before, "the fault did not bite")
        self.brokers("start")
        self.await_health("log", SERVING)
        began = time.monotonic()
        while load.accepted < before + 10 * SCHOOLS and time.monotonic() < began + BACK_S:
            time.sleep(0.05)
        print(f"commands again after {time.monotonic() - began:.1f} s", flush=True)
        self.assertGreaterEqual(load.accepted, before + 10 * SCHOOLS)
        load.stop()
        self.assertEqual(self.node.stop(), 0)


class AnotherLog(OnABroker):
    PARTITIONS, SCHOOLS = 2, 4

    def cut(self):
        """Half of what the broker, which is down, has of its longest partition."""
        segments = glob.glob(os.path.join(self.broker.folder, "1/data/gone.log.v1-*/0*0.log"))
        longest = max(segments, key=os.path.getsize)
        os.truncate(longest, os.path.getsize(longest) // 2)

    def script(self, text):
        subprocess.run([ANALYST, "-B", "-c", text, self.node.brokers, "gone.log.v1"], check=True)

    def test_a_segment_was_cut_while_it_ran(self):
        self.brokers("kill")
        self.cut()
        self.brokers("start")
        self.ends_and_says("PARTITION_DIVERGED", "from a backup")

    def test_a_segment_was_cut_before_it_starts(self):
        self.node.process.terminate()
        self.assertEqual(self.node.process.wait(timeout=END_S), 0)
        self.brokers("kill")
        self.cut()
        self.brokers("start")
        self.start_again()
        self.ends_and_says("PARTITION_DIVERGED", "from a backup")

    def test_its_first_records_were_deleted(self):
        self.node.process.terminate()
        self.assertEqual(self.node.process.wait(timeout=END_S), 0)
        self.script(DELETE_RECORDS)
        self.start_again()
        self.ends_and_says("LOG_CORRUPT", "its first records were deleted",
                           "restore the log from a backup")

    def test_a_record_is_of_a_newer_level(self):
        self.script(WRITE_NEWER)
        self.ends_and_says("upgrade this node")


class NoBroker(unittest.TestCase):
    def test_a_start_says_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [JALON, "serve", "--data", os.path.join(folder, "data"), "--listen", "127.0.0.1:0",
                 "--log", "kafka://127.0.0.1:1/gone", "--unsafe-single-broker"],
                capture_output=True, text=True, timeout=FOUND_OUT_S, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("start its brokers, or correct the address, then try again", done.stderr)
        self.assertNotIn("it is tried again", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
