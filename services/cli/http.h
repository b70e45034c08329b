// HTTP to somebody who is no server of ours: a witness. The one file that names libcurl.
//
// Certificates are verified; without TLS only this machine is asked. No redirect is followed.
//
// Thread safety: any thread.
#pragma once

#include <chrono>
#include <string>

#include "eventstore/base/result.h"
#include "services/cli/words.h"

namespace jalon::cli {

inline constexpr std::chrono::seconds kHttpConnectWithin{10};
inline constexpr std::chrono::seconds kHttpAnswerWithin{30};
// Of an answer's body: some hundred signature lines.
inline constexpr size_t kHttpAnswerBytesMax = size_t{64} * 1024;

struct HttpPost {
  std::string prefix;        // https://witness.example/prefix, or http:// of this machine
  std::string path;          // below it, without a slash at the front
  std::string body;          // sent as it is
  std::string certificates;  // a file of those that are trusted; empty: those of the system
};

struct HttpAnswer {
  long status = 0;
  std::string body;
};

// Sends it, and waits for the answer, whatever its status is. INVALID_ARGUMENT URL_NOT_ALLOWED: the
// prefix is none of the above; UNAVAILABLE NOT_REACHED: no answer, or one that is too long. Each
// with what to do, in the language.
Result<HttpAnswer> Post(const HttpPost& post, Language language);

}  // namespace jalon::cli
