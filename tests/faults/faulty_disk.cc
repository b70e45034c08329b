#include "tests/faults/faulty_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

namespace jalon::faults {
namespace {

namespace fs = std::filesystem;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr uint64_t kSectorBytes = 512;

// A name in a folder that was made, renamed or removed, and could be as it was before.
struct NameChange {
  std::string made;    // is there now, and goes; empty if nothing is
  std::string before;  // what `made` was called before; empty if it was not there at all
  std::string hidden;  // where the file lies that bore the name `restored`; empty if none did
  std::string restored;
};

std::string FolderOf(const std::string& path) {
  return fs::path(path).lexically_normal().parent_path().string();
}

}  // namespace

class FaultyDisk::Files final : public rocksdb::FileSystemWrapper {
 public:
  Files(FaultPlan plan, FaultCounts* counts)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        plan_(std::move(plan)),
        counts_(counts),
        random_(plan_.seed) {}
  ~Files() override {
    for (const NameChange& change : changes_) Forget(change);
  }

  const char* Name() const override { return "FaultyDisk"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<FSWritableFile>* made, IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                              std::unique_ptr<FSWritableFile>* made,
                              IODebugContext* debug) override;
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<FSDirectory>* made, IODebugContext* debug) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override;
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override;
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override;

  void Moved(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    SyncNames(from);
    MoveNames(from, to);
  }
  void Cut() {
    const std::lock_guard lock(mutex_);
    CutNow();
  }

 private:
  class File;
  class Folder;
  struct Extent {
    uint64_t size = 0;
    uint64_t synced = 0;
    bool sync_failed = false;
  };
  enum class Kind { kWrites, kTidies };

  // Each operation that changes the disk passes here, with the lock. Fails if the disk is full.
  IOStatus Pass(Kind kind);
  IOStatus Sync(const std::string& path, const std::function<IOStatus()>& sync);
  void TakeTime();
  // All names in a folder are on the disk; all below one folder are now below another.
  void SyncNames(const std::string& folder);
  void MoveNames(const std::string& from, const std::string& to);
  void CutNow();
  void LoseBytes(const std::string& path, const Extent& extent);
  void Undo(const NameChange& change);
  void Forget(const NameChange& change) {
    if (!change.hidden.empty()) fs::remove(change.hidden);
  }
  // Puts a file aside, so that it can come back.
  std::string Hide(const std::string& path);

  const FaultPlan plan_;
  FaultCounts* const counts_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  uint64_t operations_ = 0;
  uint64_t log_syncs_ = 0;
  uint64_t hidden_ = 0;
  std::map<std::string, Extent> files_;
  std::vector<NameChange> changes_;  // not synced yet, in the order in which they were made
};

