"""FeedService.WatchEvents on the embedded log, by a client in another language.

  watch_test.py JALON
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from forged_token import Forger
from jalon_client import Answer, Client, Server, fill
from school import School, today

JALON = sys.argv[1]
PATH = "jalon.feed.v1.FeedService/WatchEvents"
ANALYST = b"analyst1"


class Stream:
    """One call of WatchEvents; responses come one by one."""

    def __init__(self, client, token, fields=None, timeout=None):
        request = client.message("jalon.feed.v1.WatchEventsRequest")()
        fill(request, fields or {})
        kind = client.message("jalon.feed.v1.WatchEventsResponse")
        metadata = [] if token is None else [("authorization", "Bearer " + token)]
        self._client = client
        self.call = client.channel.unary_stream("/" + PATH)(
            request.SerializeToString(), metadata=metadata, timeout=timeout)
        self._responses = (kind.FromString(data) for data in self.call)

    def next(self):
        return next(self._responses)

    def events(self, count):
        """The next `count` events, and the last position."""
        events, position = [], b""
        while len(events) < count:
            response = self.next()
            events += response.events
            position = response.position or position
        return events, position

    def all(self):
        """Everything until the server ends the stream with OK."""
        events, position = [], b""
        for response in self._responses:
            events += response.events
            position = response.position or position
        return events, position

    def refusal(self):
        try:
            self.next()
        except grpc.RpcError as error:
            return Answer(error=error, pool=self._client.message)
        raise AssertionError("it was let in")

    def end(self):
        self.call.cancel()


class WatchEvents(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.server = Server(JALON, self.folder.name)
        self.client = Client(self.server.address)
        self.own = self.school("CFP-NORD")
        self.other = self.school("CFP-SUD")
        self.token = self.grant(self.own)

    def tearDown(self):
        self.client.close()
        if self.server.process.poll() is None:
            self.server.kill()
        self.server.out.close()
        self.folder.cleanup()

    def school(self, code, **placed):
        return School(self.server, self.client, code, **placed)

    def grant(self, school, expires_on=None):
        """Grants the analyst the school; a token that names no school."""
        result = school.do("school.v1.AccessService/GrantAccess", {
            "identity": {"clear": {"external_id": "AN1", "family_name": "Secret-Name",
                                   "given_name": "Ann"}},
            "role": "ROLE_ANALYST", "scope": {"whole_school": True},
            "expires_on": expires_on or today(30)})
        self.granted = school.created(result)
        return self.server.token("ANA", school.id, self.granted.person_id)

    def reconnect(self):
        """The first calls may meet the end of the connection to a server that was killed."""
        for _ in range(100):
            if self.client.query("jalon.school.v1.AccessService/ListGrants", {},
                                 self.own.coordinator).ok:
                return
            time.sleep(0.1)
        self.fail("the server is not found again")

    def company(self, school, count=1):
        for i in range(count):
            school.do("company.v1.CompanyService/RegisterHostCompany",
                      {"name": f"Garage Secret {i}", "site": "1, rue A"})

    def watch(self, fields=None, token=None, **more):
        return Stream(self.client, token or self.token, fields, **more)

    def test_a_school_is_watched_wherever_it_is_placed(self):
        for partition in range(2):  # in one of them its hash does not put it
            school = self.school(f"CFP-PLACE-{partition}", partition=partition)
            token = self.grant(school)
            self.company(school, 2)
            stream = self.watch({"until_now": True}, token)
            events, _ = stream.all()
            self.assertEqual({event.source for event in events}, {"/schools/" + school.id.hex()})
            self.assertEqual(len(events), 4)  # registered, granted, two companies

    def test_sends_what_is_there_and_what_comes(self):
        self.company(self.own, 3)
        self.company(self.other, 3)
        stream = self.watch()
        events, _ = stream.events(5)  # registered, granted, three companies
        self.assertEqual([e.type.split(".")[2] for e in events],
                         ["school-registered", "access-granted"] + ["host-company-registered"] * 3)
        self.company(self.own)
        more, _ = stream.events(1)
        sequences = [e.sequence for e in [*events, *more]]
        self.assertEqual(sequences, sorted(set(sequences)))
        self.assertEqual({e.source for e in events}, {"/schools/" + self.own.id.hex()})
        for event in [*events, *more]:
            self.assertNotIn(b"Secret", event.SerializeToString())
        stream.end()

    def test_decodes_by_the_published_descriptors(self):
        path = os.path.join(self.folder.name, "feed.binpb")
        self.server.jalon("feed", "descriptors", path)
        with open(path, "rb") as file:
            data = file.read()
        pool = descriptor_pool.DescriptorPool()
        for one in descriptor_pb2.FileDescriptorSet.FromString(data).file:
            pool.Add(one)
        kind = message_factory.GetMessageClass(
            pool.FindMessageTypeByName("jalon.feed.v1.FeedEvent"))
        events, _ = self.watch({"until_now": True}).all()
        decoded = [kind.FromString(event.data) for event in events]
        self.assertEqual(decoded[0].body.school_registered.code, "CFP-NORD")
        self.assertEqual(decoded[0].school_id, self.own.id)
        self.assertEqual(decoded[0].actor_role, 1)

    def test_goes_on_from_a_position_over_a_kill(self):
        self.company(self.own, 300)
        whole, end = self.watch({"until_now": True}).all()
        stream = self.watch()
        first, position = stream.events(1)
        self.assertLess(len(first), len(whole))
        stream.end()
        self.server.kill()
        self.server.start()
        self.reconnect()
        rest, _ = self.watch({"after_position": position, "until_now": True}).all()
        self.assertEqual([e.id for e in [*first, *rest]], [e.id for e in whole])
        nothing, _ = self.watch({"after_position": end, "until_now": True}).all()
        self.assertEqual(nothing, [])
        after = {"school_id": self.own.id, "sequence": whole[99].sequence}
        rest, _ = self.watch({"after": [after], "until_now": True}).all()
        self.assertEqual([e.id for e in rest], [e.id for e in whole[100:]])

    def test_only_by_grant(self):
        person = b"stranger"
        for token, reason in (
                (None, "UNAUTHENTICATED"),
                (self.own.coordinator, "ROLE_NOT_ALLOWED"),
                (self.server.token("AUD", self.own.id, person), "ROLE_NOT_ALLOWED"),
                (self.server.token("ANA", self.own.id, person), "NOT_FOUND"),
                (self.server.token("ANA", b"", person), "FIELD_REQUIRED")):
            stream = Stream(self.client, token)
            self.assertEqual(stream.refusal().reason, reason)
        others = {"school_ids": [self.other.id]}
        self.assertEqual(self.watch(others).refusal().reason, "NOT_FOUND")
        both = {"school_ids": [self.own.id, self.other.id]}
        self.assertEqual(self.watch(both).refusal().reason, "NOT_FOUND")
        nobody = {"school_ids": [b"no such school.."]}
        self.assertEqual(self.watch(nobody).refusal().reason, "NOT_FOUND")

    def test_refuses_what_is_not_well_formed(self):
        for fields in ({"after_position": b"nonsense"}, {"school_ids": [b"short"]},
                       {"after": [{"school_id": self.own.id, "sequence": "é"}]}):
            self.assertEqual(self.watch(fields).refusal().code.name, "INVALID_ARGUMENT")

    def test_a_consumer_that_is_slow_holds_up_nobody(self):
        slow = self.watch()
        slow.next()
        self.company(self.own, 400)  # and nobody reads
        quick, _ = self.watch({"until_now": True}).all()
        self.assertEqual(len(quick), 402)
        events, _ = slow.events(len(quick) - 2)
        self.assertEqual(events[-1].id, quick[-1].id)
        slow.end()

    def test_streams_of_a_person_are_bounded(self):
        streams = [self.watch() for _ in range(8)]
        for stream in streams:
            stream.next()
        self.assertEqual(self.watch().refusal().code.name, "RESOURCE_EXHAUSTED")
        streams.pop().end()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            stream = self.watch()
            try:
                stream.next()
                break
            except grpc.RpcError as error:
                self.assertEqual(error.code().name, "RESOURCE_EXHAUSTED")
        else:
            self.fail("the place of a stream that ended was not given back")
        for one in [*streams, stream]:
            one.end()

    def test_a_drain_ends_streams(self):
        stream = self.watch()
        stream.next()
        ended = []
        thread = threading.Thread(target=lambda: ended.append(stream.refusal()))
        thread.start()
        started = time.monotonic()
        self.assertEqual(self.server.stop(), 0)
        # On Kafka a stop may come while the broker is asked something, for 5 s at most.
        self.assertLess(time.monotonic() - started, 10)
        thread.join()
        self.assertEqual(ended[0].code.name, "UNAVAILABLE")

    def test_a_token_that_expires_ends_the_stream(self):
        skew = 60  # clocks of two machines may differ by that much
        forger = Forger(os.path.join(self.server.data, "token.key"), self.token)
        ends = int(time.time()) + 3
        stream = self.watch(token=forger.token(exp=ends - skew))
        stream.events(2)
        while time.time() < ends:
            time.sleep(0.1)
        self.company(self.own)  # and nothing is sent of it
        self.assertEqual(stream.refusal().reason, "UNAUTHENTICATED")

    def test_a_grant_that_is_revoked_ends_the_stream(self):
        stream, ended = self.watch(), None
        stream.events(2)
        self.own.do("school.v1.AccessService/RevokeAccess",
                    {"person_id": self.granted.person_id, "grant_id": self.granted.id})
        end = time.monotonic() + 20
        while ended is None and time.monotonic() < end:
            self.company(self.own)  # what was sent before the views knew
            try:
                stream.next()
            except grpc.RpcError as error:
                ended = Answer(error=error, pool=self.client.message)
        self.assertEqual(ended.reason, "GRANT_ENDED")
        self.assertEqual(self.watch().refusal().reason, "NOT_FOUND")
        self.assertEqual(self.told(), ["CREDENTIAL ", "EXPORT feed.watch", "REFUSAL feed.watch",
                                       "REFUSAL feed.watch"])

    def test_a_grant_counts_at_once(self):
        """Though the views, which are asked, gather for a moment what comes in."""
        for _ in range(5):
            self.own.do("school.v1.AccessService/RevokeAccess",
                        {"person_id": self.granted.person_id, "grant_id": self.granted.id})
            self.assertEqual(self.watch().refusal().reason, "NOT_FOUND")
            self.granted = self.own.created(self.own.do(
                "school.v1.AccessService/GrantAccess",
                {"person_id": self.granted.person_id, "role": "ROLE_ANALYST",
                 "scope": {"whole_school": True}, "expires_on": today(30)}))
            events, _ = self.watch({"until_now": True}).all()
            self.assertGreater(len(events), 2)

    def told(self):
        """What the coordinator's access log has of the analyst, the oldest first."""
        told, end = [], time.monotonic() + 20
        while len(told) < 4 and time.monotonic() < end:
            answer = self.client.query("jalon.access.v1.AccessLogService/ListAccess",
                                       {"by_person_id": self.granted.person_id},
                                       self.own.coordinator)
            row = answer.response.DESCRIPTOR.fields_by_name["entries"].message_type
            kinds = row.fields_by_name["kind"].enum_type.values_by_number
            told = [f"{kinds[row.kind].name[len('ACCESS_KIND_'):]} {row.action}"
                    for row in reversed(answer.response.entries)]
        return told

    def test_the_command_line_watches(self):
        self.company(self.own, 2)
        words = ("feed", "watch", "--server", self.server.address, "--token", self.token,
                 "--until-now", "--output", "json")
        lines = [json.loads(line) for line in self.server.jalon(*words).splitlines()]
        events = [line for line in lines if "id" in line]
        positions = [line["position"] for line in lines if "position" in line]
        self.assertEqual(len(events), 4)
        self.assertEqual(events[0]["data"]["body"]["schoolRegistered"]["code"], "CFP-NORD")
        self.assertNotIn("attempt", json.dumps(events))
        self.assertEqual(events[0]["type"], "ca.jalon.school-registered.v1")
        rest = self.server.jalon(*words, "--after", positions[-1])
        self.assertEqual([line for line in rest.splitlines() if '"id"' in line], [])
        rest = self.server.jalon(*words, self.own.id.hex(), "--after", events[2]["sequence"])
        self.assertEqual(sum('"id"' in line for line in rest.splitlines()), 1)
        text = self.server.jalon(*words[:-2])
        self.assertIn("host-company-registered.v1", text)
        done = subprocess.run([JALON, *words, "CFP-SUD"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 3, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
