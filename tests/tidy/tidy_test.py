#!/usr/bin/env python3
"""Each check against forged violations, and against the innocent neighbour that must pass."""

import unittest

import clang_database
import includes
import prose
import sizes
import tidy

# (path, one line of its text, the rule it breaks or None)
LINES = (
    # dependencies point one way
    ("eventstore/base/hash.h", '#include "eventstore/log/log.h"', "include"),
    ("eventstore/writer/writer.cc", '#include "services/domain/model/stay.h"', "include"),
    ("eventstore/writer/writer.cc", '#include "jalon/stay/v1/stay.pb.h"', "include"),
    ("eventstore/writer/writer.cc", '#include "jalon/log/v1/record.pb.h"', None),
    ("projections/views/progress.cc", '#include "services/domain/eligibility.h"', "include"),
    ("services/domain/decide/stay.cc", '#include "projections/engine/view.h"', "include"),
    ("services/domain/decide/stay.cc", '#include "eventstore/base/result.h"', None),
    ("services/domain/school.cc", '#include "eventstore/writer/application.h"', None),
    ("services/domain/school.cc", '#include "eventstore/writer/writer.h"', "include"),
    ("services/cli/main.cc", '#include "services/node/node.h"', "include"),
    ("services/node/main.cc", '#include "services/cli/cli.h"', None),
    ("tests/simulation/world.cc", '#include "services/node/node.h"', None),
    # the protocol never asks which log it has
    ("eventstore/writer/writer.cc", '#include "eventstore/log/rocks/rocks_log.h"', "include"),
    ("eventstore/writer/writer_test.cc", '#include "eventstore/log/memory/memory_log.h"', None),
    ("services/node/wiring.cc", '#include "eventstore/log/rocks/rocks_log.h"', None),
    # only adapters name third-party headers
    ("eventstore/writer/writer.cc", "#include <rocksdb/db.h>", "include"),
    ("eventstore/log/rocks/rocks_log.cc", "#include <rocksdb/db.h>", None),
    ("services/domain/decide/stay.cc", "#include <grpcpp/grpcpp.h>", "include"),
    ("services/api/door.cc", "#include <grpcpp/grpcpp.h>", None),
    ("services/api/door.cc", "#include <gtest/gtest.h>", "include"),
    ("services/api/door_test.cc", "#include <gtest/gtest.h>", None),
    ("services/api/door.cc", "#include <zoo/animal.h>", "include"),
    ("services/api/door.cc", '#include "door.h"', "include"),
    ("services/domain/decide/stay.cc", "#include <unistd.h>", "include"),
    ("services/domain/decide/stay.cc", "#include <thread>", "include"),
    ("services/api/door.cc", "#include <thread>", None),
    ("services/api/door.cc", '// #include "services/node/node.h"', None),
    ("kitchen/sink.cc", "int sink;", "room"),
    # the one codec
    ("services/api/queries/held.cc", '#include "eventstore/vault/seal.h"', "include"),
    ("services/api/queries/opener.cc", '#include "eventstore/vault/seal.h"', None),
    ("services/api/sealer.cc", '#include "eventstore/vault/seal.h"', None),
    ("services/api/sealer.cc", "auto clear = eventstore::Open(key, place, box);", "banned"),
    ("services/cli/transfer.cc", "using eventstore::Open;", "banned"),
    ("services/api/queries/opener.cc", "auto clear = eventstore::Open(key, place, box);", None),
    ("services/node/roles.cc", "auto vault = eventstore::OpenVault(folder);", None),
    # clocks, randomness, hash order, locale
    ("services/domain/decide/stay.cc", "auto t = std::chrono::steady_clock::now();", "banned"),
    ("services/api/door.cc", "auto t = std::chrono::steady_clock::now();", None),
    ("services/api/door.cc", "auto t = std::chrono::system_clock::now();", "banned"),
    ("eventstore/base/clock.cc", "auto t = std::chrono::system_clock::now();", None),
    ("projections/views/progress.cc", "std::mt19937 random;", "banned"),
    ("projections/views/progress.cc", "std::unordered_map<int, int> rows;", "banned"),
    ("projections/views/progress_test.cc", "std::unordered_map<int, int> rows;", None),
    ("eventstore/writer/writer.cc", "std::mutex mutex_;", "banned"),
    ("eventstore/writer/writer.cc", "// unlike std::mutex, it is annotated", None),
    ("eventstore/writer/writer.cc", "std::thread thread_;", "banned"),
    ("eventstore/writer/writer.cc", "std::jthread thread_;", None),
    # what code does not say
    ("services/api/door.cc", "// TO" "DO: the rest", "unfinished"),
    ("dev.sh", "# FIX" "ME", "unfinished"),
    ("services/api/door.cc", "int todo_count;", None),
    ("services/api/door_test.cc", "GTEST_SK" "IP();", "skipped"),
    ("services/api/door_test.cc", "TEST(Door, DISABL" "ED_Opens) {}", "skipped"),
    ("services/api/door.cc", "int x;  // NOLINT", "nolint"),
    ("services/api/door.cc", "int x;  // NOLINT(google-x): the library's own name", None),
    ("services/api/door.cc", "int " + "x" * 96 + ";", "columns"),
    ("services/api/door.cc", "int " + "é" * 95 + ";", None),
    # one machine's paths, registries' hosts
    ("notes.txt", "see /ho" "me/ada/jalon", "path"),
    ("notes.txt", "see deploy/ho" "me/ada and $HOME/work", None),
    ("package.json", '"from": "https:' '//registry.host.net/x"', "host"),
    ("README.md", "https://gateway.example.org/ and http://127.0.0.1:8080/", None),
    # Markdown
    ("README.md", "[gone](docs/gone.md)", "link"),
    ("README.md", "[here](#no-such-heading)", "link"),
    ("README.md", "`[code](docs/gone.md)` and [out](https://www.w3.org/)", None),
)

