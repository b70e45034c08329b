// Small files of the data folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "eventstore/base/result.h"

namespace jalon::node {

Result<std::string> ReadFile(const std::string& path);

// Durability: after a crash the file holds what it held before, or all of `text`.
Result<void> WriteFile(const std::string& path, std::string_view text);

// A lock on a file, held as long as the object lives and the process does.
class FileLock {
 public:
  // FAILED_PRECONDITION DATA_IN_USE if another process holds it.
  static Result<std::unique_ptr<FileLock>> Take(const std::string& path);
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
};

}  // namespace jalon::node
