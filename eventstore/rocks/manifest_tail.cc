#include "eventstore/rocks/manifest_tail.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/rocks/record_file.h"

namespace jalon::eventstore::rocks {
namespace {

using rocksdb::FSSequentialFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr size_t kReadBytes = 32 * 1024;

class BytesRead final : public FSSequentialFile {
 public:
  explicit BytesRead(std::string bytes) : bytes_(std::move(bytes)) {}

  IOStatus Read(size_t most, const IOOptions&, rocksdb::Slice* result, char* scratch,
                IODebugContext*) override {
    const size_t count = std::min(most, bytes_.size() - at_);
    std::memcpy(scratch, bytes_.data() + at_, count);
    *result = {scratch, count};
    at_ += count;
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t count) override {
    at_ += std::min<uint64_t>(count, bytes_.size() - at_);
    return IOStatus::OK();
  }

 private:
  const std::string bytes_;
  size_t at_ = 0;
};

IOStatus ReadAll(FSSequentialFile& file, std::string* bytes, IODebugContext* debug) {
  std::array<char, kReadBytes> scratch;
  for (;;) {
    rocksdb::Slice part;
    const IOStatus status = file.Read(scratch.size(), IOOptions(), &part, scratch.data(), debug);
    if (!status.ok() || part.empty()) return status;
    bytes->append(part.data(), part.size());
  }
}

class Lenient : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "UpToManifestDamage"; }

  IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                             std::unique_ptr<FSSequentialFile>* opened,
                             IODebugContext* debug) override {
    IOStatus status = FileSystemWrapper::NewSequentialFile(path, options, opened, debug);
    const std::string name = std::filesystem::path(path).filename().string();
    if (!status.ok() || !name.starts_with("MANIFEST-")) return status;
    std::string bytes;
    if (const IOStatus read = ReadAll(**opened, &bytes, debug); !read.ok()) return read;
    if (const RecordDamage damage = DamageIn(bytes); !damage.batch_behind) {
      bytes.resize(bytes.size() - damage.bytes);
    }
    *opened = std::make_unique<BytesRead>(std::move(bytes));
    return status;
  }
};

class WithoutWal final : public Lenient {
 public:
  using Lenient::Lenient;
  const char* Name() const override { return "UpToManifestDamageWithoutWal"; }

  IOStatus GetChildren(const std::string& folder, const IOOptions& options,
                       std::vector<std::string>* names, IODebugContext* debug) override {
    IOStatus status = Lenient::GetChildren(folder, options, names, debug);
    std::erase_if(*names, [](const std::string& name) { return name.ends_with(".log"); });
    return status;
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> UpToManifestDamage(rocksdb::Env* base) {
  return rocksdb::NewCompositeEnv(std::make_shared<Lenient>(base->GetFileSystem()));
}

std::unique_ptr<rocksdb::Env> UpToManifestDamageWithoutWal(rocksdb::Env* base) {
  return rocksdb::NewCompositeEnv(std::make_shared<WithoutWal>(base->GetFileSystem()));
}

}  // namespace jalon::eventstore::rocks
