#include "eventstore/log/rocks/child_testing.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eventstore/base/check.h"

namespace jalon::eventstore::testing {
namespace {

[[noreturn]] void LiveAsChild(const std::function<std::string()>& body, int words) {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  const std::string said = body();
  for (size_t at = 0; at < said.size();) {
    const ssize_t written = ::write(words, said.data() + at, said.size() - at);
    if (written <= 0) break;
    at += static_cast<size_t>(written);
  }
  ::_exit(0);  // no destructors of the parent's
}

}  // namespace

Child::Child(const std::function<std::string()>& body) {
  int ends[2];
  JALON_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  pid_ = ::fork();
  JALON_CHECK(pid_ >= 0);
  if (pid_ == 0) LiveAsChild(body, ends[1]);
  ::close(ends[1]);
  words_ = ends[0];
}

Ending Child::Wait() {
  Ending ending;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(words_, buffer, sizeof buffer)) > 0) {
    ending.words.append(buffer, static_cast<size_t>(size));
  }
  ::close(words_);
  int status = 0;
  JALON_CHECK(::waitpid(pid_, &status, 0) == pid_);
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  return ending;
}

Ending Child::Kill() {
  ::kill(pid_, SIGKILL);
  return Wait();
}

Ending RunInChild(const std::function<std::string()>& body) { return Child(body).Wait(); }

void* MapShared(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  JALON_CHECK(memory != MAP_FAILED);
  return memory;
}
void UnmapShared(void* memory, size_t bytes) { ::munmap(memory, bytes); }

}  // namespace jalon::eventstore::testing
