// Room for so much at once: in all, and of one person.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "eventstore/base/ids.h"
#include "eventstore/base/mutex.h"

namespace jalon::api {

// Thread safety: every call may come from any thread.
class Places {
 public:
  Places(size_t most, size_t most_of_person) : taken_(std::make_shared<Taken>()) {
    taken_->most = most;
    taken_->most_of_person = most_of_person;
  }

  // Given back when it is destroyed; it may outlive where it is of.
  class Place;
  // Null: there is none for that person now.
  std::unique_ptr<Place> Take(const Bytes& person_id) const;

 private:
  struct Taken {
    size_t most = 0;
    size_t most_of_person = 0;
    Mutex mutex;
    size_t all JALON_GUARDED_BY(mutex) = 0;
    std::map<Bytes, size_t> of_person JALON_GUARDED_BY(mutex);  // none is 0
  };

  const std::shared_ptr<Taken> taken_;
};

class Places::Place {
 public:
  Place(std::shared_ptr<Taken> taken, Bytes person_id)
      : taken_(std::move(taken)), person_id_(std::move(person_id)) {}
  ~Place() {
    MutexLock lock(taken_->mutex);
    --taken_->all;
    const auto own = taken_->of_person.find(person_id_);
    if (--own->second == 0) taken_->of_person.erase(own);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  const std::shared_ptr<Taken> taken_;
  const Bytes person_id_;
};

inline std::unique_ptr<Places::Place> Places::Take(const Bytes& person_id) const {
  {
    MutexLock lock(taken_->mutex);
    const auto own = taken_->of_person.find(person_id);
    const size_t has = own == taken_->of_person.end() ? 0 : own->second;
    if (taken_->all >= taken_->most || has >= taken_->most_of_person) return nullptr;
    ++taken_->all;
    ++taken_->of_person[person_id];
  }
  return std::make_unique<Place>(taken_, person_id);
}

}  // namespace jalon::api
