#include "services/node/last_words.h"

#include <signal.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace jalon::node {
namespace {

// A handler reaches nothing but globals.
std::array<char, 4096> path_of_data{};

void Say(std::string_view words) {
  // Nobody is left to be told that it failed.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, words.data(), words.size());
}

// Only what a signal handler may call.
void SayAndDie(int) {
  struct statvfs disk{};
  const bool known = statvfs(path_of_data.data(), &disk) == 0;
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(),
                                 known ? uint64_t{disk.f_bavail} * disk.f_frsize : 0);
  Say("jalon: this process cannot go on; the line above says why. The disk of ");
  Say(path_of_data.data());
  Say(" has ");
  Say({digits.data(), static_cast<size_t>(end.ptr - digits.data())});
  Say(" bytes free: if those are few, free some; then start again.\n");
  raise(SIGABRT);  // by now with its own effect, once this returns
}

}  // namespace

void LeaveLastWords(const std::string& path) {
  std::copy_n(path.begin(), std::min(path.size(), path_of_data.size() - 1), path_of_data.begin());
  struct sigaction action = {};
  action.sa_handler = SayAndDie;
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGABRT, &action, nullptr);
}

}  // namespace jalon::node
