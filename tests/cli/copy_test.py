"""A log moves to Kafka and back: `jalon log copy`.      Usage: copy_test.py JALON BROKER"""

import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import jalon

PROGRAM, BROKER = (os.path.abspath(path) for path in (sys.argv.pop(1), sys.argv.pop(1)))
KEYS = ("keys", "keys.epochs", "root.key", "signer", "token.key")
UNSAFE = "--unsafe-single-broker"
MECHANICS = (
    *("programme", "import", "deploy/samples/programmes.csv", "--code", "5830", "--type", "DEP"),
    *("--version", "2026", "--hours", "1800", "--title", "Heavy vehicle mechanics"),
    *("--prescribed", "850-609"),
)
STUDENT = {
    "identity": {"clear": {"externalId": "A1", "familyName": "Élève", "givenName": "Ada"}},
    "programme": {"code": "5830", "language": "en", "version": "2026"},
    "inAlternance": True,
}


class Home(jalon.Jalon):
    """A data folder, which may be served with its own log or with one on Kafka."""

    student = None  # whose progress is asked for

    def answers(self):
        """What views say, the student's name opened, but for which log it is as of."""
        said = []
        for words in (
            ("programme", "show", "5830"),
            ("school", "policy", "show"),
            ("stay", "list"),
            ("student", "progress", self.student, "--open"),
        ):
            ran = self.run("--output", "json", *words)
            if ran.code != 0:
                raise RuntimeError(str(ran))
            said.append(without_life(ran.json))
        return said


def without_life(answer):
    answer.get("asOf", {}).get("position", {}).pop("logIncarnation", None)
    return answer


