"""FeedService.WatchEvents of a node whose log is on a real Kafka: what watch_test.py says of the
embedded log, as far as the log has a part in it.

  watch_kafka_test.py JALON
"""

import os
import tempfile
import unittest

import watch_test
from kafka import Broker, Node

from jalon_client import Client

CASES = (
    "test_a_school_is_watched_wherever_it_is_placed",
    "test_sends_what_is_there_and_what_comes",
    "test_decodes_by_the_published_descriptors",
    "test_goes_on_from_a_position_over_a_kill",
    "test_only_by_grant",
    "test_a_consumer_that_is_slow_holds_up_nobody",
    "test_a_drain_ends_streams",
    "test_the_command_line_watches",
)


class WatchEventsOnKafka(watch_test.WatchEvents):
    logs = 0

    @classmethod
    def setUpClass(cls):
        cls.brokers = tempfile.TemporaryDirectory()
        cls.broker = Broker(cls.brokers.name)

    @classmethod
    def tearDownClass(cls):
        cls.broker.down()
        cls.brokers.cleanup()

    def setUp(self):
        WatchEventsOnKafka.logs += 1
        self.folder = tempfile.TemporaryDirectory()
        self.server = Node(watch_test.JALON, os.path.join(self.folder.name, "node"), self.broker,
                           f"watch{self.logs}")
        self.client = Client(self.server.address)
        self.own = self.school("CFP-NORD")
        self.other = self.school("CFP-SUD")
        self.token = self.grant(self.own)


def load_tests(_loader, _found, _pattern):
    return unittest.TestSuite(map(WatchEventsOnKafka, CASES))


if __name__ == "__main__":
    unittest.main(argv=watch_test.sys.argv[:1] + watch_test.sys.argv[2:], verbosity=2)
