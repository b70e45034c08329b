"""What a server does when something breaks while it serves.      Usage: serving_test.py JALON"""

import glob
import json
import os
import signal
import socket
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import jalon

PROGRAM = os.path.abspath(sys.argv.pop(1))
DESCRIPTORS = 256
CONNECTIONS = 400
COMMANDS, STUDENTS = 5, 100  # of bulk commands, the rows of one
FIRST_BLOCKS = 16 * 1024  # with rows that a start reads


def is_open(connection):
    """Whether the other end still holds it."""
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass
        return False
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


class Serving(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.jalon = jalon.Jalon(PROGRAM, self.folder.name)
        self.addCleanup(self.jalon.stop)

    def shows(self, ran, *parts, code=0):
        self.assertEqual(ran.code, code, str(ran))
        for part in parts:
            self.assertIn(part, ran.out + ran.err)
        return ran

    def found_school(self):
        self.jalon.serve("--partitions", "2")
        region = self.shows(self.jalon.run("token", "issue", "--role", "REG")).out.strip()
        self.jalon.token = region
        self.shows(self.register("CFP-NORD"))
        issue = ("token", "issue", "--role", "COO", "--school", "CFP-NORD")
        issued = self.jalon.run(*issue, "--person", "00" * 7 + "01")
        self.coordinator = self.shows(issued).out.strip()

    def register(self, code):
        return self.jalon.run("school", "register", "--code", code, "--name", "CFP")

    def lines(self):
        with open(self.jalon.log, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.startswith("{")]

    def damage(self, pattern):
        """Flips a bit in every byte of the records of a table file, but for its first ones."""
        tables = glob.glob(os.path.join(self.jalon.data, pattern))
        table = max(tables, key=os.path.getsize)
        with open(table, "r+b") as file:
            records = file.read()[FIRST_BLOCKS : os.path.getsize(table) // 3]
            self.assertGreater(len(records), FIRST_BLOCKS)
            file.seek(FIRST_BLOCKS)
            file.write(bytes(byte ^ 1 for byte in records))

    def enrol(self, command):
        rows = [
            {
                "identity": {"clear": {"externalId": n, "familyName": "Roy", "givenName": n}},
                "programme": {"code": "5830", "language": "en", "version": "2026"},
                "inAlternance": True,
            }
            for n in (f"S{command}-{number}" for number in range(STUDENTS))
        ]
        words = ("--output", "json", "call", "EnrolStudents", "--json", json.dumps({"rows": rows}))
        enrolled = self.shows(self.jalon.run(*words)).json
        return [created["personId"] for created in enrolled["result"]["created"]]

    def ends_with(self, *words):
        """It ends by itself, with 1, and says why once."""
        self.assertEqual(self.jalon.server.wait(timeout=30), 1)
        faults = [line for line in self.lines() if line["msg"] == "the server cannot go on"]
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0]["what"])

    def test_a_damaged_view_is_not_served_on(self):
        self.found_school()
        self.jalon.token = self.coordinator
        adopt = ("programme", "import", "deploy/samples/programmes.csv", "--code", "5830")
        adopt += ("--version", "2026", "--type", "DEP", "--title", "M", "--hours", "1800")
        self.shows(self.jalon.run(*adopt, "--prescribed", "850-609"))
        students = [student for command in range(COMMANDS) for student in self.enrol(command)]
        self.jalon.stop()
        self.damage("views/*.sst")
        self.jalon.serve()
        for student in students:
            shown = self.jalon.run("student", "progress", student)
            if shown.code != 0:
                break
        self.shows(shown, code=8)
        self.ends_with("views", "rebuilt from the log")
        self.assertNotIn("Roy", json.dumps(self.lines()))

    def test_more_connections_than_descriptors_leave_the_server_serving(self):
        self.jalon.before = ("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}")
        self.found_school()
        host, port = self.jalon.address.split(":")
        idle = [socket.create_connection((host, int(port))) for _ in range(CONNECTIONS)]
        time.sleep(1)
        self.assertIsNone(self.jalon.server.poll())
        kept = [connection for connection in idle if is_open(connection)]
        self.assertLess(len(kept), DESCRIPTORS * 3 // 4)
        refused = [line for line in self.lines() if line["msg"].startswith("too many connections")]
        self.assertEqual(len(refused), 1)
        for connection in idle:
            connection.close()
        for _ in range(100):
            registered = self.register("CFP-SUD")
            if registered.code == 0:
                break
            time.sleep(0.05)  # the server has yet to see that they are closed
        self.shows(registered)
        self.assertEqual(self.jalon.stop(), 0)


    def test_no_file_can_come_of_its_memory(self):
        self.jalon.before = ("prlimit", "--core=unlimited")
        self.found_school()
        with open(f"/proc/{self.jalon.server.pid}/limits", encoding="utf-8") as limits:
            core = [line.split() for line in limits if line.startswith("Max core file size")]
        self.assertEqual(core[0][4:6], ["0", "0"])
        # Not dumpable: then its files belong to root, whoever it runs as.
        owned = os.stat(f"/proc/{self.jalon.server.pid}/environ")
        self.assertEqual((owned.st_uid, owned.st_gid), (0, 0))
        self.jalon.server.send_signal(signal.SIGSEGV)
        self.assertEqual(self.jalon.server.wait(timeout=30), -signal.SIGSEGV)
        self.assertFalse([name for name in os.listdir(self.folder.name) if "core" in name])

    def test_the_end_of_its_terminal_ends_it_as_any_other(self):
        self.found_school()
        self.jalon.server.send_signal(signal.SIGHUP)
        self.assertEqual(self.jalon.server.wait(timeout=30), 0)
        self.assertEqual(self.lines()[-1]["msg"], "ended")

    def test_a_server_that_nohup_started_outlives_its_terminal(self):
        self.jalon.before = ("nohup",)
        self.found_school()
        self.jalon.server.send_signal(signal.SIGHUP)
        self.shows(self.register("CFP-SUD"))
        self.assertEqual(self.jalon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
