#!/usr/bin/env python3
"""Lands the public feed of Jalon in DuckDB, and answers the three questions asked first.

  analyst.py land --brokers HOST:PORT [--topic jalon.events.v1] --descriptors FILE --to FILE
                  [--follow]
  analyst.py ask --to FILE [--json] [QUESTION.sql...]

`land` takes what is there and ends; with --follow it goes on. It may be stopped at any moment and
run again: each event is landed once. `ask` answers questions of yours instead where some are named.
"""

import argparse
import json
import pathlib
import sys

import duckdb

import feed

TABLES = """
create table if not exists events (
  source varchar, sequence varchar, id varchar, type varchar, time timestamptz,
  recordedtime timestamptz, subject varchar, aggregate varchar, event json,
  primary key (source, sequence));
create table if not exists places (partition integer primary key, next bigint);
create table if not exists last_sequences (source varchar primary key, sequence varchar);
"""


class Landing:
    """The database. What was taken and where to go on are one transaction."""

    def __init__(self, path):
        self.db = duckdb.connect(str(path))
        self.db.execute("set TimeZone = 'UTC'")
        self.db.execute(TABLES)
        self.places = dict(self.db.execute("select partition, next from places").fetchall())
        self.last = dict(self.db.execute("select source, sequence from last_sequences").fetchall())

    def take(self, messages, contract):
        """Lands those messages that the rule lets in; says how many that were."""
        rows, last, places = [], {}, {}
        for message in messages:
            places[message.partition()] = message.offset() + 1
            attributes = feed.attributes_of(message)
            source, sequence = attributes["source"], attributes["sequence"]
            # The rule of FEED.md: events may be repeated, never reordered.
            if sequence <= last.get(source, self.last.get(source, "")):
                continue
            last[source] = sequence
            event = contract.decode(message.value())
            rows.append((source, sequence, attributes["id"], attributes["type"],
                         attributes["time"], attributes["recordedtime"], event.subject_id.hex(),
                         event.aggregate_id.hex(), json.dumps(feed.as_dict(event))))
        self.db.begin()
        if rows:
            self.db.executemany("insert into events values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        for source, sequence in last.items():
            self.db.execute("insert or replace into last_sequences values (?, ?)",
                            (source, sequence))
        for partition, after in places.items():
            self.db.execute("insert or replace into places values (?, ?)", (partition, after))
        self.db.commit()
        self.last.update(last)
        self.places.update(places)
        return len(rows)


def land(args):
    contract = feed.Contract(args.descriptors)
    landing = Landing(args.to)
    source = feed.Feed(args.brokers, args.topic, landing.places)
    ends = source.ends()
    read = taken = 0
    while args.follow or any(landing.places.get(p, 0) < end for p, end in ends.items()):
        messages = source.read()
        read += len(messages)
        if messages:
            taken += landing.take(messages, contract)
            if args.follow:
                print(f"{taken} landed", flush=True)
    source.close()
    print(f"{read} read, {taken} landed, {read - taken} repeated")
    return 0


def ask(args):
    db = duckdb.connect(str(args.to), read_only=True)
    folder = pathlib.Path(__file__).resolve().parent / "questions"
    answers = {}
    for path in args.questions or sorted(folder.glob("*.sql")):
        answer = db.execute(path.read_text())
        names = [column[0] for column in answer.description]
        rows = answer.fetchall()
        answers[path.stem] = [dict(zip(names, row)) for row in rows]
        if not args.json:
            show(path, names, rows)
    if args.json:
        print(json.dumps(answers, default=str))
    return 0


def show(path, names, rows):
    print(path.read_text().splitlines()[0].removeprefix("-- "))
    cells = [names] + [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(names))]
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("land")
    verb.add_argument("--brokers", required=True)
    verb.add_argument("--topic", default="jalon.events.v1")
    verb.add_argument("--descriptors", required=True, help="of: jalon feed descriptors FILE")
    verb.add_argument("--follow", action="store_true")
    verb.add_argument("--to", required=True, help="the DuckDB file")
    verb.set_defaults(run=land)
    verb = verbs.add_parser("ask")
    verb.add_argument("--to", required=True, help="the DuckDB file")
    verb.add_argument("--json", action="store_true")
    verb.add_argument("questions", nargs="*", type=pathlib.Path, metavar="QUESTION.sql")
    verb.set_defaults(run=ask)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
