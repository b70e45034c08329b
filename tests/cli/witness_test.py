"""Witnesses that share no code with ours watch the root log.   Usage: witness_test.py JALON

They are those of tests/trail/go/witness, built from what `./dev setup test` brought.
"""

import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
import unittest

import jalon
import trail_school

GO = pathlib.Path(__file__).parent.parent / "trail" / "go"
SEEDS = {"w1": "11" * 32, "w2": "22" * 32, "stranger": "33" * 32}
OF_NOBODY = {"JALON_TOKEN": None, "JALON_SERVER": None, "JALON_DATA": None}


class Witnessed(trail_school.TrailSchool):
    """A school whose server knows two witnesses, both of whom are needed."""

    @classmethod
    def found(cls):
        super().found()
        cls.program = os.path.join(cls.folder.name, "witness")
        subprocess.run(
            ["go", "build", "-o", cls.program, "./witness"],
            cwd=GO,
            env=os.environ | {"GOPROXY": "off", "GOFLAGS": "-mod=readonly"},
            check=True,
        )
        cls.root_key = cls.root(cls)["checkpoint"]["verifierKey"]
        cls.served = []
        cls.url = {
            "w1": cls.witness("w1", cls.root_key),
            "w2": cls.witness("w2", cls.root_key, JALON_TEST_CONFLICT="1"),
        }
        cls.policy = os.path.join(cls.folder.name, "policy")
        lines = [f"witness {name} {cls.key_of(name)}" for name in ("w1", "w2")]
        lines += ["group both all w1 w2", "quorum both", ""]
        pathlib.Path(cls.policy).write_text("\n".join(lines), encoding="ascii")
        cls.restart()

    @classmethod
    def tearDownClass(cls):
        for process in cls.served:
            process.terminate()
            process.wait(timeout=30)
            process.stdout.close()
        super().tearDownClass()

    @classmethod
    def restart(cls, server=None):
        server = server or cls.jalon
        assert server.stop() == 0
        server.serve("--witnesses", cls.policy)
        for _ in range(600):
            if server.run("trail", "list", JALON_TOKEN=cls.auditor).code == 0:
                return
        raise RuntimeError("the views were not there again")

    @classmethod
    def witness(cls, name, *vkeys, **environment):
        """Starts one that watches these logs; its address."""
        state = os.path.join(cls.folder.name, f"state-{len(cls.served)}")
        os.mkdir(state)
        process = subprocess.Popen(
            [cls.program, "serve", f"witness.example/{name}", SEEDS[name], state, *vkeys],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        cls.served.append(process)
        process.stdout.readline()  # its verifier key
        return process.stdout.readline().strip()

    @classmethod
    def key_of(cls, name):
        words = [cls.program, "key", f"witness.example/{name}", SEEDS[name]]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    def signed_by(self, name, checkpoint, ahead_s=0):
        """The line of a witness that signs whatever it is given."""
        at = str(int(time.time()) + ahead_s)
        words = [self.program, "cosign", f"witness.example/{name}", SEEDS[name], at]
        done = subprocess.run(
            words, input=checkpoint, capture_output=True, text=True, check=True
        )
        return done.stdout

    def root(self, server=None, *words):
        ran = (server or self.jalon).run(
            *("--output", "json", "trail", "root", *words), JALON_TOKEN=self.auditor
        )
        assert ran.code == 0, str(ran)
        return ran.json

    def ask(self, *names, options=(), server=None, output="table"):
        """Has these witnesses, or those of these addresses, sign."""
        urls = [("--witness-url", self.url.get(name, name)) for name in names]
        words = [word for pair in urls for word in pair]
        return (server or self.jalon).run(
            *("--output", output, "trail", "witness"),
            *words,
            *options,
            JALON_TOKEN=self.auditor,
        )

    def hand_in(self, checkpoint, lines, token=None, server=None):
        content = json.dumps({"checkpoint": checkpoint, "cosignatures": lines})
        return (server or self.jalon).run(
            *("--school", "CFP-NORD", "call", "AddRootCosignatures", "--json", content),
            JALON_TOKEN=token or self.auditor,
        )

    def published(self, word):
        """An export that publishes a longer trail."""
        self.report(word)
        return self.export(word)

    def verify_all(self, folder, key, *more):
        return self.verify(
            folder, key, "--published", "--key", self.root_key, "--policy", self.policy, *more
        )


class Witnesses(Witnessed):
    """What they sign is collected, kept, served and shown."""

    def test_both_have_signed_what_an_export_is_published_in(self):
        self.published("first")
        self.shows(self.ask("w1", options=("--policy", self.policy)), "More are needed.")
        one, key = self.export("one")
        shown = self.verify_all(one, key)
        self.shows(shown, "UNSIGNED", "too few witnesses", "1 of the policy's 2", code=25)
        self.shows(self.ask("w2"), "witness.example/w1", "They are enough.")
        two, _ = self.export("two")
        shown = self.verify_all(two, key, "--max-age", "1")
        self.shows(shown, "VALID", "2 of the policy's 2", "witness.example/w2")
        # The trail grows, and nobody has seen that yet: the export says what it can.
        grown, _ = self.published("grown")
        self.shows(self.verify_all(grown, key), "UNSIGNED", "0 of the policy's 2", code=25)
        self.shows(self.verify(grown, key, "--published", "--key", self.root_key), "VALID")
        # The witnesses are shown how it goes on from what they saw.
        self.shows(self.ask("w1", "w2"), "They are enough.")
        again, _ = self.export("again")
        self.shows(self.verify_all(again, key), "VALID", "2 of the policy's 2")

    def test_a_witness_that_was_shown_more_meanwhile_is_shown_that(self):
        self.published("before the race")
        test = self

        class Slow(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                test.published("during the race")
                test.shows(test.ask("w1"), "witness.example/w1")
                self.send_error(503)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as slow:
            thread = threading.Thread(target=slow.serve_forever)
            thread.start()
            try:
                ran = self.ask(f"http://127.0.0.1:{slow.server_port}/", "w1", "w2")
            finally:
                slow.shutdown()
                thread.join()
        self.shows(ran, "answers 503", "They are enough.", code=5)
        self.assertNotIn("WITNESS_SAW_MORE", ran.err)

    def test_a_change_of_the_key_leaves_what_they_signed(self):
        _, key = self.published("by the old key")
        self.shows(self.ask("w1", "w2"), "They are enough.")
        signed = self.root()["cosigned"]
        self.assertEqual(self.jalon.stop(), 0)
        self.assertEqual(self.jalon.run("signer", "rotate").code, 0)
        self.jalon.serve()
        self.restart()
        self.assertEqual(self.root()["cosigned"]["cosignatures"], signed["cosignatures"])
        # While both keys sign, an auditor who has the old ones alone is served too.
        self.published("by both keys")
        self.shows(self.ask("w1", "w2"), "They are enough.")
        again, _ = self.export("again by both")
        self.shows(self.verify_all(again, key), "VALID", "2 of the policy's 2")
        type(self).root_key = self.root()["checkpoint"]["verifierKey"]
        self.shows(self.verify_all(again, key), "VALID", "2 of the policy's 2")

    def test_what_they_signed_outlives_the_server(self):
        self.published("kept")
        self.shows(self.ask("w1", "w2"), "They are enough.")
        before = self.root()["cosigned"]
        self.assertTrue(before["quorumMet"])
        self.assertEqual(len(before["cosignatures"]), 2)
        self.restart()
        self.assertEqual(self.root()["cosigned"], before)
        path = self.under / "cosigned"
        got = self.jalon.run("trail", "root", "--cosigned", "--out", str(path))
        self.shows(got, "Witnesses have signed it", "witness.example/w2")
        self.assertEqual(path.read_text(encoding="utf-8"), before["checkpoint"]["note"])

    def test_a_fork_is_refused_by_a_witness_and_by_the_server(self):
        self.published("before the fork")
        kept = str(self.under / "kept.root")
        self.assertEqual(self.jalon.run("trail", "root", "--out", kept).code, 0)
        self.assertEqual(self.jalon.stop(), 0)
        other = jalon.Jalon(self.jalon.program, str(self.under))
        other.token = self.jalon.token
        shutil.copytree(self.jalon.data, other.data, ignore=shutil.ignore_patterns("*.sock"))
        self.restart()
        try:
            self.restart(other)
            self.fork(other, kept)
        finally:
            other.stop()

    def fork(self, other, kept):
        """Two servers of one key and one past go on, each for itself."""
        self.published("one history")
        self.published("and its second chapter")
        self.shows(self.ask("w1", "w2"), "They are enough.")
        good = str(self.under / "good.root")
        self.assertEqual(self.jalon.run("trail", "root", "--out", good).code, 0)
        size = int(self.root()["checkpoint"]["size"])
        ours, self.__class__.jalon = self.jalon, other
        try:
            self.published("another history")
            less = self.ask("w1")
            self.shows(less, "WITNESS_SAW_MORE", f"at {size} entries", code=6)
            for words in (
                ("trail", "root", "--since", good),
                ("trail", "export", self.company, str(self.under / "no"), "--since-root", good),
            ):
                self.shows(self.jalon.run(*words, JALON_TOKEN=self.auditor), "TRUNCATED", code=22)
            self.published("and its own second chapter")
            alarm = self.ask("w1")
            self.shows(alarm, "FORK ALARM", "WITNESS_SAW_ANOTHER_HISTORY", "(422)", code=6)
            self.assertIn(self.root()["checkpoint"]["note"], alarm.err)
            self.shows(self.ask("w2"), "FORK ALARM", "(409)", code=6)
            # Another that is not reached does not hide it.
            both = self.ask("http://127.0.0.1:1/", "w1")
            self.shows(both, "NOT_REACHED", "FORK ALARM", code=6)
            both = self.ask("http://127.0.0.1:1/", "w1", output="json")
            reasons = [failed["reason"] for failed in both.json["failures"]]
            self.assertEqual(reasons, ["NOT_REACHED", "WITNESS_SAW_ANOTHER_HISTORY"])
            self.assertEqual((both.code, both.json["kept"]), (6, None))
            folder = str(self.under / "forked")
            words = ("trail", "export", self.company, folder, "--since-root", good)
            at_its_size = self.jalon.run(*words, JALON_TOKEN=self.auditor)
            self.shows(at_its_size, "FORKED", code=21)
            forged = self.root()["checkpoint"]["note"]
            # Longer than it, only a proof tells.
            self.published("it goes on")
            ran = self.jalon.run("--output", "json", *words, JALON_TOKEN=self.auditor)
            self.assertEqual(ran.code, 0, str(ran))
            self.shows(self.ask("w1", "w2"), "FORK ALARM", code=6)
            since = self.jalon.run("trail", "root", "--since", good, JALON_TOKEN=self.auditor)
            self.shows(since, "FORKED", code=21)
            self.shows(self.jalon.run("trail", "root", "--since", kept), "goes on from")
        finally:
            self.__class__.jalon = ours
        # A witness that signs whatever it is given does not help.
        refused = self.hand_in(forged, self.signed_by("w1", forged))
        self.shows(refused, "ROOT_NOT_SIGNED", code=1)
        with open(self.jalon.log, encoding="utf-8") as log:
            self.assertIn("it is not of the root log as it is here", log.read())
        evidence = pathlib.Path(self.jalon.data, "signer", "forked", "generation-1", str(size))
        self.assertIn(forged, evidence.read_text(encoding="utf-8"))
        # Nor does the fork's export stand against what was kept of the other history.
        proven = ("--published", "--key", self.root_key, "--checkpoint", good)
        self.shows(self.verify(folder, ran.json["verifierKey"], *proven), "FORKED", code=21)

    def test_what_is_no_cosignature_is_refused(self):
        self.published("to be signed")
        note = self.root()["checkpoint"]["note"]
        line = self.signed_by("w1", note)
        self.shows(self.hand_in(note, line), "kept")
        self.shows(self.hand_in(note, line), "kept")  # again changes nothing
        spare = line.rstrip("\n=")
        spare = spare[:-1] + chr(ord(spare[-1]) + 1) + "==\n"
        for lines, why in (
            (self.signed_by("stranger", note), "no witness that this node was told of"),
            (self.signed_by("w1", note.replace("\n", "x\n", 1)), "has not signed this checkpoint"),
            (self.signed_by("w1", note, ahead_s=3600), "ahead of this node's clock"),
            (line + line, "stands twice"),
            (spare, "base64"),
            (line * 40, "stands twice"),
            ("x" * 20_000, "TOO_LARGE"),
            (line.rstrip("\n"), "newline"),
        ):
            self.shows(self.hand_in(note, lines), why, code=2)
        self.shows(self.hand_in("no note", line), "ROOT_NOT_SIGNED", code=1)
        trail = self.jalon.run(
            *("--output", "json", "trail", "checkpoint", self.company), JALON_TOKEN=self.auditor
        )
        trail = trail.json["checkpoint"]["note"]
        refused = self.hand_in(trail, self.signed_by("w1", trail))
        self.shows(refused, "ROOT_NOT_SIGNED", code=1)
        self.assertEqual(self.hand_in(note, line, token=self.tutor).code, 4)
        self.assertEqual(self.hand_in(note, line, token=self.stranger).code, 3)

    def test_why_a_witness_does_not_sign_is_said(self):
        self.published("asked in vain")
        origin = self.root_key.split("+", 1)[0]
        other = ("--output", "json", "signer", "show", "--origin", origin[:-1] + "2")
        knows_other = self.witness("w1", self.jalon.run(*other).json["verifierKey"])
        self.shows(self.ask(knows_other), "does not know this log", self.root_key, code=3)
        self.shows(self.ask("http://witness.example/"), "URL_NOT_ALLOWED", code=2)
        self.shows(self.ask("http://127.0.0.1:1/"), "NOT_REACHED", code=5)
        stranger = self.witness("stranger", self.root_key)
        self.shows(self.ask(stranger), "COSIGNATURE_REFUSED", code=2)
        options = ("--policy", self.policy)
        self.shows(self.ask(stranger, options=options), "WITNESS_UNKNOWN", code=8)
        # One that fails does not keep the others' from being handed in.
        both = self.ask("http://127.0.0.1:1/", "w1")
        self.shows(both, "NOT_REACHED", "witness.example/w1", code=5)

    def test_a_witness_behind_tls_is_known_by_its_certificate(self):
        self.published("behind tls")
        certificate, key = str(self.under / "certificate"), str(self.under / "key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=w"]
            + ["-addext", "subjectAltName=IP:127.0.0.1"],
            capture_output=True,
            check=True,
        )
        url = self.witness(
            "w1", self.root_key, JALON_TEST_CERTIFICATE=certificate, JALON_TEST_KEY=key
        )
        self.assertTrue(url.startswith("https://"))
        self.shows(self.ask(url), "certificate", code=5)
        self.shows(self.ask(url, options=("--witness-ca", certificate)), "witness.example/w1")

    def test_a_policy_that_is_none_stops_the_start_with_its_line(self):
        self.assertEqual(self.jalon.stop(), 0)
        bad = self.under / "bad"
        for text, why in (
            (f"witness w1 {self.root_key}\nquorum w1\n", "line 1 is none of a policy"),
            (f"witness w1 {self.key_of('w1')}\n", "names no quorum"),
            ("quorum none\n", "the policy names no witness"),
            (f"witness w1 {self.key_of('w1')}\nquorum none\n", "the policy needs no witness"),
        ):
            bad.write_text(text, encoding="ascii")
            self.assertEqual(self.jalon.serve_until_it_ends("--witnesses", str(bad)), 1)
            with open(self.jalon.log, encoding="utf-8") as log:
                self.assertIn(why, log.read())
        self.restart()

    def test_without_a_policy_nothing_is_kept(self):
        self.published("without a policy")
        self.assertEqual(self.jalon.stop(), 0)
        self.jalon.serve()
        self.shows(self.ask("w1"), "NO_WITNESSES", code=1)
        self.restart()


class KeptOfTheRoot(Witnessed):
    """What somebody kept of the root log, against what an export says of it."""

    def kept(self, name):
        path = str(self.under / name)
        ran = self.jalon.run("trail", "root", "--out", path, JALON_TOKEN=self.auditor)
        self.assertEqual(ran.code, 0, str(ran))
        return path

    def since(self, name, kept):
        folder = str(self.under / name)
        words = ("trail", "export", self.company, folder, "--since-root", kept)
        ran = self.jalon.run(*words, JALON_TOKEN=self.auditor)
        self.assertEqual(ran.code, 0, str(ran))
        return folder

    def test_the_root_log_goes_on_from_what_was_kept(self):
        before, key = self.published("one more")
        proven = ("--published", "--key", self.root_key)
        kept = self.kept("kept")
        self.published("two more")
        now = self.since("now", kept)
        shown = self.verify(now, key, *proven, "--checkpoint", kept)
        self.shows(shown, "VALID", "of the root log")
        self.assertNotIn("taken out of the root log", shown.out)
        plain, _ = self.export("plain")
        shown = self.verify(plain, key, *proven, "--checkpoint", kept)
        self.shows(shown, "ALTERED", "root.consistency", "--since-root", code=20)
        newer = self.kept("newer")
        # It may be proven in an older checkpoint, which says nothing of a newer one.
        shown = self.verify(before, key, *proven, "--checkpoint", newer)
        self.shows(shown, "ALTERED", "the root log", "--since-root", code=20)
        shown = self.verify(now, key, "--checkpoint", kept)  # the root log's key is needed
        self.shows(shown, "WRONG ORIGIN", code=26)
        proof = self.under / "proof"
        ran = self.jalon.run("trail", "root", "--since", kept, "--out", str(proof))
        self.shows(ran, "goes on from")
        self.assertTrue(proof.read_text(encoding="utf-8").startswith("old "))
        self.shows(self.jalon.run("trail", "root", "--since", proof), "FILE_NOT_READ", code=2)
        keys = ("--key", self.root_key)
        self.shows(self.jalon.run("trail", "root", "--since", kept, *keys), "goes on from")
        other = ("--key", self.key_of_nobody())
        self.shows(self.jalon.run("trail", "root", "--since", kept, *other), "UNSIGNED", code=25)

    def key_of_nobody(self):
        name = self.root_key.split("+", 1)[0]
        shown = ("--output", "json", "signer", "show", "--public-key", "aa" * 32, "--origin", name)
        return self.jalon.run(*shown).json["verifierKey"]

    def test_a_file_that_is_not_of_the_log_is_not_exported_from(self):
        self.published("as it was kept")
        kept = self.kept("kept.root")
        note = pathlib.Path(kept).read_text(encoding="utf-8")
        origin, size, root, rest = note.split("\n", 3)
        damaged = self.under / "damaged"
        turned = ("B" if root[0] == "A" else "A") + root[1:]
        damaged.write_text("\n".join((origin, size, turned, rest)), encoding="utf-8")
        for words in (
            ("trail", "root", "--since", str(damaged)),
            ("trail", "export", self.company, str(self.under / "no"), "--since-root", str(damaged)),
        ):
            self.shows(self.jalon.run(*words, JALON_TOKEN=self.auditor), "UNSIGNED", code=25)
        self.assertFalse((self.under / "no").exists())

    def test_what_witnesses_signed_is_not_older_than_what_was_kept(self):
        self.published("signed")
        self.shows(self.ask("w1", "w2"), "They are enough.")
        _, key = self.export("covered")
        # Another log grows: the receipts', when the other company's trail is published.
        kept = self.kept("kept")
        now = self.since("now", kept)
        shown = self.verify_all(now, key, "--checkpoint", kept)
        self.shows(shown, "VALID")


if __name__ == "__main__":
    unittest.main()
