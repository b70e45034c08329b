"""A vault in a process of its own, killed and stopped at every point on its way to the disk while a
key is made and while one is destroyed; and its standby, while it is given keys, one and all.

Usage: vault_points_test.py JALON DIES_AT THIEF   (run by ctest with the environment of ./dev setup)
"""

import itertools
import os
import shutil
import signal
import sys
import time
import unittest

LIBRARY, THIEF = (os.path.abspath(sys.argv.pop(2)) for _ in range(2))

import points  # noqa: E402
import thieves  # noqa: E402
import vault_pair_test  # noqa: E402
import vault_test  # noqa: E402  (takes JALON from the command line)

SETTLES_S = 0.3  # the last syncs, once the file of an epoch is gone
PEOPLE = 80  # to be erased: more than there are points
VERIFIED = "KEY_BACKUP_STATE_VERIFIED"
KEPT, DESTROYED = "PERSON_KEY_STATE_KEPT", "PERSON_KEY_STATE_DESTROYED"


class Fragile(vault_test.VaultProcess):
    """The vault, which dies where a test says so."""

    def __init__(self, folder, certificates):
        super().__init__(folder, certificates)
        self.copies = self.data + ".copies"
        os.mkdir(self.copies)
        # Of its data and of its copies.
        self.points = points.Points(LIBRARY, os.path.join(folder, "order"), self.data)

    def words(self):
        return [*self.points.words, *super().words(), "--key-backup", self.copies]


class Erasing:
    """Erases one person after the other. With one of vault_test's classes."""

    def prepare(self):
        self.people = [self.hire(str(number)) for number in range(PEOPLE)]
        self.shows(self.jalon.run("clock", "advance", "--hours", vault_test.RETENTION_H))
        for person in self.people:
            self.shows(self.jalon.run("person", "request-erasure", person))
        self.second = self.issue("--role", "COO", "--school", "CFP-NORD", "--person",
                                 "00" * 7 + "02")
        self.gone = []
        self.thief = thieves.Thief(THIEF)
        self.addCleanup(self.thief.end)

    def destroy(self, _):
        """Whether it was killed on the way. No byte of the key is anywhere then."""
        person = self.people.pop()
        taken = self.thief.take(person, self.thief.copy_of(self.vault.process, self.vault.data))
        self.shows(self.jalon.run("person", "erase", person, JALON_TOKEN=self.second))
        self.gone.append(person)
        died = self.is_destroyed_though_killed(person)
        self.assertEqual(self.thief.found(taken, self.folder), set())
        return died

    def those_stay_so(self):
        for person in self.gone:
            self.assertEqual(self.key_of(person), DESTROYED, person)
        for person in self.people:
            self.assertEqual(self.key_of(person), KEPT, person)


class VaultPoints(Erasing, vault_test.Vault):
    """The tests of one that dies at any time are its own; here are those of each point."""

    def setUp(self):
        super().setUp()
        self.vault = Fragile(self.folder, self.vault.certificates)
        self.addCleanup(self.vault.end)
        self.addCleanup(self.vault.points.forget)
        self.names = itertools.count(1)
        self.refused_count = 0

    def person(self):
        """A person that a command makes, or None where it was refused for want of a vault."""
        ran = self.jalon.run(
            "access", "grant", "--school", "CFP-NORD", "--whole-school", "--role", "teacher",
            "--given-name", f"{vault_test.CANARY}{next(self.names)}",
            "--family-name", vault_test.CANARY, "--output", "json")
        if ran.code != 0:
            self.refused(ran)
            self.refused_count += 1
            return None
        return ran.json["result"]["created"][0]["personId"]

    def is_over(self):
        """Whether the vault was killed or stopped; it goes on then."""
        if points.is_killed(self.vault.process):
            self.vault.start()
        elif points.is_stopped(self.vault.process):
            self.vault.process.send_signal(signal.SIGCONT)
        else:
            return False
        self.vault.points.forget()
        self.await_health(vault_test.SERVING)
        return True

    def epochs(self):
        return os.listdir(os.path.join(self.vault.data, "keys.epochs"))

    def is_destroyed_though_killed(self, person):
        """Waits until the key and what wrapped it are gone; whether the vault died on the way."""
        died = []

        def is_done():
            if self.is_over():
                died.append(person)
            shown = self.jalon.run("person", "show", person, "--output", "json")
            if shown.code != 0:
                return False
            # The epoch that wrapped it goes last.
            return ((shown.json["key"], shown.json["backup"]) == (DESTROYED, VERIFIED)
                    and len(self.epochs()) == 1)

        self.await_true("the key and what wrapped it are gone", is_done)
        time.sleep(SETTLES_S)
        if self.is_over():
            died.append(person)
            self.await_true("they stay so", is_done)
        return bool(died)

    def test_a_key_that_was_given_is_there_wherever_the_vault_stopped(self):
        self.serve()
        known = [self.person()]

        def make(_):
            known.append(self.person())
            if not self.is_over():
                return False
            known.append(self.person())
            self.assertIsNotNone(known[-1], "once the vault is there again")
            return True

        for how in ("kill", "stop"):
            count = self.vault.points.visit(how, make)
            self.assertGreaterEqual(count, 1, "a key is synced")
            print(f"a key is made: {how} at {points.OF} {count} points")
        self.assertGreater(self.refused_count, 0)
        for person in filter(None, known):
            self.assertEqual(self.key_of(person), KEPT, person)

    def test_a_key_that_is_destroyed_stays_so_wherever_the_vault_stopped(self):
        self.serve("--virtual-clock")
        self.prepare()
        count = self.vault.points.visit("kill", self.destroy)
        print(f"a key is destroyed: killed at {points.OF} {count} points")
        self.assertGreaterEqual(count, 40, "the epoch's key is made, and the one before destroyed")
        self.vault.end(signal.SIGKILL)
        self.vault.start()
        self.await_true("it is there again", lambda: self.key_of(self.people[0]) == KEPT)
        self.those_stay_so()
        self.assertEqual(len(self.epochs()), 1)


