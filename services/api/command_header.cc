#include "services/api/command_header.h"

#include "eventstore/writer/request_id.h"
#include "services/api/field_check.h"
#include "services/domain/reasons.h"

namespace jalon::api {
namespace {

using domain::Reason;
using domain::Refusals;
using type::v1::OnBehalfOf;

constexpr size_t kPersonIdBytes = 8;
constexpr size_t kSchoolIdBytes = 16;
constexpr size_t kDocumentRefBytesMax = 32;

bool HasUnknown(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

void CheckOnBehalfOf(const OnBehalfOf& named, Refusals* refusals) {
  constexpr const char* kPath = "header.on_behalf_of";
  const bool needs_document =
      named.channel() == type::v1::CHANNEL_PAPER || named.channel() == type::v1::CHANNEL_MESSAGE;
  refusals->If(HasUnknown(named), Reason::UNKNOWN_FIELD, kPath);
  refusals->If(named.person_id().size() != kPersonIdBytes, Reason::FIELD_INVALID,
               "header.on_behalf_of.person_id");
  refusals->If(named.channel() == type::v1::CHANNEL_UNSPECIFIED, Reason::FIELD_REQUIRED,
               "header.on_behalf_of.channel");
  refusals->If(!type::v1::Channel_IsValid(named.channel()), Reason::FIELD_INVALID,
               "header.on_behalf_of.channel");
  refusals->If(named.document_ref().empty() && needs_document, Reason::FIELD_REQUIRED,
               "header.on_behalf_of.document_ref");
  refusals->If(named.document_ref().size() > kDocumentRefBytesMax || !IsCode(named.document_ref()),
               Reason::FIELD_INVALID, "header.on_behalf_of.document_ref");
}

}  // namespace

void CheckHeader(type::v1::CommandHeader& header, Micros now, Refusals* refusals) {
  if (const auto checked = eventstore::CheckRequestId(header.request_id(), now); !checked) {
    refusals->Add(domain::ReasonNamed(checked.error().reason), "header.request_id");
  }
  refusals->If(HasUnknown(header), Reason::UNKNOWN_FIELD, "header");
  refusals->If(!header.school_id().empty() && header.school_id().size() != kSchoolIdBytes,
               Reason::FIELD_INVALID, "header.school_id");
  refusals->If(!type::v1::BackdatingGround_IsValid(header.backdating_ground()),
               Reason::FIELD_INVALID, "header.backdating_ground");
  if (header.has_on_behalf_of()) CheckOnBehalfOf(header.on_behalf_of(), refusals);
}

}  // namespace jalon::api
