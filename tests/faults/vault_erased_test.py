"""An erasure at a vault with a standby: what is left of the key in any folder, and what whoever
took all of them could still open.

Usage: vault_erased_test.py JALON THIEF     (run by ctest with the environment of ./dev setup)
"""

import os
import shutil
import signal
import sys
import unittest

THIEF = sys.argv.pop(2)

import thieves  # noqa: E402
import vault_pair_test  # noqa: E402
import vault_test  # noqa: E402  (takes JALON from the command line)

from thieves import NOTHING, ROW, SOMETHING, epoch  # noqa: E402

SECTIONS = 3  # sealed of each person: who it is, who it really is, and why that was corrected


class Erased(vault_pair_test.Pair):
    """The tests of a pair are its own; here is what an erasure leaves of one."""

    def setUp(self):
        super().setUp()
        self.thief = thieves.Thief(THIEF)
        self.addCleanup(self.thief.end)
        for half in self.halves:
            half.copies = half.data + ".copies"
            os.mkdir(half.copies)
            half.more = ("--key-backup", half.copies)

    def options(self, certificates=None):
        return *super().options(certificates), "--virtual-clock"

    def known(self, name):
        """A teacher of whom so much is sealed."""
        person = self.hire(name)
        self.shows(self.jalon.run("person", "rectify", person, "--given-name",
                                  vault_test.CANARY + name, "--family-name", vault_test.CANARY,
                                  "--reason", vault_test.CANARY))
        return person

    def copy_of(self, half):
        return self.thief.copy_of(half.process, half.data)

    def take(self, person):
        """The key and what wraps it, as both halves have them."""
        taken = {self.thief.take(person, self.copy_of(half)) for half in self.halves}
        self.assertEqual(len(taken), 1, "the standby has what the vault has")
        return taken.pop()

    def found(self, taken):
        """What of that is in the files of which process."""
        return self.thief.found(taken, self.folder)

    def tries(self, person, *folders):
        """Whether any key in the folders opens anything of the person in the node's log."""
        node = self.thief.copy_of(self.jalon.server, self.jalon.data)
        tried = self.thief.run("try", node, thieves.SCHOOL, person, *folders)
        self.assertIn(f" of {SECTIONS} of {person}", tried.stdout)
        return tried.returncode

    def no_key_opens(self, ada, ben):
        """Of what both halves have now, each alone and all together with what they copied."""
        copies = [half.copies for half in self.halves if os.listdir(half.copies)]
        halves = [self.copy_of(half) for half in self.halves]
        for folders in ([halves[0]], [halves[1]], [*halves, *copies]):
            self.assertEqual(self.tries(ada, *folders), NOTHING)
            self.assertEqual(self.tries(ben, *folders), SOMETHING)

    def erase(self, person):
        """Two coordinators do."""
        self.shows(self.jalon.run("clock", "advance", "--hours", vault_test.RETENTION_H))
        self.shows(self.jalon.run("person", "request-erasure", person))
        second = self.issue("--role", "COO", "--school", "CFP-NORD", "--person", "00" * 7 + "02")
        self.shows(self.jalon.run("person", "erase", person, JALON_TOKEN=second))

    def is_complete(self, person):
        shown = self.jalon.run("person", "show", person, "--output", "json")
        return shown.code == 0 and shown.json["complete"]

    def erase_completely(self, person):
        self.erase(person)
        self.await_true("the erasure is complete", lambda: self.is_complete(person))

    def of(self, half, *what):
        return {(half.name, of) for of in what}

    def test_nothing_is_left_at_the_vault_its_standby_and_the_node(self):
        self.begin()
        ada, ben, _ = (self.known(name) for name in ("Ada", "Ben", "Eve"))
        older = self.thief.path("older")
        os.mkdir(older)
        self.shows(self.operate(self.vault, "backup", older))
        # No key is ever there as it is. As they are wrapped they are in both halves, and the node
        # has none: first in the stores' logs, and after a rotation in their tables.
        first = self.take(ada)
        both = lambda *what: self.of(self.vault, *what) | self.of(self.standby, *what)
        self.assertEqual(self.found(first), both(ROW, epoch(1)))
        self.shows(self.operate(self.vault, "rotate", "--school", "CFP-NORD"))
        self.assertEqual(self.found(first), set())
        taken = self.take(ada)
        self.assertEqual(self.found(taken),
                         both(ROW, epoch(2)) | {(self.vault.name + ".copies", ROW)})
        stolen = self.copy_of(self.standby)
        self.erase_completely(ada)
        self.assertEqual(self.found(first + taken), set())
        self.no_key_opens(ada, ben)
        self.assertEqual(self.tries(ada, stolen), SOMETHING, "there was something to open")
        self.restores(older, self.vault.copies, ada, ben)

        self.vault.end(signal.SIGKILL)
        self.promote()
        self.rejoin()
        self.assertEqual(self.key_of(ada), "PERSON_KEY_STATE_DESTROYED")
        self.assertEqual(self.key_of(ben), "PERSON_KEY_STATE_KEPT")
        self.assertEqual(self.found(first + taken), set())
        self.no_key_opens(ada, ben)

    def restores(self, older, newer, ada, ben):
        """Copies of the keys, from before and after, with what wraps them now."""
        vault = self.copy_of(self.vault)
        shutil.rmtree(os.path.join(vault, "keys"))
        restore = ("vault", "restore", "--accept-older", "--data", vault)
        self.shows(self.jalon.run(*restore, older), "EPOCH_KEY_MISSING", code=1)
        self.shows(self.jalon.run(*restore, newer), "keys")
        self.assertEqual(self.tries(ada, vault, older), NOTHING)
        self.assertEqual(self.tries(ben, vault, older), SOMETHING)

    def test_a_standby_that_missed_it_has_nothing_once_it_is_taken_again(self):
        self.begin()
        ada, ben, _ = (self.known(name) for name in ("Ada", "Ben", "Eve"))
        taken = self.take(ada)
        self.assertEqual(self.standby.end(signal.SIGKILL), -signal.SIGKILL)
        self.await_standby("STANDBY_STATE_GONE")
        self.shows(self.operate(self.vault, "detach-standby"))
        self.erase_completely(ada)
        self.assertEqual(self.found(taken), self.of(self.standby, ROW, epoch(1)))
        self.standby.start()
        self.shows(self.operate(self.vault, "attach-standby"))
        self.await_standby("STANDBY_STATE_IN_STEP")
        self.assertEqual(self.found(taken), set())
        self.no_key_opens(ada, ben)

    def test_a_vault_that_was_replaced_before_has_nothing_once_it_stands_by(self):
        self.begin()
        ada, ben, _ = (self.known(name) for name in ("Ada", "Ben", "Eve"))
        taken = self.take(ada)
        self.vault.end(signal.SIGKILL)
        self.promote()
        self.await_health(vault_test.SERVING)
        self.erase(ada)
        epochs = os.path.join(self.vault.data, "keys.epochs")
        self.await_true("its epoch has ended, which is last", lambda: (
            self.key_of(ada) == "PERSON_KEY_STATE_DESTROYED" and len(os.listdir(epochs)) == 1))
        self.assertEqual(self.found(taken), self.of(self.standby, ROW, epoch(1)))
        self.rejoin()
        self.assertEqual(self.found(taken), set())
        self.no_key_opens(ada, ben)


# Only what is of an erasure.
for name in [name for name in dir(vault_pair_test.Pair) if name.startswith("test_")]:
    setattr(Erased, name, None)

if __name__ == "__main__":
    unittest.main()
