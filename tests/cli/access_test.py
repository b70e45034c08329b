"""Who may do what, who did, and the chain that says so.   Usage: access_test.py JALON"""

import json
import os
import pathlib
import shutil
import time
import unittest

import jalon_test

NAME = "Tremblay-Canari"  # in the identity of everybody here: never in the access log
ALTERED, DENIED, NOT_FOUND, USAGE = 20, 4, 3, 2


class Access(jalon_test.School):
    after = ""  # the position of the last command that was accepted

    @classmethod
    def done(cls, *words, **more):
        ran = cls.jalon.run("--output", "json", *words, **more)
        assert ran.code == 0, f"{words}: {ran}"
        cls.after = ran.json["position"]
        return ran.json["result"]

    def ask(self, *words, **more):
        """Of views that have what was done last."""
        return self.jalon.run("--after", self.after, *words, **more)

    def grant(self, name, *scope):
        """A person of that role: the id of the person, and of the grant."""
        granted = self.done(
            *("access", "grant", "--given-name", name, "--family-name", NAME, *scope)
        )
        return granted["created"][0]["personId"], granted["created"][0]["id"]

    def token(self, role, person, *more):
        return self.issue("--role", role, "--school", "CFP-NORD", "--person", person, *more)

    def student(self, name):
        row = {
            "identity": {"clear": {"familyName": NAME, "givenName": name, "externalId": name}},
            "programme": jalon_test.DESIGN["programme"],
            "inAlternance": True,
        }
        return self.call("EnrolStudents", {"rows": [row]})["created"][0]["personId"]

    def listed(self, *words, **more):
        ran = self.jalon.run("--output", "json", "access", *words, **more)  # of no position
        self.assertEqual(ran.code, 0, str(ran))
        return ran.json

    def test_a_grant_that_is_revoked_ends_at_once(self):
        person, grant = self.grant("Paule", "--role", "TEA", "--whole-school")
        teacher = self.token("TEA", person)
        asked = ("sequence", "list")
        self.shows(self.ask(*asked, JALON_TOKEN=teacher), "FREINS")
        self.shows(self.ask("access", "list", "--person", person), grant, "active")
        self.shows(
            self.ask("access", "list", "--person", person, "--lang", "fr"), "en vigueur"
        )
        denied = self.jalon.run("access", "revoke", grant, "--person", person, JALON_TOKEN=teacher)
        self.shows(denied, "ROLE_NOT_ALLOWED", code=DENIED)
        self.done("access", "revoke", grant, "--person", person)
        self.shows(self.ask(*asked, JALON_TOKEN=teacher), "NOT_FOUND", code=NOT_FOUND)
        designs = self.jalon.run(
            *("call", "DesignSequence", "--json", json.dumps(jalon_test.DESIGN)),
            JALON_TOKEN=teacher,
        )
        self.shows(designs, "NOT_FOUND", code=NOT_FOUND)
        again = self.jalon.run("access", "revoke", grant, "--person", person, "--lang", "fr")
        self.shows(again, "ALREADY_REVOKED", "déjà été révoqué", code=1)
        self.shows(
            self.ask("access", "list", "--person", person, "--lang", "fr"), "révoqué"
        )

    def test_who_opened_what_is_sealed_is_told(self):
        student = self.student("Odile")
        person, _ = self.grant("Maude", "--role", "TEA", "--whole-school")
        teacher = self.token("TEA", person)
        progress = ("student", "progress", student)
        self.shows(self.ask(*progress, JALON_TOKEN=teacher))
        self.assertEqual(self.listed("log", "--person", student)["entries"], [])
        self.shows(self.ask(*progress, "--open", JALON_TOKEN=teacher), NAME)
        (entry,) = self.listed("log", "--person", student, "--kind", "personal_read")["entries"]
        self.assertEqual(entry["personId"], person)
        self.assertEqual(entry["action"], "progress.read")
        self.assertEqual(entry["subjectIds"], [student])
        self.shows(self.jalon.run("access", "log", "--person", student), "personal data read")
        self.shows(
            self.jalon.run("access", "log", "--person", student, "--lang", "fr"),
            *("données personnelles lues", "enseignant"),
        )
        own = self.listed("log", JALON_TOKEN=self.token("STU", student))["entries"]
        self.assertEqual([entry["personId"] for entry in own], [person])
        other = self.student("Ovide")
        none = self.jalon.run("access", "log", JALON_TOKEN=self.token("STU", other))
        self.shows(none, "No entry")

    def test_an_export_of_everything_is_told(self):
        student = self.student("Rose")
        file = os.path.join(self.folder.name, "rose.json")
        self.shows(self.ask("person", "export", student, "--to", file))
        actions = {e["action"] for e in self.listed("log", "--person", student)["entries"]}
        self.assertEqual(actions, {"person.export"})

    def test_what_is_refused_and_which_credential_is_told(self):
        person, _ = self.grant("Theo", "--role", "TUT", "--company", self.company)
        tutor = self.token("TUT", person, "--company", self.company)
        refused = self.jalon.run("company", "register", "--name", "X", "--site", "Y",
                                 JALON_TOKEN=tutor)  # fmt: skip
        self.shows(refused, "ROLE_NOT_ALLOWED", code=DENIED)
        entries = []
        deadline = time.monotonic() + 20  # nobody waits for the entry of a refusal
        while len(entries) < 2 and time.monotonic() < deadline:
            entries = self.listed("log", "--by", person)["entries"]
        self.assertEqual(
            [(entry["kind"], entry["action"]) for entry in entries],
            [("ACCESS_KIND_REFUSAL", "company.register"), ("ACCESS_KIND_CREDENTIAL", "")],
        )
        self.assertEqual(entries[0]["reason"], "REFUSAL_REASON_ROLE_NOT_ALLOWED")
        denied = self.jalon.run("access", "log", JALON_TOKEN=tutor)
        self.shows(denied, "ROLE_NOT_ALLOWED", code=DENIED)

    def test_another_school_is_told_nothing(self):
        student = self.student("Simon")
        self.shows(self.ask("student", "progress", student, "--open"), NAME)
        region = self.issue("--role", "REG")
        self.done("school", "register", "--code", "CFP-SUD", "--name", "Sud", JALON_TOKEN=region)
        south = self.issue("--role", "COO", "--school", "CFP-SUD", "--person", "aa" * 8)
        self.assertEqual(
            self.listed("log", "--person", student, JALON_TOKEN=south)["entries"], []
        )
        foreign = self.listed("log", JALON_TOKEN=south)["entries"]
        self.assertEqual({entry["personId"] for entry in foreign} - {"aa" * 8}, set())

    def verify(self, folder, *words, **more):
        return self.jalon.run("access", "verify", str(folder), *words, **more)

    def test_the_chain_is_checked_and_names_nobody(self):
        student = self.student("Ursule")
        self.shows(self.ask("student", "progress", student, "--open"), NAME)
        folder = pathlib.Path(self.jalon.data, "access")
        self.shows(self.verify(folder), "intact", "Keep the head")
        self.shows(self.verify(folder, "--lang", "fr"), "intacte", "Gardez la tête")
        told = self.jalon.run("--output", "json", "access", "verify", str(folder)).json
        self.assertEqual(told["finding"], "INTACT")
        self.shows(self.verify(folder, "--head", told["head"]), "intact")
        self.shows(self.verify(folder, "--head", "3"), "64", code=USAGE)
        for file in folder.iterdir():
            data = file.read_bytes()
            for text in (NAME, "Ursule", "CFP-NORD"):
                self.assertNotIn(text.encode(), data, file)

        copy = pathlib.Path(self.folder.name, "copy")
        shutil.copytree(folder, copy)
        (segment,) = copy.glob("*.entries")
        data = bytearray(segment.read_bytes())
        data[20] ^= 1
        segment.write_bytes(data)
        self.shows(self.verify(copy), "entry 1 cannot be read", code=ALTERED)
        self.shows(self.verify(copy, "--lang", "fr"), "entrée 1 est illisible", code=ALTERED)
        forged = told["head"].split(":")[0] + ":" + "0" * 64
        self.shows(self.verify(folder, "--head", forged), "was altered", code=ALTERED)
        self.shows(self.verify(self.folder.name), "no access log", code=NOT_FOUND)


class AfterAKill(jalon_test.School):
    def test_what_was_answered_has_its_entry(self):
        row = {
            "identity": {"clear": {"familyName": NAME, "givenName": "Vera", "externalId": "V"}},
            "programme": jalon_test.DESIGN["programme"],
            "inAlternance": True,
        }
        student = self.call("EnrolStudents", {"rows": [row]})["created"][0]["personId"]
        progress, asked = ("student", "progress", student, "--open"), 0
        deadline = time.monotonic() + 60
        while asked < 10:
            ran = self.jalon.run(*progress)
            self.assertLess(time.monotonic(), deadline, str(ran))
            asked += 1 if ran.code == 0 else 0  # the views may not have the student yet
        self.jalon.server.kill()
        self.jalon.server.wait()
        folder = os.path.join(self.jalon.data, "access")
        self.shows(self.jalon.run("access", "verify", folder), "intact")
        self.jalon.serve("--virtual-clock")
        ran = self.jalon.run("--output", "json", "access", "log", "--person", student)
        told = ran.json["entries"]
        self.assertEqual(len(told), asked)
        self.shows(self.jalon.run("access", "verify", folder), "intact")


if __name__ == "__main__":
    unittest.main()
