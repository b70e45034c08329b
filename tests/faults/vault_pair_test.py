"""A vault and its standby as processes: each killed and paused, and the standby promoted.

Usage: vault_pair_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import json
import os
import shutil
import signal
import threading
import time
import unittest

import vault_test  # takes JALON from the command line

NO_ANSWER_S = vault_test.NO_ANSWER_S
KILLS = 6  # of the vault under load, by turns of the two


class Half(vault_test.VaultProcess):
    """One of the two, which is the vault or its standby."""

    def __init__(self, folder, name, certificates):
        super().__init__(folder, certificates)
        self.name = name
        self.data, self.log = (os.path.join(folder, name + end) for end in ("", ".log"))
        self.role, self.more = (), ()

    def words(self):
        return [*super().words(), *self.role, *self.more]


class Pair(vault_test.Vault):
    """The tests of one vault are its own; here are those of two."""

    def setUp(self):
        super().setUp()
        self.halves = [Half(self.folder, name, self.certificates("vault", name)) for name in
                       ("left", "right")]
        for half in self.halves:
            self.addCleanup(half.end)
        self.vault, self.standby = self.halves
        self.vault.role = ("--standby", self.standby.address)
        self.standby.role = ("--standby-of", self.vault.name)

    def begin(self):
        """Both, and a node with a school."""
        self.vault.start()
        root = os.path.join(self.vault.data, "root.key")
        self.await_true("the root key is there", lambda: os.path.exists(root))
        os.makedirs(self.standby.data)
        shutil.copy(root, self.standby.data)
        self.standby.start()
        self.await_standby("STANDBY_STATE_IN_STEP")
        self.serve()

    def serve(self, *more):
        if self.vault.process is None:
            self.vault.start()
        self.start_node()
        self.jalon.token = self.issue("--role", "REG")
        self.shows(self.jalon.run("school", "register", "--code", "CFP-NORD", "--name", "CFP"))
        self.jalon.token = self.issue("--role", "COO", "--school", "CFP-NORD", "--person",
                                      "00" * 7 + "01")

    def start_node(self):
        self.jalon.serve(*self.options())
        self.await_health(vault_test.SERVING)

    def operate(self, half, *words):
        return self.jalon.run("vault", *words, "--data", half.data)

    def status(self, half):
        ran = self.operate(half, "status", "--output", "json")
        return ran.json if ran.code == 0 else {"standby": "", "role": ""}

    def await_standby(self, state):
        self.await_true(f"the standby: {state}",
                        lambda: self.status(self.vault)["standby"] == state)

    def granted(self, ran):
        """Whom a command that was accepted made."""
        return json.loads(ran.out)["result"]["created"][0]["personId"]

    def grant_json(self, name):
        return self.jalon.run(
            "access", "grant", "--school", "CFP-NORD", "--whole-school", "--output", "json",
            "--given-name", vault_test.CANARY + name, "--family-name", vault_test.CANARY,
            "--role", "work-study-coordinator")

    def promote(self):
        """The vault is dead: its standby is it, and the node goes there."""
        self.jalon.stop()
        self.shows(self.operate(self.standby, "promote"), "--vault")
        self.vault, self.standby = self.standby, self.vault
        self.start_node()

    def rejoin(self):
        """The one that died stands by for the other."""
        self.standby.role = ("--standby-of", self.vault.name)
        self.standby.start()
        self.vault.end()
        self.vault.role = ("--standby", self.standby.address)
        self.vault.start()
        self.await_standby("STANDBY_STATE_IN_STEP")
        self.await_health(vault_test.SERVING)

    def test_no_acknowledged_key_is_lost_whenever_the_vault_is_killed(self):
        self.begin()
        known = []
        for turn in range(KILLS):
            stop, lock = threading.Event(), threading.Lock()

            def load(name):
                count = 0
                while not stop.is_set():
                    ran = self.grant_json(f"{name}-{turn}-{count}")
                    count += 1
                    if ran.code == 0:
                        with lock:
                            known.append(self.granted(ran))

            threads = [threading.Thread(target=load, args=(f"t{i}",)) for i in range(3)]
            before = len(known)
            for thread in threads:
                thread.start()
            self.await_true("keys are made", lambda: len(known) > before + 3)
            time.sleep(0.05 * turn)
            self.assertEqual(self.vault.end(signal.SIGKILL), -signal.SIGKILL)
            stop.set()
            for thread in threads:
                thread.join()
            self.promote()
            for person in known:
                self.assertEqual(self.key_of(person), "PERSON_KEY_STATE_KEPT", person)
            self.rejoin()
        self.assertEqual(int(self.status(self.vault)["term"]), 1 + KILLS)

    def test_with_the_standby_killed_nothing_is_made_until_it_is_detached(self):
        self.begin()
        ada = self.granted(self.shows(self.grant_json("Ada")))
        self.assertEqual(self.standby.end(signal.SIGKILL), -signal.SIGKILL)
        self.await_standby("STANDBY_STATE_GONE")
        began = time.monotonic()
        self.refused(self.grant_json("Ben"))
        self.assertLess(time.monotonic() - began, NO_ANSWER_S)
        self.assertEqual(self.key_of(ada), "PERSON_KEY_STATE_KEPT")
        self.assertEqual(self.health("vault"), vault_test.SERVING)
        self.shows(self.operate(self.vault, "status"), "gone")
        self.shows(self.operate(self.vault, "detach-standby", "--lang", "fr"), "Détachée")
        ben = self.granted(self.shows(self.grant_json("Ben")))
        self.vault.end()
        self.vault.start()
        self.await_standby("STANDBY_STATE_DETACHED")
        self.await_health(vault_test.SERVING)
        self.shows(self.grant_json("Cleo"))
        self.standby.start()
        self.shows(self.operate(self.vault, "attach-standby"))
        self.await_standby("STANDBY_STATE_IN_STEP")
        self.assertEqual(self.status(self.standby)["writes"], self.status(self.vault)["writes"])
        copies = self.path("copies")
        os.mkdir(copies)
        self.shows(self.operate(self.standby, "backup", copies), "VAULT_IS_STANDBY", code=5)
        self.shows(self.operate(self.vault, "backup", copies))
        self.shows(self.operate(self.vault, "rotate", "--school", "CFP-NORD"))
        self.await_standby("STANDBY_STATE_IN_STEP")
        self.vault.end(signal.SIGKILL)
        self.promote()
        for person in (ada, ben):
            self.assertEqual(self.key_of(person), "PERSON_KEY_STATE_KEPT")

    def test_a_standby_that_is_paused_holds_up_nobody_for_long(self):
        self.begin()
        ada = self.granted(self.shows(self.grant_json("Ada")))
        self.standby.process.send_signal(signal.SIGSTOP)
        for _ in range(3):
            began = time.monotonic()
            self.refused(self.grant_json("Ben"))
            self.assertLess(time.monotonic() - began, NO_ANSWER_S)
            self.assertEqual(self.key_of(ada), "PERSON_KEY_STATE_KEPT")
        self.standby.process.send_signal(signal.SIGCONT)
        self.await_standby("STANDBY_STATE_IN_STEP")
        ben = self.granted(self.shows(self.grant_json("Ben")))
        self.vault.end(signal.SIGKILL)
        self.promote()
        for person in (ada, ben):
            self.assertEqual(self.key_of(person), "PERSON_KEY_STATE_KEPT")

    def test_the_vault_before_is_fenced_when_it_comes_back(self):
        self.begin()
        self.shows(self.grant_json("Ada"))
        self.vault.process.send_signal(signal.SIGSTOP)  # as good as dead
        older = self.vault
        self.promote()
        self.shows(self.grant_json("Ben"))
        older.process.send_signal(signal.SIGCONT)
        self.await_true("it is told", lambda: self.status(older)["role"] == "VAULT_ROLE_FENCED")
        self.jalon.stop()
        self.vault, current = older, self.vault
        self.jalon.serve(*self.options())
        self.await_true("the node serves", lambda: self.health("") == vault_test.SERVING)
        self.refused(self.grant_json("Cleo"))
        self.assertEqual(older.end(), 0)
        older.start()
        self.assertEqual(older.process.wait(timeout=60), 1)
        self.assertEqual(older.said()[-1]["reason"], "VAULT_FENCED")
        self.vault, self.standby = current, older
        self.jalon.stop()
        self.start_node()
        self.rejoin()
        self.shows(self.grant_json("Cleo"))

    def test_a_standby_makes_and_copies_no_keys_of_its_own(self):
        self.begin()
        self.shows(self.grant_json("Ada"))
        copies = os.path.join(self.folder, "copies")
        os.makedirs(copies)
        before = self.status(self.standby)["writes"]
        for words in (("backup", copies), ("rotate", "--school", "CFP-NORD")):
            self.shows(self.operate(self.standby, *words), "VAULT_IS_STANDBY", code=5)
        self.assertEqual(os.listdir(copies), [])
        self.assertEqual(self.status(self.standby)["writes"], before)
        self.shows(self.operate(self.vault, "backup", copies))
        self.assertEqual(self.status(self.standby)["writes"], self.status(self.vault)["writes"])
        self.vault.end()
        self.shows(self.operate(self.vault, "rotate-root"), "VAULT_IS_PAIRED", code=1)

    def test_a_standby_that_was_detached_is_promoted_only_by_force(self):
        self.begin()
        self.shows(self.grant_json("Ada"))
        self.shows(self.operate(self.vault, "detach-standby"))
        self.shows(self.operate(self.standby, "promote"), "VAULT_STANDBY_BEHIND", code=1)
        self.shows(self.operate(self.standby, "status"), "not all")
        self.shows(self.operate(self.standby, "promote", "--although-behind", "5"), "erasing")
        self.assertEqual(int(self.status(self.standby)["term"]), 5)
        self.await_true("it is told", lambda: self.status(self.vault)["role"] ==
                        "VAULT_ROLE_FENCED")

    def test_a_standby_on_a_restored_copy_is_promoted_only_by_force(self):
        self.begin()
        self.shows(self.grant_json("Ada"))
        copies = self.path("copies")
        os.mkdir(copies)
        self.shows(self.operate(self.vault, "backup", copies))
        self.shows(self.grant_json("Ben"))
        self.jalon.stop()
        for half in self.halves:
            self.assertEqual(half.end(), 0)
        restore = ("restore", copies, "--accept-older")
        self.shows(self.operate(self.standby, *restore), "KEYS_PRESENT", code=1)
        shutil.rmtree(os.path.join(self.standby.data, "keys"))
        self.shows(self.operate(self.standby, *restore), "keys")
        self.standby.start()
        self.await_true("it is there", lambda: self.status(self.standby)["role"])
        self.shows(self.operate(self.standby, "promote"), "VAULT_STANDBY_BEHIND", code=1)
        self.vault.start()
        self.await_standby("STANDBY_STATE_IN_STEP")
        self.shows(self.operate(self.standby, "promote"), "--vault")

    def test_another_root_key_although_paired_needs_a_new_standby(self):
        self.begin()
        ada = self.granted(self.shows(self.grant_json("Ada")))
        self.vault.end()
        self.shows(self.operate(self.vault, "rotate-root", "--although-paired"))
        self.vault.start()
        self.await_true("it is refused", lambda: "ROOT_KEY_WRONG" in
                        self.status(self.vault).get("standbyTrouble", ""))
        self.standby.end()
        shutil.rmtree(self.standby.data)
        os.makedirs(self.standby.data)
        shutil.copy(os.path.join(self.vault.data, "root.key"), self.standby.data)
        self.standby.start()
        self.await_standby("STANDBY_STATE_IN_STEP")
        self.vault.end(signal.SIGKILL)
        self.promote()
        self.assertEqual(self.key_of(ada), "PERSON_KEY_STATE_KEPT")

    def test_a_standby_is_none_without_its_options(self):
        self.begin()
        self.assertEqual(self.standby.end(), 0)
        self.standby.role = ()
        self.standby.start()
        self.assertEqual(self.standby.process.wait(timeout=60), 1)
        self.assertEqual(self.standby.said()[-1]["reason"], "VAULT_IS_STANDBY")


# Only what is of two.
for name in [name for name in dir(vault_test.Vault) if name.startswith("test_")]:
    setattr(Pair, name, None)

if __name__ == "__main__":
    unittest.main()
