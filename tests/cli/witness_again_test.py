"""Witnesses are shown more while others are asked: one run has all sign the same checkpoint.

Usage: witness_again_test.py JALON
"""

import contextlib
import http.server
import threading
import unittest
import urllib.error
import urllib.request

import witness_test


class Front:
    """Stands before a witness and passes on what it is asked; counts what the witness signed."""

    def __init__(self, witness, meanwhile, then=None):
        self.witness = witness.rstrip("/")
        self.meanwhile = meanwhile  # is done before a signature is passed on
        self.then = then  # what it answers after the first one, for good
        self.signed = 0

    def answer(self, path, body):
        if self.signed > 0 and self.then is not None:
            return self.then, b""
        try:
            with urllib.request.urlopen(self.witness + path, body, timeout=30) as answered:
                status, said = answered.status, answered.read()
        except urllib.error.HTTPError as error:
            status, said = error.code, error.read()
        if status == 200:
            self.signed += 1
            self.meanwhile(self.signed)
        return status, said

    @contextlib.contextmanager
    def served(self):
        """Its address."""
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, said = front.answer(self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/"
            finally:
                server.shutdown()
                thread.join()


class AskedAgain(witness_test.Witnessed):
    """The second of two witnesses is shown more once the first one has signed."""

    def race(self, other, name):
        """The trail grows, and that witness is shown it; the size that it has seen."""
        self.published(name)
        self.shows(self.ask(other))
        return int(self.root()["checkpoint"]["size"])

    def test_who_signed_an_older_one_signs_the_last(self):
        self.published("before")
        sizes = []

        def meanwhile(signed):
            if signed == 1:
                sizes.append(self.race("w2", "meanwhile"))

        w1 = Front(self.url["w1"], meanwhile)
        with w1.served() as front:
            ran = self.ask(front, "w2", options=("--policy", self.policy))
        self.shows(ran, "They are enough.", "witness.example/w1", "witness.example/w2")
        self.assertEqual(w1.signed, 2)
        cosigned = self.root()["cosigned"]
        self.assertTrue(cosigned["quorumMet"])
        self.assertEqual(int(cosigned["checkpoint"]["size"]), sizes[0])

    def test_nobody_is_asked_again_where_nothing_moves(self):
        self.published("still")
        w1 = Front(self.url["w1"], lambda signed: None)
        with w1.served() as front:
            self.shows(self.ask(front, "w2"), "They are enough.")
        self.assertEqual(w1.signed, 1)

    def test_each_is_asked_again_once_however_it_moves(self):
        self.published("it begins")
        w1 = Front(self.url["w1"], lambda signed: self.race("w2", f"one {signed}"))
        w2 = Front(self.url["w2"], lambda signed: self.race("w1", f"two {signed}"))
        with w1.served() as one, w2.served() as two:
            ran = self.ask(one, two)
        self.shows(ran, "More are needed.")
        self.assertEqual((w1.signed, w2.signed), (2, 2))

    def again_fails(self, status, code, reason):
        self.published(f"before {status}")
        sizes = []
        w1 = Front(
            self.url["w1"], lambda _: sizes.append(self.race("w2", f"{status}")), then=status
        )
        with w1.served() as front:
            ran = self.ask(front, "w2", output="json")
        self.assertEqual(ran.code, code, str(ran))
        self.assertEqual([failed["reason"] for failed in ran.json["failures"]], [reason])
        # What the other one signed is kept all the same, and is what is shown.
        cosigned = ran.json["kept"]["cosigned"]
        self.assertEqual(int(cosigned["checkpoint"]["size"]), sizes[0])
        self.assertEqual([by["witness"] for by in cosigned["cosignatures"]], ["witness.example/w2"])
        return ran

    def test_one_that_does_not_answer_again_has_failed(self):
        self.again_fails(503, 5, "WITNESS_REFUSED")

    def test_one_that_saw_another_history_again_is_an_alarm(self):
        ran = self.again_fails(422, 6, "WITNESS_SAW_ANOTHER_HISTORY")
        # Beside the evidence: what it was sent, which is the newer one.
        self.assertIn(self.root()["checkpoint"]["note"], ran.err)


if __name__ == "__main__":
    unittest.main()
