// The rows of the embedded vault, in a RocksDB of their own. Row names are in embedded_vault.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/key_witness.h"

namespace rocksdb {
class Env;
}

namespace jalon::eventstore {

std::string MarkRow();
std::string RootRow();
std::string BackedUpRow();
std::string TenantRow(std::string_view tenant);
std::string EpochRow(std::string_view tenant);
std::string PersonRow(std::string_view tenant, std::string_view person);
std::string DestroyedRow(std::string_view tenant, std::string_view person);
std::string LookupRow(std::string_view tenant, uint32_t year);
std::string DayRow(uint32_t day);
// Between which the rows of all look-up keys lie, and the year of one.
std::string FirstLookupRow();
std::string EndOfLookupRows();
uint32_t YearOfLookup(std::string_view row);
// The number of an epoch, 4 bytes big endian, and back; none if the bytes are none.
std::string EpochBytes(uint32_t number);
std::optional<uint32_t> EpochOf(std::string_view bytes);
// The tenant of a row; empty if the row has none.
std::string_view TenantOf(std::string_view row);
// When something was done, and how often the store was written then, which orders it whatever the
// clock does: 8 bytes each, little endian. Of an older version the time alone.
struct Noted {
  Micros at{};
  std::optional<uint64_t> writes = {};
};
std::string NotedBytes(Micros at, uint64_t writes);
// None of both if the bytes are neither.
Noted NotedOf(std::string_view bytes);

// Thread safety: every call may come from any thread.
// Durability: what Write was told survives a crash once it returned. After an error nothing more is
// written: every later Write fails the same way.
class KeyStore {
 public:
  // For tests only.
  struct Testing {
    bool sync = true;             // if false: a fault that the tests must notice
    rocksdb::Env* env = nullptr;  // a disk that fails; outlives the store
  };
  static Result<std::unique_ptr<KeyStore>> Open(const std::string& folder);
  struct Options {
    // A witness (key_witness.h), made if there is none at that path; empty: none.
    std::string witness_path = {};
    // Without a witness it goes on with the life that it has, which is another store's: it was
    // about to get that one's witness.
    bool keeps_life = false;
    // Called when the store cannot be used any more, from the call that met it; may be empty.
    std::function<void(const Error&)> on_failure = {};
    // Asked before anything is written: what it refuses is left as it was, and gets no witness. May
    // be empty.
    std::function<Result<void>(KeyStore&)> check = {};
    // Writes what every store has, before there is a witness: a store that has one and lacks it has
    // lost its rows. May be empty.
    std::function<Result<void>(KeyStore&)> prepare = {};
    Testing testing = {};
  };
  // FAILED_PRECONDITION KEYS_OLDER if the witness saw this store later than it is now, or another
  // one.
  static Result<std::unique_ptr<KeyStore>> Open(const std::string& folder, const Options& options);
  virtual ~KeyStore() = default;

  virtual Result<std::optional<std::string>> Get(std::string_view row) = 0;
  // All of it or nothing.
  virtual Result<void> Write(const std::vector<std::pair<std::string, std::string>>& put,
                             const std::vector<std::string>& remove) = 0;
  // The same, and the mark is that one afterwards: of a copy of another store, or this one's own,
  // for what is not to be counted.
  virtual Result<void> WriteAs(const KeyMark& mark,
                               const std::vector<std::pair<std::string, std::string>>& put,
                               const std::vector<std::string>& remove) = 0;
  // Row names in [first, end).
  virtual Result<std::vector<std::string>> Rows(std::string_view first, std::string_view end) = 0;
  // Rows from `first` on, in order and as they were when it was called, until `each` says no.
  virtual Result<void> EachRow(
      std::string_view first,
      const std::function<bool(std::string_view row, std::string_view value)>& each) = 0;
  // Persons' keys in the order of their rows, from the first one after `after` (empty: from the
  // first), until `each` says no.
  Result<void> EachPerson(
      std::string_view after,
      const std::function<bool(std::string_view tenant, std::string_view person,
                               std::string_view row, std::string_view value)>& each);
  // How often it was written, in which life; a life of zeros without a witness. Waits for nothing.
  virtual KeyMark Mark() = 0;
  // Rewrites the files that held removed rows in [first, end), so that their bytes are gone.
  virtual Result<void> Forget(std::string_view first, std::string_view end) = 0;
};

}  // namespace jalon::eventstore
