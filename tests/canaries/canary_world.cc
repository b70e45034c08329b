#include "tests/canaries/canary_world.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "jalon/person/v1/person_service.pb.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "tests/scenarios/runner/asking.h"

namespace jalon::canaries {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr uint64_t kWorldsPerAsked = 10;  // each is a few hundred queries
constexpr size_t kPersonBytes = 8;        // which a stay's id begins with

bool MayOpen(const Message& request) {
  if (request.GetDescriptor() == progress::v1::GetStudentProgressRequest::descriptor()) {
    return static_cast<const progress::v1::GetStudentProgressRequest&>(request).open_sealed();
  }
  return OpeningQueries().contains(request.GetDescriptor()->name());
}

// Of the server, and not of who asks.
bool IsFault(Code code) {
  return code == Code::kInternal || code == Code::kDataLoss || code == Code::kUnavailable;
}

// Whether the request names one of them, or a stay of theirs.
bool IsAbout(const Message& request, const std::set<Bytes>& persons) {
  std::vector<const FieldDescriptor*> fields;
  const auto& reflection = *request.GetReflection();
  reflection.ListFields(request, &fields);
  return std::ranges::any_of(fields, [&](const FieldDescriptor* field) {
    return field->type() == FieldDescriptor::TYPE_BYTES && !field->is_repeated() &&
           persons.contains(reflection.GetString(request, field).substr(0, kPersonBytes));
  });
}

}  // namespace

std::set<std::string> OpeningQueries() {
  return {progress::v1::GetAttitudeTimelineRequest::descriptor()->name(),
          progress::v1::GetStudentProgressRequest::descriptor()->name(),
          person::v1::ExportSubjectRequest::descriptor()->name()};
}

CanaryWorld::~CanaryWorld() {
  if (seen_.worlds++ % kWorldsPerAsked != 0) return;
  for (const Bytes& person : persons_) AskAbout(person);
}

Result<scenarios::Answer> CanaryWorld::Send(const domain::Principal& who, const Message& command,
                                            const type::v1::CommandHeader& header) {
  const std::unique_ptr<Message> marked(command.New());
  marked->CopyFrom(command);
  Paths paths = Mark(*marked);
  if (!paths.empty() && seen_.oversized.insert(command.GetTypeName()).second) {
    JALON_RETURN_IF_ERROR(SendOversized(who, *marked, header));
  }
  Result<scenarios::Answer> answer = inner_->Send(who, *marked, header);
  Look(command.GetTypeName(), answer);
  if (answer && answer->accepted && answer->result.has_position()) {
    seen_.sent.merge(paths);
    Note(who, command, answer->result);
  }
  return answer;
}

Result<scenarios::Answer> CanaryWorld::Query(const domain::Principal& who, const Message& request,
                                             Message* response) {
  Result<scenarios::Answer> answer = inner_->Query(who, request, response);
  Look(request.GetTypeName(), answer);
  if (answer && answer->accepted) LookInto(request, *response);
  return answer;
}

void CanaryWorld::LookInto(const Message& request, const Message& response) {
  const bool is_erased = IsAbout(request, erased_);
  ++seen_.answers;
  seen_.of_erased += is_erased ? 1 : 0;
  const std::string text = response.SerializeAsString();
  const bool told = text.contains(kMark) || (is_erased && text.contains(kEstimate));
  if (!told) return;
  if (MayOpen(request) && !is_erased) {
    seen_.opened.insert(request.GetDescriptor()->name());
    return;
  }
  seen_.told.push_back(fmt::format("{}{}: {}", request.GetTypeName(),
                                   is_erased ? ", of somebody erased" : "",
                                   response.ShortDebugString()));
}

void CanaryWorld::Note(const domain::Principal& who, const Message& command,
                       const command::v1::CommandResult& result) {
  callers_.try_emplace(who.role, who);
  for (const command::v1::CreatedId& created : result.created()) {
    if (!created.person_id().empty()) persons_.insert(created.person_id());
    if (created.kind() == type::v1::AGGREGATE_KIND_STAY) stays_.push_back(created.id());
    if (created.kind() == type::v1::AGGREGATE_KIND_HOST_COMPANY) companies_.push_back(created.id());
  }
  if (command.GetDescriptor() != privacy::v1::DestroyPersonKey::descriptor()) return;
  const Bytes& person = static_cast<const privacy::v1::DestroyPersonKey&>(command).person_id();
  erased_.insert(person);
  AskAbout(person);  // the key may still be there: that makes no difference
}

void CanaryWorld::AskAbout(const Bytes& person_id) {
  scenarios::About about{.person_id = person_id, .companies = companies_};
  for (const Bytes& stay : stays_) {
    if (stay.starts_with(person_id)) about.stays.push_back(stay);
  }
  for (const auto& [role, who] : callers_) {
    for (const scenarios::Question& question : scenarios::QuestionsAbout(about)) {
      const auto answer = Query(who, *question.request, question.response.get());
      if (answer || !IsFault(answer.error().code)) continue;  // refused, which is an answer
      seen_.told.push_back(question.method + ": " + answer.error().message);
    }
  }
}

// What is refused because it is too long is named, and not repeated. A refusal leaves nothing
// behind, so that the request id is still free.
Result<void> CanaryWorld::SendOversized(const domain::Principal& who, const Message& marked,
                                        const type::v1::CommandHeader& header) {
  const std::unique_ptr<Message> oversized(marked.New());
  oversized->CopyFrom(marked);
  if (!Oversize(*oversized)) return {};  // it has dates or words of a scale alone
  const Result<scenarios::Answer> answer = inner_->Send(who, *oversized, header);
  Look(marked.GetTypeName() + ", oversized", answer);
  if (!answer || !answer->accepted) return {};
  return Fail(Code::kInternal, "INTERNAL", marked.GetTypeName() + ": a text without end is taken");
}

void CanaryWorld::Look(const std::string& what, const Result<scenarios::Answer>& answer) {
  const std::string told = answer ? answer->result.DebugString() + answer->refusal.DebugString()
                                  : answer.error().message;
  if (told.find(kMark) != std::string::npos) seen_.told.push_back(what + ": " + told);
}

std::string CanaryWorld::SchoolCode(const std::string& name) const {
  std::string code = inner_->SchoolCode(name);
  return code.insert(code.find_first_not_of(' '), fmt::format("{}-", kControl));
}

}  // namespace jalon::canaries
