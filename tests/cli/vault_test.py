"""An operator's keys: copied, rotated, restored; and an erasure that waits for its copy.

Usage: vault_test.py JALON
"""

import os
import pathlib
import shutil
import time
import unittest

import jalon_test

PATIENCE_S = 60
RETENTION_H = str(8 * 366 * 24)
HOLDER = "00" * 7 + "01"
SECOND = "00" * 7 + "02"


class Keys(unittest.TestCase):
    """A node with keys of its own, which copies them with each erasure."""

    def setUp(self):
        folder = jalon_test.tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.copies = self.folder / "copies"
        self.copies.mkdir()
        self.jalon = jalon_test.jalon.Jalon(jalon_test.PROGRAM, folder.name)
        self.data = pathlib.Path(self.jalon.data)
        self.addCleanup(self.jalon.stop)
        self.start("--virtual-clock")
        region = self.issue("--role", "REG")
        self.done("school", "register", "--code", "CFP-NORD", "--name", "CFP", JALON_TOKEN=region)
        self.tokens = [
            self.issue("--role", "COO", "--school", "CFP-NORD", "--person", person)
            for person in (HOLDER, SECOND)
        ]
        self.jalon.token = self.tokens[0]

    def start(self, *more):
        self.jalon.serve("--key-backup", str(self.copies), *more)

    def issue(self, *words):
        return self.shows(self.jalon.run("token", "issue", *words)).out.strip()

    def done(self, *words, **more):
        return self.shows(self.jalon.run("--output", "json", *words, **more)).json

    def shows(self, ran, *parts, code=0):
        self.assertEqual(ran.code, code, str(ran))
        for part in parts:
            self.assertIn(part, ran.out + ran.err)
        return ran

    def hire(self, name):
        """A teacher until today, of whom something is sealed."""
        today = self.done("clock", "show")["todayOn"]
        day = f"{today // 10000}-{today // 100 % 100:02}-{today % 100:02}"
        granted = self.done(
            *("access", "grant", "--role", "teacher", "--whole-school", "--until", day),
            *("--given-name", name, "--family-name", "Roy"),
        )
        return granted["result"]["created"][0]["personId"]

    def erase(self, person):
        self.done("person", "request-erasure", person)
        self.done("person", "erase", person, JALON_TOKEN=self.tokens[1])

    def erasure(self, person):
        return self.done("person", "show", person)

    def await_erasure(self, person, **expected):
        give_up = time.monotonic() + PATIENCE_S
        while True:
            shown = self.erasure(person)
            if expected.items() <= shown.items():
                return shown
            self.assertLess(time.monotonic(), give_up, str(shown))
            time.sleep(0.1)

    def test_an_erasure_is_complete_once_its_copy_is_verified(self):
        ada, ben = self.hire("Ada"), self.hire("Ben")
        self.done("clock", "advance", "--hours", RETENTION_H)
        self.assertNotIn("complete", [k for k, v in self.erasure(ada).items() if v is True])
        # The disk with the copies is not there.
        self.copies.rename(self.folder / "unmounted")
        self.erase(ada)
        shown = self.await_erasure(
            ada, key="PERSON_KEY_STATE_DESTROYED", backup="KEY_BACKUP_STATE_PENDING"
        )
        self.assertFalse(shown["complete"])
        self.shows(self.jalon.run("person", "show", ada), "not yet")
        log = pathlib.Path(self.jalon.log).read_text(encoding="utf-8")
        self.assertIn("KEY_BACKUP_FAILED", log)
        self.assertIn(str(self.copies), log)
        (self.folder / "unmounted").rename(self.copies)
        shown = self.await_erasure(ada, backup="KEY_BACKUP_STATE_VERIFIED", complete=True)
        self.assertNotEqual(shown["backedUpAt"], "0")
        self.shows(self.jalon.run("person", "show", ada, "--lang", "fr"), "faite et vérifiée")
        self.assertEqual(self.erasure(ben)["key"], "PERSON_KEY_STATE_KEPT")
        self.assertTrue((self.copies / "keys.backup").is_file())

    def test_without_a_folder_for_copies_it_says_so(self):
        self.jalon.stop()
        self.jalon.serve()
        ada = self.hire("Ada")
        self.done("clock", "advance", "--hours", RETENTION_H)
        self.erase(ada)
        self.await_erasure(ada, backup="KEY_BACKUP_STATE_NONE_CONFIGURED", complete=True)
        for language, words in (
            ("en", "nothing is known of copies that you made yourself"),
            ("fr", "rien n'est su des copies que vous avez faites vous-même"),
        ):
            shown = self.shows(self.jalon.run("person", "show", ada, "--lang", language))
            self.assertIn(words, " ".join(shown.out.split()))

    def test_keys_that_are_lost_come_back_from_their_copy(self):
        ada = self.hire("Ada")
        made = self.done("vault", "backup", str(self.copies))
        self.assertEqual(made["path"], str(self.copies / "keys.backup"))
        self.assertGreaterEqual(int(made["keys"]), 1)
        restore = ("vault", "restore", str(self.copies))
        self.shows(self.jalon.run(*restore), "DATA_IN_USE", code=1)
        self.jalon.stop()
        self.shows(self.jalon.run(*restore), "KEYS_PRESENT", code=1)
        shutil.rmtree(self.data / "keys")
        self.shows(self.jalon.run(*restore), "keys")  # the newest copy, and so no older one
        self.start()
        self.assertEqual(self.erasure(ada)["key"], "PERSON_KEY_STATE_KEPT")
        self.hire("Ben")  # a key that the copy has not
        self.jalon.stop()
        shutil.rmtree(self.data / "keys")
        self.shows(self.jalon.run(*restore), "KEYS_OLDER", "--accept-older", code=1)
        self.shows(self.jalon.run(*restore, "--accept-older"), "keys")
        self.start()
        self.assertEqual(self.erasure(ada)["key"], "PERSON_KEY_STATE_KEPT")
        self.shows(self.jalon.run("vault", "status"), str(self.copies))

    def test_a_copy_from_before_an_erasure_is_refused(self):
        ada, ben = self.hire("Ada"), self.hire("Ben")
        self.done("vault", "backup", str(self.copies))
        older = self.folder / "older"
        shutil.copytree(self.copies, older)
        self.done("clock", "advance", "--hours", RETENTION_H)
        self.erase(ada)
        self.await_erasure(ada, complete=True)
        self.jalon.stop()
        shutil.rmtree(self.data / "keys")
        restore = ("vault", "restore", "--accept-older")
        self.shows(self.jalon.run(*restore, str(older)), "EPOCH_KEY_MISSING", code=1)
        self.shows(self.jalon.run(*restore, str(self.copies)))
        self.start()
        self.assertEqual(self.erasure(ada)["key"], "PERSON_KEY_STATE_DESTROYED")
        self.assertEqual(self.erasure(ben)["key"], "PERSON_KEY_STATE_KEPT")

    def test_keys_that_wrap_are_rotated_on_demand(self):
        ada = self.hire("Ada")
        rotate = ("vault", "rotate", "--school", "CFP-NORD")
        before = set(os.listdir(self.data / "keys.epochs"))
        self.assertEqual(self.done(*rotate)["epoch"], 2)
        self.assertFalse(before & set(os.listdir(self.data / "keys.epochs")))
        self.shows(self.jalon.run(*rotate, "--lang", "fr"), "époque 3")
        self.shows(self.jalon.run("vault", "rotate"), "--school", code=2)
        unknown = ("vault", "rotate", "--school", "CFP-SUD")
        self.shows(self.jalon.run(*unknown), "KEYS_UNKNOWN", code=3)
        self.assertEqual(self.erasure(ada)["key"], "PERSON_KEY_STATE_KEPT")

        root = (self.data / "root.key").read_text(encoding="ascii")
        self.shows(self.jalon.run("vault", "rotate-root"), "DATA_IN_USE", code=1)
        self.jalon.stop()
        self.shows(self.jalon.run("vault", "rotate-root"))
        self.assertNotEqual((self.data / "root.key").read_text(encoding="ascii"), root)
        self.start()
        self.assertEqual(self.erasure(ada)["key"], "PERSON_KEY_STATE_KEPT")
        refused = self.jalon.run("vault", "promote")
        self.shows(refused, "VAULT_HAS_NO_STANDBY", code=1)
        self.shows(refused, "promote the standby, on its own", code=1)


if __name__ == "__main__":
    unittest.main()