LONG = "\n".join("  Step();" for _ in range(70))

# (what opens a function, its name as tidy gives it, the code that closes it)
LONG_FUNCTIONS = (
    ("void Door::Open() {", "Door::Open", "}"),
    ("class Door : public Base {\n public:\n  void Open() const {", "Open", "}\n};"),
    ("template <typename T, int N = 3>\nstd::vector<T> All(T first) {", "All", "}"),
    ("Door::Door(int n) : a_{n}, b_(n) {", "Door::Door", "}"),
    ("Door::Door(int n)\n    : a_(n), b_{n} {", "Door::Door", "}"),
    ("namespace jalon {\nTEST(Door, Opens) {", "TEST(Door, Opens)", "}\n}  // namespace jalon"),
    ("const char* k = R\"(}{)\";\nint Big() {\n  char c = '{'; int n = 1'000;", "Big", "}"),
)


def rules_broken(files):
    return [complaint.rule for complaint in tidy.complaints(files) if complaint.rule != "readme"]


class Lines(unittest.TestCase):
    def test_each_line_breaks_its_rule_and_no_other(self):
        for path, line, rule in LINES:
            with self.subTest(path=path, line=line):
                self.assertEqual(rules_broken({path: line + "\n"}), [rule] if rule else [])

    def test_complaint_names_the_line(self):
        text = '// one\n/* two\n three */\n#include "services/node/node.h"\n'
        (complaint,) = includes.check({"services/api/door.cc": text})
        self.assertEqual(complaint.line, 4)


class Sizes(unittest.TestCase):
    def test_long_functions_are_found_by_name(self):
        for opening, name, closing in LONG_FUNCTIONS:
            with self.subTest(opening=opening):
                text = (
                    f"int before = 1;\n{opening}\n{LONG}\n{closing}\nint After() {{ return 1; }}\n"
                )
                (complaint,) = sizes.check({"services/api/door.cc": text})
                self.assertTrue(complaint.words.startswith(name + " has"), complaint)

    def test_many_short_functions_and_a_long_table_pass(self):
        rows = "\n".join('  {"a", f(1)},' for _ in range(100))
        text = "int F() {\n  return 1;\n}\n" * 60 + f"constexpr Row kRows[] = {{\n{rows}\n}};\n"
        self.assertEqual(list(sizes.check({"services/api/door.cc": text})), [])

    def test_python_and_shell_functions_count_too(self):
        python = "def long():\n" + "    step()\n" * 70
        shell = "#!/usr/bin/env bash\nlong() {\n" + "  step\n" * 70 + "}\n"
        found = [c.words.split()[0] for c in sizes.check({"tests/a.py": python, "dev": shell})]
        self.assertEqual(found, ["long", "long"])

    def test_ratchet_lets_shrink_but_not_grow(self):
        text = f"int Big() {{\n{LONG}\n}}\n"  # 72 lines
        for baseline, complaints in (
            ("72 tests/a.cc Big  # one switch over all events", 0),
            ("71 tests/a.cc Big  # one switch over all events", 1),
            ("72 tests/a.cc Gone", 2),
        ):
            with self.subTest(baseline=baseline):
                found = list(sizes.check({"tests/a.cc": text, sizes.BASELINE: baseline}))
                self.assertEqual(len(found), complaints, found)

    def test_long_file(self):
        (complaint,) = sizes.check({"tests/a.cc": "int x;\n" * 451})
        self.assertEqual((complaint.line, complaint.rule), (0, "size"))


class Prose(unittest.TestCase):
    def test_links_to_files_folders_and_headings_are_alive(self):
        page = "# The words\n\n[a](b/c.md#a-title-of-2) [b](b) [up](../d/e.md) [me](#the-words)\n"
        files = {"d/e.md": page, "d/b/c.md": "## A `title`, of 2\n"}
        self.assertEqual([c for c in prose.check(files) if c.rule == "link"], [])

    def test_code_blocks_hold_no_links(self):
        self.assertEqual(list(prose.check({"a.md": "```\n[a](gone.md)\n```\n"})), [])

    def test_folder_without_readme(self):
        files = {"tests/a/b.cc": "", "tests/README.md": ""}
        self.assertEqual([c.path for c in prose.check(files)], ["tests/a"])


class ClangDatabase(unittest.TestCase):
    def test_drops_what_only_gcc_knows(self):
        launcher = "/usr/bin/cmake -E env CCACHE_NOHASHDIR=1 /usr/bin/ccache"
        options = "-O2 -Wall -Winvalid-pch -include /b/cmake_pch.hxx -include b.h -c a.cc"
        self.assertEqual(
            clang_database.for_clang(f"{launcher} /usr/bin/c++ {options}".split()),
            ["clang++-19", "-O2", "-include", "b.h", "-c", "a.cc"],
        )


if __name__ == "__main__":
    unittest.main()
