#include "services/api/queries/access_note.h"

#include <google/protobuf/descriptor.h>

#include <memory>
#include <utility>
#include <vector>

#include "eventstore/base/mutex.h"
#include "services/domain/model/keys.h"
#include "services/domain/reason.h"
#include "services/domain/reasons.h"

namespace jalon::api {
namespace {

using access::v1::AccessEntry;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kStayIdBytes = 2 * domain::kPersonIdBytes;  // a school's is as long

// The caller's doing, and no state of the server.
bool IsOfCaller(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kPermissionDenied:
    case Code::kFailedPrecondition:
    case Code::kAborted:
    case Code::kOutOfRange:
    case Code::kUnauthenticated:
      return true;
    default:
      return false;
  }
}

// Whether the caller is told that it is damage or a fault of the server, by whatever code it goes
// inside.
bool IsToldAsFault(domain::RefusalReason reason) {
  const option::v1::Code told = domain::OptionOf(reason).status();
  return told == option::v1::CODE_DATA_LOSS || told == option::v1::CODE_INTERNAL;
}

void Note(access::AccessLog* log, const Called& called, domain::RefusalReason reason) {
  if (log == nullptr) return;
  AccessEntry entry = EntryOf(access::v1::ACCESS_KIND_REFUSAL, called);
  entry.set_reason(reason);
  log->Note(std::move(entry));
}

// Tells `done` once all of several entries came to something: the first error, or none.
struct Gathered {
  Mutex mutex;
  size_t missing JALON_GUARDED_BY(mutex) = 0;
  Result<void> worst JALON_GUARDED_BY(mutex);
  access::AccessLog::Done done;

  void Take(const Result<void>& result) {
    Result<void> all;
    {
      MutexLock lock(mutex);
      if (!result && worst) worst = result;
      if (--missing > 0) return;
      all = worst;
    }
    done(all);
  }
};

}  // namespace

Bytes IdAt(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) return {};
  const auto& reflection = *message.GetReflection();
  if (field->is_repeated() && reflection.FieldSize(message, field) == 0) return {};
  if (dot != std::string_view::npos) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return {};
    const Message& inner = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, 0)
                                                : reflection.GetMessage(message, field);
    return IdAt(inner, path.substr(dot + 1));
  }
  if (field->type() != FieldDescriptor::TYPE_BYTES) return {};
  Bytes id = field->is_repeated() ? reflection.GetRepeatedString(message, field, 0)
                                  : reflection.GetString(message, field);
  return id.size() == domain::kPersonIdBytes || id.size() == kStayIdBytes ? id : Bytes();
}

AccessEntry EntryOf(access::v1::AccessKind kind, const Called& called) {
  AccessEntry entry;
  entry.set_kind(kind);
  entry.set_action(called.action);
  entry.set_resource_id(called.resource_id);
  Bytes school_id = called.school_id;
  if (called.who != nullptr) {
    entry.set_person_id(called.who->person_id);
    entry.set_role(called.who->role);
    if (!called.who->school_id.empty()) school_id = called.who->school_id;
  }
  if (school_id.size() == domain::kSchoolIdBytes) entry.set_school_id(school_id);
  return entry;
}

bool IsFault(const Error& error) {
  if (error.code == Code::kDataLoss || error.code == Code::kInternal) return true;
  const domain::RefusalReason reason = domain::ReasonNamed(error.reason);
  return reason == domain::Reason::INTERNAL ||
         (reason == refusal::v1::REFUSAL_REASON_UNSPECIFIED && IsOfCaller(error.code));
}

void NoteRefusal(access::AccessLog* log, const Called& called, const domain::Refusals& refusals) {
  Note(log, called, refusals.Sorted().front().reason);
}

void NoteRefusal(access::AccessLog* log, const Called& called, const Error& error) {
  const domain::RefusalReason reason = domain::ReasonNamed(error.reason);
  if (!IsOfCaller(error.code) || IsFault(error) || IsToldAsFault(reason)) return;
  Note(log, called, reason);
}

void RecordRead(access::AccessLog& log, const Called& called, const std::set<Bytes>& subjects,
                access::AccessLog::Done done) {
  std::vector<AccessEntry> entries;
  for (const Bytes& subject : subjects) {
    if (entries.empty() ||
        std::cmp_equal(entries.back().subject_ids_size(), access::kSubjectsPerEntryMax)) {
      entries.push_back(EntryOf(access::v1::ACCESS_KIND_PERSONAL_READ, called));
    }
    entries.back().add_subject_ids(subject);
  }
  const auto gathered = std::make_shared<Gathered>();
  gathered->done = std::move(done);
  {
    MutexLock lock(gathered->mutex);
    gathered->missing = entries.size();
  }
  for (AccessEntry& entry : entries) {
    log.Record(std::move(entry),
               [gathered](const Result<void>& result) { gathered->Take(result); });
  }
}

}  // namespace jalon::api
