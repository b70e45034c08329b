// The words of a benchmark's command line: pairs of --name and value. What a benchmark does not
// know is another one's: ./dev bench gives all of them the same.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace jalon::bench {

class Words {
 public:
  Words(int count, char** words) {
    for (int i = 1; i + 1 < count; i += 2) given_[words[i]] = words[i + 1];
  }

  std::string Text(const std::string& name, const std::string& otherwise) const {
    const auto found = given_.find(name);
    return found == given_.end() ? otherwise : found->second;
  }
  uint64_t Number(const std::string& name, uint64_t otherwise) const {
    const auto found = given_.find(name);
    return found == given_.end() ? otherwise : std::stoull(found->second);
  }

 private:
  std::map<std::string, std::string> given_;
};

}  // namespace jalon::bench
