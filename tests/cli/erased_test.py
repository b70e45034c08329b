"""What a coordinator is shown of a student who is erased: what it was, with a mark beside.

Usage: erased_test.py JALON
"""

import json
import unittest

import trail_school

RETENTION_H = str(8 * 366 * 24)
MARKS = (("en", " (erased)"), ("fr", " (détruit)"))


class Erased(trail_school.TrailSchool):
    """Ada, who was reported on and erased years later, and Ben, who was not."""

    def marked(self, *words):
        """Whether the table marks Ada, in each language; Ben it never does."""
        found = set()
        for language, mark in MARKS:
            shown = self.jalon.run(*words, "--lang", language)
            self.assertEqual(shown.code, 0, str(shown))
            for ben in (self.ben, self.bens_stay):
                self.assertNotIn(ben + mark, shown.out, words)
            self.assertTrue(self.student in shown.out, f"{words}: {shown}")
            found.add(self.student + mark in shown.out or self.stay + mark in shown.out)
        self.assertEqual(len(found), 1, f"{words}: one language only")
        return found.pop()

    def erase(self):
        end = {"stayId": self.stay, "endedOn": self.today_on, "kind": "as_planned"}
        self.call("EndStay", end | {"presumeNotPerformed": True})
        self.shows(self.jalon.run("clock", "advance", "--hours", RETENTION_H))
        self.done("person", "request-erasure", self.student)
        second = self.issue("--role", "COO", "--school", "CFP-NORD", "--person", "00" * 7 + "02")
        self.done("person", "erase", self.student, JALON_TOKEN=second)

    def test_every_table_that_names_somebody_marks_whoever_is_erased(self):
        self.ben, self.bens_stay = self.enrol("Ben")
        grant = ("access", "grant", "--given-name", "Gil", "--family-name", "Roy", "--role", "GUA")
        self.done(*grant, "--student", self.student, "--student", self.ben)
        export = ("person", "export", self.student, "--to", str(self.under / "export.json"))
        self.shows(self.jalon.run(*export))  # so that the access log tells of her
        tables = (
            ("stay", "list"),
            ("stay", "readiness", self.stay),
            ("access", "list"),
            ("access", "log"),
            ("trail", "show", self.company),
        )
        for words in tables:
            self.assertFalse(self.marked(*words), words)
        self.erase()
        for words in (*tables, ("makeup", "list")):
            self.assertTrue(self.marked(*words), words)
        for words in (("stay", "show", self.stay), ("student", "progress", self.student)):
            self.shows(self.jalon.run(*words, "--lang", "en"), "Erased: ", self.stay)
            self.shows(self.jalon.run(*words, "--lang", "fr"), "Dossier détruit : ", self.stay)
        listed = json.loads(self.jalon.run("--output", "json", "stay", "list").out)["stays"]
        of_ada = [stay for stay in listed if stay["stayId"] == self.stay]
        self.assertEqual(of_ada[0]["erased"]["type"], "PersonKeyDestroyed")


if __name__ == "__main__":
    unittest.main()
