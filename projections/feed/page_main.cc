// Writes the contract of the public feed: feed_page PREFACE DESCRIPTORS FILE. The build makes the
// descriptors, and its target `feed_contract` runs this on proto/FEED.md.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "projections/feed/page.h"

namespace {

std::string ReadAll(const char* path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "Usage: {} PREFACE DESCRIPTORS FILE\n", argv[0]);
    return 2;
  }
  const auto page = jalon::projections::ContractPage(ReadAll(argv[1]), ReadAll(argv[2]));
  if (!page) {
    fmt::print(stderr, "{}\n", page.error().message);
    return 1;
  }
  std::ofstream file(argv[3]);
  file << *page;
  return file.flush().good() ? 0 : 1;
}
