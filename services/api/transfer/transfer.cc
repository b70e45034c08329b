#include "services/api/transfer/transfer.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <sodium.h>

#include <algorithm>
#include <set>
#include <utility>

#include "eventstore/base/check.h"
#include "eventstore/trail/note.h"
#include "jalon/option/v1/field.pb.h"
#include "services/api/message_plan.h"
#include "services/domain/local_date.h"
#include "services/domain/reason.h"
#include "services/domain/reasons.h"
#include "services/domain/school_code.h"

namespace jalon::transfer {
namespace {

using domain::Reason;
using person::v1::TransferDocument;
using person::v1::TransferredActivity;
using person::v1::TransferredResult;
using person::v1::TransferredStay;

static_assert(kKeyBytes == crypto_box_PUBLICKEYBYTES && kKeyBytes == crypto_box_SECRETKEYBYTES &&
              eventstore::Secret::kBytes == crypto_box_SEEDBYTES);

constexpr std::string_view kIssuerSuffix = "/transfer";
constexpr size_t kDeploymentBytes = 16;

const unsigned char* Raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

// The value of "name value\n" at the front of `text`, which goes on behind it; none: another line.
std::optional<std::string_view> TakeLine(std::string_view name, std::string_view* text) {
  const size_t end = text->find('\n');
  if (end == std::string_view::npos || !text->starts_with(name) || end <= name.size() ||
      (*text)[name.size()] != ' ') {
    return std::nullopt;
  }
  const std::string_view value = text->substr(name.size() + 1, end - name.size() - 1);
  text->remove_prefix(end + 1);
  return value;
}

bool ReadHex(std::string_view hex, size_t size, std::string* bytes) {
  return FromHex(hex, bytes) && bytes->size() == size;
}

const api::MessagePlan& PlanOfDocuments() {
  static const auto kPlan =
      api::MessagePlan::Make(*TransferDocument::descriptor(), api::MessagePlan::Of::kCommand);
  JALON_CHECK(kPlan.has_value());  // a contract that contradicts itself
  return *kPlan;
}

// As the contract says.
uint32_t AttemptsMax() {
  static const auto kMost =
      static_cast<uint32_t>(TransferredResult::descriptor()
                                ->FindFieldByNumber(TransferredResult::kAttemptsFieldNumber)
                                ->options()
                                .GetExtension(option::v1::limits)
                                .value_max());
  return kMost;
}

// What is over or beside the limits of its fields. Of a copy: the plan takes a message that it
// could seal sections of.
std::optional<Unsound> FlawOfLimits(TransferDocument document) {
  bool too_much = false;
  for (TransferredResult& result : *document.mutable_results()) {
    // The plan calls a number over its limit wrong: of attempts it is many, as stays may be.
    too_much |= result.attempts() > AttemptsMax();
    result.set_attempts(std::min(result.attempts(), AttemptsMax()));
  }
  domain::Refusals refusals;
  PlanOfDocuments().Check(document, "", &refusals, nullptr);
  for (const domain::Violation& violation : refusals.Sorted()) {
    too_much |= violation.reason == Reason::TOO_LARGE;
    if (violation.reason == Reason::TOO_LARGE) continue;
    const std::string where = violation.subjects.empty() ? "" : violation.subjects.front();
    return Unsound{.what = fmt::format("{}: {}", where, domain::ReasonName(violation.reason))};
  }
  if (too_much) return Unsound{.too_much = true, .what = "over a limit"};
  return std::nullopt;
}

// An activity is there since it was accomplished, or since a make-up is owed for it. It names a
// module once. Empty: nothing contradicts anything, here and in what follows.
std::string_view ContradictionIn(const TransferredActivity& activity) {
  std::set<std::string> modules;
  for (const person::v1::TransferredShare& share : activity.shares()) {
    if (!modules.insert(share.module()).second) return "a module has two shares";
  }
  const bool owed = activity.make_up_owed();
  switch (activity.outcome()) {
    case type::v1::OUTCOME_KIND_COMPLETED:
      return owed ? "a make-up is owed for what was completed" : "";
    case type::v1::OUTCOME_KIND_PARTLY:
      return "";
    case type::v1::OUTCOME_KIND_NOT_PERFORMED:
      return owed ? "" : "neither accomplished nor owed";
    default:
      return "no outcome";
  }
}

std::string ContradictionIn(const TransferredStay& stay) {
  if (stay.started_on() > stay.ended_on()) return "ends before it starts";
  std::set<std::string> codes;
  for (int i = 0; i < stay.activities_size(); ++i) {
    const TransferredActivity& activity = stay.activities(i);
    std::string_view what = ContradictionIn(activity);
    if (what.empty() && !codes.insert(activity.activity()).second) what = "stands twice";
    if (!what.empty()) return fmt::format("activities[{}]: {}", i, what);
  }
  return "";
}

// It says of itself what the note says of it, and holds nothing that no document holds.
std::string ContradictionIn(const TransferDocument& document, const Notice& notice) {
  if (document.format() != kFormat || document.transfer_id() != ToHex(notice.transfer_id) ||
      document.issuing_school() != notice.issuing_school) {
    return "is none of the note's";
  }
  std::set<std::string> modules;
  for (int i = 0; i < document.results_size(); ++i) {
    const TransferredResult& result = document.results(i);
    if (result.result() != type::v1::EVALUATION_RESULT_SUCCESS &&
        result.result() != type::v1::EVALUATION_RESULT_FAILURE) {
      return fmt::format("results[{}]: neither success nor failure", i);
    }
    if (!modules.insert(result.module()).second) {
      return fmt::format("results[{}]: a module has two", i);
    }
  }
  std::set<std::string> stays;
  for (int i = 0; i < document.stays_size(); ++i) {
    std::string what = ContradictionIn(document.stays(i));
    if (what.empty() && !stays.insert(document.stays(i).known_as()).second) what = "stands twice";
    if (!what.empty()) return fmt::format("stays[{}]: {}", i, what);
  }
  return document.results().empty() && document.stays().empty() ? "tells nothing" : "";
}

std::optional<std::string> OpenBox(std::string_view sealed, const SchoolKey& key) {
  if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
  std::string clear(sealed.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(Raw(clear), Raw(sealed), sealed.size(), Raw(key.public_key),
                           key.secret.data()) != 0) {
    return std::nullopt;
  }
  return clear;
}

}  // namespace

std::string FormatNotice(const Notice& notice) {
  return fmt::format("jalon.transfer/1\ntransfer {}\nfrom {}\nto {}\nexpires {}\nsha256 {}\n",
                     ToHex(notice.transfer_id), notice.issuing_school, notice.receiving_school,
                     domain::DateText(notice.expires_on), ToHex(View(notice.file_sha256)));
}

std::optional<Notice> ParseNotice(std::string_view text) {
  constexpr std::string_view kFirst = "jalon.transfer/1\n";
  const std::string_view whole = text;
  if (!text.starts_with(kFirst)) return std::nullopt;
  text.remove_prefix(kFirst.size());
  const auto id = TakeLine("transfer", &text);
  const auto from = TakeLine("from", &text);
  const auto to = TakeLine("to", &text);
  const auto expires = TakeLine("expires", &text);
  const auto sha256 = TakeLine("sha256", &text);
  if (!id || !from || !to || !expires || !sha256 || !text.empty()) return std::nullopt;
  Notice notice{.issuing_school = std::string(*from), .receiving_school = std::string(*to)};
  std::string hash;
  if (!ReadHex(*id, kTransferIdBytes, &notice.transfer_id)) return std::nullopt;
  if (!ReadHex(*sha256, notice.file_sha256.size(), &hash)) return std::nullopt;
  std::ranges::copy(hash, notice.file_sha256.begin());
  for (const char c : *expires) {
    if (c >= '0' && c <= '9') notice.expires_on = notice.expires_on * 10 + (c - '0');
  }
  // One spelling alone: capitals, a date of other digits or spaces are another text.
  if (FormatNotice(notice) != whole) return std::nullopt;
  return notice;
}

std::string IssuerName(std::string_view deployment) {
  return ToHex(deployment) + std::string(kIssuerSuffix);
}

bool IsIssuerName(std::string_view name) {
  Bytes deployment;
  return name.ends_with(kIssuerSuffix) &&
         ReadHex(name.substr(0, name.size() - kIssuerSuffix.size()), kDeploymentBytes,
                 &deployment) &&
         IssuerName(deployment) == name;  // in small letters
}

SchoolKey SchoolKeyOf(const eventstore::Secret& seed) {
  SchoolKey key{.public_key = Bytes(kKeyBytes, '\0'), .secret = {}};
  std::string secret(kKeyBytes, '\0');
  JALON_CHECK(crypto_box_seed_keypair(Raw(key.public_key), Raw(secret), seed.data()) == 0);
  key.secret = eventstore::Secret::From(secret);
  eventstore::WipeBytes(secret.data(), secret.size());
  return key;
}

std::optional<Unsound> WhyUnsound(const TransferDocument& document, const Notice& notice) {
  auto flaw = FlawOfLimits(document);
  if (flaw && !flaw->too_much) return flaw;
  std::string what = ContradictionIn(document, notice);
  if (!what.empty()) return Unsound{.what = std::move(what)};
  return flaw;
}

std::optional<std::string> SealDocument(const TransferDocument& document,
                                        std::string_view public_key) {
  if (public_key.size() != kKeyBytes) return std::nullopt;
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  JALON_CHECK(google::protobuf::util::MessageToJsonString(document, &json, options).ok());
  std::string sealed(json.size() + crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal(Raw(sealed), Raw(json), json.size(), Raw(public_key)) != 0) {
    return std::nullopt;  // a point that every secret makes the same of
  }
  return sealed;
}

std::expected<person::v1::CheckedTransfer, std::string_view> OpenTransfer(
    const person::v1::IssuedTransfer& issued, std::span<const trail::VerifierKey> issuers,
    std::string_view school_id, const SchoolKey& key) {
  const auto fail = [](std::string_view cause) { return std::unexpected(cause); };
  const auto note = trail::ParseNote(issued.note());
  if (!note) return fail("NOTE_MALFORMED");
  const auto signed_by = trail::OpenNote(*note, issuers);
  if (!signed_by) {
    return fail(signed_by.error() == trail::Flaw::kNoKnownSignature ? "ISSUER_UNKNOWN"
                                                                    : "NOTE_ALTERED");
  }
  const std::optional<Notice> notice = ParseNotice(note->text);
  if (!notice) return fail("NOTE_MALFORMED");
  if (domain::SchoolIdOf(notice->receiving_school) != school_id) return fail("OTHER_SCHOOL");
  if (domain::SchoolIdOf(notice->issuing_school) == school_id) return fail("OWN_SCHOOL");
  if (Sha256(issued.file()) != notice->file_sha256) return fail("FILE_ALTERED");
  const std::optional<std::string> json = OpenBox(issued.file(), key);
  if (!json) return fail("NOT_SEALED_FOR_SCHOOL");

  person::v1::CheckedTransfer checked;
  if (!google::protobuf::util::JsonStringToMessage(*json, checked.mutable_document()).ok() ||
      WhyUnsound(checked.document(), *notice)) {
    return fail("DOCUMENT_MALFORMED");
  }
  checked.set_transfer_id(notice->transfer_id);
  checked.set_issuer(issuers[signed_by->front().key].name);
  checked.set_expires_on(notice->expires_on);
  checked.set_file_sha256(std::string(View(notice->file_sha256)));
  return checked;
}

}  // namespace jalon::transfer
