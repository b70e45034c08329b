"""An erasure where a node that was given keys is out of reach: it is named until it dropped them.

Usage: erasure_nodes_test.py JALON BROKERS     (run by ctest with the environment of ./dev setup)
"""

import json
import os
import signal
import sys
import unittest

import vault_test  # takes JALON from the command line

BROKERS = sys.argv.pop(1)


class Nodes(vault_test.Vault):
    """Two nodes on a log on Kafka, and the vault of both."""

    def setUp(self):
        super().setUp()
        self.nodes = [self.jalon, vault_test.jalon.Jalon(vault_test.PROGRAM, self.path("second"))]
        self.names = ("one", "two")
        self.nodes[0].data = self.path("one")
        os.mkdir(self.path("second"))
        self.addCleanup(self.nodes[1].stop)
        self.addCleanup(self.wake)

    def wake(self):
        if self.nodes[1].server is not None:
            self.nodes[1].server.send_signal(signal.SIGCONT)

    def on(self, node, *words):
        return self.shows(node.run("--output", "json", *words)).json

    def begin(self):
        log = f"kafka://{BROKERS}/erasure"
        self.shows(self.jalon.run("log", "init", log, "--partitions", "2", "--virtual-clock",
                                  "--unsafe-single-broker"))
        self.vault.start()
        keys = ()
        for node, name in zip(self.nodes, self.names):
            node.serve("--log", log, "--unsafe-single-broker", "--vault", self.vault.address,
                       "--certificates", self.certificates("node", name),
                       "--peer-listen", f"127.0.0.1:{vault_test.free_port()}", *keys)
            # The second one takes tokens of the first, which takes no others.
            keys = ("--token-keys", os.path.join(self.jalon.data, "token.key.pub"))
        region = self.issue("--role", "REG")
        self.jalon.token = region
        self.await_true("a school is registered", lambda: self.jalon.run(
            "school", "register", "--code", "CFP-NORD", "--name", "CFP").code == 0)
        self.coordinators = [
            self.issue("--role", "COO", "--school", "CFP-NORD", "--person", "00" * 7 + number)
            for number in ("01", "02")]
        for node in self.nodes:
            node.token = self.coordinators[0]

    def hire(self, node, name):
        """A teacher until today; the node seals, so it is given the key."""
        today = self.on(node, "clock", "show")["todayOn"]
        day = f"{today // 10000}-{today // 100 % 100:02}-{today % 100:02}"
        words = ("--output", "json", "access", "grant", "--role", "teacher", "--whole-school",
                 "--until", day, "--given-name", vault_test.CANARY + name,
                 "--family-name", vault_test.CANARY)
        ran = []
        try:
            self.await_true("hired", lambda: ran.append(node.run(*words)) or ran[-1].code == 0)
        except AssertionError:
            self.fail(str(ran[-1]))
        return json.loads(ran[-1].out)["result"]["created"][0]["personId"]

    def test_a_node_that_is_away_is_named_until_it_has_dropped_the_key(self):
        self.begin()
        one, two = self.nodes
        ada = self.hire(two, "Ada")
        for node in self.nodes:
            self.on(node, "clock", "advance", "--hours", vault_test.RETENTION_H)
        asked = lambda *words, **more: one.run("person", *words, ada, **more).code == 0
        self.await_true("asked", lambda: asked("request-erasure"))
        ben = self.hire(two, "Ben")  # the second one was given a key just now
        two.server.send_signal(signal.SIGSTOP)
        self.await_true("confirmed",
                        lambda: asked("erase", JALON_TOKEN=self.coordinators[1]))
        show = lambda person: self.on(one, "person", "show", person)
        self.await_true("the key is destroyed",
                        lambda: show(ada)["key"] == "PERSON_KEY_STATE_DESTROYED")
        shown = show(ada)
        self.assertEqual(shown["unconfirmedNodes"], ["two"])
        self.assertNotEqual(shown["droppedBy"], "0")
        self.assertFalse(shown["complete"])
        self.shows(one.run("person", "show", ada), "two", "not yet")
        two.server.send_signal(signal.SIGCONT)
        self.await_true("it is complete", lambda: show(ada)["complete"])
        self.assertEqual(show(ada)["unconfirmedNodes"], [])
        self.assertEqual(show(ben)["key"], "PERSON_KEY_STATE_KEPT")


# Only what is of several nodes.
for name in [name for name in dir(vault_test.Vault) if name.startswith("test_")]:
    setattr(Nodes, name, None)

if __name__ == "__main__":
    unittest.main()
