"""A broker and a node on it, for the tests of the feed; and what is on a topic of it."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
ANALYST = os.path.join(ROOT, "build/tools/analyst/bin/python")
sys.path.insert(0, os.path.join(HERE, "..", "clients"))

from jalon_client import Server  # noqa: E402


class Broker:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "kafka")
        self.addresses = self._do("up", "--while", str(os.getpid()))

    def _do(self, verb, *words):
        return subprocess.run(
            [os.path.join(ROOT, "deploy/kafka/broker"), verb, *words, "--folder", self.folder],
            check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def down(self):
        self._do("down")


class Node(Server):
    """A `jalon serve` whose log is on the broker, under a prefix that is made for it."""

    def __init__(self, program, folder, broker, prefix, partitions=4):
        os.makedirs(folder)
        self.log = f"kafka://{broker.addresses}/{prefix}"
        self.brokers, self.topic = broker.addresses, f"{prefix}.events.v1"
        subprocess.run([program, "log", "init", self.log, "--unsafe-single-broker",
                        "--partitions", str(partitions)], check=True, stdout=subprocess.DEVNULL)
        super().__init__(program, folder, "--log", self.log, "--unsafe-single-broker")

    def events(self):
        """How many events of schools the log has, by a reader that the feed has no part in."""
        text = self.jalon("log", "verify", "--data", self.data, "--output", "json")
        report = json.loads(text)
        if report["faults"] or not report["done"]:
            raise AssertionError(text)
        return int(report["eventsDone"]) - int(report.get("systemEventsDone", 0))

    def descriptors(self, path):
        self.jalon("feed", "descriptors", path)
        return path


def read_feed(node):
    """Every record on the topic, in the order of each partition."""
    done = subprocess.run(
        [ANALYST, "-B", os.path.join(HERE, "raw_feed.py"), node.brokers, node.topic],
        check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def take_by_rule(records):
    """What a consumer keeps that follows the rule of FEED.md; and how many it drops."""
    last, kept, dropped = {}, [], 0
    for record in records:
        if record["sequence"] <= last.get(record["source"], ""):
            dropped += 1
            continue
        last[record["source"]] = record["sequence"]
        kept.append(record)
    return kept, dropped
