"""What is of another school is not there: no query tells its exact id from one that nobody has.

Every query of every service that reflection lists is asked, with each of the ids of the other
school in whatever field could hold it. New queries need no line here.

Usage: other_school_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import os
import sys
import tempfile
import unittest

from jalon_client import Client, Server
from school import School

QUERY_HEADER = "jalon.type.v1.QueryHeader"


class OtherSchool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(PROGRAM, cls.folder.name)
        cls.client = Client(cls.server.address)
        cls.north = School(cls.server, cls.client, "CFP-NORD")
        cls.south = School(cls.server, cls.client, "CFP-SUD")
        for school in (cls.north, cls.south):
            school.start_stay()

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, f"the server ended with {code}"

    def queries(self):
        for method in self.client.methods():
            if any(f.message_type and f.message_type.full_name == QUERY_HEADER
                   for f in method.input_type.fields):
                yield method

    def ask(self, method, field, value, token):
        """(what it came to, its bytes); ids of `value` in them read ID."""
        answer = self.client.query(f"{method.containing_service.full_name}/{method.name}",
                                   {field.name: value}, token)
        if answer.ok:
            if answer.response.HasField("as_of"):
                answer.response.ClearField("as_of")
            return "OK", answer.response.SerializeToString(deterministic=True)
        told = answer.detail_bytes.replace(value, b"ID").replace(value.hex().encode(), b"ID")
        return answer.reason, answer.message.replace(value.hex(), "ID"), told

    def test_no_query_tells_a_foreign_id_from_an_unknown_one(self):
        asked, refused, told_its_own = 0, 0, 0
        for method in self.queries():
            for field in method.input_type.fields:
                if field.type != field.TYPE_BYTES or field.label == field.LABEL_REPEATED:
                    continue
                for kind, foreign in self.south.ids.items():
                    token = self.north.coordinator
                    here = self.ask(method, field, foreign, token)
                    nobody = self.ask(method, field, os.urandom(len(foreign)), token)
                    with self.subTest(f"{method.full_name} {field.name}={kind}"):
                        self.assertEqual(here, nobody)
                    own = self.ask(method, field, foreign, self.south.coordinator)
                    asked += 1
                    refused += here[0] != "OK"
                    told_its_own += own[0] == "OK" and own != here
        # The ids are such that their own school gets answers by them.
        self.assertGreater(asked, 30)
        self.assertGreater(refused, 20)
        self.assertGreaterEqual(told_its_own, 8)
        print(f"{asked} asked, {refused} refused, {told_its_own} answered to its own school")

    def test_no_list_shows_a_row_of_another_school(self):
        listed = 0
        for method in self.queries():
            path = f"{method.containing_service.full_name}/{method.name}"
            answer = self.client.query(path, {}, self.north.coordinator)
            own = self.client.query(path, {}, self.south.coordinator)
            if not answer.ok:
                continue
            for kind, foreign in self.south.ids.items():
                with self.subTest(f"{method.full_name} {kind}"):
                    self.assertNotIn(foreign, answer.response.SerializeToString())
                    listed += foreign in own.response.SerializeToString()
        self.assertGreaterEqual(listed, 5)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
