// Work done in a child process, which may be killed or abort. The parent must not have used
// RocksDB: its threads would be missing in the child.
#pragma once

#include <functional>
#include <new>
#include <string>

namespace jalon::eventstore::testing {

// How a child ended: by its own words (empty: all is well), or by a signal.
struct Ending {
  std::string words;
  int signal = 0;
};

// Runs `body` in a child and waits for it. What the child prints is dropped.
Ending RunInChild(const std::function<std::string()>& body);

// The same, without waiting: Wait() or Kill() must follow.
class Child {
 public:
  explicit Child(const std::function<std::string()>& body);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Ending Wait();
  Ending Kill();  // SIGKILL

 private:
  int pid_ = 0;
  int words_ = 0;  // the pipe's end
};

void* MapShared(size_t bytes);
void UnmapShared(void* memory, size_t bytes);

// A value that a parent shares with its children.
template <typename T>
class Shared {
 public:
  Shared() : value_(new(MapShared(sizeof(T))) T{}) {}
  ~Shared() { UnmapShared(value_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  T* operator->() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  T* const value_;
};

}  // namespace jalon::eventstore::testing
