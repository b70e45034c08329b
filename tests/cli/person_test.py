"""Everything that is held on a person, as that person is given it.   Usage: person_test.py JALON

Another's validator (Debian's python3-jsonschema) checks the export against the schema beside it.
"""

import copy
import json
import os
import pathlib
import stat
import tempfile
import unittest

import jalon_test
import jsonschema

SCHEMA = pathlib.Path(__file__).parents[2] / "proto/jalon/person/v1/subject_export.schema.json"
# What is personal of each student: the name is part of each mark.
IDENTITY = {
    "familyName": "family of {}",
    "givenName": "given name of {}",
    "bornOn": "20100301",
    "email": "{}@mail.example",
    "telephone": "telephone of {}",
    "externalId": "code-of-{}",
    "guardian": {
        "name": "guardian of {}",
        "email": "{}@guardian.example",
        "telephone": "guardian's telephone of {}",
    },
}


def marked(template, name):
    """The template, with the name in it."""
    if isinstance(template, dict):
        return {key: marked(value, name) for key, value in template.items()}
    return int(template) if template.isdigit() else template.format(name)


def texts(value):
    """Every text in a document."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


class Persons(jalon_test.School):
    """Ada and Ben in a stay each, with words about both; tests only read them."""

    people = {}

    @classmethod
    def found(cls):
        super().found()
        cls.today_on = cls.jalon.run("--output", "json", "clock", "show").json["todayOn"]
        granted = cls.done(
            *("access", "grant", "--given-name", "Luc", "--family-name", "Roy"),
            *("--external-id", "Luc", "--role", "TUT", "--company", cls.company),
        )
        cls.tutor = granted["created"][0]["personId"]
        for name in ("ada", "ben"):
            cls.people[name] = cls.live(name)

    @classmethod
    def live(cls, name):
        """A student of whom something is said in each kind of section; gives the id."""
        row = {
            "identity": {"clear": marked(IDENTITY, name)},
            "programme": jalon_test.DESIGN["programme"],
            "inAlternance": True,
        }
        student = cls.call("EnrolStudents", {"rows": [row]})["created"][0]["personId"]
        rows = [{"studentId": student}]
        cls.call("AssignSequence", {"sequenceId": cls.sequence, "rows": rows})
        stay = {
            "studentId": student,
            "sequenceId": cls.sequence,
            "companyId": cls.company,
            "startsOn": cls.today_on,
            "endsOn": cls.today_on,
            "activities": [{"activity": "a1"}, {"activity": "a2"}],
        }
        stay_id = cls.call("ScheduleStays", {"rows": [stay]})["created"][0]["id"]
        why = {"clear": {"text": f"deviation of {name}"}}
        start = {"stayId": stay_id, "startedOn": cls.today_on, "deviationReason": why}
        cls.call("StartStay", start)
        cls.call("AssignTutor", {"tutorId": cls.tutor, "rows": [{"stayId": stay_id}]})
        tutor = cls.issue(
            *("--role", "TUT", "--school", "CFP-NORD", "--person", cls.tutor),
            *("--company", cls.company),
        )
        words = {"word": "with some help", "comment": f"comment on {name}"}
        estimate = {
            "stayId": stay_id,
            "objective": "o1",
            "observedOn": cls.today_on,
            "words": {"clear": words},
        }
        observed = {
            "stayId": stay_id,
            "observedOn": cls.today_on,
            "words": {"clear": {"text": f"attitude of {name}"}},
        }
        for method, content in (
            ("ReportFormativeEstimate", estimate),
            ("ObserveAttitude", observed),
        ):
            cls.done("call", method, "--json", json.dumps(content), JALON_TOKEN=tutor)
        return student

    def setUp(self):
        self.under = pathlib.Path(tempfile.mkdtemp(dir=self.folder.name))

    def token(self, role, person):
        return self.issue("--role", role, "--school", "CFP-NORD", "--person", person)

    def export(self, person, token=None, name="export.json", **more):
        """Asks for an export; the file that it would be in, and what came of it."""
        file = self.under / name
        words = ("person", "export", person, "--to", str(file))
        if token is not None:
            more["JALON_TOKEN"] = token
        return file, self.jalon.run(*words, **more)

    def exported(self, person, token=None):
        """The document."""
        file, ran = self.export(person, token)
        self.shows(ran, str(file), "schema.json")
        return json.loads(file.read_text(encoding="utf-8"))

    def test_all_that_is_personal_is_there_for_the_student_and_nothing_of_another(self):
        ada = self.people["ada"]
        document = self.exported(ada, self.token("STU", ada))
        said = texts(document["records"])
        expected = texts(marked(IDENTITY, "ada"))
        expected += ["deviation of ada", "with some help", "comment on ada", "attitude of ada"]
        for text in expected:
            self.assertIn(text, said)
        self.assertIn("2010-03-01", said)
        self.assertFalse([text for text in said if "ben" in text or self.people["ben"] in text])
        self.assertEqual(document["subject"]["personId"], ada)
        self.assertEqual(document["subject"]["schoolName"], "CFP du Nord")
        self.assertFalse(document["subject"]["erased"])

    def test_another_validator_finds_it_as_its_schema_says(self):
        file, ran = self.export(self.people["ada"])
        self.shows(ran, str(file))
        schema = json.loads(file.with_suffix(".schema.json").read_text(encoding="utf-8"))
        self.assertEqual(schema, json.loads(SCHEMA.read_text(encoding="utf-8")))
        validator = jsonschema.Draft202012Validator
        validator.check_schema(schema)
        document = json.loads(file.read_text(encoding="utf-8"))
        validator(schema).validate(document)
        for spoil in (
            lambda part: part.pop("format"),
            lambda part: part["records"][0].update(more=1),
            lambda part: part["records"][0]["label"].pop("fr"),
            lambda part: part["records"][0].update(occurredOn="1 March"),
            lambda part: part["subject"].update(personId="Ada"),
        ):
            spoilt = copy.deepcopy(document)
            spoil(spoilt)
            with self.assertRaises(jsonschema.ValidationError):
                validator(schema).validate(spoilt)

    def test_every_thing_is_named_in_both_languages(self):
        for record in self.exported(self.people["ada"])["records"]:
            fields = record["fields"] + [
                field for section in record["sections"] for field in section["fields"]
            ]
            for named in [record, *record["sections"], *fields]:
                self.assertTrue(named["label"]["fr"] and named["label"]["en"], named)

    def test_the_file_is_its_owners_alone_and_never_written_over(self):
        file, ran = self.export(self.people["ada"])
        self.shows(ran, str(file))
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        before = file.read_bytes()
        _, again = self.export(self.people["ada"])
        self.shows(again, "already there", code=9)
        self.assertEqual(file.read_bytes(), before)

    def test_others_are_refused(self):
        ada, ben = self.people["ada"], self.people["ben"]
        for token, code in (
            (self.token("STU", ben), 3),
            (self.token("GUA", "11" * 8), 3),
            (self.token("TEA", "11" * 8), 4),
            (self.token("AUD", "11" * 8), 4),
        ):
            file, ran = self.export(ada, token)
            self.shows(ran, code=code)
            self.assertFalse(file.exists())
        self.shows(self.export("22" * 8)[1], code=3)
        french = self.export(ada, name="fr.json", LANG="fr_CA.UTF-8")[1]
        self.shows(french, "enregistrements dans")


if __name__ == "__main__":
    unittest.main()
