"""The tables that tidy holds the tree to: who may include what, what is banned where, and sizes.

A change of the house is a change of a row here. Paths are relative to the root; a row's path means
it and all below.
"""

# Who may include whom. The longest room that a file's path begins with counts; a room may always
# include itself. "jalon/" stands for all generated protos. Whoever is not named here has no room.
ROOMS = {
    "proto/": ("jalon/",),
    "eventstore/base/": (),
    "eventstore/": ("eventstore/", "jalon/log/", "jalon/node/", "jalon/refusal/", "jalon/vault/"),
    "projections/": ("eventstore/", "jalon/"),
    # The domain is what the writer runs: it knows that one interface of the writer. And whether a
    # signer's claim is signed, which it decides.
    "services/domain/": (
        "eventstore/base/",
        "eventstore/trail/key.h",
        "eventstore/trail/rotation.h",
        "eventstore/writer/application.h",
        "eventstore/writer/state.h",
        "jalon/",
    ),
    "services/access/": ("eventstore/base/", "jalon/"),
    "services/token/": ("eventstore/base/", "services/domain/request.h", "jalon/"),
    "services/api/": (
        "eventstore/",
        "projections/",
        "services/access/",
        "services/domain/",
        "services/token/",
        "jalon/",
    ),
    "services/client/": ("eventstore/base/", "jalon/"),
    "services/gateway/": ("eventstore/base/", "services/api/", "services/domain/", "jalon/"),
    "services/cli/": (
        "eventstore/",
        "services/access/",
        "services/client/",
        "services/domain/",
        "services/token/",
        "jalon/",
    ),
    # A program of its own, which must link no library of a server.
    "services/cli/verify/": (
        "eventstore/base/",
        "eventstore/trail/",
        "services/cli/chosen_language.h",
        "services/cli/exit_code.h",
        "services/cli/interrupt.h",
        "services/cli/output.h",
        "services/cli/progress.h",
        "services/cli/read_file.h",
        "services/cli/table.h",
        "services/cli/text.h",
        "services/cli/words.h",
    ),
    "services/node/": ("eventstore/", "projections/", "services/", "jalon/"),
    "deploy/": ("eventstore/base/", "services/client/", "jalon/"),
    "tests/": ("",),
}

# Doors that only their own room, the wiring and tests open: others see the contract before them.
PRIVATE = {
    "eventstore/vault/embedded/": ("services/node/",),
    # What is personal is sealed in one file, and opened in one.
    "eventstore/vault/seal.h": (
        "eventstore/vault/seal.cc",
        "services/api/sealer.cc",
        "services/api/queries/opener.cc",
    ),
    "eventstore/rocks/": (
        "eventstore/log/rocks/",
        "eventstore/signer/rocks/",
        "eventstore/vault/embedded/",
    ),
    "eventstore/log/memory/": ("services/node/",),
    "eventstore/log/rocks/": ("services/node/",),
    "eventstore/log/kafka/": ("services/node/", "eventstore/outlet/kafka/"),
    "eventstore/outlet/kafka/": ("services/node/",),
    "eventstore/signer/rocks/": ("services/node/",),
    "services/node/": (),
}

ANYWHERE = ("",)
SERVERS = (
    "services/api/",
    "services/cli/",
    "services/client/",
    "services/gateway/",
    "services/node/",
    "eventstore/peer/",
    "eventstore/vault/served/",
)
TESTS_ONLY = ()

# Third-party headers, by how their path begins, and the adapters that may name them. Tests may.
THIRD_PARTY = {
    "fmt/": ANYWHERE,
    "google/protobuf/": ("eventstore/", "projections/", "services/", "deploy/"),
    "google/rpc/": (*SERVERS, "deploy/"),
    "grpc/": (*SERVERS, "deploy/"),
    "grpcpp/": (*SERVERS, "deploy/"),
    "rocksdb/": (
        "eventstore/log/rocks/",
        "eventstore/rocks/",
        "eventstore/signer/rocks/",
        "eventstore/state/",
        "eventstore/vault/embedded/",
        "projections/engine/",
    ),
    "librdkafka/": ("eventstore/log/kafka/", "eventstore/outlet/kafka/"),
    "openssl/": (
        "eventstore/base/",
        "eventstore/peer/",
        "eventstore/trail/",
        "eventstore/vault/",
        "services/api/",
    ),
    "sodium": ("eventstore/", "services/api/", "services/client/"),
    "rhonabwy": ("services/token/",),
    "curl/": ("services/cli/",),
    "CLI/": ("services/cli/", "services/node/", "deploy/"),
    "nlohmann/": ("services/cli/", "services/gateway/", "services/node/", "deploy/"),
    "absl/": ("eventstore/base/", "services/api/"),
    "boost/": ("services/gateway/",),
    "toml++/": ("services/node/",),
    "gtest/": TESTS_ONLY,
    "gmock/": TESTS_ONLY,
    "benchmark/": TESTS_ONLY,
}

