#include "services/api/call.h"

#include <algorithm>

#include "eventstore/base/hash.h"

namespace jalon::api {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string_view View(const grpc::string_ref& text) { return {text.data(), text.size()}; }

// Empty if it is not there, or twice.
std::string_view Header(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata,
                        const char* name) {
  const auto [first, end] = metadata.equal_range(name);
  if (first == end || std::next(first) != end) return {};
  return View(first->second);
}

bool IsZero(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c == 0; });
}

}  // namespace

std::string ParseTraceParent(std::string_view header) {
  // 00-<32 hex>-<16 hex>-<2 hex>
  if (header.size() != 55 || !header.starts_with("00-") || header[35] != '-' || header[52] != '-') {
    return {};
  }
  if (std::ranges::any_of(header, [](char c) { return c >= 'A' && c <= 'F'; })) return {};
  std::string trace;
  std::string span;
  std::string flags;
  if (!FromHex(header.substr(3, 32), &trace) || !FromHex(header.substr(36, 16), &span) ||
      !FromHex(header.substr(53, 2), &flags) || IsZero(trace) || IsZero(span)) {
    return {};
  }
  return trace + span + flags;
}

Result<void> ReadCall(const grpc::CallbackServerContext& context, token::Cache& tokens,
                      const Clock& real_clock, bool open, Call* call) {
  call->language = LanguageOf(Header(context.client_metadata(), "accept-language"));
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) {
    return Fail(Code::kInvalidArgument, "DEADLINE_REQUIRED",
                "the call has no deadline: set one of at most 10 seconds");
  }
  const auto at = std::chrono::duration_cast<Micros>(deadline.time_since_epoch());
  call->remaining = std::clamp(at - real_clock.Wall(), Micros(0), Micros(kDeadlineMax));
  return ReadCaller(context, tokens, open, call);
}

Result<void> ReadCaller(const grpc::CallbackServerContext& context, token::Cache& tokens, bool open,
                        Call* call) {
  const auto& metadata = context.client_metadata();
  call->language = LanguageOf(Header(metadata, "accept-language"));
  call->trace = ParseTraceParent(Header(metadata, "traceparent"));
  const std::string_view header = Header(metadata, "authorization");
  if (header.empty() && open) return {};
  if (!header.starts_with(kBearer)) {
    return Fail(Code::kUnauthenticated, "UNAUTHENTICATED",
                "the call brings no bearer token: get one (jalon token issue)");
  }
  call->token = header.substr(kBearer.size());
  JALON_ASSIGN_OR_RETURN(call->claims, tokens.Find(call->token));
  return {};
}

}  // namespace jalon::api
