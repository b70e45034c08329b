"""What is of another school is not there: no command tells its exact id from one that nobody has.

Every command of every service that reflection lists is tried, dry, with each of the ids of the
other school in each field that may hold one, those inside rows and parts included, and in the
header. A new command, or a new field, needs a line in commands.py: without one this test fails.

Usage: other_school_commands_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import copy
import os
import sys
import tempfile
import unittest

from commands import commands
from jalon_client import Client, Server, fill, uuid7
from school import School

COMMAND_HEADER = "jalon.type.v1.CommandHeader"
# No caller's to send: what the server's edge makes of what callers send.
MADE = ("jalon.type.v1.Sealed", "jalon.person.v1.CheckedTransfer")
# Names that a school gives, and what another one sealed: nothing stands behind them to be found.
ON_BEHALF_OF = ("header", "on_behalf_of")
NAMES = {"cohort_id", "group_id", "session_id", "file"}
# What the school keys in for people of a company; elsewhere nobody's act is keyed in.
KEYED_IN = {"AcceptTrainingPlan", "AgreeSupervision", "DeclareHostingCapacity", "LogHours",
            "ObserveAttitude", "RecordActivityOutcomes", "ReportFormativeEstimate",
            "ReportResourceGap", "SubmitTutorReport"}


def id_fields(message, parts=()):
    """(where, field) of each bytes field of a message and of what is there in it; `where`: the
    names and indexes that lead to it."""
    for field in message.DESCRIPTOR.fields:
        repeated = field.label == field.LABEL_REPEATED
        if field.type == field.TYPE_BYTES:
            yield parts, field
        elif field.message_type is None or field.message_type.full_name in MADE:
            continue
        elif repeated:
            for i, item in enumerate(getattr(message, field.name)):
                yield from id_fields(item, (*parts, field.name, i))
        elif message.HasField(field.name):
            yield from id_fields(getattr(message, field.name), (*parts, field.name))


def all_id_fields(descriptor, seen=()):
    """Every bytes field that a message of that type may hold, as (its message, its name)."""
    if descriptor.full_name in MADE or descriptor in seen:
        return set()
    found = set()
    for field in descriptor.fields:
        if field.type == field.TYPE_BYTES:
            found.add((descriptor.full_name, field.name))
        elif field.message_type is not None:
            found |= all_id_fields(field.message_type, (*seen, descriptor))
    return found


def put(message, parts, field, value):
    for part in parts:
        message = message[part] if isinstance(part, int) else getattr(message, part)
    if field.label == field.LABEL_REPEATED:
        del getattr(message, field.name)[:]
        getattr(message, field.name).append(value)
    else:
        setattr(message, field.name, value)


def got(message, parts, field):
    for part in parts:
        message = message[part] if isinstance(part, int) else getattr(message, part)
    value = getattr(message, field.name)
    return (value[0] if value else b"") if field.label == field.LABEL_REPEATED else value


class OtherSchoolsIds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(PROGRAM, cls.folder.name)
        cls.client = Client(cls.server.address)
        cls.north = School(cls.server, cls.client, "CFP-NORD")
        cls.south = School(cls.server, cls.client, "CFP-SUD")
        for school in (cls.north, cls.south):
            school.start_stay(activities=2)
            school.hire()
        cls.commands = commands(cls.north)
        cls.head = cls.server.head()

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, f"the server ended with {code}"

    def tearDown(self):
        self.assertEqual(self.server.head(), self.head, "a dry run left something in the log")

    def methods(self):
        for method in self.client.methods():
            header = method.input_type.fields_by_name.get("header")
            if header and header.message_type.full_name == COMMAND_HEADER:
                yield f"{method.containing_service.full_name}/{method.name}", method

    def outcome(self, path, request, role, value):
        """What it came to, all of it; where it says `value` it reads ID."""
        request.header.request_id = uuid7()
        answer = self.client.raw(path, request.SerializeToString(), self.north.tokens[role])
        if answer.ok:
            for created in answer.response.result.created:
                created.id = created.person_id = b""  # drawn anew by each
            told = answer.response.SerializeToString(deterministic=True)
        else:
            told = answer.detail_bytes
        if value:
            told = told.replace(value, b"ID").replace(value.hex().encode(), b"ID")
        return answer.code, answer.message.replace(value.hex() or "-", "ID"), told

    def tries(self):
        """(path, role, request with the school's own ids, where in it, field) of all there are."""
        for path, sent in self.commands.items():
            for role, command in sent:
                request = self.client.request(path, command, header={"dry_run": True})
                for parts, field in id_fields(request.command, ("command",)):
                    yield path, role, request, parts, field
                if role != "REG":  # whose credential spans schools
                    school = request.header.DESCRIPTOR.fields_by_name["school_id"]
                    yield path, role, request, ("header",), school
                for person in ("tutor", "signatory"):
                    fill(request.header, {"on_behalf_of": {
                        "person_id": self.north.ids[person], "channel": "CHANNEL_PAPER",
                        "document_ref": "F-1"}})
                    whom = request.header.on_behalf_of.DESCRIPTOR.fields_by_name["person_id"]
                    yield path, role, request, ON_BEHALF_OF, whom

    def test_every_command_and_each_of_its_fields_is_tried(self):
        needed, tried = set(), set()
        for path, method in self.methods():
            self.assertIn(path, self.commands)
            command = method.input_type.fields_by_name["command"].message_type
            needed |= {(path, *field) for field in all_id_fields(command)}
        for path, _, _, parts, field in self.tries():
            if parts[0] == "command":
                tried.add((path, field.containing_type.full_name, field.name))
        self.assertEqual(needed - tried, set())
        self.assertGreater(len(needed), 30)

    def test_no_command_tells_a_foreign_id_from_an_unknown_one(self):
        asked, looked_up, not_looked_up = 0, set(), set()
        foreign_ids = {**self.south.ids, "school": self.south.id}
        for path, role, request, parts, field in self.tries():
            where = (path.rsplit("/", 1)[1], *(p for p in parts if isinstance(p, str)), field.name)
            own = got(request, parts, field)
            whole = self.outcome(path, request, role, own)
            for kind, foreign in foreign_ids.items():
                if own and len(own) != len(foreign):
                    continue
                tried = copy.deepcopy(request)
                put(tried, parts, field, foreign)
                here = self.outcome(path, tried, role, foreign)
                unknown = os.urandom(len(foreign))
                put(tried, parts, field, unknown)
                nobody = self.outcome(path, tried, role, unknown)
                with self.subTest(f"{'.'.join(where)}={kind}", role=role):
                    self.assertEqual(here, nobody)
                asked += 1
                (looked_up if nobody != whole else not_looked_up).add(where)
        # With the school's own ids each comes to something else: there was something to be found.
        on_behalf = {where for where in looked_up | not_looked_up if where[1:3] == ON_BEHALF_OF}
        self.assertEqual({where for where in not_looked_up - looked_up - on_behalf
                          if where[-1] not in NAMES}, set())
        self.assertEqual({where[0] for where in on_behalf & looked_up}, KEYED_IN)
        print(f"{asked} asked, of {len(self.commands)} commands; {len(looked_up)} fields looked up")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
