"""Who is not who they say gets UNAUTHENTICATED, in words, and leaves nothing in the log.

Usage: tokens_test.py JALON     (run by ctest with the environment of ./dev setup)
"""

import os
import sys
import tempfile
import time
import unittest

import grpc

from forged_token import Forger
from jalon_client import Client, Server
from school import School

HOUR = 3600
REGISTER_COMPANY = "jalon.company.v1.CompanyService/RegisterHostCompany"


class Tokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Server(PROGRAM, cls.folder.name)
        cls.client = Client(cls.server.address)
        cls.school = School(cls.server, cls.client, "CFP-NORD")
        cls.other = School(cls.server, cls.client, "CFP-SUD")
        key_file = os.path.join(cls.server.data, "token.key")
        cls.forger = Forger(key_file, cls.school.coordinator)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        code = cls.server.stop()
        cls.folder.cleanup()
        assert code == 0, f"the server ended with {code}"

    def company(self, token, client=None, **more):
        command = {"name": "G", "site": "1, rue A"}
        return (client or self.client).command(REGISTER_COMPANY, command, token, **more)

    def refused(self, name, token):
        head = self.server.head()
        for language in ("en", "fr"):
            with self.subTest(name, language=language):
                answer = self.company(token, language=language)
                self.assertFalse(answer.ok)
                self.assertEqual((answer.code, answer.reason),
                                 (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"))
                self.assertTrue(answer.localized, "an error without words")
                # Not a word of the token comes back.
                self.assertNotIn(token[:20].encode(), answer.detail_bytes)
        self.assertEqual(self.server.head(), head)

    def test_the_forger_can_sign(self):
        self.assertTrue(self.company(self.forger.token()).ok)

    def test_time(self):
        now = int(time.time())
        for name, changes in {
            "without exp": {"exp": None},
            "expired an hour ago": {"exp": now - HOUR, "nbf": now - 2 * HOUR},
            "expired beyond the skew of clocks": {"exp": now - 61},
            "exp is a text": {"exp": str(now + HOUR)},
            "exp is no number": {"exp": True},
            "exp is huge": {"exp": 2**70},
            "without nbf": {"nbf": None},
            "not yet": {"nbf": now + HOUR},
        }.items():
            self.refused(name, self.forger.token(**changes))

    def test_for_whom(self):
        for name, changes in {
            "another issuer": {"iss": "https://example.org"},
            "without issuer": {"iss": None},
            "for another": {"aud": "another"},
            "for nobody": {"aud": None},
        }.items():
            self.refused(name, self.forger.token(**changes))

    def test_who(self):
        for name, changes in {
            "without role": {"role": None},
            "an unknown role": {"role": "director"},
            "without person": {"sub": None},
            "a person of 7 bytes": {"sub": "00" * 7},
            "a person in other letters": {"sub": "zz" * 8},
            "a coordinator of no school": {"school": None},
            "a school of 15 bytes": {"school": "00" * 15},
            "a coordinator of a company": {"company": "00" * 8},
            "a tutor of no company": {"role": "tutor"},
            "modules that are no list": {"modules": "850-568"},
        }.items():
            self.refused(name, self.forger.token(**changes))

    def test_how_it_is_signed(self):
        for name, header in {
            "without kid": {"kid": None},
            "another kid": {"kid": "another"},
            "no algorithm": {"alg": "none"},
            "another algorithm": {"alg": "RS256"},
            "with the public key for a secret": {"alg": "HS256"},
            "with an extension that must be understood": {"crit": ["exp"]},
        }.items():
            self.refused(name, self.forger.token(header=header))
        head, body, signature = self.forger.token().split(".")
        _, other_body, _ = self.forger.token(sub="00" * 8).split(".")
        self.refused("the claims of another", f"{head}.{other_body}.{signature}")

    def test_a_token_that_is_too_long(self):
        self.refused("5,000 bytes", self.forger.token(modules=["850-568"] * 300))

    def test_oversized_metadata(self):
        head = self.server.head()
        for size in (9_000, 1_000_000):
            with self.subTest(size):
                # gRPC ends the connection with the call: so one of its own.
                answer = self.company(self.school.coordinator, Client(self.server.address),
                                      metadata=[("x-much", "a" * size)])
                self.assertEqual(answer.code, grpc.StatusCode.RESOURCE_EXHAUSTED, answer.message)
                self.assertTrue(answer.message)
        self.assertEqual(self.server.head(), head)
        self.assertTrue(self.company(self.school.coordinator).ok, "another connection suffered")

    def test_another_school_in_the_header(self):
        head = self.server.head()
        ours = self.company(self.school.coordinator, header={"school_id": self.other.id})
        unknown = self.company(self.school.coordinator, header={"school_id": b"?" * 16})
        self.assertEqual((ours.code, ours.reason), (grpc.StatusCode.NOT_FOUND, "NOT_FOUND"))
        self.assertEqual((ours.code, ours.message, ours.detail_bytes),
                         (unknown.code, unknown.message, unknown.detail_bytes))
        self.assertEqual(self.server.head(), head)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
