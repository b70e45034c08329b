"""An operator's log: verify, back up, restore.      Usage: log_test.py JALON"""

import glob
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import unittest

import jalon

PROGRAM = os.path.abspath(sys.argv.pop(1))


class OneFolder(unittest.TestCase):
    """A server with one school, on a folder of its own for each test."""

    OPTIONS = ("--partitions", "2")

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.jalon = jalon.Jalon(PROGRAM, self.folder.name)
        self.addCleanup(self.jalon.stop)
        self.jalon.serve(*self.OPTIONS)
        region = self.shows(self.jalon.run("token", "issue", "--role", "REG")).out.strip()
        register = ("school", "register", "--code", "CFP-NORD", "--name", "CFP du Nord")
        self.shows(self.jalon.run(*register, JALON_TOKEN=region))
        person = ("--person", "00" * 7 + "01")
        issue = ("token", "issue", "--role", "COO", "--school", "CFP-NORD", *person)
        self.jalon.token = self.shows(self.jalon.run(*issue)).out.strip()

    def shows(self, ran, *parts, code=0):
        self.assertEqual(ran.code, code, str(ran))
        for part in parts:
            self.assertIn(part, ran.out + ran.err)
        return ran

    def register(self, site, *more):
        words = ("company", "register", "--name", "Garage", "--site", site, *more)
        return self.shows(self.jalon.run("--output", "json", *words)).json

    def kill(self):
        self.jalon.server.send_signal(signal.SIGKILL)
        self.jalon.server.wait()

    def refused_start(self):
        """What the server says, which does not start."""
        with self.assertRaises(RuntimeError):
            self.jalon.serve()
        with open(self.jalon.log, encoding="utf-8") as log:
            return log.read().splitlines()[-1]


class Keys(OneFolder):
    def test_a_server_without_its_keys_does_not_start(self):
        self.jalon.stop()
        keys = os.path.join(self.jalon.data, "keys")
        os.rename(keys, keys + ".away")
        self.assertIn("put it back from its backup", self.refused_start())
        self.assertFalse(os.path.exists(keys))
        os.rename(keys + ".away", keys)
        self.jalon.serve()
        self.register("1 rue du Port")

    def test_keys_that_are_older_than_the_log_are_refused(self):
        """They lack what was made since: whoever it is of would get a new one."""
        keys = os.path.join(self.jalon.data, "keys")
        self.jalon.stop()
        shutil.copytree(keys, keys + ".older")
        self.jalon.serve()
        named = ("--given-name", "Jean", "--family-name", "Roy")
        grant = ("access", "grant", "--school", "CFP-NORD", *named, "--role", "teacher")
        self.shows(self.jalon.run(*grant, "--whole-school"))
        self.jalon.stop()
        os.rename(keys, keys + ".newest")
        os.rename(keys + ".older", keys)
        self.assertIn("put the newest copy of it back", self.refused_start())
        shutil.rmtree(keys)
        os.rename(keys + ".newest", keys)
        self.jalon.serve()


class Signer(OneFolder):
    """The key that signs and its memory: what is lost is not made anew without a word."""

    def setUp(self):
        super().setUp()
        self.shows(self.jalon.run("trail", "root"), "root/1")  # it has signed something
        self.assertEqual(self.jalon.stop(), 0)

    def without(self, part):
        """What a start says without that part of the data folder, which comes back after it."""
        here = os.path.join(self.jalon.data, part)
        os.rename(here, here + ".away")
        said = self.refused_start()
        shutil.rmtree(here, ignore_errors=True)
        os.rename(here + ".away", here)
        return said

    def public_key(self):
        return self.shows(self.jalon.run("--output", "json", "signer", "show")).json["publicKey"]

    def test_neither_key_nor_memory_is_replaced(self):
        key = self.public_key()
        self.assertIn("another key would sign the same trails", self.without("signer/key"))
        self.assertIn("jalon signer forget", self.without("signer/memory"))
        said = self.without("signer")
        self.assertIn("the log has entries", said)
        self.assertIn("jalon signer init", said)
        self.jalon.serve()
        self.assertEqual(self.public_key(), key)

    def test_an_operator_may_begin_anew(self):
        key = self.public_key()
        self.shows(self.jalon.run("signer", "forget"), "ALREADY_EXISTS", code=1)
        shutil.rmtree(os.path.join(self.jalon.data, "signer/memory"))
        self.shows(self.jalon.run("signer", "init"), "ALREADY_EXISTS", code=1)
        self.shows(self.jalon.run("signer", "forget"), key)
        self.jalon.serve()
        self.assertEqual(self.public_key(), key)
        self.jalon.stop()
        shutil.rmtree(os.path.join(self.jalon.data, "signer"))
        self.shows(self.jalon.run("signer", "init"), "public key")
        self.assertNotEqual(self.public_key(), key)
        # The log names the lost key, so that it takes a word more.
        self.assertIn("--replaces-lost-key", self.refused_start())
        shutil.rmtree(os.path.join(self.jalon.data, "signer"))
        self.shows(self.jalon.run("signer", "init", "--replaces-lost-key"), "public key")
        self.jalon.serve()


