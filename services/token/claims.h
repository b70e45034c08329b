// What a token says, and where it may be used.
//
// A token is a JWT (RFC 7519) in compact form. Claims: iss, aud, exp, nbf (seconds since the Unix
// epoch), sub = the person's id in hexadecimal, and ours: role ("teacher"), school and company
// (hexadecimal), modules (an array of codes). Ids that are empty are left out.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "jalon/type/v1/role.pb.h"
#include "services/domain/request.h"

namespace jalon::token {

// A second of the Unix epoch, UTC.
using Seconds = std::chrono::seconds;

struct Claims {
  domain::Principal principal;
  Seconds not_before{};
  Seconds expires{};
};

// Whose tokens count, and for whom.
struct Audience {
  std::string issuer = "jalon";
  std::string audience = "jalon";
};

// Clocks of two machines differ by that much.
inline constexpr Seconds kSkew{60};
inline constexpr size_t kTokenBytesMax = 4096;  // half of what a call's metadata may have

// "teacher" for ROLE_TEACHER; empty for none. And back: ROLE_UNSPECIFIED for any other word.
std::string RoleWord(type::v1::Role role);
type::v1::Role RoleOfWord(std::string_view word);

}  // namespace jalon::token