# What belongs to a test, wherever it stands: it may include test libraries and open private doors.
TEST_FILE = r"^tests/|_test\.(cc|py)$|_contract\.(h|cc)$|_testing\.(h|cc)$"

# decide, evolve and fold: the same bytes in, the same bytes out, on every machine, for ever.
PURE = ("services/domain/", "projections/views/")
PURE_HEADERS = (
    "atomic condition_variable filesystem fstream future iostream locale mutex random shared_mutex "
    "thread unordered_map unordered_set"
).split()

# (pattern, where it is allowed, what to do instead). Tests are exempt.
BANNED = (
    (
        r"\b(system_clock|high_resolution_clock)::now|\bgettimeofday\b|\btime\((nullptr|NULL|0)\)",
        ("eventstore/base/", "services/client/", "services/cli/", "deploy/"),
        "take a Clock through the constructor",
    ),
    (
        r"\bsteady_clock::now|\bsleep_(for|until)\b",
        None,
        "time is a field of the event or of the context",
    ),
    (
        r"\brandom_device\b|\bstd::rand\b|\bsrand\(",
        ("eventstore/base/", "deploy/"),
        "take randomness through the constructor",
    ),
    (
        r"\bmt19937|\b(uniform|bernoulli|normal)_\w*distribution\b",
        None,
        "no randomness: ids come in from outside",
    ),
    (
        r"\bgetenv\b",
        ("services/cli/", "services/node/", "deploy/"),
        "configuration is read by services/node",
    ),
    (
        r"\bstd::locale\b|\bsetlocale\b|\bstd::(tolower|toupper|isalpha|isalnum)\b",
        None,
        "no locale: compare bytes",
    ),
    (
        r"\bunordered_(map|set)\b|\bflat_hash_(map|set)\b",
        None,
        "no hash order: use an ordered or a flat map",
    ),
    (
        r"\bstd::(recursive_|shared_)?mutex\b|\bstd::(lock_guard|scoped_lock|condition_variable)\b",
        ("eventstore/base/",),
        "use the annotated lock of eventstore/base",
    ),
    (
        r"\beventstore::Open\b",
        ("services/api/queries/opener.cc",),
        "sealed sections are opened by the one codec: give them to an Opener",
    ),
    (r"\bstd::thread\b", (), "use std::jthread: a thread has one owner, which joins it"),
)

# Put together here so that this file does not complain about itself.
UNFINISHED = r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|TB" r"D)\b|not imple" r"mented|stub" r"bed"
SKIPPED_TESTS = (
    r"\bGTEST_SK" r"IP\b|\bDISABL" r"ED_\w|\bunittest\.sk" r"ip|\bpytest\.sk" r"ip|\.skip\("
)

# Absolute paths of somebody's machine.
PRIVATE_PATH = r"(?<![\w.$}~/-])/(home|root|work|workspace|mnt|Users)/\w"

# Hosts that may be named. Registries and mirrors are not: each machine reaches them in its own way.
HOSTS = (
    r"^(localhost|127\.0\.0\.1|\[::1\]|([\w-]+\.)*example(\.(com|org|net|ca))?"
    r"|([\w-]+\.)*gouv\.qc\.ca|([\w-]+\.)*inforoutefpt\.org|www\.w3\.org|c2sp\.org"
    r"|datatracker\.ietf\.org|www\.rfc-editor\.org|cloudevents\.io|json-schema\.org)$"
)

COLUMNS_MAX = 100
FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 70

# Registries, which are one list by nature and only ever grow: as long as they need to be.
REGISTRIES = (
    "proto/jalon/event/v1/event_body.proto",
    "proto/jalon/refusal/v1/refusal_reason.proto",
)

# Copied from elsewhere as they stand; not read at all.
COPIED = ("proto/google/",)

# Folders that need no README of their own: their parent's speaks for them.
NO_README = r"^\.|^proto/.|/testdata(/|$)|^deploy/samples/."
