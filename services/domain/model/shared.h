// A value that copies share until one of them changes it.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace jalon::domain {

// A student's row is copied for every command about the student, and most of it stays as it is:
// a copy of a Shared is a pointer. What is shared never changes: a change makes a new value then.
//
// Thread safety: copies that share a value belong to one thread.
template <typename T>
class Shared {
 public:
  Shared() : value_(Empty()) {}
  explicit Shared(T value) : value_(std::make_shared<T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

  // stay.Change([&](Stay& changed) { changed.state = ...; });
  template <typename ChangeValue>
  void Change(ChangeValue change) {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    change(*value_);
  }

  bool operator==(const Shared& other) const {
    return value_ == other.value_ || *value_ == *other.value_;
  }

  void Fields(auto& archive) {
    if constexpr (requires { archive.Ok(); }) {  // the one that reads
      auto value = std::make_shared<T>();
      archive(*value);
      value_ = std::move(value);
    } else {
      if constexpr (requires { archive.AddHeap(size_t{}); }) archive.AddHeap(sizeof(T));
      archive(*value_);
    }
  }

 private:
  static const std::shared_ptr<T>& Empty() {
    static const std::shared_ptr<T> kEmpty = std::make_shared<T>();
    return kEmpty;
  }

  std::shared_ptr<T> value_;
};

}  // namespace jalon::domain
