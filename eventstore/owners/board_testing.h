// A wall for several boards in one process, and what may happen to it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "eventstore/owners/board.h"

namespace jalon::eventstore::testing {

struct Wall {
  std::vector<std::string> posts;
};

class MemoryBoard final : public Board {
 public:
  explicit MemoryBoard(Wall& wall) : wall_(wall), read_(wall.posts.size()) {}

  Result<void> Post(std::string_view, std::string post) override {
    if (mute) return {};
    wall_.posts.push_back(std::move(post));
    return {};
  }
  Result<std::vector<std::string>> Poll() override {
    std::vector<std::string> posts;
    for (; !deaf && read_ < wall_.posts.size(); ++read_) posts.push_back(wall_.posts[read_]);
    return posts;
  }

  bool mute = false;  // what is posted does not arrive
  bool deaf = false;  // nothing is read

 private:
  Wall& wall_;
  size_t read_;
};

}  // namespace jalon::eventstore::testing
