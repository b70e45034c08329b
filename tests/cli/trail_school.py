"""A school with a stay whose tutor reports, and an auditor with a grant."""

import datetime
import json
import pathlib
import tempfile

import jalon_test


class TrailSchool(jalon_test.School):
    """Tests only add to it."""

    people = {}

    @classmethod
    def found(cls):
        super().found()
        cls.student, cls.stay = cls.enrol(cls, "Ada")
        cls.today_on = cls.today()
        cls.tutor = cls.person("Luc", "TUT", "--company", cls.company)
        cls.signatory = cls.person("Sam", "SIG", "--company", cls.company)
        today = datetime.datetime.strptime(str(cls.today_on), "%Y%m%d").date()
        year = today + datetime.timedelta(days=300)
        cls.auditor = cls.person("Anne", "AUD", "--whole-school", "--until", year.isoformat())
        cls.stranger = cls.issue("--role", "AUD", "--person", "11" * 8)
        cls.call(
            "StartStay",
            {
                "stayId": cls.stay,
                "startedOn": cls.today_on,
                "deviationReason": {"clear": {"text": "already there"}},
            },
        )
        cls.call("AssignTutor", {"tutorId": cls.people["Luc"], "rows": [{"stayId": cls.stay}]})
        cls.report("a word of hers")

    @classmethod
    def today(cls):
        return cls.jalon.run("--output", "json", "clock", "show").json["todayOn"]

    @classmethod
    def person(cls, name, role, *scope):
        """Grants the role, and gives a token for it."""
        named = ("--given-name", name, "--family-name", "Roy", "--external-id", name)
        granted = cls.done("access", "grant", *named, "--role", role, *scope)
        cls.people[name] = granted["created"][0]["personId"]
        company = scope if role in ("TUT", "SIG") else ()
        words = ("--role", role, "--school", "CFP-NORD", "--person", cls.people[name])
        return cls.issue(*words, *company)

    @classmethod
    def report(cls, comment):
        """The tutor's estimate; the position that it has."""
        return cls.reported(comment)["position"]

    @classmethod
    def reported(cls, comment, *options):
        """The tutor's estimate; the answer."""
        estimate = {
            "stayId": cls.stay,
            "objective": "o1",
            "observedOn": cls.today_on,
            "words": {"clear": {"word": "with some help", "comment": comment}},
        }
        ran = cls.jalon.run(
            *("--output", "json", "call", "ReportFormativeEstimate", *options, "--json"),
            json.dumps(estimate),
            JALON_TOKEN=cls.tutor,
        )
        assert ran.code == 0, str(ran)
        return ran.json

    def setUp(self):
        self.under = pathlib.Path(tempfile.mkdtemp(dir=self.folder.name))

    def export(self, name="export", token=None):
        folder = str(self.under / name)
        ran = self.jalon.run(
            *("--output", "json", "trail", "export", self.company, folder),
            JALON_TOKEN=token or self.auditor,
        )
        self.assertEqual(ran.code, 0, str(ran))
        return folder, ran.json["verifierKey"]

    def verify(self, folder, key, *more):
        """Without a server's address, a token or a data folder."""
        return self.jalon.run(
            *("verify", folder, "--key", key, *more),
            **{"JALON_TOKEN": None, "JALON_SERVER": None, "JALON_DATA": None},
        )
