"""The program `jalon-verify` as an auditor has it: what it links, no network, how much memory.

Usage: program_test.py JALON JALON_VERIFY MAKER
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What it may need at run time; nothing of a server is among it.
LIBRARIES = {"libfmt", "libsodium", "libcrypto", "libstdc++", "libgcc_s", "libc", "libm"}
SANITIZERS = {"libasan", "libubsan", "libtsan"}
SERVER = re.compile(r"grpc|rocksdb|rdkafka|protobuf|google8|absl", re.IGNORECASE)
SPREAD = re.MULTILINE | re.DOTALL
SMALL, LARGE = 10_000, 1_000_000
ENTRY_BYTES = 400
GROWTH_KIB_MAX = 2048  # of the resident set, from the small trail to the large one


def expect(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def links_no_server(verify):
    needed = set(re.findall(r"^\s+(lib[\w+]+)[-.\w]*\.so", output("ldd", verify), re.MULTILINE))
    needed -= SANITIZERS
    expect(needed and needed <= LIBRARIES, f"links {', '.join(sorted(needed))}, and nothing else")
    symbols = [line for line in output("nm", "-C", verify).splitlines() if SERVER.search(line)]
    expect(not symbols, f"holds no symbol of a server: {symbols[:3]}")



def run(*command, env=None):
    """Exit code and output of one command."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, check=False
    )
    return done.returncode, done.stdout


def peak_kib(*command):
    """Exit code and the most memory that the program was seen to have, in KiB.

    Read from its own record of its peak while it runs: what wait4 tells counts this process too.
    """
    # A sanitizer keeps what is freed: here it must not count.
    env = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
    status = pathlib.Path(f"/proc/{process.pid}/status")
    peak = 0
    while process.poll() is None:
        found = re.search(r"^Name:\tjalon-verify\n.*^VmHWM:\s+(\d+)", status.read_text(), SPREAD)
        peak = max(peak, int(found.group(1)) if found else 0)
    return process.returncode, peak


def works_alone(jalon, verify, export, key, folder):
    """In a folder with two files of ours and no network, by both names."""
    for program in (jalon, verify):
        shutil.copy(program, folder)
    for words in (["./jalon", "verify"], ["./jalon-verify"]):
        command = ["unshare", "--user", "--map-root-user", "--net", *words, export, "--key", key]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, env={"LANG": "C"}, check=False
        )
        expect(
            done.returncode == 0 and "VALID" in done.stdout,
            f"{' '.join(words)} in an empty network namespace says valid {done.stderr}",
        )
    (folder / "jalon-verify").unlink()
    code, text = run(str(folder / "jalon"), "verify", export, "--key", key, env={"LANG": "C"})
    expect(code == 8 and "Install jalon-verify beside" in text, "without it, jalon says what to do")


def names_what_was_edited(verify, export, key):
    bundle = pathlib.Path(export, "tile/entries/003")
    before = bundle.read_bytes()
    bundle.write_bytes(before[:9000] + bytes([before[9000] ^ 1]) + before[9001:])
    code, text = run(verify, export, "--key", key, env={"LANG": "fr_CA.UTF-8"})
    named = re.search(r"tile/entries/003 : l'entrée (\d+) n'est pas celle", text)
    expect(code == 20 and named, f"an edited entry is named, exit 20: {text}")
    length, at = 0, 0
    index = 768
    while at + 2 + (length := int.from_bytes(before[at : at + 2], "big")) <= 9000:
        at += 2 + length
        index += 1
    expect(int(named.group(1)) == index, f"it is entry {index}")
    bundle.write_bytes(before)


def memory_does_not_grow(verify, small, large, key):
    for threads in ("1", "2"):
        peaks = []
        for export, size in ((small, SMALL), (large, LARGE)):
            code, peak = peak_kib(verify, export, "--key", key, "--threads", threads)
            expect(code == 0 and peak > 0, f"{size} entries, {threads} thread(s): valid")
            peaks.append(peak)
        expect(
            peaks[1] - peaks[0] <= GROWTH_KIB_MAX,
            f"{peaks[0]} KiB for {SMALL} entries, {peaks[1]} KiB for {LARGE}",
        )


def main(jalon, verify, maker):
    links_no_server(verify)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        small, large = str(folder / "small"), str(folder / "large")
        key = output(maker, "export", small, str(SMALL), str(ENTRY_BYTES)).strip()
        alone = folder / "alone"
        alone.mkdir()
        works_alone(jalon, verify, small, key, alone)
        names_what_was_edited(verify, small, key)
        output(maker, "export", large, str(LARGE), str(ENTRY_BYTES))
        memory_does_not_grow(verify, small, large, key)


main(*sys.argv[1:])