class FragileHalf(vault_pair_test.Half):
    """One of a pair, which dies where a test says so."""

    def __init__(self, folder, name, certificates):
        super().__init__(folder, name, certificates)
        self.points = points.Points(LIBRARY, os.path.join(folder, "order"), self.data + "/")

    def words(self):
        return [*self.points.words, *super().words()]


class StandbyPoints(Erasing, vault_pair_test.Pair):
    """A standby that dies on the way."""

    def setUp(self):
        super().setUp()
        half = FragileHalf(self.folder, self.standby.name, self.standby.certificates)
        half.role, half.address = self.standby.role, self.standby.address
        self.standby = half
        self.addCleanup(half.end)
        self.addCleanup(half.points.forget)
        self.known = []

    def options(self, certificates=None):
        return *super().options(certificates), "--virtual-clock"

    def person(self, name):
        ran = self.grant_json(name)
        if ran.code == 0:
            self.known.append(self.granted(ran))
        return ran

    def comes_back(self):
        """Whether it was killed; it is in step again then."""
        self.standby.points.forget()
        killed = points.is_killed(self.standby.process)
        if killed:
            self.standby.start()
        self.await_standby("STANDBY_STATE_IN_STEP")
        return killed

    def has_all(self):
        writes = self.status(self.standby).get("writes")
        return writes is not None and writes == self.status(self.vault).get("writes")

    def test_a_standby_lacks_nothing_wherever_it_died(self):
        self.begin()
        self.shows(self.person("before"))

        def give_one(at):
            self.person(f"one{at}")
            killed = self.comes_back()
            self.shows(self.person(f"then{at}"))
            return killed

        def give_all(_):
            self.standby.end()
            shutil.rmtree(self.standby.data)
            os.mkdir(self.standby.data)
            shutil.copy(os.path.join(self.vault.data, "root.key"), self.standby.data)
            self.standby.start()
            self.await_true("it has all, or is dead", lambda: (
                points.is_killed(self.standby.process) or self.has_all()))
            killed = self.comes_back()
            self.await_true("it has all", self.has_all)
            return killed

        for what, act in (("one key", give_one), ("all keys", give_all)):
            count = self.standby.points.visit("kill", act)
            self.assertGreaterEqual(count, 1)
            print(f"a standby is given {what}: killed at {points.OF} {count} points")
        self.vault.end(signal.SIGKILL)
        self.promote()
        for person in self.known:
            self.assertEqual(self.key_of(person), KEPT, person)

    def is_destroyed_though_killed(self, person):
        """Waits until the key and what wrapped it are gone at both; whether the standby died."""
        died = []

        def is_done():
            if points.is_killed(self.standby.process):
                died.append(person)
                self.comes_back()
            return self.key_of(person) == DESTROYED and all(
                len(os.listdir(os.path.join(half.data, "keys.epochs"))) == 1
                for half in (self.vault, self.standby))

        self.await_true("the key and what wrapped it are gone", is_done)
        time.sleep(SETTLES_S)
        self.await_true("they stay so", is_done)
        return bool(died)

    def test_a_key_that_is_destroyed_is_gone_at_both_wherever_the_standby_died(self):
        self.begin()
        self.prepare()
        count = self.standby.points.visit("kill", self.destroy)
        print(f"a key is destroyed: the standby killed at {points.OF} {count} points")
        self.assertGreaterEqual(count, 20)
        self.vault.end(signal.SIGKILL)
        self.promote()
        self.await_health(vault_test.SERVING)
        self.those_stay_so()


# Only what is of points.
for of, base in ((VaultPoints, vault_test.Vault), (StandbyPoints, vault_pair_test.Pair)):
    for name in [name for name in dir(base) if name.startswith("test_")]:
        setattr(of, name, None)

if __name__ == "__main__":
    unittest.main()
