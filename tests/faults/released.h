// What left a node, kept by whoever got it: receipts and signed checkpoints. Whatever becomes of
// the node, each of them must hold of its log.
//
// Thread safety: none.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/signer/signing_key.h"
#include "eventstore/trail/checkpoint.h"
#include "jalon/trail/v1/receipt.pb.h"
#include "tests/faults/log_trees.h"

namespace jalon::faults {

// What is wrong, by kind: the first of each is told.
class Complaints {
 public:
  void Add(std::string_view kind, const std::string& what) {
    by_kind_.try_emplace(std::string(kind), what);
  }
  // A line each: "kind: what". Empty if nothing is wrong.
  std::string Text() const;

 private:
  std::map<std::string, std::string> by_kind_;
};

struct Released {
  std::optional<trail::v1::Receipt> receipt;    // none: a checkpoint alone
  std::optional<trail::Checkpoint> checkpoint;  // that it is under; none: nobody believes it
};

// A file to which each is added before anything else is done. A process that is killed leaves what
// it wrote.
class ReleasedFile {
 public:
  explicit ReleasedFile(const std::string& path);
  ~ReleasedFile();
  ReleasedFile(const ReleasedFile&) = delete;
  ReleasedFile& operator=(const ReleasedFile&) = delete;

  void Add(const trail::v1::Receipt& receipt) const;
  void Add(const std::string& note) const;

  // All but the first `known`, as whoever has that key sees them.
  static std::vector<Released> Read(const std::string& path, const eventstore::SigningKey& key,
                                    size_t known = 0);

 private:
  void Write(char kind, const std::string& bytes) const;

  const int file_;
};

// Holds all of them to what the log has now. Complaints: "unsigned", of what nobody believes;
// "ahead", of a checkpoint that has more entries than the log; "other", of one that has other
// entries; "receipt", of one whose entry is not in the log at its place, or that does not prove it.
void CheckReleased(const std::vector<Released>& all, LogTrees& log, Complaints* complaints);

}  // namespace jalon::faults
