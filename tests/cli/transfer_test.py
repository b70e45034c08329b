"""A student moves from one school to another, and is rectified.   Usage: transfer_test.py JALON

Two schools on one server; a third one on a server of its own, whose deployment is unknown at first.
"""

import base64
import hashlib
import json
import os
import pathlib
import stat
import tempfile
import unittest

import jalon
import jalon_test

NORTH = "CFP-NORD"
SOUTH = "CFP-SUD"


def verifier_key(name):
    """A verifier key of that name (C2SP signed-note), of a key that nobody has."""
    key = b"\x01" + bytes(32)
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(key).decode()}"


class Moves(jalon_test.School):
    """Ada did a1 and half of a2 in the north."""

    @classmethod
    def found(cls):
        super().found()
        cls.today_on = cls.jalon.run("--output", "json", "clock", "show").json["todayOn"]
        cls.north = cls.jalon.token
        cls.south = cls.open_school(cls.jalon, SOUTH)

    @classmethod
    def open_school(cls, on, code):
        """A school with its coordinator and the programme; gives the coordinator's token."""
        def run(*words, token):
            ran = on.run("--output", "json", *words, JALON_TOKEN=token)
            assert ran.code == 0, str(ran)
            return ran

        region = on.run("token", "issue", "--role", "REG").out.strip()
        run("school", "register", "--code", code, "--name", code.title(), token=region)
        granted = run(
            *("access", "grant", "--school", code, "--whole-school", "--given-name", "Jeanne"),
            *("--family-name", "Roy", "--role", "COO", "--external-id", "J2"),
            token=region,
        ).json["result"]
        person = granted["created"][0]["personId"]
        issue = ("token", "issue", "--role", "COO", "--school", code, "--person", person)
        token = on.run(*issue).out.strip()
        run(*jalon_test.MECHANICS, token=token)
        return token

    def setUp(self):
        self.under = pathlib.Path(tempfile.mkdtemp(dir=self.folder.name))

    def live(self, name):
        """A student of the north whose stay ended: a1 done, a2 partly."""
        student, stay = self.enrol(name)
        why = {"clear": {"text": "there already"}}
        start = {"stayId": stay, "startedOn": self.today_on, "deviationReason": why}
        self.call("StartStay", start)
        rows = [
            {"activity": "a1", "outcome": "OUTCOME_KIND_COMPLETED"},
            {"activity": "a2", "outcome": "OUTCOME_KIND_PARTLY", "cause": "OUTCOME_CAUSE_TIME"},
        ]
        rows = [{**row, "performedOn": self.today_on} for row in rows]
        self.call("RecordActivityOutcomes", {"stayId": stay, "outcomes": rows})
        end = {"stayId": stay, "endedOn": self.today_on, "kind": "STAY_END_KIND_AS_PLANNED"}
        self.call("EndStay", end)
        return student

    def enrol_in(self, token, name, on=None):
        row = {
            "identity": {"clear": {"externalId": name, "familyName": "Élève", "givenName": name}},
            "programme": jalon_test.DESIGN["programme"],
            "inAlternance": True,
        }
        words = ("call", "EnrolStudents", "--json", json.dumps({"rows": [row]}))
        ran = (on or self.jalon).run("--output", "json", *words, JALON_TOKEN=token)
        self.assertEqual(ran.code, 0, str(ran))
        return ran.json["result"]["created"][0]["personId"]

    def key(self, token, on=None):
        words = ("--output", "json", "school", "transfer-key")
        ran = (on or self.jalon).run(*words, JALON_TOKEN=token)
        self.assertEqual(ran.code, 0, str(ran))
        return ran.json

    def export(self, student, key, *more, name="ada.transfer", school=SOUTH):
        file = self.under / name
        words = ("person", "export-transfer", student, "--to-school", school)
        return file, self.jalon.run(*words, "--key", key, "--to", str(file), *more)

    def imported(self, file, student, *more, token=None, on=None, **environment):
        words = ("person", "import-transfer", str(file), f"{file}.note", "--student", student)
        return (on or self.jalon).run(*words, *more, JALON_TOKEN=token or self.south, **environment)

    def test_ada_moves_and_everything_is_there_under_a_new_pseudonym(self):
        ada = self.live("ada")
        key = self.key(self.south)["receivingKey"]
        self.assertEqual(key, self.key(self.south)["receivingKey"])
        file, ran = self.export(ada, key)
        self.shows(ran, "accomplished activities", str(file))
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        note = pathlib.Path(f"{file}.note").read_text(encoding="utf-8")
        self.assertIn(f"from {NORTH}\nto {SOUTH}\n", note)
        for secret in ("a1", "850-568", ada, "ada"):
            self.assertNotIn(secret.encode(), file.read_bytes())
            self.assertNotIn(ada, note)
        moved = self.enrol_in(self.south, "ada")
        self.assertNotEqual(moved, ada)
        self.shows(self.imported(file, moved, "--dry-run"))
        self.shows(self.imported(file, moved), "stay")
        again = self.imported(file, moved)
        self.shows(again)
        self.assertNotIn("STAY_ALREADY_KNOWN", again.out + again.err)
        # Another transfer tells the same: nothing is owed or counted twice.
        newer, ran = self.export(ada, key, name="again.transfer")
        self.shows(ran)
        self.shows(self.imported(newer, moved), "STAY_ALREADY_KNOWN")
        shown = self.jalon.run(
            *("--output", "json", "student", "progress", moved), JALON_TOKEN=self.south
        )
        self.assertEqual(len(shown.json["progress"]["stays"]), 1, str(shown))
        shown = self.jalon.run("student", "progress", moved, JALON_TOKEN=self.south)
        self.shows(shown, NORTH, "StayTransferred", "Replace the linings", "partly done", "owed")
        eligible = self.jalon.run(
            *("student", "eligibility", moved, "--module", "850-568"), JALON_TOKEN=self.south
        )
        self.shows(eligible, "MAKEUP_NOT_PLANNED")
        exported = self.under / "all.json"
        words = ("person", "export", moved, "--to", str(exported))
        self.shows(self.jalon.run(*words, JALON_TOKEN=self.south))
        self.assertIn("TransferImported", exported.read_text(encoding="utf-8"))
        close = ("student", "close", ada, "--end", "transferred", "--reason", "moved")
        self.shows(self.jalon.run(*close))
        self.shows(self.jalon.run("student", "progress", ada), "transferred to another school")
        # It can still be issued: what was owed when she left is told as owed.
        _, late = self.export(ada, key, "--output", "json", name="late.transfer")
        self.assertEqual(late.json["makeUps"], 1, str(late))

    def test_what_was_altered_or_is_not_for_this_school_is_refused_and_says_which(self):
        bea = self.live("bea")
        south = self.enrol_in(self.south, "bea")
        file, ran = self.export(bea, self.key(self.south)["receivingKey"], name="bea.transfer")
        self.shows(ran)
        note = pathlib.Path(f"{file}.note")
        sealed, signed = file.read_bytes(), note.read_bytes()
        file.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        refused = self.imported(file, south)
        self.shows(refused, "TRANSFER_SIGNATURE_INVALID", "not the one that", code=1)
        file.write_bytes(sealed)
        note.write_bytes(signed.replace(b"to CFP-SUD", b"to CFP-SUR"))
        self.shows(self.imported(file, south), "not what its issuer signed", code=1)
        french = self.imported(file, south, LANG="fr_CA.UTF-8")
        self.shows(french, "n’est pas ce que son émetteur a signé", code=1)
        note.write_bytes(signed)
        north = self.enrol_in(self.north, "bea2")
        self.shows(self.imported(file, north, token=self.north), "for another school", code=1)
        self.shows(self.imported(file, south))

    def test_nothing_to_tell_no_key_and_others_are_refused(self):
        carl, _ = self.enrol("carl")
        key = self.key(self.south)["receivingKey"]
        file, ran = self.export(carl, key, name="carl.transfer")
        self.shows(ran, "NOTHING_TO_TRANSFER", code=1)
        self.assertFalse(file.exists())
        # A stay that is still to come is said.
        prior = ("student", "prior-result", carl, "850-573", "--obtained", "2020-06-01")
        self.shows(self.jalon.run(*prior, "--origin", "recognition", "--document", "RAC-8"))
        self.shows(self.export(carl, key, name="carl.transfer")[1], "One stay is planned")
        dora = self.live("dora")
        self.shows(self.export(dora, "00" * 32, name="dora.transfer")[1], "receiving_key", code=2)
        self.shows(self.export(dora, key, school=NORTH)[1], "receiving_school", code=2)
        # A name that is taken is said before anything is issued.
        taken = self.under / "taken.transfer"
        note = pathlib.Path(f"{taken}.note")
        note.write_text("another's", encoding="utf-8")
        issued = self.jalon.run("access", "log", "--person", dora).out.count("person.transfer")
        file, ran = self.export(dora, key, name="taken.transfer")
        self.assertNotEqual(ran.code, 0, str(ran))
        self.assertIn("taken.transfer.note is already there", ran.err)
        self.assertFalse(file.exists())
        self.assertEqual(note.read_text(encoding="utf-8"), "another's")
        log = self.jalon.run("access", "log", "--person", dora)
        self.assertEqual(log.out.count("person.transfer"), issued, str(log))
        self.shows(self.export(dora, "abc")[1], code=2)
        student = self.issue("--role", "STU", "--school", NORTH, "--person", dora)
        refused = self.jalon.run(
            *("person", "export-transfer", dora, "--to-school", SOUTH, "--key", key),
            *("--to", str(self.under / "x")),
            JALON_TOKEN=student,
        )
        self.shows(refused, code=4)
        self.shows(self.jalon.run("school", "transfer-key", JALON_TOKEN=student), code=4)

    def test_another_deployment_is_believed_once_it_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            other = jalon.Jalon(jalon_test.PROGRAM, folder)
            other.serve("--virtual-clock")
            try:
                token = self.open_school(other, "CFP-EST")
                eva = self.live("eva")
                keys = self.key(token, on=other)
                key, own = keys["receivingKey"], keys["issuerKey"]
                file, ran = self.export(eva, key, name="eva.transfer", school="CFP-EST")
                self.shows(ran)
                moved = self.enrol_in(token, "eva", on=other)
                refused = self.imported(file, moved, token=token, on=other)
                self.shows(refused, "not one that is trusted", code=1)
                self.assertEqual(other.stop(), 0)
                issuers = pathlib.Path(folder) / "issuers"
                issuers.write_text("no key\n", encoding="utf-8")
                ended = other.serve_until_it_ends("--transfer-issuers", str(issuers))
                self.assertNotEqual(ended, 0)
                self.assertIn("line 1: no verifier key", pathlib.Path(other.log).read_text())
                for name, why in (
                    ("elsewhere.example/transfer", "no verifier key of a deployment's transfers"),
                    (own.split("+")[0], "the name of this deployment itself"),
                ):
                    issuers.write_text(f"{verifier_key(name)}\n", encoding="utf-8")
                    ended = other.serve_until_it_ends("--transfer-issuers", str(issuers))
                    self.assertNotEqual(ended, 0)
                    self.assertIn(f"line 1: {why}", pathlib.Path(other.log).read_text())
                issuers.write_text(f"# north\n{self.key(self.north)['issuerKey']}\n")
                other.serve("--transfer-issuers", str(issuers))
                # The school's key outlives the restart.
                self.assertEqual(self.key(token, on=other)["receivingKey"], key)
                north = self.key(self.north)["issuerKey"].split("+")[0]
                imported = self.imported(file, moved, token=token, on=other)
                self.shows(imported, f"It names {north}")
            finally:
                other.stop()

    def test_a_correction_shows_both_versions_and_a_refusal_what_the_person_says(self):
        fay, _ = self.enrol("fay")
        rectify = ("person", "rectify", fay, "--given-name", "Faye", "--family-name", "Corrigée")
        self.shows(self.jalon.run(*rectify, "--external-id", "fay"), "--reason", code=2)
        why = ("--external-id", "fay", "--reason", "a birth certificate")
        said = self.jalon.run(*rectify, *why)
        self.shows(said, "No --born")
        self.assertNotIn("No --external-id", said.err)
        self.shows(self.jalon.run(*rectify, *why), "NOTHING_TO_CHANGE", code=1)
        stated = ("person", "state", fay, "--about", "5.0", "--words", "I was there")
        self.shows(self.jalon.run(*stated, "--reason", "nobody saw her"))
        for token in (self.north, self.issue("--role", "STU", "--school", NORTH, "--person", fay)):
            shown = self.jalon.run("student", "progress", fay, "--open", JALON_TOKEN=token)
            self.shows(shown, "fay Élève", "Faye Corrigée", "a birth certificate", "I was there")
            self.shows(shown, "nobody saw her", "#5.0")
        closed = self.jalon.run("student", "progress", fay)
        self.shows(closed, "(sealed)")
        self.assertNotIn("Corrigée", closed.out)
        file = self.under / "fay.json"
        self.shows(self.jalon.run("person", "export", fay, "--to", str(file)))
        text = file.read_text(encoding="utf-8")
        for said in ("Élève", "Corrigée", "a birth certificate", "I was there", "nobody saw her"):
            self.assertIn(said, text)

    def test_a_minors_guardian_is_corrected_too(self):
        ida, _ = self.enrol("ida")
        born = f"{int(str(self.today_on)[:4]) - 16}-01-01"
        rectify = ("person", "rectify", ida, "--given-name", "Ida", "--family-name", "Roy")
        rectify = (*rectify, "--born", born, "--reason", "a birth certificate")
        self.shows(self.jalon.run(*rectify), "MINOR_WITHOUT_GUARDIAN", "No --external-id")
        guardian = ("--guardian-email", "parent@exemple.org", "--guardian-telephone", "418 555")
        self.shows(self.jalon.run(*rectify, *guardian), "guardian.name", code=2)
        named = self.jalon.run(*rectify, *guardian, "--guardian", "Line Roy")
        self.shows(named)
        self.assertNotIn("MINOR_WITHOUT_GUARDIAN", named.out + named.err)
        file = self.under / "ida.json"
        self.shows(self.jalon.run("person", "export", ida, "--to", str(file)))
        text = file.read_text(encoding="utf-8")
        for said in ("Line Roy", "parent@exemple.org", "418 555"):
            self.assertIn(said, text)

    def test_a_result_given_elsewhere_counts_with_its_document(self):
        gus, _ = self.enrol("gus")
        prior = ("student", "prior-result", gus, "850-573", "--obtained", "2020-06-01")
        self.shows(self.jalon.run(*prior, "--origin", "recognition"), "--document", code=2)
        self.shows(self.jalon.run(*prior, "--origin", "recognition", "--document", "RAC-7"))
        self.shows(self.jalon.run("student", "progress", gus), "recognition of prior learning")


if __name__ == "__main__":
    unittest.main()
