#include "services/api/status.h"

#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <string>
#include <vector>

#include "eventstore/base/check.h"
#include "services/domain/explain.h"
#include "services/domain/reasons.h"

namespace jalon::api {
namespace {

using domain::RefusalReason;
using option::v1::BASIS_SOURCE;
using refusal::v1::Refusal;
using refusal::v1::RefusalDetail;

constexpr std::string_view kDomain = "jalon.ca";
constexpr size_t kMessageBytesMax = 512;  // of the status itself: a line for a developer
constexpr int kRetryAfterMs = 200;

// What a status is made of.
struct Parts {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string reason;   // ErrorInfo's
  std::string message;  // English
  std::map<std::string, std::string> metadata;
  RefusalDetail detail;
};

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& subjects) {
  std::string text;
  for (const std::string& subject : subjects) text += (text.empty() ? "" : ", ") + subject;
  return text;
}

// Cuts at a character, not within one.
void CutTo(size_t bytes_max, std::string* text) {
  if (text->size() <= bytes_max) return;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<uint8_t>((*text)[end]) & 0xc0) == 0x80) --end;
  text->resize(end);
}

template <typename Message>
void AddDetail(const Message& message, google::rpc::Status* status) {
  status->add_details()->PackFrom(message);
}

void AddViolations(const Parts& parts, google::rpc::Status* status) {
  if (parts.code == grpc::StatusCode::INVALID_ARGUMENT) {
    google::rpc::BadRequest bad;
    for (const Refusal& refusal : parts.detail.refusals()) {
      auto* violation = bad.add_field_violations();
      violation->set_field(Joined(refusal.subjects()));
      violation->set_description(refusal.message());
    }
    AddDetail(bad, status);
  } else if (parts.code == grpc::StatusCode::FAILED_PRECONDITION) {
    google::rpc::PreconditionFailure failure;
    for (const Refusal& refusal : parts.detail.refusals()) {
      auto* violation = failure.add_violations();
      violation->set_type(std::string(domain::ReasonName(refusal.reason())));
      violation->set_subject(Joined(refusal.subjects()));
      violation->set_description(refusal.message());
    }
    AddDetail(failure, status);
  }
}

google::rpc::Status Encode(const Parts& parts, Language language) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(parts.code));
  status.set_message(parts.message);
  google::rpc::ErrorInfo info;
  info.set_reason(parts.reason);
  info.set_domain(std::string(kDomain));
  for (const auto& [key, value] : parts.metadata) (*info.mutable_metadata())[key] = value;
  if (parts.detail.more() > 0) {
    (*info.mutable_metadata())["more"] = std::to_string(parts.detail.more());
  }
  AddDetail(info, &status);
  AddViolations(parts, &status);
  if (parts.code == grpc::StatusCode::UNAVAILABLE ||
      parts.code == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(kRetryAfterMs * 1'000'000);
    AddDetail(retry, &status);
  }
  google::rpc::LocalizedMessage localized;
  localized.set_locale(std::string(LocaleOf(language)));
  localized.set_message(parts.detail.refusals_size() > 0 ? parts.detail.refusals(0).message()
                                                         : parts.message);
  AddDetail(localized, &status);
  if (parts.detail.refusals_size() > 0) AddDetail(parts.detail, &status);
  return status;
}

// One step of leaving out; false when nothing is left to leave out.
bool Shorten(RefusalDetail* detail) {
  for (Refusal& refusal : *detail->mutable_refusals()) {
    if (refusal.events_size() == 0) continue;
    for (Refusal& each : *detail->mutable_refusals()) each.clear_events();
    return true;
  }
  int longest = 0;
  for (const Refusal& refusal : detail->refusals()) {
    longest = std::max(longest, refusal.subjects_size());
  }
  if (longest > 1) {
    const int keep = longest / 2;
    for (Refusal& refusal : *detail->mutable_refusals()) {
      const int left_out = refusal.subjects_size() - keep;
      if (left_out <= 0) continue;
      refusal.mutable_subjects()->DeleteSubrange(keep, left_out);
      detail->set_more(detail->more() + static_cast<uint32_t>(left_out));
    }
    return true;
  }
  if (detail->refusals_size() <= 1) return false;
  detail->mutable_refusals()->RemoveLast();
  detail->set_more(detail->more() + 1);
  return true;
}

grpc::Status Make(Parts parts, Language language) {
  CutTo(kMessageBytesMax, &parts.message);
  google::rpc::Status status = Encode(parts, language);
  while (status.ByteSizeLong() > kDetailsBytesMax && Shorten(&parts.detail)) {
    status = Encode(parts, language);
  }
  return {parts.code, parts.message, status.SerializeAsString()};
}

grpc::StatusCode CodeOf(RefusalReason reason) {
  const option::v1::Code code = domain::OptionOf(reason).status();
  return code == option::v1::CODE_UNSPECIFIED ? grpc::StatusCode::FAILED_PRECONDITION
                                              : static_cast<grpc::StatusCode>(code);
}

// "STAY_NOT_ENDED (R18): a3, a4; MAKEUP_NOT_PLANNED (R14): a2": for a developer, English.
std::string Line(const RefusalDetail& detail) {
  std::string line;
  for (const Refusal& refusal : detail.refusals()) {
    if (!line.empty()) line += "; ";
    line += domain::ReasonName(refusal.reason());
    if (!refusal.rule().empty()) line += fmt::format(" ({})", refusal.rule());
    if (!refusal.subjects().empty()) line += ": " + Joined(refusal.subjects());
  }
  return line;
}

}  // namespace

grpc::Status ToStatus(const domain::Refusals& refusals, Language language) {
  Parts parts;
  for (const domain::Violation& violation : refusals.Sorted()) {
    *parts.detail.add_refusals() = domain::Explained(violation, language);
  }
  JALON_CHECK(parts.detail.refusals_size() > 0);
  const Refusal& first = parts.detail.refusals(0);
  parts.code = CodeOf(first.reason());
  parts.reason = domain::ReasonName(first.reason());
  if (!first.rule().empty()) parts.metadata["rule"] = first.rule();
  if (!first.cause().empty()) parts.metadata["cause"] = first.cause();
  parts.message = Line(parts.detail);
  return Make(std::move(parts), language);
}

grpc::Status ToStatus(const Error& error, Language language) {
  RefusalReason reason = domain::ReasonNamed(error.reason);
  if (reason == refusal::v1::REFUSAL_REASON_UNSPECIFIED) reason = domain::Reason::INTERNAL;
  Parts parts;
  *parts.detail.add_refusals() = domain::Explained({.reason = reason}, language);
  parts.code = CodeOf(reason);
  parts.reason = domain::ReasonName(reason);
  parts.metadata = error.metadata;
  // What went wrong inside is for the operator's log, not for a caller.
  parts.message = reason == domain::Reason::INTERNAL ? "INTERNAL" : error.message;
  return Make(std::move(parts), language);
}

}  // namespace jalon::api