class Backup(OneFolder):
    # Kept apart from the log's backups.
    KEYS = ("keys", "keys.epochs", "root.key", "signer", "token.key")

    def elsewhere(self):
        """Another data folder, without a server so far."""
        home = os.path.join(self.folder.name, "elsewhere")
        os.mkdir(home)
        other = jalon.Jalon(PROGRAM, home)
        self.addCleanup(other.stop)
        other.token = self.jalon.token
        return other

    def backup(self, name="copy"):
        copy = os.path.join(self.folder.name, name)
        self.shows(self.jalon.run("log", "backup", copy), "verified")
        return copy

    def give_keys(self, other):
        for part in self.KEYS:
            source = os.path.join(self.jalon.data, part)
            copied = shutil.copytree if os.path.isdir(source) else shutil.copy
            copied(source, os.path.join(other.data, part))

    def test_a_backup_is_restored_elsewhere_in_a_new_life(self):
        first = self.register("1 rue A")
        copy = self.backup()
        late = self.register("2 rue B")
        self.assertEqual(self.jalon.stop(), 0)

        other = self.elsewhere()
        restored = self.shows(other.run("--output", "json", "log", "restore", copy)).json
        self.assertEqual(restored["missing"], list(self.KEYS))
        self.assertNotEqual(restored["logIncarnation"], self.life_of(first))
        self.shows(other.run("log", "restore", copy, "--lang", "fr"), "LOG_EXISTS", code=1)
        self.give_keys(other)
        self.jalon = other
        other.serve()
        self.shows(other.run("log", "verify"), "Whole", "0 fault(s)")
        again = self.register("1 rue A", "--request-id", first["requestId"])
        self.assertEqual(self.place_of(again), self.place_of(first))
        self.assertEqual(self.life_of(again), restored["logIncarnation"])
        lost = self.register("2 rue B", "--request-id", late["requestId"])
        self.assertTrue(lost["accepted"])  # it came after the backup, so it is a new command
        # The same place of the log that was lost is not taken for the one that is there now.
        self.assertEqual(self.place_of(lost), self.place_of(late))
        self.shows(self.stays_after(late), "POSITION_FROM_ANOTHER_LOG", code=1)
        self.shows(self.stays_after(lost))

    def life_of(self, answer):
        return answer["position"].split(":")[0]

    def place_of(self, answer):
        return answer["position"].split(":")[1:]

    def stays_after(self, answer):
        return self.jalon.run("stay", "list", "--after", answer["position"])

    def test_folds_of_the_life_before_are_not_trusted(self):
        """Restored in place, state and views are built anew; put back, they are refused."""
        self.register("1 rue A")
        copy = self.backup()
        self.register("2 rue B")
        self.assertEqual(self.jalon.stop(), 0)
        data = self.jalon.data
        for part in ("log", "state", "views"):
            shutil.copytree(os.path.join(data, part), os.path.join(self.folder.name, part))
        shutil.rmtree(os.path.join(data, "log"))
        french = self.jalon.run("log", "restore", copy, "--lang", "fr")
        self.shows(french, "une nouvelle vie du journal")
        self.jalon.serve()
        self.register("2 rue B")  # it is in the old folds, and would be a duplicate
        self.assertEqual(self.jalon.stop(), 0)
        for part, words in (("state", "its state is of another log"), ("views", "views")):
            new = os.path.join(data, part)
            os.rename(new, new + ".new")
            shutil.copytree(os.path.join(self.folder.name, part), new)
            self.assertEqual(self.jalon.serve_until_it_ends(), 1)
            with open(self.jalon.log, encoding="utf-8") as log:
                self.assertIn(words, log.read().split('"serving"')[-1])
            shutil.rmtree(new)
            os.rename(new + ".new", new)

    def test_a_backup_is_not_served_as_it_is(self):
        copy = self.backup()
        self.assertEqual(self.jalon.stop(), 0)
        other = self.elsewhere()
        os.mkdir(other.data, mode=0o700)
        shutil.copytree(copy, os.path.join(other.data, "log"))
        self.give_keys(other)
        self.jalon = other
        self.assertIn("jalon log restore", self.refused_start())

    def test_keys_that_are_older_than_the_backup_are_refused(self):
        keys = os.path.join(self.jalon.data, "keys")
        self.jalon.stop()
        shutil.copytree(keys, keys + ".older")
        self.jalon.serve()
        named = ("--given-name", "Jean", "--family-name", "Roy")
        grant = ("access", "grant", "--school", "CFP-NORD", *named, "--role", "teacher")
        self.shows(self.jalon.run(*grant, "--whole-school"))
        copy = self.backup()
        self.jalon.stop()
        other = self.elsewhere()
        self.shows(other.run("log", "restore", copy), "Still to put there")
        self.give_keys(other)
        shutil.rmtree(os.path.join(other.data, "keys"))
        shutil.copytree(keys + ".older", os.path.join(other.data, "keys"))
        self.jalon = other
        self.assertIn("put the newest copy of it back", self.refused_start())

    def test_a_damaged_backup_is_not_restored(self):
        for number in range(10):
            self.register(f"{number} rue A")
        self.jalon.stop()
        self.jalon.serve()  # so that records lie in table files
        copy = self.backup()
        tables = glob.glob(os.path.join(copy, "db", "*.sst"))
        self.flip_in_the_middle(max(tables, key=os.path.getsize))
        other = self.elsewhere()
        self.shows(other.run("log", "restore", copy), code=6)
        self.assertFalse(os.path.exists(os.path.join(other.data, "log")))

    def test_a_bad_target_is_said(self):
        nowhere = os.path.join(self.folder.name, "no", "such", "folder")
        said = self.jalon.run("log", "backup", nowhere)
        self.shows(said, "BACKUP_TARGET_UNUSABLE", "may write to", code=2)
        french = self.jalon.run("log", "backup", nowhere, "--lang", "fr")
        self.shows(french, "ne peut pas être créé", code=2)

    def flip_in_the_middle(self, path):
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))

    def test_verify_reads_the_log_of_a_stopped_server(self):
        self.register("1 rue A")
        self.shows(self.jalon.run("log", "verify"), "Whole")
        self.jalon.stop()
        self.shows(self.jalon.run("log", "verify"), "Whole", "0 fault(s)")
        self.kill_after_start()
        self.shows(self.jalon.run("--output", "json", "log", "verify"), '"done": true')
        tables = glob.glob(os.path.join(self.jalon.data, "log", "db", "*.sst"))
        self.flip_in_the_middle(max(tables, key=os.path.getsize))
        self.shows(self.jalon.run("log", "verify"), "checksum", ".sst", code=6)

    def kill_after_start(self):
        self.jalon.serve()
        self.kill()

    def test_verify_names_the_damage_of_a_running_log(self):
        """A flipped bit in a file of records is found on disk, whatever memory still holds."""
        for number in range(10):
            self.register(f"{number} rue A")
        self.assertEqual(self.jalon.stop(), 0)
        self.jalon.serve()  # what the last run wrote lies in table files from here on
        tables = glob.glob(os.path.join(self.jalon.data, "log", "db", "*.sst"))
        self.flip_in_the_middle(max(tables, key=os.path.getsize))
        verified = self.jalon.run("log", "verify")
        self.shows(verified, "Damaged", "checksum", ".sst", code=6)


class Sweep(OneFolder):
    OPTIONS = ("--partitions", "2", "--virtual-clock")

    def test_a_key_that_no_event_names_is_swept_at_a_start(self):
        named = ("--given-name", "Jean", "--family-name", "Roy")
        grant = ("access", "grant", "--school", "CFP-NORD", *named, "--role", "teacher")
        self.shows(self.jalon.run(*grant), "SCOPE_REQUIRED", code=1)  # after the key was made
        self.shows(self.jalon.run(*grant, "--whole-school"))
        self.shows(self.jalon.run("clock", "advance", "--hours", str(24 * 9)))
        for swept in (1, 0):
            self.assertEqual(self.jalon.stop(), 0)
            self.jalon.serve()
            self.assertEqual(self.swept(), swept)

    def swept(self):
        """How many keys this start swept, once it said so."""
        for _ in range(100):
            with open(self.jalon.log, encoding="utf-8") as log:
                this_start = log.read().rsplit('"ended"', 1)[-1].splitlines()
            for line in this_start:
                if "swept keys" in line:
                    return json.loads(line)["keys"]
            time.sleep(0.05)
        return None


if __name__ == "__main__":
    unittest.main()
