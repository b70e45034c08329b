"""Prints the records of a topic of the feed, one JSON line each, as they are: repeats included.

  raw_feed.py BROKERS TOPIC            what is there now
  raw_feed.py BROKERS TOPIC --follow   and what comes, with the moment it came; until stdin ends
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
    ends = source.ends()
    left = sum(ends.values())
    if follow:
        print(json.dumps({"ready": True}), flush=True)
    while left > 0 or follow:
        if follow and select.select([sys.stdin], [], [], 0)[0]:
            break
        messages = source.read(most=200 if follow else 5000, seconds=0.005 if follow else 0.5)
        now = time.time()
        left -= len(messages)
        for message in messages:
            attributes = feed.attributes_of(message)
            print(json.dumps({"partition": message.partition(), "offset": message.offset(),
                              "id": attributes["id"], "source": attributes["source"],
                              "sequence": attributes["sequence"], "type": attributes["type"],
                              "came": now}))
    source.close()


if __name__ == "__main__":
    main()