class OnKafka(unittest.TestCase):
    """One broker for all, a prefix for each test."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.cluster.cleanup)
        up = (BROKER, "up", "--folder", cls.cluster.name, "--while", str(os.getpid()))
        done = subprocess.run(up, check=True, capture_output=True, text=True)
        cls.addresses = done.stdout.strip()
        down = (BROKER, "down", "--folder", cls.cluster.name)
        cls.addClassCleanup(subprocess.run, down, check=True)

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.topic = f"kafka://{self.addresses}/{self.id().rsplit('.', 1)[-1].replace('_', '-')}"

    def home(self, name):
        folder = os.path.join(self.folder.name, name)
        os.mkdir(folder)
        home = Home(PROGRAM, folder)
        self.addCleanup(home.stop)
        return home

    def shows(self, ran, *parts, code=0):
        self.assertEqual(ran.code, code, str(ran))
        for part in parts:
            self.assertIn(part, ran.out + ran.err)
        return ran

    def lived_in(self, name="first"):
        """A home with a school and some companies, and its server."""
        home = self.home(name)
        home.serve("--partitions", "2")
        region = self.shows(home.run("token", "issue", "--role", "REG")).out.strip()
        register = ("school", "register", "--code", "CFP-NORD", "--name", "CFP du Nord")
        self.shows(home.run(*register, JALON_TOKEN=region))
        person = ("--person", "00" * 7 + "01")
        issue = ("token", "issue", "--role", "COO", "--school", "CFP-NORD", *person)
        home.token = self.shows(home.run(*issue)).out.strip()
        named = ("--given-name", "Jean", "--family-name", "Roy")
        grant = ("access", "grant", "--school", "CFP-NORD", *named, "--role", "teacher")
        self.shows(home.run(*grant, "--whole-school"))
        self.shows(home.run(*MECHANICS))
        enrol = ("call", "EnrolStudents", "--json", json.dumps({"rows": [STUDENT]}))
        enrolled = self.shows(home.run("--output", "json", *enrol)).json
        home.student = enrolled["result"]["created"][0]["personId"]
        progress = ("student", "progress", home.student, "--open")
        self.shows(home.run(*progress), "Ada")
        return home

    def register(self, home, site, *more):
        words = ("company", "register", "--name", "Garage", "--site", site, *more)
        return self.shows(home.run("--output", "json", *words)).json

    def give_keys(self, giver, taker):
        os.makedirs(taker.data, mode=0o700, exist_ok=True)
        for part in KEYS:
            source = os.path.join(giver.data, part)
            copied = shutil.copytree if os.path.isdir(source) else shutil.copy
            copied(source, os.path.join(taker.data, part))
        taker.token, taker.student = giver.token, giver.student

    def copy(self, home, *words):
        return home.run("--output", "json", "log", "copy", *words, UNSAFE)

    def refused_start(self, home, *options):
        """What the server says, which does not start."""
        with self.assertRaises(RuntimeError):
            home.serve(*options)
        with open(home.log, encoding="utf-8") as log:
            return log.read().splitlines()[-1]


class ThereAndBack(OnKafka):
    def test_a_log_moves_to_kafka_and_back_and_nobody_notices(self):
        first = self.lived_in()
        last = self.register(first, "the last one")
        before = first.answers()
        busy = self.copy(first, first.data, self.topic)
        self.shows(busy, "DATA_IN_USE", code=1)
        self.assertEqual(first.stop(), 0)
        there = self.shows(self.copy(first, first.data, self.topic)).json
        self.assertGreater(int(there["events"]), 4)

        served = self.home("served")
        self.give_keys(first, served)
        on_kafka = ("--log", self.topic, UNSAFE)
        served.serve(*on_kafka)
        self.assertEqual(served.answers(), before)
        # A position, and a request, of before the move are what they were.
        self.shows(served.run("stay", "list", "--after", last["position"]))
        again = self.register(served, "the last one", "--request-id", last["requestId"])
        self.assertEqual(self.place_of(again), self.place_of(last))
        self.assertEqual(again["position"].split(":")[0], there["logIncarnation"])
        beyond = self.beyond(last)
        late = served.run("stay", "list", "--after", beyond)
        self.shows(late, "POSITION_FROM_ANOTHER_LOG", code=1)
        self.shows(served.run("log", "verify"), "Whole", "0 fault(s)")
        newest = self.register(served, "on Kafka")
        before = served.answers()
        self.assertEqual(served.stop(), 0)

        home = self.home("home")
        back = self.shows(self.copy(home, self.topic, home.data)).json
        self.assertEqual(back["missing"], list(KEYS))
        self.give_keys(served, home)
        home.serve()
        self.assertEqual(home.answers(), before)
        for position in (last["position"], newest["position"]):
            self.shows(home.run("stay", "list", "--after", position))
        self.shows(home.run("log", "verify"), "Whole", "0 fault(s)")
        self.register(home, "at home again")

    def place_of(self, answer):
        return answer["position"].split(":")[1:]

    def beyond(self, answer):
        """A position that the log had only if it went on after it was copied."""
        life, partition, seq = answer["position"].split(":")
        return f"{life}:{partition}:{int(seq) + 1}"


class Halfway(OnKafka):
    def killed_midway(self, home, target):
        """A copy that died once it was begun, and before it was whole."""
        delay = 0.02
        for _ in range(200):
            copying = home.start("log", "copy", home.data, target, UNSAFE)
            time.sleep(delay)
            copying.send_signal(signal.SIGKILL)
            copying.wait()
            said = self.refused(home, target)
            if "run the same 'jalon log copy' again" in said:
                return
            self.assertIn("jalon log init", said)  # it was not even born
            delay += 0.02
        self.fail("it never died midway")

    def refused(self, home, target):
        """Why a server does not start with that log."""
        other = Home(PROGRAM, os.path.join(self.folder.name, "other"))
        shutil.rmtree(other.data, ignore_errors=True)
        self.give_keys(home, other)
        self.assertNotEqual(other.serve_until_it_ends("--log", target, UNSAFE), 0)
        with open(other.log, encoding="utf-8") as log:
            return log.read().splitlines()[-1]

    def test_one_that_is_killed_is_not_served_and_goes_on(self):
        home = self.lived_in()
        for number in range(100):
            self.register(home, f"{number} rue B")
        before = home.answers()
        home.stop()
        self.killed_midway(home, self.topic)
        self.shows(self.copy(home, self.topic, os.path.join(self.folder.name, "of-half")), code=6)
        french = home.run("log", "copy", home.data, self.topic, UNSAFE, "--lang", "fr")
        self.shows(french, "Copié dans", "Les clés ne sont dans aucun journal")
        served = self.home("served")
        self.give_keys(home, served)
        served.serve("--log", self.topic, UNSAFE)
        self.assertEqual(served.answers(), before)
        self.register(served, "1 rue C")
        served.stop()
        # It went on since: what is there now is no part of a copy any more.
        self.shows(self.copy(home, home.data, self.topic), "LOG_EXISTS", code=1)


class Refused(OnKafka):
    def test_a_target_that_holds_another_log(self):
        home = self.lived_in()
        home.stop()
        self.shows(home.run("log", "init", self.topic, UNSAFE, "--partitions", "2"))
        said = self.copy(home, home.data, self.topic)
        self.shows(said, "LOG_EXISTS", "name another prefix", code=1)
        self.shows(self.copy(home, self.topic, home.data), "LOG_EXISTS", code=1)
        self.shows(self.copy(home, home.data, home.data), "CONFIG_INVALID", code=2)
        nothing = os.path.join(self.folder.name, "nothing")
        self.shows(self.copy(home, nothing, self.topic), "LOG_NOT_BORN", code=3)
        self.shows(home.run("log", "copy", "--help"), "Keys are not copied")
        self.shows(home.run("log", "copy", "--help", "--lang", "fr"), "ne sont pas copiées")

    def test_the_log_of_another_deployment(self):
        home = self.lived_in()
        home.stop()
        self.shows(home.run("log", "init", self.topic, UNSAFE, "--partitions", "2"))
        other = self.home("other")
        self.give_keys(home, other)
        self.assertEqual(other.serve_until_it_ends("--log", self.topic, UNSAFE), 1)
        with open(other.log, encoding="utf-8") as log:
            said = log.read()
        self.assertIn('"LOG_IS_ANOTHER"', said)
        self.assertIn("give --log the address of the log of these keys", said.splitlines()[-1])

    def test_a_damaged_source(self):
        home = self.lived_in()
        home.stop()
        home.serve()  # so that records lie in table files
        home.stop()
        database = os.path.join(home.data, "log", "db")
        tables = glob.glob(os.path.join(database, "*.sst"))
        with open(max(tables, key=os.path.getsize), "r+b") as table:
            table.seek(os.path.getsize(table.name) // 2)
            byte = table.read(1)[0]
            table.seek(-1, os.SEEK_CUR)
            table.write(bytes([byte ^ 1]))
        self.shows(self.copy(home, home.data, self.topic), code=6)
        self.shows(self.copy(home, self.topic, self.folder.name), "LOG_NOT_BORN", code=3)


if __name__ == "__main__":
    unittest.main()
