#include "eventstore/vault/embedded/stored_copy.h"

#include <set>

#include "eventstore/vault/embedded/wrap.h"

namespace jalon::eventstore {
namespace {

// A store's own.
bool IsOwn(std::string_view row) { return row == MarkRow() || row == RootRow(); }

// After every row.
const std::string kEnd(1, '\xff');

}  // namespace

Result<Hash> StoredCopy::EpochsHash() {
  std::string all;
  JALON_RETURN_IF_ERROR(EachEpochFile([&](const std::string& name, const std::string& value) {
    all += name;
    all += View(Sha256(value));
    return Result<void>();
  }));
  return Sha256(all);
}

Result<Bytes> StoredCopy::RootProof() {
  JALON_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_.Get(RootRow()));
  return value.value_or("");
}

bool StoredCopy::IsUnderOurRoot(std::string_view proof) {
  return Unwrap(root_, RootRow(), proof).has_value();
}

Result<void> StoredCopy::EachEpochFile(const Each& each) {
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> names, epochs_.Names());
  for (const std::string& name : names) {
    JALON_ASSIGN_OR_RETURN(std::optional<std::string> value, epochs_.ReadFile(name));
    if (value) JALON_RETURN_IF_ERROR(each(name, std::move(*value)));
  }
  return {};
}

Result<void> StoredCopy::EachRow(const Each& each) {
  Result<void> given;
  JALON_RETURN_IF_ERROR(store_.EachRow({}, [&](std::string_view row, std::string_view value) {
    if (!IsOwn(row)) given = each(std::string(row), std::string(value));
    return given.has_value();
  }));
  return given;
}

Result<void> StoredCopy::Apply(const KeyChange& change) {
  if (change.keep_epoch) {
    JALON_RETURN_IF_ERROR(epochs_.KeepFile(change.keep_epoch->first, change.keep_epoch->second));
  }
  if (change.after) {
    JALON_RETURN_IF_ERROR(store_.WriteAs(*change.after, change.put, change.remove));
  }
  if (change.forget) {
    JALON_RETURN_IF_ERROR(store_.Forget(change.forget->first, change.forget->second));
  }
  if (!change.destroy_epoch.empty()) {
    JALON_RETURN_IF_ERROR(epochs_.DestroyFile(change.destroy_epoch));
  }
  return {};
}

Result<void> StoredCopy::Replace(const AllKeys& keys) {
  std::set<std::string> kept;
  for (const auto& [name, value] : keys.epochs) {
    JALON_ASSIGN_OR_RETURN(const std::optional<std::string> here, epochs_.ReadFile(name));
    if (here != value) JALON_RETURN_IF_ERROR(epochs_.KeepFile(name, value));
    kept.insert(name);
  }
  // Both are in order: what is only here goes, what differs is put.
  Mirror::Rows put;
  std::vector<std::string> remove;
  auto given = keys.rows.begin();
  JALON_RETURN_IF_ERROR(EachRow([&](const std::string& row, const std::string& value) {
    for (; given != keys.rows.end() && given->first < row; ++given) put.push_back(*given);
    if (given == keys.rows.end() || given->first != row) {
      remove.push_back(row);
    } else {
      if (given->second != value) put.push_back(*given);
      ++given;
    }
    return Result<void>();
  }));
  put.insert(put.end(), given, keys.rows.end());
  JALON_RETURN_IF_ERROR(store_.WriteAs(keys.mark, put, remove));
  // Also where nothing differs: one that was cut short may have left the bytes of what went.
  JALON_RETURN_IF_ERROR(store_.Forget({}, kEnd));
  JALON_ASSIGN_OR_RETURN(const std::vector<std::string> names, epochs_.Names());
  for (const std::string& name : names) {
    if (!kept.contains(name)) JALON_RETURN_IF_ERROR(epochs_.DestroyFile(name));
  }
  return {};
}

}  // namespace jalon::eventstore
