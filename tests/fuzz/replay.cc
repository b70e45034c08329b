// Runs a target without libFuzzer.
//
//   TARGET                 its seeds, and each of them changed in a few thousand ways: a test
//   TARGET FILE...         these inputs, such as what libFuzzer kept of a crash
//   TARGET --seeds FOLDER  writes the seeds there, one file each
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace jalon::fuzz {
namespace {

constexpr int kChangesPerSeed = 2000;
constexpr uint32_t kRandomSeed = 1;  // the same run every time

// What is being run: shown if it breaks the target.
std::string current;

void ShowCurrent(int) {
  for (const char c : current) {
    const auto byte = static_cast<unsigned char>(c);
    const char hex[] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    if (write(STDERR_FILENO, hex, sizeof hex) < 0) break;
  }
  const std::string_view words = " (hex) breaks it\n";
  if (write(STDERR_FILENO, words.data(), words.size()) < 0) _exit(2);
}

void Try(std::string input) {
  current = std::move(input);
  Run(current);
}

// One of the changes that break readers: bits, lengths, cuts, repeats.
std::string Changed(std::string input, std::mt19937& random) {
  const auto below = [&](size_t n) { return n == 0 ? 0 : random() % n; };
  for (size_t times = 1 + below(3); times > 0; --times) {
    const size_t at = below(input.size());
    switch (below(6)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 1:
        if (!input.empty()) input[at] = static_cast<char>(random());
        break;
      case 2:
        input.resize(at);
        break;
      case 3:
        input.insert(at, 1, static_cast<char>(random()));
        break;
      case 4:
        input.insert(at, input.substr(below(input.size()), below(32)));
        break;
      default:
        input.erase(at, below(8));
    }
  }
  return input;
}

int WriteSeeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  size_t number = 0;
  for (const std::string& seed : Seeds()) {
    std::ofstream file(folder / fmt::format("seed-{}", number++), std::ios::binary);
    file << seed;
    if (!file.flush()) return 1;
  }
  return 0;
}

int Main(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "--seeds") return WriteSeeds(words[1]);
  std::signal(SIGABRT, ShowCurrent);
  for (const std::string& name : words) {
    std::ifstream file(name, std::ios::binary);
    if (!file) {
      fmt::print(stderr, "{}: cannot be read\n", name);
      return 2;
    }
    Try(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  if (!words.empty()) return 0;
  std::mt19937 random(kRandomSeed);
  const std::vector<std::string> seeds = Seeds();
  for (const std::string& seed : seeds) {
    Try(seed);
    for (int i = 0; i < kChangesPerSeed; ++i) Try(Changed(seed, random));
  }
  fmt::print("{} seeds, each changed in {} ways\n", seeds.size(), kChangesPerSeed);
  return seeds.empty() ? 1 : 0;
}

}  // namespace
}  // namespace jalon::fuzz

int main(int count, char** words) { return jalon::fuzz::Main({words + 1, words + count}); }
