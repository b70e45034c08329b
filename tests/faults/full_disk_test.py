"""A disk that is full.      Usage: full_disk_test.py JALON (as root, for a mount)

The data folder is on a tmpfs whose size is changed while the server runs: so little is written.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import jalon

PROGRAM = os.path.abspath(sys.argv.pop(1))
MEBIBYTE = 1024 * 1024
ROOMY, NEARLY_FULL, FULL = 700, 300, 60  # MiB: over the floor, under it, too little to start
WITHIN_S = 30


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={ROOMY}m", "jalon", self.folder.name], check=True
        )
        self.addCleanup(subprocess.run, ["umount", self.folder.name], check=True)
        self.jalon = jalon.Jalon(PROGRAM, self.folder.name)
        self.jalon.log = self.folder.name + ".server.log"  # on another disk
        self.addCleanup(os.remove, self.jalon.log)
        self.addCleanup(self.jalon.stop)

    def size(self, mebibytes):
        options = f"remount,size={mebibytes}m"
        subprocess.run(["mount", "-o", options, self.folder.name], check=True)

    def found_school(self):
        self.jalon.serve("--partitions", "2")
        self.jalon.token = self.jalon.run("token", "issue", "--role", "REG").out.strip()
        self.shows(self.register("CFP-NORD"))

    def register(self, code):
        return self.jalon.run("school", "register", "--code", code, "--name", "CFP")

    def shows(self, ran, *parts, code=0):
        self.assertEqual(ran.code, code, str(ran))
        for part in parts:
            self.assertIn(part, ran.out + ran.err)

    def said(self, words):
        """The server's line with these words, once it is there."""
        for _ in range(WITHIN_S * 20):
            with open(self.jalon.log, encoding="utf-8") as log:
                lines = [line for line in log if words in line]
            if lines:
                return json.loads(lines[-1])
            time.sleep(0.05)
        return self.fail(f"never said: {words}")

    def test_a_start_says_what_to_free(self):
        self.found_school()
        self.jalon.stop()
        self.size(FULL)
        self.assertEqual(self.jalon.serve_until_it_ends(), 1)
        refused = self.said("does not start")
        self.assertEqual(refused["reason"], "DISK_FULL")
        self.assertIn(self.jalon.data, refused["what"])
        self.assertRegex(refused["what"], r"free \d+ bytes there")
        self.size(ROOMY)
        self.jalon.serve()
        self.shows(self.register("CFP-SUD"))

    def test_a_new_folder_on_a_full_disk_is_not_begun(self):
        self.size(FULL)
        self.assertEqual(self.jalon.serve_until_it_ends(), 1)
        self.assertEqual(self.said("does not start")["reason"], "DISK_FULL")
        self.assertFalse(os.path.exists(os.path.join(self.jalon.data, "log")))

    def test_a_start_under_the_floor_says_so_and_serves_once_there_is_room(self):
        self.found_school()
        self.jalon.stop()
        self.size(NEARLY_FULL)
        self.jalon.serve()
        low = self.said("nearly full")
        self.assertEqual(low["level"], "error")
        self.assertIn(self.jalon.data, low["path"])
        self.assertGreater(low["to_free_bytes"], 200 * MEBIBYTE)
        self.shows(self.register("CFP-SUD"), "DISK_FULL", code=5)
        self.size(ROOMY)
        self.said("has room again")
        for _ in range(WITHIN_S):
            if self.register("CFP-SUD").code == 0:
                break
            time.sleep(1)
        self.shows(self.register("CFP-SUD"), "SCHOOL_EXISTS", code=1)

    def test_a_rebuild_without_room_says_so_and_what_serves_goes_on(self):
        self.found_school()
        self.size(FULL)
        rebuilt = self.jalon.run("view", "rebuild", "--all")
        self.shows(rebuilt, "DISK_FULL", code=5)
        self.shows(self.jalon.run("view", "list"))
        self.size(ROOMY)
        self.shows(self.jalon.run("view", "rebuild", "--all"))

    def test_a_repair_without_room_says_so(self):
        self.found_school()
        self.jalon.stop()
        self.size(FULL)
        self.shows(self.jalon.run("log", "repair"), "free ", " bytes there", code=5)

    def test_what_a_library_ends_is_explained(self):
        """Nobody looks at each write: the disk is full from one moment to the next."""
        self.found_school()
        self.jalon.server.send_signal(6)  # as an assertion does
        self.jalon.server.wait()
        with open(self.jalon.log, encoding="utf-8") as log:
            last = log.read().splitlines()[-1]
        self.assertRegex(last, r"The disk of .*/data has \d+ bytes free")


if __name__ == "__main__":
    unittest.main()