class FaultyDisk::Files::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(Files& disk, std::string path, std::unique_ptr<FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(disk_.mutex_);
    IOStatus passed = disk_.Pass(Kind::kWrites);
    if (!passed.ok()) return passed;
    IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    if (status.ok()) disk_.files_[path_].size += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(disk_.mutex_);
    IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    Extent& extent = disk_.files_[path_];
    extent.size = size;
    extent.synced = std::min(extent.synced, size);
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return disk_.Sync(path_, [&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return disk_.Sync(path_, [&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }
  IOStatus Allocate(uint64_t offset, uint64_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    {
      const std::lock_guard lock(disk_.mutex_);
      IOStatus passed = disk_.Pass(Kind::kWrites);
      if (!passed.ok()) return passed;
    }
    return FSWritableFileOwnerWrapper::Allocate(offset, size, options, debug);
  }

 private:
  Files& disk_;
  const std::string path_;
};

class FaultyDisk::Files::Folder final : public rocksdb::FSDirectoryWrapper {
 public:
  Folder(Files& disk, std::string path, std::unique_ptr<FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Synced([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& reason) override {
    return Synced([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, reason); });
  }

 private:
  IOStatus Synced(const std::function<IOStatus()>& sync) {
    const std::lock_guard lock(disk_.mutex_);
    IOStatus passed = disk_.Pass(Kind::kTidies);
    if (!passed.ok()) return passed;
    IOStatus status = sync();
    if (!status.ok()) return status;
    disk_.SyncNames(path_);
    return status;
  }

  Files& disk_;
  const std::string path_;
};

IOStatus FaultyDisk::Files::Pass(Kind kind) {
  const uint64_t operation = operations_++;
  if (operation == plan_.cut_at) CutNow();
  if (kind == Kind::kTidies || operation < plan_.full_at) return IOStatus::OK();
  ++counts_->failed;
  return IOStatus::NoSpace("No space left on device");
}

void FaultyDisk::Files::TakeTime() {
  if (plan_.sync_max.count() == 0) return;
  std::chrono::microseconds time{0};
  {
    const std::lock_guard lock(mutex_);
    time = std::chrono::microseconds(random_() % static_cast<uint64_t>(plan_.sync_max.count()));
  }
  std::this_thread::sleep_for(time);
}

IOStatus FaultyDisk::Files::Sync(const std::string& path, const std::function<IOStatus()>& sync) {
  TakeTime();
  const std::lock_guard lock(mutex_);
  IOStatus passed = Pass(Kind::kTidies);
  if (!passed.ok()) return passed;
  Extent& extent = files_[path];
  counts_->syncs_after += extent.sync_failed;
  if (path.ends_with(".log") && log_syncs_++ == plan_.fail_sync_at) {
    ++counts_->failed;
    extent.sync_failed = true;
    return IOStatus::IOError("the sync failed");
  }
  if (!plan_.never_synced.empty() && path.starts_with(plan_.never_synced + "/") &&
      path.ends_with(".log")) {
    return IOStatus::OK();
  }
  IOStatus status = sync();
  if (status.ok()) extent.synced = extent.size;
  return status;
}

std::string FaultyDisk::Files::Hide(const std::string& path) {
  std::string hidden = FolderOf(path) + "/hidden." + std::to_string(hidden_++);
  fs::rename(path, hidden);
  return hidden;
}

IOStatus FaultyDisk::Files::NewWritableFile(const std::string& path,
                                            const rocksdb::FileOptions& options,
                                            std::unique_ptr<FSWritableFile>* made,
                                            IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus passed = Pass(Kind::kWrites);
  if (!passed.ok()) return passed;
  NameChange change{.made = path, .before = {}, .hidden = {}, .restored = {}};
  if (fs::exists(path)) {
    change.hidden = Hide(path);
    change.restored = path;
  }
  IOStatus status = FileSystemWrapper::NewWritableFile(path, options, made, debug);
  if (!status.ok()) return status;
  changes_.push_back(std::move(change));
  files_[path] = {};
  *made = std::make_unique<File>(*this, path, std::move(*made));
  return status;
}

IOStatus FaultyDisk::Files::ReopenWritableFile(const std::string& path,
                                               const rocksdb::FileOptions& options,
                                               std::unique_ptr<FSWritableFile>* made,
                                               IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus status = FileSystemWrapper::ReopenWritableFile(path, options, made, debug);
  if (!status.ok()) return status;
  const uint64_t size = fs::file_size(path);
  files_.try_emplace(path, Extent{.size = size, .synced = size, .sync_failed = false});
  *made = std::make_unique<File>(*this, path, std::move(*made));
  return status;
}

IOStatus FaultyDisk::Files::NewDirectory(const std::string& path, const IOOptions& options,
                                         std::unique_ptr<FSDirectory>* made,
                                         IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::NewDirectory(path, options, made, debug);
  if (status.ok()) *made = std::make_unique<Folder>(*this, path, std::move(*made));
  return status;
}

IOStatus FaultyDisk::Files::RenameFile(const std::string& from, const std::string& to,
                                       const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus passed = Pass(Kind::kTidies);
  if (!passed.ok()) return passed;
  NameChange change{.made = to, .before = from, .hidden = {}, .restored = {}};
  if (fs::exists(to)) {
    change.hidden = Hide(to);
    change.restored = to;
  }
  IOStatus status = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  MoveNames(from, to);
  changes_.push_back(std::move(change));
  if (const auto moved = files_.extract(from)) files_[to] = moved.mapped();
  return status;
}

IOStatus FaultyDisk::Files::DeleteFile(const std::string& path, const IOOptions& options,
                                       IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus passed = Pass(Kind::kTidies);
  if (!passed.ok()) return passed;
  if (!fs::exists(path)) return FileSystemWrapper::DeleteFile(path, options, debug);
  changes_.push_back({.made = {}, .before = {}, .hidden = Hide(path), .restored = path});
  files_.erase(path);
  return IOStatus::OK();
}

IOStatus FaultyDisk::Files::LinkFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus passed = Pass(Kind::kWrites);
  if (!passed.ok()) return passed;
  IOStatus status = FileSystemWrapper::LinkFile(from, to, options, debug);
  if (status.ok()) {
    changes_.push_back({.made = to, .before = {}, .hidden = {}, .restored = {}});
  }
  return status;
}

void FaultyDisk::Files::SyncNames(const std::string& folder) {
  std::erase_if(changes_, [&](const NameChange& change) {
    const std::string& name = change.made.empty() ? change.restored : change.made;
    if (FolderOf(name) != FolderOf(folder + "/x")) return false;
    Forget(change);
    return true;
  });
}

void FaultyDisk::Files::MoveNames(const std::string& from, const std::string& to) {
  const auto move = [&](std::string& path) {
    if (path.starts_with(from + "/")) path = to + path.substr(from.size());
  };
  std::map<std::string, Extent> files;
  for (const auto& [path, extent] : files_) {
    std::string moved = path;
    move(moved);
    files.emplace(std::move(moved), extent);
  }
  files_ = std::move(files);
  for (NameChange& change : changes_) {
    for (std::string* path : {&change.made, &change.before, &change.hidden, &change.restored}) {
      move(*path);
    }
  }
}

void FaultyDisk::Files::CutNow() {
  for (const auto& [path, extent] : files_) LoseBytes(path, extent);
  // A folder's changes reach the disk in their order: the last ones are lost, or all, or none.
  const size_t kept = random_() % (changes_.size() + 1);
  while (changes_.size() > kept) {
    Undo(changes_.back());
    changes_.pop_back();
    ++counts_->names_undone;
  }
  for (const NameChange& change : changes_) Forget(change);
  changes_.clear();
  files_.clear();
  if (plan_.at_cut) plan_.at_cut();
}

void FaultyDisk::Files::LoseBytes(const std::string& path, const Extent& extent) {
  if (extent.size == extent.synced || !fs::exists(path)) return;
  const uint64_t unsynced = extent.size - extent.synced;
  if (plan_.loss != Loss::kHoles) {
    const uint64_t kept = plan_.loss == Loss::kAll ? 0 : random_() % unsynced;
    fs::resize_file(path, extent.synced + kept);
    counts_->bytes_lost += unsynced - kept;
    return;
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const uint64_t surely = extent.synced + random_() % unsynced;  // at least this one's sector
  for (uint64_t from = extent.synced; from < extent.size;) {
    const uint64_t end = std::min(extent.size, (from / kSectorBytes + 1) * kSectorBytes);
    if ((from <= surely && surely < end) || random_() % 4 == 0) {
      const std::string zeros(end - from, '\0');
      const ssize_t written = ::pwrite(file, zeros.data(), zeros.size(), static_cast<off_t>(from));
      counts_->bytes_lost += static_cast<uint64_t>(std::max<ssize_t>(written, 0));
    }
    from = end;
  }
  ::close(file);
}

void FaultyDisk::Files::Undo(const NameChange& change) {
  if (!change.made.empty() && change.before.empty()) fs::remove(change.made);
  if (!change.made.empty() && !change.before.empty()) fs::rename(change.made, change.before);
  if (!change.hidden.empty()) fs::rename(change.hidden, change.restored);
}

FaultyDisk::FaultyDisk(FaultPlan plan, FaultCounts* counts)
    : files_(std::make_shared<Files>(std::move(plan), counts)),
      env_(rocksdb::NewCompositeEnv(files_)) {}

FaultyDisk::~FaultyDisk() = default;

void FaultyDisk::Moved(const std::string& from, const std::string& to) { files_->Moved(from, to); }
void FaultyDisk::Cut() { files_->Cut(); }

}  // namespace jalon::faults
