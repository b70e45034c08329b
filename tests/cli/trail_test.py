"""A company's trail, from a tutor's word to an auditor's verdict.

Usage: trail_test.py JALON TRAIL_MAKER THIEF
"""

import datetime
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time
import unittest

import trail_school  # takes JALON from the command line

MAKER, THIEF = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
KEY_BYTES_HEX = 64
RETENTION_H = str(8 * 366 * 24)  # a school keeps seven years
PATIENCE_S = 60


def entries(exported):
    """The bytes of all bundles, in order: fewer than a hundred entries are one."""
    files = [file for file in pathlib.Path(exported, "tile/entries").rglob("*") if file.is_file()]
    assert len(files) == 1, files
    return files[0].read_bytes()


class Trails(trail_school.TrailSchool):
    """What an auditor does, and what a holder of a receipt does."""

    def test_an_estimate_is_exported_and_valid_offline(self):
        position = self.report("another word")
        shown = self.jalon.run(
            *("--output", "json", "--after", position, "trail", "show", self.company),
            JALON_TOKEN=self.auditor,
        )
        self.assertEqual(shown.code, 0, str(shown))
        last = shown.json["entries"][-1]
        self.assertEqual(last["event"]["type"], "FormativeEstimateReported")
        self.assertEqual(last["about"], "o1")
        self.assertEqual(last["actor"]["personId"], self.people["Luc"])
        self.assertEqual(last["subjectId"], self.student)
        for secret in ("another word", "with some help", "Ada", "Luc"):
            self.assertNotIn(secret, shown.out)
        folder, key = self.export()
        self.shows(self.verify(folder, key), "VALID", shown.json["size"])
        for file in pathlib.Path(folder).rglob("*"):
            if file.is_file():
                self.assertNotIn(b"another word", file.read_bytes())
        french = self.jalon.run(
            *("trail", "export", self.company, str(self.under / "fr"), "--lang", "fr"),
            JALON_TOKEN=self.auditor,
        )
        self.shows(french, "entrées exportées dans", "jalon verify", key)

    def test_an_edited_entry_is_named(self):
        folder, key = self.export()
        files = pathlib.Path(folder, "tile/entries").rglob("*")
        bundle = next(file for file in files if file.is_file())
        edited = bytearray(bundle.read_bytes())
        edited[2 + int.from_bytes(edited[:2], "big") // 2] ^= 1
        bundle.write_bytes(edited)
        self.shows(self.verify(folder, key), "ALTERED", "entry 0", code=20)

    def test_a_checkpoint_kept_from_before_exposes_what_is_missing(self):
        older, key = self.export("older")
        for word in ("one", "two", "three"):
            self.report(word)
        kept = str(self.under / "kept.checkpoint")
        position = self.report("four")
        got = self.jalon.run(
            *("--after", position, "trail", "checkpoint", self.company, "--out", kept),
            JALON_TOKEN=self.auditor,
        )
        self.shows(got, key)
        self.shows(self.verify(older, key), "VALID")  # by itself nothing shows
        self.shows(self.verify(older, key, "--checkpoint", kept), "TRUNCATED", code=22)
        newer, _ = self.export("newer")
        self.shows(self.verify(newer, key, "--checkpoint", kept), "VALID")
        self.shows(
            self.verify(newer, key, "--checkpoint", os.path.join(older, "checkpoint")), "VALID"
        )

    def test_a_proof_is_a_file_that_verify_takes(self):
        proof = str(self.under / "first.tlog-proof")
        got = self.jalon.run("trail", "proof", self.company, "0", "--out", proof)
        self.shows(got, "+")
        folder, key = self.export()
        self.shows(self.verify(folder, key, "--receipt", proof), "VALID")
        beyond = self.jalon.run("trail", "proof", self.company, "100000")
        self.shows(beyond, "beyond the trail", code=2)

    def test_an_estimate_brings_a_receipt_by_which_an_omission_is_proven(self):
        before, key = self.export("before")
        kept = self.under / "kept"
        answer = self.reported("with a receipt", "--receipts", str(kept))
        self.assertEqual(answer["result"]["trailEntries"], 1)
        (receipt,) = answer["result"]["receipts"]
        self.assertFalse(answer["result"]["receiptPending"])
        (proof,) = kept.glob("*.tlog-proof")
        self.assertEqual(proof.name, f"{self.company}-{receipt['index']}.tlog-proof")
        self.assertEqual(proof.read_text(encoding="utf-8"), receipt["tlogProof"])
        self.assertNotIn(b"with a receipt", proof.with_suffix(".entry").read_bytes())
        keys = ("--key", receipt["verifierKey"], "--receipt", str(proof))
        missing = self.verify(before, key, *keys)
        self.shows(missing, "RECEIPT MISSING", f"it proves, {receipt['index']}", code=23)
        after, _ = self.export("after")
        self.shows(self.verify(after, key, *keys), "VALID", "receipts")
        # Of another key's log, and for other bytes, it says nothing of the trail.
        self.shows(self.verify(after, key, "--receipt", str(proof)), "origin", code=26)
        entry = bytearray(proof.with_suffix(".entry").read_bytes())
        entry[len(entry) // 2] ^= 1
        proof.with_suffix(".entry").write_bytes(entry)
        self.shows(self.verify(after, key, *keys), "ALTERED", code=20)

    def test_a_repeat_brings_a_receipt_again_and_a_dry_run_none(self):
        request = f"{int(datetime.datetime.now().timestamp() * 1000):012x}7{'0' * 3}8{'1' * 15}"
        first = self.reported("once", "--request-id", request)
        again = self.reported("once", "--request-id", request)
        self.assertEqual(again["position"], first["position"])
        one, other = (answer["result"]["receipts"][0] for answer in (first, again))
        self.assertEqual(one["entry"], other["entry"])
        self.assertEqual(one["index"], other["index"])
        dry = self.reported("never", "--dry-run")
        self.assertEqual(dry["result"]["receipts"], [])
        self.assertFalse(dry["result"]["receiptPending"])

    def test_who_gets_a_receipt_later(self):
        answer = self.reported("later")
        (receipt,) = answer["result"]["receipts"]
        words = ("trail", "receipt", self.company, str(receipt["index"]))
        student = self.issue("--role", "STU", "--school", "CFP-NORD", "--person", self.student)
        other_student = self.issue("--role", "STU", "--school", "CFP-NORD", "--person", "11" * 8)
        other_tutor = self.person("Max", "TUT", "--company", self.company)
        for token in (self.tutor, self.signatory, self.auditor, student, None):
            told = {"JALON_TOKEN": token} if token else {}
            got = self.jalon.run("--output", "json", *words, **told)
            self.assertEqual(got.code, 0, str(got))
            self.assertEqual(got.json["receipt"]["entry"], receipt["entry"])
        for token in (other_student, other_tutor, self.stranger):
            ran = self.jalon.run("--school", "CFP-NORD", *words, JALON_TOKEN=token)
            self.shows(ran, "NOT_FOUND", code=3)
        beyond = self.jalon.run("trail", "receipt", self.company, "100000")
        self.shows(beyond, "beyond the trail", code=2)
        path = self.under / "mine"
        saved = self.jalon.run(*words, "--out", str(path), JALON_TOKEN=self.tutor)
        self.shows(saved, receipt["verifierKey"])
        folder, key = self.export()
        held = ("--receipt", f"{path}.tlog-proof", "--key", receipt["verifierKey"])
        self.shows(self.verify(folder, key, *held), "VALID")

    def test_an_export_is_in_the_root_log_of_which_a_checkpoint_is_kept(self):
        folder, key = self.export()
        got = self.jalon.run("--output", "json", "trail", "root", JALON_TOKEN=self.auditor)
        self.assertEqual(got.code, 0, str(got))
        root = got.json["checkpoint"]
        self.assertTrue(pathlib.Path(folder, "root.tlog-proof").is_file())
        shown = self.verify(folder, key)
        self.shows(shown, "VALID", "root log")  # it is not proven: the key was not given
        proven = ("--published", "--key", root["verifierKey"])
        self.shows(self.verify(folder, key, *proven), "VALID", "published; ")
        self.shows(self.verify(folder, key, "--published"), "WRONG ORIGIN", code=26)
        # The same size is not published twice; the log goes on from what it was.
        same, _ = self.export("same")
        again = self.jalon.run(
            *("--output", "json", "trail", "root", "--old-size", root["size"]),
            JALON_TOKEN=self.auditor,
        )
        self.assertEqual(again.json["checkpoint"], root)
        self.report("grows")
        newer, _ = self.export("newer")
        self.shows(self.verify(newer, key, *proven), "VALID", "published; ")
        grown = self.jalon.run(
            *("--output", "json", "trail", "root", "--old-size", root["size"]),
            JALON_TOKEN=self.auditor,
        )
        self.assertEqual(int(grown.json["checkpoint"]["size"]), int(root["size"]) + 1)
        self.assertTrue(grown.json["consistency"])
        # A trail that the root log does not hold.
        shutil.copy(pathlib.Path(newer, "root.tlog-proof"), same)
        self.shows(self.verify(same, key, *proven), "ALTERED", "root.tlog-proof", code=20)
        os.unlink(pathlib.Path(same, "root.tlog-proof"))
        self.shows(self.verify(same, key, *proven), "ALTERED", "root.tlog-proof", code=20)
        refused = self.jalon.run("trail", "root", JALON_TOKEN=self.tutor)
        self.assertEqual(refused.code, 4, str(refused))

    def test_who_may_see_a_trail(self):
        show = ("trail", "show", self.company)
        listed = self.jalon.run("trail", "list", JALON_TOKEN=self.auditor)
        self.shows(listed, self.company)
        self.shows(self.jalon.run(*show, JALON_TOKEN=self.signatory), "FormativeEstimateReported")
        other = ("trail", "show", "22" * 8)
        self.shows(self.jalon.run(*other, JALON_TOKEN=self.signatory), "NOT_FOUND", code=3)
        for token, words, code in (
            (self.stranger, show, 3),
            (self.stranger, ("trail", "list"), 3),
            (self.stranger, ("trail", "checkpoint", self.company), 3),
            (self.stranger, ("trail", "export", self.company, str(self.under / "none")), 3),
            (self.signatory, ("trail", "export", self.company, str(self.under / "none")), 4),
            (self.tutor, show, 4),
        ):
            ran = self.jalon.run("--school", "CFP-NORD", *words, JALON_TOKEN=token)
            self.assertEqual(ran.code, code, f"{words}: {ran}")
        self.assertFalse((self.under / "none").exists())

    def test_the_key_is_shown_by_its_public_half_only_and_never_made_again(self):
        listed = self.jalon.run("--output", "json", "trail", "list").json["trails"][0]
        shown = self.jalon.run("--output", "json", "signer", "show", "--origin", listed["origin"])
        self.assertEqual(shown.code, 0, str(shown))
        self.assertEqual(shown.json["verifierKey"], listed["verifierKey"])
        path = shown.json["key"]
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        secret = pathlib.Path(path).read_text(encoding="ascii").strip().rsplit(":", 1)[1]
        self.assertEqual(len(secret), KEY_BYTES_HEX)
        again = self.jalon.run("signer", "init")
        self.shows(again, "ALREADY_EXISTS", code=1)
        for ran in (shown, again, self.jalon.run("signer", "show")):
            self.assertNotIn(secret, ran.out + ran.err)
        with open(self.jalon.log, encoding="utf-8") as log:
            self.assertNotIn(secret, log.read())

    def test_a_verifier_key_is_made_of_the_public_half_alone(self):
        listed = self.jalon.run("--output", "json", "trail", "list").json["trails"][0]
        public = self.jalon.run("--output", "json", "signer", "show").json["publicKey"]
        words = ("signer", "show", "--origin", listed["origin"])
        nothing = {"JALON_TOKEN": None, "JALON_SERVER": None, "JALON_DATA": None}
        made = self.jalon.run("--output", "json", *words, "--public-key", public, **nothing)
        self.assertEqual(made.code, 0, str(made))
        self.assertEqual(made.json["verifierKey"], listed["verifierKey"])
        self.shows(self.jalon.run(*words, **nothing), "--public-key", code=2)
        self.shows(self.jalon.run(*words, "--public-key", "12", **nothing), "64 hex", code=2)

    def test_the_key_is_changed_and_for_a_while_both_sign(self):
        kept, old = self.export("kept")
        origin = old.split("+")[0]
        old_public = self.jalon.run("--output", "json", "signer", "show").json["publicKey"]
        self.shows(self.jalon.run("signer", "rotate"), "DATA_IN_USE", code=1)
        self.assertEqual(self.jalon.stop(), 0)
        self.shows(self.jalon.run("signer", "retire"), "one key signs", code=3)
        rotated = self.jalon.run("--output", "json", "signer", "rotate", "--origin", origin)
        self.assertEqual(rotated.code, 0, str(rotated))
        new = rotated.json["verifierKey"]
        self.assertEqual(rotated.json["previousVerifierKey"], old)
        note = self.under / "rotation"
        note.write_text(rotated.json["rotation"], encoding="utf-8")
        self.shows(self.jalon.run("signer", "rotate"), "jalon signer retire", code=1)
        self.shows(self.jalon.run("signer", "show"), "vouches for the one after it", old_public)
        self.jalon.serve()
        self.wait_for_trails()
        self.report("after the change")
        both, told = self.export("both")
        self.assertEqual(told, new)
        signed = pathlib.Path(both, "checkpoint").read_text(encoding="utf-8")
        self.assertEqual(signed.count("\n— "), 2)
        earlier = ("--checkpoint", os.path.join(kept, "checkpoint"))
        self.shows(self.verify(both, old, *earlier), "VALID")
        self.shows(self.verify(both, new), "VALID")
        self.shows(self.verify(both, new, *earlier), "UNSIGNED", "--rotation", code=25)
        self.shows(self.verify(both, new, "--key", old, *earlier), "VALID")

        self.assertEqual(self.jalon.stop(), 0)
        self.shows(self.jalon.run("signer", "retire"), "vouches for the one after it")
        self.jalon.serve()
        self.wait_for_trails()
        alone, told = self.export("alone")
        self.assertEqual(told, new)
        self.shows(self.verify(alone, new), "VALID")
        self.shows(self.verify(alone, old), "UNSIGNED", "ask for its note", code=25)
        self.shows(self.verify(alone, old, "--rotation", str(note), *earlier), "VALID")
        # An auditor gets the new key by the old one, and by nothing else.
        nothing = {"JALON_TOKEN": None, "JALON_SERVER": None, "JALON_DATA": None}
        words = ("signer", "show", "--origin", origin, "--rotation", str(note), "--public-key")
        made = self.jalon.run("--output", "json", *words, old_public, **nothing)
        self.assertEqual(made.json["verifierKey"], new)
        self.shows(self.jalon.run(*words, "11" * 32, **nothing), "do not rely", code=25)
        self.shows(self.verify(alone, new, "--rotation", str(note)), "another key", code=2)
        text = note.read_text(encoding="utf-8")
        self.verify_chain(origin, old, text)
        note.write_text(text.replace(text[-8:-4], "AAAA"), encoding="utf-8")
        self.shows(self.verify(alone, old, "--rotation", str(note)), "signature", code=2)

    def verify_chain(self, origin, first_key, first_note):
        """The key is changed once more: its first owner gets the last one by both notes."""
        self.assertEqual(self.jalon.stop(), 0)
        rotated = self.jalon.run("--output", "json", "signer", "rotate", "--origin", origin)
        self.assertEqual(rotated.code, 0, str(rotated))
        self.shows(self.jalon.run("signer", "retire"), "vouches for the one after it")
        self.jalon.serve()
        self.wait_for_trails()
        third, told = self.export("third")
        self.assertEqual(told, rotated.json["verifierKey"])
        notes = []
        for name, text in (("first", first_note), ("second", rotated.json["rotation"])):
            notes.append(self.under / f"rotation-{name}")
            notes[-1].write_text(text, encoding="utf-8")
        chain = [word for note in notes for word in ("--rotation", str(note))]
        self.shows(self.verify(third, first_key, *chain), "VALID")
        # In their order, and from the key that was given on.
        for words in (chain[2:] + chain[:2], chain[2:]):
            self.shows(self.verify(third, first_key, *words), "another key", code=2)
        self.shows(self.verify(third, first_key, "--rotation", str(notes[0])), "UNSIGNED",
                   code=25)

    def test_what_was_signed_outlives_the_server(self):
        folder, key = self.export()
        before = pathlib.Path(folder, "checkpoint").read_bytes()
        self.assertEqual(self.jalon.stop(), 0)
        shutil.rmtree(os.path.join(self.jalon.data, "views"))
        self.jalon.serve()
        self.wait_for_trails()
        again, same = self.export("again")
        self.assertEqual(same, key)
        self.assertEqual(pathlib.Path(again, "checkpoint").read_bytes(), before)

    def test_trails_are_published_by_themselves_as_they_grow(self):
        self.assertEqual(self.jalon.stop(), 0)
        self.jalon.serve("--publish-seconds", "1")
        self.wait_for_trails()
        sizes = [self.root_size()]
        for word in ("one more", "and another"):
            self.report(word)
            grown = self.wait_for(lambda: self.root_size() > sizes[-1])
            self.assertTrue(grown, sizes)
            sizes.append(self.root_size())
        # The trail and its partition's receipts log, each time; and nothing while nothing happens.
        time.sleep(2.5)
        self.assertEqual(self.root_size(), sizes[-1])
        self.assertEqual(sizes[2] - sizes[1], 2)

    def test_a_receipt_that_is_still_to_come_says_which_entry_to_ask_for(self):
        self.assertEqual(self.jalon.stop(), 0)
        self.jalon.serve("--roles", "writer,query,relay,vault")
        self.wait_for_trails()
        result = self.reported("nobody signs here")["result"]
        self.assertTrue(result["receiptPending"])
        (place,) = result["receipts"]
        self.assertEqual((place["companyId"], place["tlogProof"]), (self.company, ""))
        ask = ("trail", "receipt", self.company, place["index"])
        elsewhere = self.jalon.run(*ask, JALON_TOKEN=self.tutor)
        self.shows(elsewhere, "SIGNER_ELSEWHERE", code=5)
        estimate = {"stayId": self.stay, "objective": "o1", "observedOn": self.today_on}
        estimate["words"] = {"clear": {"word": "alone", "comment": "told in words"}}
        told = self.jalon.run(
            *("call", "ReportFormativeEstimate", "--json", json.dumps(estimate)),
            JALON_TOKEN=self.tutor,
        )
        self.shows(told, f"jalon trail receipt {self.company} {int(place['index']) + 1}")
        self.assertEqual(self.jalon.stop(), 0)
        self.jalon.serve()
        self.wait_for_trails()
        path = self.under / "late.tlog-proof"
        self.shows(self.jalon.run(*ask, "--out", str(path), JALON_TOKEN=self.tutor), "+")
        self.assertTrue(path.is_file())

    def root_size(self):
        got = self.jalon.run("--output", "json", "trail", "root")
        self.assertEqual(got.code, 0, str(got))
        return int(got.json["checkpoint"]["size"])

    def wait_for(self, came):
        for _ in range(100):
            if came():
                return True
            time.sleep(0.1)
        return False

    def wait_for_trails(self):
        for _ in range(600):
            if self.jalon.run("trail", "list").code == 0:
                return
        self.fail("the views were not built anew")


class Erased(trail_school.TrailSchool):
    """A student is erased of whom a trail tells; one test, since years pass in it."""

    @classmethod
    def found(cls):
        super().found()
        cls.nora = cls.issue("--role", "COO", "--school", "CFP-NORD", "--person", "00" * 7 + "02")
        cls.call(
            "EndStay",
            {
                "stayId": cls.stay,
                "endedOn": cls.today_on,
                "kind": "STAY_END_KIND_AS_PLANNED",
                "presumeNotPerformed": True,
            },
        )

    def erase(self):
        """Two coordinators do; the key is destroyed."""
        self.shows(self.jalon.run("clock", "advance", "--hours", RETENTION_H))
        self.done("person", "request-erasure", self.student)
        self.done("person", "erase", self.student, JALON_TOKEN=self.nora)
        give_up = time.monotonic() + PATIENCE_S
        while True:
            shown = self.jalon.run("--output", "json", "person", "show", self.student)
            if shown.json["key"] == "PERSON_KEY_STATE_DESTROYED":
                return
            self.assertLess(time.monotonic(), give_up, str(shown))
            time.sleep(0.1)

    def steals(self, person):
        """What a thief of the stopped server's folder came to, who tries all keys on a person."""
        words = [THIEF, "try", self.jalon.data, "CFP-NORD", person]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_what_was_kept_before_an_erasure_holds_after_it_and_no_key_opens_anything(self):
        kept = self.under / "kept"
        (receipt,) = self.reported("told of her", "--receipts", str(kept))["result"]["receipts"]
        (proof,) = kept.glob("*.tlog-proof")
        before, key = self.export("before")
        checkpoint = ("--checkpoint", os.path.join(before, "checkpoint"))
        held = ("--key", receipt["verifierKey"], "--receipt", str(proof))
        self.erase()
        after, same = self.export("after", self.jalon.token)
        self.assertEqual(same, key)
        self.assertTrue(entries(after).startswith(entries(before)))
        self.shows(self.verify(after, key, *checkpoint, *held), "VALID", "receipts")
        # Written anew, without a word on her, and signed by the log's own key: by itself it is
        # valid. What was kept says otherwise.
        seed = self.jalon.run("--output", "json", "signer", "show").json["key"]
        seed = pathlib.Path(seed).read_text(encoding="ascii").strip().rsplit(":", 1)[1]
        anew = str(self.under / "anew")
        rewrite = [MAKER, "rewrite", after, anew, seed, str(receipt["index"])]
        subprocess.run(rewrite, timeout=60, check=True)
        self.shows(self.verify(anew, key), "VALID")
        for evidence in (checkpoint, held):
            self.shows(self.verify(anew, key, *evidence), "FORKED", code=21)

        self.assertEqual(self.jalon.stop(), 0)
        code, said = self.steals(self.student)
        self.assertEqual(code, 0, said)
        code, said = self.steals(self.people["Luc"])  # the same opens what is not erased
        self.assertEqual(code, 1, said)


if __name__ == "__main__":
    unittest.main()
