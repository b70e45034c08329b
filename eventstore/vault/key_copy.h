// What a vault and its standby are to each other below gRPC: all that lies on the disk, as it lies
// there, and changes of it. Nothing here is ever unwrapped.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/key_witness.h"
#include "eventstore/vault/mirror.h"

namespace jalon::eventstore {

// One change, as a mirror is told it.
struct KeyChange {
  std::optional<KeyMark> after;  // if rows change
  Mirror::Rows put = {};
  std::vector<std::string> remove = {};
  std::optional<std::pair<std::string, std::string>> keep_epoch = {};  // the file's name, its bytes
  std::string destroy_epoch = {};                                      // its name
  std::optional<std::pair<std::string, std::string>> forget = {};      // rows [first, end)
};

// All of a vault's keys.
struct AllKeys {
  KeyMark mark;
  Mirror::Rows epochs = {};  // files, by their names
  Mirror::Rows rows = {};    // in their order
};

// Thread safety: one thread at a time, while nothing else changes keys
// (LocalVault::WithoutChanges).
class KeyCopy {
 public:
  virtual ~KeyCopy() = default;

  virtual KeyMark Mark() = 0;
  // SHA-256 over the files of epochs, by name.
  virtual Result<Hash> EpochsHash() = 0;
  // A key wrapped by the root key, and whether one that another vault gave is under the same one.
  virtual Result<Bytes> RootProof() = 0;
  virtual bool IsUnderOurRoot(std::string_view proof) = 0;

  // What a standby is to have: not the proof, which is its own, nor its mark.
  using Each = std::function<Result<void>(std::string name, std::string value)>;
  virtual Result<void> EachEpochFile(const Each& each) = 0;
  virtual Result<void> EachRow(const Each& each) = 0;

  // Makes a change that another vault made. Durable when it returns; its rows all at once.
  virtual Result<void> Apply(const KeyChange& change) = 0;
  // Makes these all that is here. What is here already is not written again, and what goes is
  // compacted away. If the process dies meanwhile, all rows are as before or all as given, with the
  // epochs that they need.
  virtual Result<void> Replace(const AllKeys& keys) = 0;
};

}  // namespace jalon::eventstore
