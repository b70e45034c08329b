"""What an operator does after a power cut: repair.      Usage: repair_test.py JALON"""

import glob
import os
import shutil
import unittest

import jalon
import log_test

TORN_BYTES = str(jalon.TORN_RECORD_BYTES)


class Torn(log_test.OneFolder):
    STORE = ""  # the folder of the database, in the data folder

    def store(self):
        return os.path.join(self.jalon.data, self.STORE)

    def flip_last_byte(self):
        with open(jalon.wal(self.store()), "r+b") as wal:
            wal.seek(-1, os.SEEK_END)
            byte = wal.read(1)[0]
            wal.seek(-1, os.SEEK_END)
            wal.write(bytes([byte ^ 4]))

    def tear_then_repair(self, noun, tear=jalon.tear):
        """As an operator would who reads what a start says."""
        tear(self.store())
        self.assertIn(f"jalon {noun} repair", self.refused_start())
        dry = self.shows(self.jalon.run(noun, "repair"), "Nothing was cut", "A start refuses")
        self.assertIn(TORN_BYTES + " bytes", dry.out)
        self.assertIn(f"jalon {noun} repair", self.refused_start())
        self.shows(self.jalon.run(noun, "repair", "--lang", "fr"), "Rien n'a été coupé")
        repair = ("--output", "json", noun, "repair", "--cut-tail")
        cut = self.shows(self.jalon.run(*repair)).json
        self.assertTrue(cut["cut"])
        self.assertEqual(cut["bytesCut"], TORN_BYTES)
        return cut


class Log(Torn):
    STORE = "log/db"

    def test_a_torn_tail_is_refused_then_cut_then_served(self):
        before = self.register("1 rue A")
        self.kill()
        cut = self.tear_then_repair("log")
        self.assertIn("log/witness", [witness["name"] for witness in cut["witnesses"]])
        for witness in cut["witnesses"]:
            self.assertLessEqual(int(witness["entries"]), int(cut["entriesKept"]))
        self.assertTrue(glob.glob(os.path.join(cut["evidence"], "*.log")))

        self.jalon.serve()
        again = self.register("1 rue A", "--request-id", before["requestId"])
        self.assertEqual(again["position"], before["position"])
        self.shows(self.jalon.run("log", "verify"), "Whole")
        busy = self.jalon.run("log", "repair", "--cut-tail")
        self.shows(busy, "DATA_IN_USE", code=1)

    def test_a_sound_log_is_left_alone(self):
        self.kill()
        self.shows(self.jalon.run("log", "repair", "--cut-tail"), "LOG_SOUND", code=1)

    def test_what_the_logs_own_witness_saw_is_never_cut(self):
        self.register("1 rue A")
        self.kill()
        self.flip_last_byte()
        self.refused_start()
        cut = self.jalon.run("log", "repair", "--cut-tail")
        self.shows(cut, "LOG_BEHIND_WITNESS", "restore the log from a backup", code=6)
        self.refused_start()

    def test_what_the_folds_saw_is_never_cut(self):
        """A power cut may lose what the log's own witness wrote last: it is not synced."""
        witness = os.path.join(self.jalon.data, "log", "witness")
        older = os.path.join(self.folder.name, "witness")
        self.register("1 rue A")
        shutil.copyfile(witness, older)
        last = self.register("2 rue B")
        seen = self.jalon.run("stay", "list", "--after", last["position"])
        self.shows(seen)  # an end waits for no view to catch up
        self.assertEqual(self.jalon.stop(), 0)  # state and views are flushed
        shutil.copyfile(older, witness)
        self.flip_last_byte()
        self.refused_start()
        for folds in (("state", "views"), ("views",), ()):
            for fold in {"state", "views"} - set(folds):
                shutil.rmtree(os.path.join(self.jalon.data, fold), ignore_errors=True)
            cut = self.jalon.run("log", "repair")
            if folds:
                self.shows(cut, "LOG_BEHIND_WITNESS", f"{folds[0]} of partition", code=6)
            else:  # nobody is left who knows: this is why folds are asked
                self.shows(cut, "Nothing was cut")

    def test_a_damaged_fold_is_no_witness(self):
        """It can be made anew of the log, and must not keep that from being repaired."""
        self.register("1 rue A")
        self.kill()
        jalon.tear(self.store())
        folds = [os.path.join(self.jalon.data, name) for name in ("state", "views")]
        for fold in folds:
            with open(os.path.join(fold, "CURRENT"), "w", encoding="utf-8") as current:
                current.write("nothing")
        self.shows(self.jalon.run("log", "repair"), "state is damaged", "views is damaged")
        cut = self.shows(self.jalon.run("--output", "json", "log", "repair", "--cut-tail")).json
        damaged = [witness["name"] for witness in cut["witnesses"] if witness["damage"]]
        self.assertEqual(damaged, ["state", "views"])
        self.assertIn("remove state/", self.refused_start())
        for fold in folds:
            shutil.rmtree(fold)
        self.jalon.serve()
        self.shows(self.jalon.run("log", "verify"), "Whole")


