// The data folder of one server: what lies where, and that nobody else uses it.
//
//   LOCK        held while the server runs
//   restoring   `jalon log restore` or `copy` began here and did not end: run it again
//   log/        the truth: back it up (jalon log backup). Not there where the log is on Kafka
//   keys/       the keys of persons, wrapped; root.key, unless it lies elsewhere: keep both apart
//               from the log's backups, and copy them after the log. log/keys.witness says how new
//               they must be; keys/deployment, of which log they are
//   keys.epochs/  what wraps them, a file per school: keep one copy, apart from those of keys/, and
//               replace it after each erasure, or an erased key can be had from both
//   erasing     how far the log was read for erasures: without it all of it is read again
//   state/      the writer's rows, views/ the queries' rows: both are folds of log/ and may be
//               deleted while the server is stopped
//   signer/     key, which signs the trails, and memory, what it has signed: keep both apart from
//               the log's backups, and never one without the other (signer_folder.h); cosigned/,
//               what witnesses signed, by the root log's generation: what of it is lost, they are
//               asked for again; forked/, checkpoints of the root log that the key signed and that
//               contradict it: the evidence
//   access/     who read what is personal, and what was refused to whom: chained, and bounded; keep
//               its head somewhere else (jalon access verify)
//   token.key   signs the tokens of `jalon token issue`
//   clock       how far a virtual clock was moved
//   admin.sock  the operator's socket
#pragma once

#include <memory>
#include <string>

#include "eventstore/base/clock.h"
#include "eventstore/log/ancestry.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/kafka/options.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "services/node/config.h"
#include "services/node/files.h"
#include "services/node/log_sign.h"
#include "services/node/virtual_clock.h"

namespace jalon::node {

inline std::string LogIn(const std::string& data) { return data + "/log"; }
inline std::string StateIn(const std::string& data) { return data + "/state"; }
inline std::string ViewsIn(const std::string& data) { return data + "/views"; }
// With the log, and with each backup of it, since it says which keys that needs.
inline std::string KeysWitnessIn(const std::string& log) { return log + "/keys.witness"; }
// Made before a restore or a copy changes anything, gone once the log is there (log_birth.h).
inline std::string RestoringIn(const std::string& data) { return data + "/restoring"; }
inline std::string SignerIn(const std::string& data) { return data + "/signer"; }
inline std::string SocketIn(const std::string& data) { return data + "/admin.sock"; }
inline std::string LockIn(const std::string& data) { return data + "/LOCK"; }

class DataFolder {
 public:
  // Locks the folder, and makes it and its log if they are not there. Refuses where a part is
  // missing that the others need: a log that is gone, or half restored or copied, is
  // not silently begun anew.
  static Result<DataFolder> Open(const Config& config, const Clock& real_clock);

  std::string Log() const { return LogIn(path_); }
  std::string State() const { return StateIn(path_); }
  std::string Views() const { return ViewsIn(path_); }
  std::string Keys() const { return path_ + "/keys"; }
  // Of a log on Kafka, whose backups are not made here, it lies in the folder itself.
  std::string KeysWitness() const { return KeysWitnessIn(embedded_ ? Log() : path_); }
  std::string KeysDeployment() const { return Keys() + "/deployment"; }
  std::string Erasing() const { return path_ + "/erasing"; }
  std::string RootKey() const { return root_key_; }
  std::string Access() const { return path_ + "/access"; }
  std::string TokenKey() const { return path_ + "/token.key"; }
  std::string Signer() const { return SignerIn(path_); }
  // What witnesses signed of the root log, and what contradicts it; of each generation.
  std::string Cosigned(uint32_t generation) const {
    return Signer() + "/cosigned/generation-" + std::to_string(generation);
  }
  std::string Forked(uint32_t generation) const {
    return Signer() + "/forked/generation-" + std::to_string(generation);
  }
  std::string SignerKey() const { return Signer() + "/key"; }
  std::string Socket() const { return SocketIn(path_); }

  eventstore::Log& log() { return *log_; }
  const eventstore::Birth& birth() const { return birth_; }
  // Whether a school's command was ever accepted: only then is anything sealed, or in a trail.
  Result<bool> HasRecords();
  // Of which other logs positions are taken.
  const eventstore::Ancestry& ancestry() const { return ancestry_; }
  // The same log, if it is the embedded one; null: it is on Kafka.
  eventstore::RocksLog* embedded_log() { return embedded_; }
  // Whether it can be reached.
  LogSign& log_sign() { return *log_sign_; }
  // How many copies of each record its brokers keep; 0: it is embedded.
  eventstore::KafkaLog::Copies copies() const { return copies_; }
  // How it is reached, if it is on Kafka.
  const std::optional<eventstore::KafkaOptions>& kafka() const { return kafka_; }
  // Where the log or, on Kafka, what is folded of it grows.
  std::string Growing() const { return embedded_ ? Log() : path_; }
  // The clock that dates are read from.
  const Clock& clock() const { return virtual_clock_ ? *virtual_clock_ : real_clock_; }
  // Null unless the folder was born with one.
  VirtualClock* virtual_clock() { return virtual_clock_.get(); }

 private:
  DataFolder(std::string path, std::string root_key, const Clock& real_clock)
      : path_(std::move(path)), root_key_(std::move(root_key)), real_clock_(real_clock) {}
  Result<void> BeBorn(const Config& config) const;
  Result<void> OpenEmbedded(const Config& config);
  Result<void> OpenKafka(const Config& config);

  std::string path_;
  std::string root_key_;
  const Clock& real_clock_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<VirtualClock> virtual_clock_;
  eventstore::Birth birth_;
  eventstore::Ancestry ancestry_;
  std::unique_ptr<LogSign> log_sign_ = std::make_unique<LogSign>();  // told by the log
  eventstore::KafkaLog::Copies copies_;
  std::unique_ptr<eventstore::Log> log_;
  eventstore::RocksLog* embedded_ = nullptr;
  std::optional<eventstore::KafkaOptions> kafka_;
};

}  // namespace jalon::node
