"""A signer's folder that is put back from a backup: on the log as it is, and together with the log
of that time.

Usage: trail_old_signer_test.py JALON
"""

import os
import shutil
import unittest

import trail_restore_test
import trail_school


class OldSigner(trail_school.TrailSchool):
    """An operator who puts back an older signer/, and an auditor who kept things."""

    def held(self, comment):
        """A report whose receipt is kept: verifier key and file."""
        held = self.under / comment
        (receipt,) = self.reported(comment, "--receipts", str(held))["result"]["receipts"]
        (proof,) = held.glob("*.tlog-proof")
        return receipt["verifierKey"], str(proof)

    def end(self):
        self.assertEqual(self.jalon.stop(), 0)

    def copy_signer(self, source, target):
        if os.path.isdir(target):
            shutil.rmtree(target)
        shutil.copytree(source, target)

    def test_on_the_log_as_it_is_it_signs_one_history(self):
        older = str(self.under / "older")
        _, first = self.held("before")
        self.end()
        self.copy_signer(self.signer(), older)
        self.jalon.serve()
        receipts_key, second = self.held("after")
        folder, key = self.export("kept")
        self.end()
        # What is signed is computed from the log, which has all that was signed.
        self.copy_signer(older, self.signer())
        self.jalon.serve()
        _, third = self.held("by-the-older-memory")
        now, same = self.export("now")
        self.assertEqual(same, key)
        evidence = ("--checkpoint", os.path.join(folder, "checkpoint"))
        for proof in (first, second, third):
            evidence += ("--receipt", proof)
        self.shows(self.verify(now, key, "--key", receipts_key, *evidence), "VALID")

    def test_with_the_log_of_that_time_only_what_was_kept_elsewhere_tells(self):
        older, backup = str(self.under / "older"), str(self.under / "backup")
        self.shows(self.jalon.run("log", "backup", backup), "verified")
        self.end()
        self.copy_signer(self.signer(), older)
        self.jalon.serve()
        receipts_key, lost = self.held("lost")
        folder, key = self.export("kept")
        self.end()
        before, self.jalon.data = self.jalon.data, str(self.under / "restored")
        self.shows(self.jalon.run("log", "restore", backup), "Still to put there")
        for name in trail_restore_test.KEPT_APART:
            source, target = os.path.join(before, name), os.path.join(self.jalon.data, name)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            elif os.path.exists(source):
                shutil.copy2(source, target)
        self.copy_signer(older, self.signer())
        self.jalon.serve()
        # Neither knows what was signed since: a second history begins.
        self.await_views()
        self.held("instead")
        now, same = self.export("now")
        self.assertEqual(same, key)
        self.shows(self.verify(now, key), "VALID")
        kept = ("--checkpoint", os.path.join(folder, "checkpoint"))
        self.shows(self.verify(now, key, *kept), "FORKED", code=21)
        told = self.verify(now, key, "--key", receipts_key, "--receipt", lost)
        self.shows(told, "FORKED", "another entry", code=21)

    def signer(self):
        return os.path.join(self.jalon.data, "signer")

    def await_views(self):
        for _ in range(600):
            if self.jalon.run("trail", "list").code == 0:
                return
        self.fail("the views were not built anew")


if __name__ == "__main__":
    unittest.main()
