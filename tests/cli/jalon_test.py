"""A small school, by the command line alone.      Usage: jalon_test.py JALON"""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import jalon

PROGRAM = os.path.abspath(sys.argv.pop(1))
SAMPLES = "deploy/samples/programmes.csv"
MECHANICS = (
    *("programme", "import", SAMPLES, "--code", "5830", "--version", "2026", "--type", "DEP"),
    *("--hours", "1800", "--title", "Heavy vehicle mechanics", "--prescribed", "850-609"),
)


def activity(code, hours, *objectives):
    return {
        "code": code,
        "wording": "Replace the linings of a tractor",
        "expectedResult": "Checked by the tutor",
        "plannedMinutes": 60 * hours,
        "objectives": list(objectives),
    }


DESIGN = {
    "programme": {"code": "5830", "language": "en", "version": "2026"},
    "type": "development",
    "code": "FREINS",
    "title": "Brakes",
    "targets": [
        {
            "module": "850-568",
            "mode": "partial",
            "complement": {"description": "The brake bench, at school"},
        }
    ],
    "objectives": [{"code": "o1", "module": "850-568", "wording": "Service air brakes"}],
    "rationale": {"needs": "Bays are full", "interest": "Asked for", "capacity": "Declared"},
}


class School(unittest.TestCase):
    """One server and one school, as far as every test needs them; tests only add to it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.jalon = jalon.Jalon(PROGRAM, cls.folder.name)
        cls.jalon.serve("--virtual-clock")
        cls.found()

    @classmethod
    def tearDownClass(cls):
        code = cls.jalon.stop()
        cls.folder.cleanup()
        assert code == 0, f"SIGTERM: exit {code}"

    @classmethod
    def done(cls, *words, **more):
        """The result of a command that must be accepted."""
        ran = cls.jalon.run("--output", "json", *words, **more)
        assert ran.code == 0, f"{words}: {ran}"
        return ran.json["result"]

    @classmethod
    def call(cls, method, content):
        return cls.done("call", method, "--json", json.dumps(content))

    @classmethod
    def issue(cls, *words):
        ran = cls.jalon.run("token", "issue", *words)
        assert ran.code == 0, str(ran)
        return ran.out.strip()

    @classmethod
    def found(cls):
        region = cls.issue("--role", "REG")
        cls.done(
            "school", "register", "--code", "CFP-NORD", "--name", "CFP du Nord", JALON_TOKEN=region
        )
        grant = ("access", "grant", "--school", "CFP-NORD", "--whole-school", "--given-name")
        role = ("--family-name", "Roy", "--role", "work-study-coordinator")
        granted = cls.done(*grant, "Jean", *role, "--external-id", "J1", JALON_TOKEN=region)
        person = granted["created"][0]["personId"]
        cls.jalon.token = cls.issue("--role", "COO", "--school", "CFP-NORD", "--person", person)
        cls.done(*MECHANICS)
        cls.company = cls.done("company", "register", "--name", "Garage", "--site", "1 rue A")[
            "created"
        ][0]["id"]
        cls.design()

    @classmethod
    def design(cls):
        cls.sequence = cls.call("DesignSequence", DESIGN)["created"][0]["id"]
        activities = [activity("a1", 40, "o1"), activity("a2", 30, "o1")]
        cls.call("DefineActivities", {"sequenceId": cls.sequence, "activities": activities})
        cls.call("PublishSequence", {"sequenceId": cls.sequence})

    def enrol(self, name):
        """A student, and a stay of theirs that is scheduled: both ids."""
        row = {
            "identity": {"clear": {"externalId": name, "familyName": "Élève", "givenName": name}},
            "programme": DESIGN["programme"],
            "inAlternance": True,
        }
        student = self.call("EnrolStudents", {"rows": [row]})["created"][0]["personId"]
        self.call(
            "AssignSequence", {"sequenceId": self.sequence, "rows": [{"studentId": student}]}
        )
        stay = {
            "studentId": student,
            "sequenceId": self.sequence,
            "companyId": self.company,
            "startsOn": self.today(),
            "endsOn": self.today(),
            "activities": [{"activity": "a1"}, {"activity": "a2"}],
        }
        return student, self.call("ScheduleStays", {"rows": [stay]})["created"][0]["id"]

    def today(self):
        return self.jalon.run("--output", "json", "clock", "show").json["todayOn"]

    def shows(self, ran, *parts, code=0):
        self.assertEqual(ran.code, code, str(ran))
        for part in parts:
            self.assertIn(part, ran.out + ran.err)


class Answers(School):
    def test_a_programme_is_listed_and_shown(self):
        listed = self.jalon.run("programme", "list")
        self.shows(listed, "5830", "Heavy vehicle mechanics", "1,800 h")
        self.shows(self.jalon.run("programme", "show", "5830", "--lang", "fr"), "850-609", "oui")
        answer = self.jalon.run("programme", "show", "5830", "--output", "json").json
        self.assertEqual(len(answer["programme"]["modules"]), 24)

    def test_the_same_programme_twice_is_one_and_another_content_is_refused(self):
        self.done(*MECHANICS)
        other = self.jalon.run(*MECHANICS[:-1], "850-561")
        self.shows(other, "VERSION_IS_IMMUTABLE", "remedy", "ProgrammeAdopted", code=1)

    def test_a_dry_run_writes_nothing(self):
        before = self.jalon.run("log", "status", "--output", "json").json["partitions"][0]["offset"]
        hair = [*("--code", "5745", "--hours", "1455", "--title", "Hairdressing"), "--dry-run"]
        words = ("programme", "import", SAMPLES, "--version", "1", "--type", "DEP", *hair)
        ran = self.jalon.run(*words)
        self.shows(ran, "It would be accepted")
        after = self.jalon.run("log", "status", "--output", "json").json["partitions"][0]["offset"]
        self.assertEqual(before, after)

    def test_policy_is_set_from_a_day_on(self):
        self.shows(self.jalon.run("school", "policy", "show"), "makeup_gate", "COMPLETED")
        setting = ("school", "policy", "set")
        late = self.jalon.run(*setting, "report_gate", "ON", "--from", "2020-01-01")
        self.shows(late, "POLICY_RETROACTIVE", code=1)
        wrong = self.jalon.run(*setting, "color", "ON", "--from", "2099-01-01")
        self.shows(wrong, "makeup_gate", code=2)
        self.done("school", "policy", "set", "min_group", "6", "--from", "2099-01-01")
        shown = self.jalon.run("school", "policy", "show", "--on", "2099-01-01")
        self.shows(shown, "PolicySet")

    def test_a_region_lists_its_schools(self):
        region = self.issue("--role", "REG")
        sud = ("--code", "CFP-SUD", "--name", "CFP du Sud", "--service-centre", "CSS du Sud")
        self.done("school", "register", *sud, "--partition", "3", JALON_TOKEN=region)
        listed = self.jalon.run("school", "list", JALON_TOKEN=region)
        self.shows(listed, "CFP du Nord", "CFP-SUD", "CSS du Sud", "SchoolRegistered", "64 part")
        self.assertLess(listed.out.index("CFP-NORD"), listed.out.index("CFP-SUD"))
        french = self.jalon.run("school", "list", "--lang", "fr", JALON_TOKEN=region)
        self.shows(french, "centre de services", "inscription", "enregistrements")
        # The school that commands are about is no argument of it.
        answer = self.jalon.run(
            *("--output", "json", "school", "list", "--partial"),
            JALON_TOKEN=region,
            JALON_SCHOOL="CFP-NORD",
        ).json
        self.assertEqual({s["code"] for s in answer["schools"]}, {"CFP-NORD", "CFP-SUD"})
        self.assertEqual([s["partition"] for s in answer["schools"] if s["code"] == "CFP-SUD"], [3])
        self.assertEqual(len(answer["asOf"]["partitions"]), 64)
        self.assertEqual(answer["missingPartitions"], [])
        self.shows(self.jalon.run("school", "list"), "ROLE_NOT_ALLOWED", code=4)

    def test_a_stay_is_followed_from_its_plan_to_what_is_owed(self):
        student, stay = self.enrol("Ada")
        ready = self.jalon.run("stay", "readiness", stay)
        self.shows(ready, "not ready", "RESOURCES_NOT_ATTESTED (R13)", "SUPERVISION_NOT_ARRANGED")
        start = {"stayId": stay, "startedOn": self.today()}
        refused = self.jalon.run("call", "StartStay", "--json", json.dumps(start))
        self.shows(refused, "Refused, for", "PLAN_NOT_ACCEPTED (R5)", "who", code=1)
        start["deviationReason"] = {"clear": {"text": "already there"}}
        self.call("StartStay", start)
        self.shows(self.jalon.run("stay", "list", "--state", "started"), stay, "Garage", "70 h")
        end = {"stayId": stay, "endedOn": self.today(), "kind": "as_planned"}
        self.shows(
            self.jalon.run("call", "EndStay", "--json", "-", stdin=json.dumps(end)),
            *("ACTIVITY_UNACCOUNTED (R5)", "a1, a2"),
            code=1,
        )
        self.call("EndStay", end | {"presumeNotPerformed": True})
        self.shows(self.jalon.run("makeup", "list", "--student", student), "a1", "a2", "owed")
        verdict = self.jalon.run("student", "eligibility", student, "--module", "850-568")
        self.shows(verdict, "not eligible", "MAKEUP_NOT_PLANNED (R14)", "#", "PlanMakeUp")
        self.shows(self.jalon.run("student", "progress", student), "850-568", "FREINS", stay)
        self.assertNotIn("Ada", self.jalon.run("student", "progress", student).out)
        self.shows(self.jalon.run("student", "progress", student, "--open"), "Ada Élève")
        self.shows(self.jalon.run("student", "hours", student), "1800 h", "70 h")
        self.shows(self.jalon.run("student", "attitudes", student), "No attitude")
        french = self.jalon.run("stay", "show", stay, "--lang", "fr")
        self.shows(french, "non réalisée", "à prévoir")

    def test_a_command_sent_again_is_one_command(self):
        words = ("company", "register", "--name", "Garage B", "--site", "2 rue B")
        first = self.jalon.run("--output", "json", *words).json
        again = self.jalon.run("--output", "json", *words, "--request-id", first["requestId"]).json
        self.assertEqual(again["position"], first["position"])
        other = self.jalon.run(*words[:3], "C", *words[4:], "--request-id", first["requestId"])
        self.shows(other, "REQUEST_ID_REUSED", code=1)
        after = self.jalon.run("sequence", "list", "--after", first["position"])
        self.shows(after, "FREINS", "850-568 partial")
        self.shows(self.jalon.run("sequence", "show", self.sequence), "Service air brakes", "40 h")


class Errors(School):
    def test_exit_codes_tell_what_kind_of_failure_it_is(self):
        nobody = "00" * 8
        self.shows(self.jalon.run("student", "progress", nobody), "NOT_FOUND", code=3)
        self.shows(self.jalon.run("stay", "list", JALON_TOKEN="x.y.z"), "UNAUTHENTICATED", code=4)
        teacher = self.issue("--role", "TEA", "--school", "CFP-NORD", "--person", nobody)
        denied = self.jalon.run(*MECHANICS, JALON_TOKEN=teacher)
        self.shows(denied, "ROLE_NOT_ALLOWED", code=4)
        named = self.jalon.run("stay", "list", "--token-file", "/", JALON_TOKEN=teacher)
        self.shows(named, "--token-file", code=4)
        self.shows(self.jalon.run("stay", "list", JALON_SERVER="127.0.0.1:1"), code=5)
        self.shows(self.jalon.run("stay", "list", "--state", "gone"), code=2)

    def test_a_refusal_for_programs_is_one_object(self):
        mark = self.jalon.run(
            *("--output", "json", "call", "EndStay", "--json", json.dumps({"stayId": "00" * 16}))
        )
        self.assertEqual(mark.code, 2, str(mark))
        self.assertFalse(mark.json["accepted"])
        self.assertEqual(mark.json["code"], "CODE_INVALID_ARGUMENT")
        self.assertIn("REFUSAL_REASON_FIELD_REQUIRED", [r["reason"] for r in mark.json["refusals"]])
        self.assertEqual(mark.err, "")

    def test_an_answer_that_is_not_written_is_no_answer(self):
        words = [PROGRAM, "explain", "R14"]
        with open("/dev/full", "w", encoding="utf-8") as full:
            ran = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(ran.returncode, 9)
        self.assertIn("could not be written", ran.stderr)
        ours, theirs = os.pipe()
        os.close(ours)  # as `| head` does once it has enough
        ran = subprocess.run(words, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
        os.close(theirs)
        self.assertEqual((ran.returncode, ran.stderr), (9, ""))

    def test_a_file_that_is_wrong_is_said_in_words(self):
        wrong = (*MECHANICS[:2], "nothing.csv", *MECHANICS[3:])
        self.shows(self.jalon.run(*wrong), "jalon: nothing.csv: there is no such file", code=2)
        self.shows(self.jalon.run(*wrong, LANG="fr_CA"), "ce fichier n'existe pas", code=2)
        at = self.jalon.run("call", "EndStay", "--json", "@/tmp")
        self.shows(at, "jalon: /tmp: this is a folder", code=2)

    def test_the_language_may_stand_before_a_programs_name(self):
        refused = self.jalon.run("--lang", "fr", "verify")
        self.assertEqual(refused.code, 2, str(refused))
        self.assertIn("jalon verify", refused.out + refused.err)
        self.assertNotIn("inattendu", refused.out + refused.err)

    def test_refusals_speak_french(self):
        ran = self.jalon.run("school", "policy", "set", "min_group", "999", "--from", "2099-01-01")
        self.shows(ran, "Refused:", code=1)
        ran = self.jalon.run(
            *("school", "policy", "set", "min_group", "999", "--from", "2099-01-01"), LANG="fr_CA"
        )
        self.shows(ran, "Refusé :", "remède", code=1)


class Operator(School):
    def test_views_are_listed_and_rebuilt(self):
        self.shows(self.jalon.run("view", "list"), "student_progress", "up to date")
        self.shows(self.jalon.run("view", "status", "stays"), "stays")
        self.shows(self.jalon.run("view", "status", "nothing"), code=3)
        self.shows(self.jalon.run("view", "rebuild", "--all"), "Rebuilt and serving")
        one = self.jalon.run("view", "rebuild", "stays", "--output", "json")
        self.assertEqual(one.json["phase"], "REBUILD_PHASE_DONE", str(one))
        self.shows(self.jalon.run("view", "rebuild"), code=2)

    def test_the_log_is_verified_and_copied(self):
        self.shows(self.jalon.run("log", "status"), "rocks", "(virtual)")
        self.shows(self.jalon.run("log", "verify"), "Whole", "0 fault(s)")
        copy = os.path.join(self.folder.name, "copy")
        self.shows(self.jalon.run("log", "backup", copy), copy, "verified")
        self.shows(self.jalon.run("log", "backup", copy), "BACKUP_TARGET_EXISTS", code=1)

    def test_request_ids_follow_a_clock_that_was_moved(self):
        self.shows(self.jalon.run("clock", "advance", "--hours", "1000"), "in Québec")
        words = ("company", "register", "--name", "Late", "--site", "9 rue Z")
        self.done(*words)
        self.shows(self.jalon.run(*words, JALON_DATA=""), "REQUEST_ID_EXPIRED", code=1)


    def test_moving_the_clock_takes_no_time(self):
        """A query that waits goes on waiting, and no partition is claimed anew."""
        words = ("company", "register", "--name", "Soon", "--site")
        position = self.jalon.run("--output", "json", *words, "1 rue S").json["position"]
        log, partition, seq = position.split(":")
        epochs = self.epochs()
        after = f"{log}:{partition}:{int(seq) + 1}"
        waiting = self.jalon.start("sequence", "list", "--after", after, "--deadline", "60")
        time.sleep(0.5)
        self.shows(self.jalon.run("clock", "advance", "--hours", "1000"), "in Québec")
        time.sleep(0.5)
        self.assertIsNone(waiting.poll(), "it still waits")
        self.done(*words, "2 rue S")
        self.assertEqual(waiting.wait(timeout=60), 0)
        self.assertEqual(self.epochs(), epochs)

    def epochs(self):
        status = self.jalon.run("log", "status", "--output", "json").json
        return [partition["epoch"] for partition in status["partitions"]]


class OnATerminal(School):
    def test_colours_and_bars_are_for_terminals_only(self):
        self.assertIn("\x1b[1m", self.jalon.on_terminal("programme", "list"))
        self.assertNotIn("\x1b[", self.jalon.on_terminal("programme", "list", NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.jalon.on_terminal("programme", "list", "--no-color"))
        self.assertNotIn("\x1b[", self.jalon.run("programme", "list").out)
        self.assertIn(" %  ", self.jalon.on_terminal("log", "verify"))


if __name__ == "__main__":
    unittest.main()
