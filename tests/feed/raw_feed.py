"""Prints the records of a topic of the feed, one JSON line each, as they are: repeats included.

  raw_feed.py BROKERS TOPIC            what is there now
  raw_feed.py BROKERS TOPIC --follow   and what comes, with the moment it came; when something comes
                                       on stdin, what is there then, and no more
"""

import json
import os
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../deploy/samples/analyst"))

import feed  # noqa: E402


def main():
    brokers, topic = sys.argv[1:3]
    follow = "--follow" in sys.argv
    source = feed.Feed(brokers, topic)
    ends, places = source.ends(), {}
    ready = False
    while True:
        there = all(places.get(partition, 0) >= end for partition, end in ends.items())
        if there and not follow:
            break
        if there and not ready:  # it reads every partition that holds anything
            ready = True
            print("ready", flush=True)
        if follow and select.select([sys.stdin], [], [], 0)[0]:
            follow, ends = False, source.ends()
        messages = source.read(most=200 if follow else 5000, seconds=0.005 if follow else 0.5)
        now = time.time()
        for message in messages:
            places[message.partition()] = message.offset() + 1
            attributes = feed.attributes_of(message)
            print(json.dumps({"partition": message.partition(), "offset": message.offset(),
                              "id": attributes["id"], "source": attributes["source"],
                              "sequence": attributes["sequence"], "type": attributes["type"],
                              "appended": message.timestamp()[1] / 1000, "came": now}))
    source.close()


if __name__ == "__main__":
    main()