class Vault(Torn):
    STORE = "keys"
    GRANT = ("access", "grant", "--school", "CFP-NORD", "--role", "teacher", "--whole-school")

    def hire(self, name):
        named = ("--output", "json", *self.GRANT, "--given-name", name, "--family-name", "Roy")
        return self.shows(self.jalon.run(*named)).json["result"]["created"][0]["personId"]

    def test_torn_keys_are_refused_then_cut_then_served(self):
        ada = self.hire("Ada")
        self.shows(self.jalon.run("vault", "repair"), "DATA_IN_USE", code=1)
        self.kill()
        self.shows(self.jalon.run("vault", "repair", "--cut-tail"), "STORE_SOUND", code=1)
        cut = self.tear_then_repair("vault")
        self.assertEqual(cut["witness"], os.path.join(self.jalon.data, "log", "keys.witness"))
        self.jalon.serve()
        self.shows(self.jalon.run("--output", "json", "person", "show", ada), "KEY_STATE_KEPT")
        self.hire("Ben")

    def test_a_torn_manifest_of_the_keys_is_cut_and_no_key_is_lost(self):
        ada = self.hire("Ada")
        self.kill()
        cut = self.tear_then_repair("vault", jalon.tear_manifest)
        self.assertFalse(cut["hasWrite"])
        self.jalon.serve()
        self.shows(self.jalon.run("--output", "json", "person", "show", ada), "KEY_STATE_KEPT")
        self.hire("Ben")

    def test_without_a_witness_it_says_that_nothing_was_asked(self):
        self.hire("Ada")
        self.kill()
        jalon.tear(self.store())
        asked = self.shows(self.jalon.run("vault", "repair"), "of which nobody was told")
        self.assertNotIn("Nothing was there to ask", asked.out)
        os.remove(os.path.join(self.jalon.data, "log", "keys.witness"))
        unasked = self.shows(self.jalon.run("vault", "repair"), "Nothing was there to ask")
        self.assertNotIn("nobody was told", unasked.out)
        self.assertNotIn("log lost nothing", unasked.out)
        self.shows(self.jalon.run("vault", "repair", "--cut-tail", "--lang", "fr"),
                   "rien à interroger")

    def stand(self, *words):
        """As a vault in a process of its own remembers how it is in its pair."""
        path = os.path.join(self.jalon.data, "standing")
        with open(path, "w", encoding="utf-8") as standing:
            standing.write(" ".join(("jalon.vault.standing.1", *words)) + "\n")
        return path

    def test_what_a_standby_may_have_is_cut_by_force_alone(self):
        self.kill()
        jalon.tear(self.store())
        self.stand("serving", "1", "attached", "whole")
        repair = ("vault", "repair", "--cut-tail")
        refused = self.jalon.run(*repair)
        self.shows(refused, "VAULT_IS_PAIRED", "jalon vault promote", "--although-paired", code=1)
        self.shows(self.jalon.run(*repair, "--although-paired"), "bytes cut")

    def test_a_standby_that_was_cut_is_behind(self):
        self.kill()
        jalon.tear(self.store())
        path = self.stand("standby", "1", "none", "whole")
        self.shows(self.jalon.run("vault", "repair", "--lang", "fr"), "Une réserve ainsi coupée")
        self.shows(self.jalon.run("vault", "repair", "--cut-tail"), "standby that was cut")
        with open(path, encoding="utf-8") as standing:
            self.assertIn("behind", standing.read())

    def test_a_key_that_was_given_is_never_cut(self):
        self.hire("Ada")
        self.kill()
        self.flip_last_byte()
        self.refused_start()
        cut = self.jalon.run("vault", "repair", "--cut-tail")
        self.shows(cut, "KEYS_OLDER", "jalon vault restore", code=1)
        self.assertIn("jalon vault repair", self.refused_start())


class Signer(Torn):
    STORE = "signer/memory"

    def sign(self):
        self.shows(self.jalon.run("trail", "root"), "root/1")

    def test_a_torn_memory_is_refused_then_cut_then_served(self):
        self.sign()
        self.shows(self.jalon.run("signer", "repair"), "DATA_IN_USE", code=1)
        self.kill()
        self.shows(self.jalon.run("signer", "repair", "--cut-tail"), "STORE_SOUND", code=1)
        self.tear_then_repair("signer")
        self.jalon.serve()
        self.sign()

    def test_a_torn_manifest_of_the_memory_is_cut_and_nothing_is_forgotten(self):
        self.sign()
        self.kill()
        jalon.tear_manifest(self.store())
        said = self.shows(self.jalon.run("signer", "repair"), "every write stays")
        self.assertNotIn("Nothing was there to ask", said.out)
        self.shows(self.jalon.run("signer", "repair", "--lang", "fr"), "les écritures restent")
        self.shows(self.jalon.run("signer", "repair", "--cut-tail"), "every write stays")
        self.jalon.serve()
        self.sign()

    def test_a_memory_that_lost_its_last_write_signs_on(self):
        self.sign()
        self.kill()
        self.flip_last_byte()
        self.assertIn("jalon signer repair", self.refused_start())
        repair = self.jalon.run("signer", "repair", "--cut-tail")
        self.shows(repair, "one write.", "Nothing was there to ask", "log lost nothing")
        self.jalon.serve()
        self.sign()


if __name__ == "__main__":
    unittest.main()
