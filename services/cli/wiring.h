// What the command line does through rooms that it may not know; services/node hands it in.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "eventstore/base/result.h"
#include "jalon/admin/v1/admin_service.pb.h"
#include "services/cli/words.h"

namespace jalon::cli {

// A command that reads its own arguments, such as `serve`. `run` gets argv[0] = its name, and
// returns the exit code.
struct Program {
  std::string name;
  Words help;
  std::function<int(int argc, char** argv)> run;
};

// Who has seen how much of a log.
struct TailWitness {
  std::string name;  // its file or folder, under the data folder
  uint64_t entries = 0;
  std::string damage = {};  // why it cannot say all of it; empty: it was asked
};

// The half-written end of a log, behind everything that any witness saw.
struct TailCut {
  uint64_t entries_kept = 0;
  uint64_t bytes_cut = 0;  // at most
  std::string damage;      // what a start refuses
  std::vector<TailWitness> witnesses;
  std::string evidence;  // the folder that keeps the files as they were; empty: nothing was cut
};

// Cuts the half-written end of the log in a data folder that no server has open, if nothing
// acknowledged stands there. With `dry_run` only says what it would cut.
using CutTail = std::function<Result<TailCut>(const std::string& data_folder, bool dry_run)>;

// The half-written end of another store: of the keys, or of what was signed. One write, of which
// nobody was told; or, where no witness was asked, one that may have been synced and rotted since.
// Or no write at all, but the store's last note of which files it has.
struct StoreCut {
  uint64_t bytes = 0;  // at most
  bool has_write = true;
  std::string damage;   // what a start refuses
  std::string witness;  // the file that was asked; empty: there is none
  bool is_cut = false;
  bool of_standby = false;  // which then has to be given all keys again
};

// Cuts it, in a data folder that no process has open. With `dry_run` only says what it would cut.
using CutStore = std::function<Result<StoreCut>(const std::string& data_folder, bool dry_run)>;

// The same of keys. `although_paired`: although the vault's standby may have that write.
using CutKeys = std::function<Result<StoreCut>(const std::string& data_folder, bool dry_run,
                                               bool although_paired)>;

// Is told how many entries of how many were read; false: end.
using EntriesRead = std::function<bool(uint64_t done, uint64_t total)>;

// What a log that was made of a backup holds.
struct Restored {
  uint64_t entries = 0;
  uint64_t events = 0;
  std::string log_incarnation;       // 16 bytes: its new one
  std::vector<std::string> missing;  // what else a server needs in the data folder, and lacks
};

// Makes the log of a data folder that has none of a backup, after reading all of that.
using RestoreLog = std::function<Result<Restored>(
    const std::string& backup, const std::string& data_folder, const EntriesRead& progress)>;

// Reads all of the log of a data folder that no server has open, and tells how far it is; the last
// report has the faults. False, and nothing was done, where a server runs: ask that.
using VerifyLog =
    std::function<Result<bool>(const std::string& data_folder,
                               const std::function<bool(const admin::v1::VerifyLogResponse&)>&)>;

// A log on Kafka that is to be made.
struct LogBirth {
  std::string address;  // kafka://HOST:PORT,…/PREFIX
  uint32_t partitions = 0;
  bool virtual_clock = false;
  bool unsafe_single_broker = false;  // one copy
};

// Makes it, or finishes what an earlier run left unfinished.
using InitLog = std::function<Result<void>(const LogBirth& wanted)>;

// A log and where a copy of it is to be: each a data folder, or kafka://HOST:PORT,…/PREFIX.
struct LogCopy {
  std::string from;
  std::string to;
  bool unsafe_single_broker = false;  // one copy on Kafka
};

// What a copy holds.
struct LogCopied {
  uint64_t entries = 0;
  uint64_t events = 0;
  uint64_t left_behind = 0;          // entries that did not count
  std::string log_incarnation;       // 16 bytes: its own
  std::vector<std::string> missing;  // what else a server needs in the data folder, and lacks
};

// Makes it, or goes on with what an earlier run left unfinished.
using CopyLog =
    std::function<Result<LogCopied>(const LogCopy& wanted, const EntriesRead& progress)>;

// Makes something of the signer of a data folder.
using ChangeSigner = std::function<Result<void>(const std::string& data_folder)>;

// Where the keys of a stopped process lie.
struct KeysPlace {
  std::string data;      // its data folder
  std::string root_key;  // the root key's file; empty: root.key in that folder
};

// What a restore of keys found in the copy.
struct KeysRestored {
  uint64_t keys = 0;
  uint64_t writes = 0;  // how often the keys had been written when they were copied
};

// Makes the key store of a stopped process of the copy in a folder. `accept_older`: keys that were
// made since are lost.
using RestoreKeys = std::function<Result<KeysRestored>(const std::string& copy,
                                                       const KeysPlace& place, bool accept_older)>;
// Puts another root key in the place of the one that is there, or ends what an earlier run left.
// `although_paired`: the other vault of the pair has to be begun anew with it.
using RotateRoot = std::function<Result<void>(const KeysPlace& place, bool although_paired)>;

// What the command line has no hand of its own for; each may be empty: then the
// verb is not there.
struct Wiring {
  std::vector<Program> programs;
  CutTail cut_tail;              // `log repair`
  RestoreLog restore_log;        // `log restore`
  VerifyLog verify_log;          // `log verify` without a server
  InitLog init_log;              // `log init`
  CopyLog copy_log;              // `log copy`
  ChangeSigner make_signer;      // `signer init`
  ChangeSigner replace_signer;   // `signer init --replaces-lost-key`
  ChangeSigner forget_signed;    // `signer forget`
  ChangeSigner rotate_key;       // `signer rotate`
  ChangeSigner retire_key;       // `signer retire`
  ChangeSigner open_generation;  // `signer open-generation`
  CutStore cut_memory;           // `signer repair`
  CutKeys cut_keys;              // `vault repair`
  RestoreKeys restore_keys;      // `vault restore`
  RotateRoot rotate_root;        // `vault rotate-root`
  // The published contract, an encoded FileDescriptorSet: `feed descriptors`.
  std::function<std::string()> feed_descriptors;
};

}  // namespace jalon::cli
