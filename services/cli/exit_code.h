// What the exit code of `jalon` means. README.md lists them for people; scripts rely on them.
#pragma once

#include "eventstore/base/result.h"

namespace jalon::cli {

enum class ExitCode : int {
  kOk = 0,
  kRefused = 1,         // by a rule of the framework, of the school's policy, or of the system
  kUsage = 2,           // the command line, a file given to it, or the request is not well formed
  kNotFound = 3,        // no such thing for this caller
  kDenied = 4,          // no credential, one that does not count, or a role that may not
  kUnavailable = 5,     // the server cannot just now: try again
  kDamaged = 6,         // acknowledged data is lost or changed
  kOutcomeUnknown = 7,  // the command may have been accepted: repeat it with the same request id
  kInternal = 8,        // a fault of the server or of this program
  kNotWritten = 9,      // the answer could not be written: the pipe is closed, the disk is full
  // What `jalon verify` found.
  kAltered = 20,         // what is there is not what was signed
  kForked = 21,          // two histories were signed
  kTruncated = 22,       // the trail was longer
  kReceiptMissing = 23,  // an accepted entry is not there
  kStale = 24,           // not witnessed lately
  kUnsigned = 25,        // not signed by the key
  kWrongOrigin = 26,     // about another trail
  kMalformed = 27,       // not the format
  kInterrupted = 130,    // Ctrl-C
};

// What a failed call exits with. `is_command`: without an answer, nobody knows what became of it.
constexpr ExitCode ExitCodeOf(Code code, bool is_command) {
  switch (code) {
    case Code::kOk:
      return ExitCode::kOk;
    case Code::kInvalidArgument:
    case Code::kUnimplemented:
      return ExitCode::kUsage;
    case Code::kNotFound:
      return ExitCode::kNotFound;
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
      return ExitCode::kDenied;
    case Code::kAlreadyExists:
    case Code::kFailedPrecondition:
    case Code::kAborted:
    case Code::kOutOfRange:
      return ExitCode::kRefused;
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
      return is_command ? ExitCode::kOutcomeUnknown : ExitCode::kUnavailable;
    case Code::kResourceExhausted:
    case Code::kUnavailable:
      return ExitCode::kUnavailable;
    case Code::kDataLoss:
      return ExitCode::kDamaged;
    case Code::kInternal:
      return ExitCode::kInternal;
  }
  // UNKNOWN, which has no name in Code: it is not known what became of the call.
  return is_command ? ExitCode::kOutcomeUnknown : ExitCode::kInternal;
}

}  // namespace jalon::cli
