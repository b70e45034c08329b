// ListAccess: the access log of this node, the latest first. A coordinator sees what happened at
// the school; a student who read what is sealed of the student.
#include <algorithm>
#include <set>

#include "jalon/access/v1/access_log_service.pb.h"
#include "services/access/access_log.h"
#include "services/api/queries/page.h"
#include "services/api/queries/records.h"
#include "services/api/queries/registry.h"

namespace jalon::api {
namespace {

using access::v1::AccessEntry;
using access::v1::AccessRow;
using access::v1::ListAccessRequest;
using access::v1::ListAccessResponse;

constexpr uint32_t kAccessRowsVersion = 1;
constexpr size_t kNumberBytes = 8;

// A place in the log: which life of it, and an entry. Another node's log has another life.
std::string PlaceOf(const access::AccessLog& log, uint64_t seq) {
  std::string place = log.life();
  for (size_t i = kNumberBytes; i-- > 0;) place += static_cast<char>(seq >> (8 * i));
  return place;
}

Result<uint64_t> SeqOf(const access::AccessLog& log, std::string_view place) {
  if (place.empty()) return UINT64_MAX;
  if (!place.starts_with(log.life()) || place.size() != log.life().size() + kNumberBytes) {
    return Fail(Code::kInvalidArgument, "PAGE_TOKEN_INVALID",
                "the page before came from the access log of another node, or from before this one "
                "was started: begin again without a token");
  }
  uint64_t seq = 0;
  for (const char byte : place.substr(log.life().size())) {
    seq = seq << 8 | static_cast<uint8_t>(byte);
  }
  return seq;
}

bool Names(const AccessEntry& entry, const Bytes& subject) {
  return std::ranges::find(entry.subject_ids(), subject) != entry.subject_ids().end();
}

// Whose entries are asked for: a student's are always the student's own.
Result<Bytes> SubjectOf(const ListAccessRequest& request, const domain::Principal& caller) {
  if (caller.role != type::v1::ROLE_STUDENT) return request.person_id();
  const bool is_own = request.person_id().empty() || request.person_id() == caller.person_id;
  if (!is_own || caller.person_id.empty()) return NotFound();
  return caller.person_id;
}

bool Matches(const AccessEntry& entry, const ListAccessRequest& request, const Bytes& school_id,
             const Bytes& subject) {
  if (entry.school_id() != school_id) return false;
  if (!subject.empty() && !Names(entry, subject)) return false;
  if (!request.by_person_id().empty() && entry.person_id() != request.by_person_id()) return false;
  const auto& kinds = request.kinds();
  return kinds.empty() || std::ranges::find(kinds, entry.kind()) != kinds.end();
}

void Show(const AccessEntry& entry, const Bytes& only_subject, AccessRow* row) {
  row->set_seq(entry.seq());
  row->set_at(entry.at());
  row->set_kind(entry.kind());
  row->set_person_id(entry.person_id());
  row->set_role(entry.role());
  row->set_action(entry.action());
  row->set_reason(entry.reason());
  if (!only_subject.empty()) {
    row->add_subject_ids(only_subject);
    return;
  }
  row->set_resource_id(entry.resource_id());
  *row->mutable_subject_ids() = entry.subject_ids();
}

// Who of those that the row names is erased.
Result<void> Mark(LookUp& look_up, AccessRow* row) {
  std::set<Bytes> named(row->subject_ids().begin(), row->subject_ids().end());
  for (const Bytes& id : {row->person_id(), row->resource_id()}) {
    if (id.size() == domain::kPersonIdBytes) named.insert(id);
  }
  for (const Bytes& id : named) {
    JALON_ASSIGN_OR_RETURN(const auto* erased, look_up.Erased(projections::PersonId::Of(id)));
    if (erased != nullptr) row->add_erased_ids(id);
  }
  return {};
}

Result<void> Answer(const ListAccessRequest& request, const QueryContext& context,
                    ListAccessResponse* response) {
  if (context.access == nullptr) {
    return Fail(Code::kUnimplemented, "UNSUPPORTED", "this server keeps no access log");
  }
  const access::AccessLog& log = *context.access;
  JALON_ASSIGN_OR_RETURN(const Bytes subject, SubjectOf(request, context.principal));
  JALON_ASSIGN_OR_RETURN(Page page, Page::Of(request, context, kAccessRowsVersion));
  JALON_ASSIGN_OR_RETURN(const uint64_t before, SeqOf(log, page.after()));
  const bool is_own = context.principal.role == type::v1::ROLE_STUDENT;
  LookUp look_up(context);
  Result<void> fault;
  JALON_RETURN_IF_ERROR(log.EachBefore(before, [&](const AccessEntry& entry) {
    if (!page.Reads(PlaceOf(log, entry.seq()))) return false;
    if (!Matches(entry, request, context.school_id, subject)) return true;
    page.Take();
    AccessRow* row = response->add_entries();
    Show(entry, is_own ? subject : Bytes(), row);
    fault = Mark(look_up, row);
    return fault.has_value();
  }));
  JALON_RETURN_IF_ERROR(fault);
  page.Finish(response->mutable_page());
  response->set_oldest_seq(log.OldestAfterDrops());
  return {};
}

}  // namespace

void RegisterListAccess(Queries& queries) {
  queries.Add<ListAccessRequest, ListAccessResponse>(Answer);
}

}  // namespace jalon::api
