"""The sample consumer on a real broker, with data made through gRPC: it is killed on the way, lands
each event once, and answers what was lived.

  analyst_test.py JALON
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

from kafka import ANALYST, ROOT, Broker, Node, read_feed, take_by_rule

from jalon_client import Client
from school import School, today

JALON = sys.argv[1]
SAMPLE = os.path.join(ROOT, "deploy/samples/analyst/analyst.py")


def live_a_stay(school):
    """40 activities of an hour: 3 done, 1 partly, 1 not, the rest presumed not; 2 h logged."""
    stay = school.start_stay(40)
    school.do("stay.v1.StayService/LogHours",
              {"stay_id": stay, "days": [{"worked_on": today(), "minutes": 120}],
               "confirmed_days": [{"worked_on": today(), "minutes": 90}]})
    outcome = "OUTCOME_KIND_"
    rows = [(f"a{i}", outcome + "COMPLETED", None) for i in (1, 2, 3)]
    rows += [("a4", outcome + "PARTLY", "OUTCOME_CAUSE_TIME"),
             ("a5", outcome + "NOT_PERFORMED", "OUTCOME_CAUSE_ABSENCE")]
    school.do("feedback.v1.FeedbackService/RecordActivityOutcomes",
              {"stay_id": stay, "outcomes": [
                  {"activity": activity, "outcome": kind, "performed_on": today()}
                  | ({"cause": cause} if cause else {}) for activity, kind, cause in rows]})
    school.do("stay.v1.StayService/EndStay",
              {"stay_id": stay, "ended_on": today(), "kind": "STAY_END_KIND_EARLY",
               "cause": "STAY_END_CAUSE_COMPANY_REQUEST", "presume_not_performed": True})
    teacher = school.created(school.do("school.v1.AccessService/GrantAccess", {
        "identity": {"clear": {"external_id": "T1", "family_name": "Roy", "given_name": "Eve"}},
        "role": "ROLE_TEACHER", "scope": {"whole_school": True}})).person_id
    school.do("followup.v1.FollowUpService/PlanMakeUp",
              {"owner_id": teacher, "place": "PLACE_SCHOOL", "due_on": today(7),
               "rows": [{"stay_id": stay, "activity": "a4"}]})
    school.do("followup.v1.FollowUpService/CompleteMakeUp",
              {"done_at_school": {"done_on": today()},
               "rows": [{"stay_id": stay, "activity": "a5"}]})


class Analyst(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.broker = Broker(cls.folder.name)
        cls.node = Node(JALON, os.path.join(cls.folder.name, "node"), cls.broker, "analyst")
        cls.descriptors = cls.node.descriptors(os.path.join(cls.folder.name, "feed.binpb"))
        cls.to = os.path.join(cls.folder.name, "feed.duckdb")

    @classmethod
    def tearDownClass(cls):
        if cls.node.process.poll() is None:
            cls.node.kill()
        cls.node.out.close()
        cls.broker.down()
        cls.folder.cleanup()

    def land(self, *words):
        return [ANALYST, "-B", SAMPLE, "land", "--brokers", self.node.brokers, "--topic",
                self.node.topic, "--descriptors", self.descriptors, "--to", self.to, *words]

    def landed(self):
        """How many events are in the file, and how many different ones."""
        query = ("import duckdb, sys; print(*duckdb.connect(sys.argv[1], read_only=True).execute("
                 "'select count(*), count(distinct id) from events').fetchone())")
        done = subprocess.run([ANALYST, "-c", query, self.to], check=True, stdout=subprocess.PIPE,
                              text=True)
        return tuple(int(word) for word in done.stdout.split())

    def test_lands_each_event_once_and_answers(self):
        client = Client(self.node.address)
        following = subprocess.Popen(self.land("--follow"), stdout=subprocess.PIPE, text=True)
        self.addCleanup(following.kill)
        live_a_stay(School(self.node, client, "CFP-NORD"))
        self.assertRegex(following.stdout.readline(), "^[1-9][0-9]* landed")
        following.kill()
        self.assertEqual(following.wait(), -9, "it ended before it was killed")
        following.stdout.close()
        some, _ = self.landed()
        live_a_stay(School(self.node, client, "CFP-SUD"))
        client.close()
        events = self.node.events()
        self.assertTrue(0 < some < events, f"killed at {some} of {events}: not on the way")
        self.assertEqual(self.node.stop(), 0)
        subprocess.run(self.land(), check=True)
        self.assertEqual(self.landed(), (events, events))
        self.assertEqual(len(take_by_rule(read_feed(self.node))[0]), events)
        self.check_answers()

    def check_answers(self):
        done = subprocess.run([ANALYST, "-B", SAMPLE, "ask", "--to", self.to, "--json"],
                              check=True, stdout=subprocess.PIPE, text=True)
        answers = json.loads(done.stdout)
        month = f"{today() // 10000}-{today() // 100 % 100:02}"
        self.assertEqual(answers["1_hours"], [
            {"programme": "5830", "month": month, "hours_logged": 4.0, "hours_confirmed": 3.0,
             "stays": 2}])
        self.assertEqual(answers["2_activities"], [
            {"sequence_code": "FREINS", "stays": 2, "planned": 80, "completed": 6, "partly": 2,
             "not_performed": 72, "not_reported": 0}])
        self.assertEqual(answers["3_make_ups"], [
            {"module": "850-568", "required": 74, "outstanding": 70, "planned": 2, "completed": 2,
             "discharged": 0, "days_to_completion": 0.0}])
        table = subprocess.run([ANALYST, "-B", SAMPLE, "ask", "--to", self.to], check=True,
                               stdout=subprocess.PIPE, text=True).stdout
        self.assertIn("Make-ups owed, planned, done", table)
        print(table, flush=True)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
