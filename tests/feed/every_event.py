"""Reads whole topics of the public feed and checks every record against the published contract.

  every_event.py --brokers B --descriptors FILE --received FOLDER TOPIC=EVENTS...

EVENTS is how many events the log of that topic has. Every type that the descriptors know must have
been seen in one of the topics. What was received, byte by byte, goes into FOLDER.
"""

import argparse
import collections
import datetime
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../deploy/samples/analyst"))

from google.protobuf import unknown_fields  # noqa: E402

import feed  # noqa: E402

ATTRIBUTES = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_recordedtime",
              "ce_sequence", "ce_partitionkey", "ce_dataschema", "content-type"]
TRACE = ["ce_traceparent", "traceparent"]
TRACEPARENT = re.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def murmur2(data):
    """As Kafka's Java clients hash a key."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def has_unknown(message):
    if len(unknown_fields.UnknownFieldSet(message)):
        return True
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            if any(has_unknown(one) for one in (value if feed.is_many(field) else [value])):
                return True
    return False


def check(condition, *words):
    if not condition:
        raise AssertionError(" ".join(str(word) for word in words))


class Checker:
    def __init__(self, contract):
        self.contract = contract
        self.types = collections.Counter()
        self.traced = 0

    def topic(self, brokers, name, events, received):
        source = feed.Feed(brokers, name)
        ends = source.ends()
        ids, last, left = set(), {}, sum(ends.values())
        while left > 0:
            messages = source.read()
            left -= len(messages)
            for message in messages:
                self.record(message, len(ends), ids, last)
                received.write(message.key() + message.value())
                for header, value in message.headers():
                    received.write(header.encode() + value)
        source.close()
        check(len(ids) == events, name, "has", len(ids), "events, the log", events)
        return len(ids)

    def record(self, message, partitions, ids, last):
        headers = dict(message.headers())
        names = [name for name, _ in message.headers()]
        check(names in (ATTRIBUTES, ATTRIBUTES + TRACE), names)
        for name in names:
            headers[name] = headers[name].decode()
        event = self.contract.decode(message.value())
        check(not has_unknown(event), headers["ce_type"], "has a field the contract does not know")
        school = event.school_id.hex()
        check(headers["ce_specversion"] == "1.0")
        check(headers["content-type"] == "application/protobuf")
        check(headers["ce_source"] == "/schools/" + school, headers["ce_source"])
        check(headers["ce_partitionkey"] == school == message.key().decode())
        check(message.partition() == (murmur2(message.key()) & 0x7FFFFFFF) % partitions)
        check(headers["ce_dataschema"] ==
              "/schemas/jalon.events.v1?d=" + self.contract.edition, headers["ce_dataschema"])
        name = event.body.WhichOneof("event")
        check(name is not None, headers["ce_type"], "has no body")
        check(headers["ce_type"] == f"ca.jalon.{name.replace('_', '-')}.v1", headers["ce_type"])
        self.types[name] += 1
        day = str(event.occurred_on)
        check(headers["ce_time"] == f"{day[:4]}-{day[4:6]}-{day[6:]}T12:00:00Z", headers["ce_time"])
        recorded = datetime.datetime.fromisoformat(headers["ce_recordedtime"])
        micros = (recorded - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
                  ) // datetime.timedelta(microseconds=1)
        check(micros == event.recorded_at, headers["ce_recordedtime"])
        check(re.fullmatch("[0-9a-f]{32}-[0-9]+", headers["ce_id"]), headers["ce_id"])
        check(headers["ce_id"] not in ids, "twice:", headers["ce_id"])
        ids.add(headers["ce_id"])
        sequence = headers["ce_sequence"]
        check(re.fullmatch("[0-9]{36}", sequence), sequence)
        check(sequence > last.get(school, ""), "not in order:", sequence)
        last[school] = sequence
        for trace in TRACE:
            if trace in headers:
                check(TRACEPARENT.fullmatch(headers[trace]), headers[trace])
        self.traced += TRACE[0] in headers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--descriptors", required=True)
    parser.add_argument("--received", required=True)
    parser.add_argument("topics", nargs="+")
    args = parser.parse_args()
    checker = Checker(feed.Contract(args.descriptors))
    total = 0
    with open(os.path.join(args.received, "feed"), "wb") as received:
        for topic in args.topics:
            name, events = topic.split("=")
            total += checker.topic(args.brokers, name, int(events), received)
    missing = sorted(set(checker.contract.events) - set(checker.types))
    check(not missing, "never in the feed:", missing)
    print(f"{total} events of {len(checker.types)} types read from {len(args.topics)} topics")
    return 0


if __name__ == "__main__":
    sys.exit(main())
