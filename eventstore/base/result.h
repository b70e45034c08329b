// Result<T>: a value, or an Error that tells a caller what failed and what to do about it.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <utility>

namespace jalon {

// gRPC's status codes, by number, so that an adapter needs no table.
enum class Code : int {
  kOk = 0,
  kCancelled = 1,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// What failed. `reason` is a RefusalReason's name without its prefix ("DISK_FULL"); `message` is
// English, for operators, holds no personal data, and ends with what to do next.
struct [[nodiscard]] Error {
  Code code = Code::kInternal;
  std::string reason;
  std::string message;
  std::map<std::string, std::string> metadata;

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> Fail(Code code, std::string reason, std::string message) {
  return std::unexpected(Error{code, std::move(reason), std::move(message), {}});
}

}  // namespace jalon

// Returns the error of `expression` from the enclosing function; otherwise defines `variable`.
#define JALON_CONCAT_INNER(a, b) a##b
#define JALON_CONCAT(a, b) JALON_CONCAT_INNER(a, b)
#define JALON_ASSIGN_OR_RETURN(variable, expression)                            \
  auto JALON_CONCAT(result_, __LINE__) = (expression);                          \
  if (!JALON_CONCAT(result_, __LINE__))                                         \
    return std::unexpected(std::move(JALON_CONCAT(result_, __LINE__)).error()); \
  variable = std::move(*JALON_CONCAT(result_, __LINE__))
#define JALON_RETURN_IF_ERROR(expression)                          \
  do {                                                             \
    if (auto result_or_error_ = (expression); !result_or_error_)   \
      return std::unexpected(std::move(result_or_error_).error()); \
  } while (false)
