"""A log that is put back from a backup which lacks signed entries: nothing more of it is signed
until an operator opens another generation, and what was kept from before is told apart.

Usage: trail_restore_test.py JALON
"""

import os
import pathlib
import shutil
import unittest

import witness_test

# What a server needs beside its log, and the clock of a folder that was born with one.
KEPT_APART = ("keys", "keys.epochs", "root.key", "token.key", "signer", "clock")


class Restored(witness_test.Witnessed):
    """An operator who has no newer backup, and an auditor who kept things."""

    reports = 0

    def test_another_generation_is_opened_by_word_and_goes_on_from_what_is_left(self):
        _, first = self.report_held("before the backup")
        backup = str(self.under / "backup")
        self.shows(self.jalon.run("log", "backup", backup), "verified")
        receipts_key, lost = self.report_held("after the backup")
        folder, old_key = self.export("old")
        kept = os.path.join(folder, "checkpoint")
        self.shows(self.ask("w1", "w2"), "They are enough.")
        (cosigned,) = self.cosigned().iterdir()
        witnessed = cosigned.read_bytes()
        held_keys = ("--key", old_key, "--key", receipts_key)
        self.restore(backup)

        # The log lacks what was signed: an incident, and nothing of that origin is signed.
        refused = self.jalon.run("trail", "checkpoint", self.company)
        self.shows(refused, "SIGNED_FURTHER", code=5)
        self.assertIn("a trail is not what was signed", self.said())
        self.assertIn("jalon signer open-generation", self.said())
        self.assertTrue(self.reported("instead")["result"]["receiptPending"])
        refused = self.jalon.run("trail", "checkpoint", self.company)
        self.shows(refused, "SIGNED_OTHERWISE", code=6)
        # Nor is the root log, of which witnesses signed more.
        self.shows(self.jalon.run("trail", "root"), "SIGNED_FURTHER", code=5)
        # It is never opened by itself.
        self.shows(self.jalon.run("signer", "open-generation", "--yes"), "DATA_IN_USE", code=1)
        self.assertEqual(self.jalon.stop(), 0)
        asked = self.jalon.run("signer", "open-generation")
        self.shows(asked, "--yes", "cannot be undone", code=2)
        self.start()
        self.shows(self.jalon.run("trail", "checkpoint", self.company), "SIGNED_OTHERWISE", code=6)
        self.assertEqual(self.jalon.stop(), 0)
        opened = self.jalon.run("--output", "json", "signer", "open-generation", "--yes")
        self.assertEqual(opened.code, 0, str(opened))
        self.assertEqual(opened.json["generation"], "2")

        for name in ("new", "newer"):  # whoever starts later signs in it too
            self.start()
            new_receipts_key, new = self.report_held("in the second")
            self.assertTrue(new_receipts_key.split("+")[0].endswith("/2"), new_receipts_key)
            folder, key = self.export(name)
            self.assertEqual(key.split("+")[0], old_key.split("+")[0][:-1] + "2")
            root = self.jalon.run("--output", "json", "trail", "root").json["checkpoint"]
            self.assertEqual(root["origin"].split("/")[1:], ["root", "2"])
            keys = ("--key", new_receipts_key, "--key", root["verifierKey"], "--published")
            valid = self.verify(folder, key, *keys, "--receipt", new)
            self.shows(valid, "VALID", "generation", "published; ")
            # What is left of the first generation holds, and what was lost is told as of it.
            before = self.verify(folder, key, *held_keys, "--receipt", first)
            self.shows(before, "VALID", "of other generations")
            forked = self.verify(folder, key, *held_keys, "--checkpoint", kept)
            self.shows(forked, "FORKED", "another generation", "backup", code=21)
            missing = self.verify(folder, key, *held_keys, "--receipt", lost)
            self.shows(missing, "FORKED", "generation 1", "backup", code=21)
            self.shows(self.verify(folder, key, "--checkpoint", kept), "origin", code=26)
            self.assertEqual(self.jalon.stop(), 0)
        self.assertIn("opens another generation", self.said())
        self.start()
        # What witnesses signed of the first generation stays, as evidence.
        self.assertEqual((self.cosigned() / cosigned.name).read_bytes(), witnessed)

    def cosigned(self):
        return pathlib.Path(self.jalon.data, "signer", "cosigned", "generation-1")

    def report_held(self, comment):
        """A report whose receipt is kept: the receipts log's verifier key, and the file."""
        Restored.reports += 1
        held = self.under / f"held{self.reports}"
        (receipt,) = self.reported(comment, "--receipts", str(held))["result"]["receipts"]
        self.assertTrue(receipt["verifierKey"], receipt)
        return receipt["verifierKey"], str(held / f"{self.company}-{receipt['index']}.tlog-proof")

    def restore(self, backup):
        """The same server, on a data folder with a log made of the backup."""
        self.assertEqual(self.jalon.stop(), 0)
        before, after = self.jalon.data, str(self.under / "restored")
        self.jalon.data = after
        self.shows(self.jalon.run("log", "restore", backup), "Still to put there")
        for name in KEPT_APART:
            source, target = os.path.join(before, name), os.path.join(after, name)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            elif os.path.exists(source):
                shutil.copy2(source, target)
        self.start()

    def start(self):
        self.jalon.serve("--witnesses", self.policy)
        for _ in range(600):
            if self.jalon.run("trail", "list").code == 0:
                return
        self.fail("the views were not built anew")

    def said(self):
        return pathlib.Path(self.jalon.log).read_text(encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
