"""Bad input gets the named error, whole and readable, and leaves nothing in the log.

Usage: bad_input_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import os
import sys
import tempfile
import time
import unittest

import grpc

from jalon_client import Client, Server, uuid4, uuid7
from school import School, today

DAY_MS = 24 * 3600 * 1000
DETAIL_BYTES_MAX = 6144
ACTIVITIES = 40
MARK = b"\xb8\x3e\x52"  # field 999, a number: "mark": 82
END_STAY = "jalon.stay.v1.StayService/EndStay"
ESTIMATE = "jalon.feedback.v1.FeedbackService/ReportFormativeEstimate"
REGISTER_COMPANY = "jalon.company.v1.CompanyService/RegisterHostCompany"


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(PROGRAM, cls.folder.name)
        cls.client = Client(cls.server.address)
        cls.school = School(cls.server, cls.client, "CFP-NORD")
        cls.other = School(cls.server, cls.client, "CFP-SUD")
        cls.stay = cls.school.start_stay(ACTIVITIES)
        cls.school.hire()

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, f"the server ended with {code}"

    def setUp(self):
        self.head = self.server.head()

    def tearDown(self):
        self.assertEqual(self.server.head(), self.head, "a refused call left something in the log")

    def refused(self, answer, code, reason):
        self.assertFalse(answer.ok)
        self.assertEqual((answer.code, answer.reason), (code, reason), answer.message)
        self.assertLessEqual(len(answer.detail_bytes), DETAIL_BYTES_MAX)
        self.assertTrue(answer.localized or answer.message, "an error without words")

    def end_stay(self, stay, token=None, **more):
        return self.client.command(
            END_STAY,
            {"stay_id": stay, "ended_on": today(), "kind": "STAY_END_KIND_EARLY",
             "cause": "STAY_END_CAUSE_OTHER"},
            token or self.school.coordinator, **more)

    def company(self, token=None, **more):
        return self.client.command(REGISTER_COMPANY, {"name": "Garage", "site": "2, rue B"},
                                   token or self.school.coordinator, **more)

    def test_an_accepted_command_moves_the_head(self):
        """Or else 'nothing written', which every other test ends with, would say nothing."""
        self.assertTrue(self.company().ok)
        head = self.server.head()
        self.assertNotEqual(head, self.head)
        self.head = head

    def test_malformed_bytes(self):
        answer = self.client.raw(END_STAY, b"\x0a\xff\xff\xff\xff", self.school.coordinator)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED")

    def test_a_name_that_is_no_utf8_fills_no_log(self):
        """The library says so on standard error by itself, for every such request."""
        company = b"\x0a\x02\xff\xfe"
        data = b"\x12" + bytes([len(company)]) + company
        answer = self.client.raw(REGISTER_COMPANY, data, self.school.coordinator)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED")
        with open(self.server.out.name, encoding="utf-8", errors="replace") as log:
            self.assertNotIn("protobuf", log.read())

    def test_empty_request(self):
        answer = self.client.raw(END_STAY, b"", self.school.coordinator)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED")

    def test_oversized_request(self):
        data = b"\x12" + b"\xff\xff\x3f" + b"x" * (1024 * 1024 - 1)
        answer = self.client.raw(END_STAY, data, self.school.coordinator)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "TOO_LARGE")

    def test_request_that_grpc_does_not_even_read(self):
        answer = self.client.raw(END_STAY, b"x" * (5 * 1024 * 1024), self.school.coordinator)
        self.assertEqual(answer.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertIn("larger than max", answer.message)

    def test_unknown_field(self):
        request = self.client.request(
            END_STAY, {"stay_id": self.stay, "ended_on": today(), "kind": "STAY_END_KIND_EARLY"})
        inner = request.command.SerializeToString() + MARK
        header = request.header.SerializeToString()
        data = b"\x0a" + bytes([len(header)]) + header + b"\x12" + bytes([len(inner)]) + inner
        answer = self.client.raw(END_STAY, data, self.school.coordinator)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_FIELD")

    def test_a_number_has_no_place_in_an_estimate(self):
        """R20: "mark": 82, in the command, in the section of its words, and in the words."""
        estimate = {"stay_id": self.stay, "objective": "o1", "observed_on": today(),
                    "words": {"clear": {"word": "with help"}}}
        tutor = self.school.tokens["TUT"]
        places = {"the command": lambda command: command,
                  "the section": lambda command: command.words,
                  "the words": lambda command: command.words.clear}
        for name, place in places.items():
            with self.subTest(name):
                request = self.client.request(ESTIMATE, estimate)
                place(request.command).MergeFromString(MARK)
                self.assertIn(MARK, request.SerializeToString())
                answer = self.client.raw(ESTIMATE, request.SerializeToString(), tutor)
                self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_FIELD")
        estimate["words"] = {"clear": {"word": "4"}}
        answer = self.client.command(ESTIMATE, estimate, tutor)
        self.refused(answer, grpc.StatusCode.FAILED_PRECONDITION, "SCALE_UNKNOWN")
        # It was the mark: without one it is accepted.
        estimate["words"] = {"clear": {"word": "with help"}}
        self.assertTrue(self.client.command(ESTIMATE, estimate, tutor, header={"dry_run": True}).ok)

    def test_expired_request_id(self):
        old = uuid7(int(time.time() * 1000) - 8 * DAY_MS)
        answer = self.company(request_id=old)
        self.refused(answer, grpc.StatusCode.FAILED_PRECONDITION, "REQUEST_ID_EXPIRED")

    def test_request_id_of_another_version(self):
        answer = self.company(request_id=uuid4())
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_MALFORMED")

    def test_another_schools_id_is_like_an_unknown_one(self):
        unknown_id = os.urandom(16)
        foreign = self.end_stay(self.stay, self.other.coordinator)
        unknown = self.end_stay(unknown_id, self.other.coordinator)
        self.refused(foreign, grpc.StatusCode.NOT_FOUND, "NOT_FOUND")

        def as_if_unknown(value):  # each answer names the id that was asked for, and nothing else
            text = self.stay.hex(), unknown_id.hex()
            return value.replace(*(text if isinstance(value, str) else map(str.encode, text)))

        self.assertEqual((foreign.code, as_if_unknown(foreign.message),
                          as_if_unknown(foreign.detail_bytes)),
                         (unknown.code, unknown.message, unknown.detail_bytes))

    def test_wrong_tokens(self):
        good = self.school.coordinator
        head, body, _ = good.split(".")
        wrong = ["", "x", "a.b.c", good[:-4] + "AAAA", f"{head}.{body}.", f"{head}.{body}",
                 good + "=", "eyJhbGciOiJub25lIn0." + body + "."]
        for token in wrong:
            with self.subTest(token=token[:12]):
                answer = self.company(token or " ")
                self.refused(answer, grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
        answer = self.client.command(REGISTER_COMPANY, {"name": "G", "site": "s"})
        self.refused(answer, grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")

    def test_no_deadline(self):
        answer = self.client.raw(END_STAY, b"", self.school.coordinator, timeout=None)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "DEADLINE_REQUIRED")

    def test_end_with_forty_silent_activities(self):
        silent = sorted(f"a{i}" for i in range(1, ACTIVITIES + 1))
        said = set()
        for language in ("en", "fr"):
            with self.subTest(language):
                answer = self.end_stay(self.stay, language=language)
                self.refused(answer, grpc.StatusCode.FAILED_PRECONDITION, "ACTIVITY_UNACCOUNTED")
                self.assertEqual(len(answer.refusals), 1)
                refusal = answer.refusals[0]
                self.assertEqual(refusal.rule, "R5")
                self.assertEqual(sorted(refusal.subjects), silent)
                self.assertEqual((answer.more, answer.metadata.get("more")), (0, None))
                self.assertTrue(refusal.message and refusal.remedy)
                said.add((refusal.message, refusal.remedy))
        self.assertEqual(len(said), 2, "one language twice")

    def test_a_callers_own_sealed_section(self):
        answer = self.client.command(
            END_STAY,
            {"stay_id": self.stay, "ended_on": today(), "kind": "STAY_END_KIND_EARLY",
             "cause": "STAY_END_CAUSE_OTHER",
             "remarks": {"sealed": {"subject": self.stay[:8], "ciphertext": b"x"}}},
            self.school.coordinator)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "SEALED_BY_CALLER")

    def test_a_callers_own_word_for_what_another_school_says(self):
        checked = {
            "transfer_id": b"t" * 16, "issuer": "mine", "expires_on": today(30),
            "file_sha256": b"h" * 32, "document": {
                "format": "f", "transfer_id": "74" * 16, "issuing_school": "CFP-SUD",
                "programme_code": "5830", "programme_language": "en", "programme_version": "t"}}
        answer = self.client.command(
            "jalon.roster.v1.RosterService/RecordPriorResult",
            {"student_id": self.stay[:8], "origin": "PRIOR_RESULT_ORIGIN_TRANSFER",
             "transfer": {"checked": checked}},
            self.school.coordinator)
        self.refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "SEALED_BY_CALLER")

    def test_every_wrong_field_is_named_at_once(self):
        answer = self.client.command(END_STAY, {"stay_id": b"short", "ended_on": 20261399},
                                     self.school.coordinator)
        self.assertEqual(answer.code, grpc.StatusCode.INVALID_ARGUMENT)
        fields = ", ".join(violation.field for violation in answer.violations)
        for field in ("stay_id", "ended_on", "kind"):
            self.assertIn(field, fields)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
