// For LD_PRELOAD: kills or stops the program at its Nth point on the way to the disk, so that a
// test can visit every such point of a program that knows nothing of it.
//
// A point is where a step under a folder begins, and where it has ended: a sync, a rename, a link
// or an unlink of a path that contains $DIES_UNDER. The file $DIES_ORDER says "NUMBER N kill" or
// "NUMBER N stop"; while it is there points are counted, from 1 for each order with another number.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mutex>
#include <string>

namespace {

std::mutex one_at_a_time;
long counted_for = 0;  // the order's number
long counted = 0;

// The order is read anew at each point: the test gives it while the program runs.
void Point(const std::string& path) {
  static const char* const kUnder = getenv("DIES_UNDER");
  static const char* const kOrder = getenv("DIES_ORDER");
  if (kUnder == nullptr || kOrder == nullptr || path.find(kUnder) == std::string::npos) return;
  const std::scoped_lock lock(one_at_a_time);
  FILE* file = fopen(kOrder, "re");
  if (file == nullptr) return;
  long number = 0, at = 0;
  char how[8] = {};
  const bool is_order = fscanf(file, "%ld %ld %7s", &number, &at, how) == 3;
  fclose(file);
  if (!is_order) return;
  if (counted_for != number) counted = 0;
  counted_for = number;
  if (++counted == at) kill(getpid(), strcmp(how, "stop") == 0 ? SIGSTOP : SIGKILL);
}

std::string PathOf(int file) {
  char path[PATH_MAX];
  const ssize_t size =
      readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof path);
  return size < 0 ? std::string() : std::string(path, static_cast<size_t>(size));
}

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// What the program learns of a step is what it would learn without this.
template <typename Step>
int Taken(const std::string& path, Step step) {
  const int before = errno;
  Point(path);
  errno = before;
  const int result = step();
  const int after = errno;
  Point(path);
  errno = after;
  return result;
}

}  // namespace

extern "C" {

int fsync(int file) {
  static const auto kReal = Real<int (*)(int)>("fsync");
  return Taken(PathOf(file), [&] { return kReal(file); });
}

int fdatasync(int file) {
  static const auto kReal = Real<int (*)(int)>("fdatasync");
  return Taken(PathOf(file), [&] { return kReal(file); });
}

int rename(const char* from, const char* to) {
  static const auto kReal = Real<int (*)(const char*, const char*)>("rename");
  return Taken(to, [&] { return kReal(from, to); });
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned int flags) {
  static const auto kReal =
      Real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
  return Taken(to, [&] { return kReal(from_folder, from, to_folder, to, flags); });
}

int link(const char* from, const char* to) {
  static const auto kReal = Real<int (*)(const char*, const char*)>("link");
  return Taken(to, [&] { return kReal(from, to); });
}

int unlink(const char* path) {
  static const auto kReal = Real<int (*)(const char*)>("unlink");
  return Taken(path, [&] { return kReal(path); });
}

}  // extern "C"
