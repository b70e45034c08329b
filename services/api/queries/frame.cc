#include "services/api/queries/frame.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "eventstore/base/check.h"
#include "jalon/type/v1/header.pb.h"
#include "services/api/queries/access.h"
#include "services/api/queries/access_note.h"
#include "services/domain/local_date.h"

namespace jalon::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const type::v1::QueryHeader& HeaderOf(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("header");
  JALON_CHECK(field != nullptr && field->message_type() == type::v1::QueryHeader::descriptor());
  return static_cast<const type::v1::QueryHeader&>(
      request.GetReflection()->GetMessage(request, field));
}

template <typename AsOf>
void SetAsOf(const AsOf& as_of, Message* response) {
  const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("as_of");
  JALON_CHECK(field != nullptr && field->message_type() == AsOf::descriptor());
  *static_cast<AsOf*>(response->GetReflection()->MutableMessage(response, field)) = as_of;
}

Called CalledBy(const QueryMethod& method, const Message& request, const Caller& caller) {
  return {.who = &caller.principal,
          .school_id = HeaderOf(request).school_id(),
          .action = method.option->action(),
          .resource_id = ResourceIn(request, method.option->resource())};
}

bool AllowsPartial(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("allow_partial");
  JALON_CHECK(field != nullptr);
  return request.GetReflection()->GetBool(request, field);
}

void SetMissing(const std::vector<uint32_t>& partitions, Message* response) {
  const FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("missing_partitions");
  JALON_CHECK(field != nullptr);
  for (const uint32_t partition : partitions) {
    response->GetReflection()->AddUInt32(response, field, partition);
  }
}

// The school that is asked about: the credential's, or, where that spans schools, the header's.
Result<Bytes> SchoolOf(const domain::Principal& principal, const type::v1::QueryHeader& header) {
  if (principal.school_id.empty()) {
    if (!header.school_id().empty()) return header.school_id();
    return Fail(Code::kInvalidArgument, "FIELD_REQUIRED",
                "header.school_id: the credential spans schools, so say which one");
  }
  if (header.school_id().empty() || header.school_id() == principal.school_id) {
    return principal.school_id;
  }
  return NotFound();
}

// Whether the caller may ask about all schools at once.
Result<void> CheckSpansSchools(const domain::Principal& principal,
                               const type::v1::QueryHeader& header) {
  if (!principal.school_id.empty()) {
    return Fail(Code::kPermissionDenied, "ROLE_NOT_ALLOWED",
                "the credential is bound to one school, and this is about all");
  }
  if (header.school_id().empty()) return {};
  return Fail(Code::kInvalidArgument, "FIELD_INVALID",
              "header.school_id: this is about all schools, so name none");
}

std::unexpected<Error> AnotherLog() {
  return Fail(Code::kFailedPrecondition, "POSITION_FROM_ANOTHER_LOG",
              "the position belongs to another log or partition than the school's, such as one "
              "before a backup was restored: ask again without it");
}

std::unexpected<Error> NotPlacedYet() {
  return Fail(Code::kUnavailable, "VIEW_BEHIND",
              "where the school was placed is not known here yet: try again a little later");
}

Seq Stands(const Reader& reader) { return Seq{reader.as_of().position().seq()}; }

}  // namespace

struct QueryFrame::Question {
  const QueryMethod& method;
  const Message& request;
  const Caller& caller;
  Message* response;
  std::set<Bytes>* opened;  // whose sections were
  Bytes school_id;          // empty: all
  Partition partition;      // of the school, or of the position that is waited for
};

void QueryFrame::Ask(const QueryMethod& method, const Message& request, const Caller& caller,
                     Micros deadline, Message* response, Done done) const {
  const auto opened = std::make_shared<std::set<Bytes>>();
  Begin(method, request, caller, deadline, response, opened.get(),
        [this, &method, &request, &caller, opened, done = std::move(done)](Result<void> result) {
          if (!result) Tell(result.error());
          if (parts_.access == nullptr || (result && opened->empty())) {
            return done(std::move(result));
          }
          const Called called = CalledBy(method, request, caller);
          if (result) return RecordRead(*parts_.access, called, *opened, done);
          NoteRefusal(parts_.access, called, result.error());
          done(std::move(result));
        });
}

void QueryFrame::Begin(const QueryMethod& method, const Message& request, const Caller& caller,
                       Micros deadline, Message* response, std::set<Bytes>* opened,
                       Done done) const {
  if (!method.Allows(caller.principal.role)) {
    return done(Fail(Code::kPermissionDenied, "ROLE_NOT_ALLOWED",
                     fmt::format("{}: the role of the credential may not ask this", method.name)));
  }
  Question question{method, request, caller, response, opened, {}, {}};
  if (method.option->open_to_all()) return done(Answer(question, nullptr));

  const type::v1::QueryHeader& header = HeaderOf(request);
  if (method.SpansSchools()) {
    const Result<void> spans = CheckSpansSchools(caller.principal, header);
    if (!spans) return done(spans);
    question.partition = Partition{header.min_position().partition()};
    if (question.partition.value >= parts_.placement.PartitionCount()) return done(AnotherLog());
  } else {
    Result<Bytes> school = SchoolOf(caller.principal, header);
    if (!school) return done(std::unexpected(std::move(school).error()));
    question.school_id = *std::move(school);
    question.partition = parts_.placement.PartitionOf(question.school_id);
  }
  if (!header.has_min_position()) {
    return AnswerSoon(std::move(question), deadline, std::move(done));
  }

  type::v1::Position wanted = header.min_position();
  if (parts_.ancestry.Holds(wanted.log_incarnation(), question.partition, Seq{wanted.seq()})) {
    wanted.set_log_incarnation(parts_.ancestry.log_incarnation());
  }
  if (wanted.partition() != question.partition.value) {
    if (!parts_.placement.Knows(question.school_id)) return done(NotPlacedYet());
    return done(AnotherLog());
  }
  if (auto reader = parts_.views.Read(question.partition, question.school_id); reader) {
    const type::v1::Position& now = (*reader)->as_of().position();
    if (now.log_incarnation() != wanted.log_incarnation()) return done(AnotherLog());
    if (now.seq() >= wanted.seq()) {
      return done(method.SpansSchools() ? AnswerOfRegion(question)
                                        : AnswerFrom(question, *std::move(reader)));
    }
  }
  Wait(std::make_shared<const Question>(std::move(question)), wanted, deadline, std::move(done));
}

void QueryFrame::Wait(std::shared_ptr<const Question> question, const type::v1::Position& wanted,
                      Micros deadline, Done done) const {
  const Partition partition = question->partition;
  auto reached = [this, question = std::move(question), seq = wanted.seq(),
                  done = std::move(done)](Result<void> result) {
    if (!result) {
      if (result.error().reason == "VIEW_BEHIND") {
        result.error().metadata["min_seq"] = std::to_string(seq);
      }
      return done(std::move(result));
    }
    if (AnswerElsewhere(question, done)) return;
    Error error{Code::kUnavailable,
                "VIEW_BEHIND",
                "too many queries wait for the position at once: try again a little later",
                {{"min_seq", std::to_string(seq)}}};
    done(std::unexpected(std::move(error)));
  };
  parts_.views.Await(partition, wanted.log_incarnation(), Seq{wanted.seq()}, deadline,
                     std::move(reached));
}

void QueryFrame::AnswerSoon(Question question, Micros deadline, Done done) const {
  std::vector<OwnWrites::Told> unseen;
  std::unique_ptr<Reader> reader;
  if (question.method.SpansSchools()) {
    unseen = UnseenOfAll();
  } else {
    // Before it reads: what is told meanwhile is owed to nobody.
    const Seq told =
        std::max(question.caller.told, ToldOfSchool(question.school_id, question.partition));
    auto read = parts_.views.Read(question.partition, question.school_id);
    if (!read) return done(std::unexpected(std::move(read).error()));
    reader = *std::move(read);
    if (parts_.own_writes != nullptr && Stands(*reader) < told) {
      unseen.push_back({question.partition, told});
    }
  }
  const Micros now = parts_.clock.Monotonic();
  const Micros until = now + std::min<Micros>(kOwnWritesWait, (deadline - now) / 2);
  if (unseen.empty() || until <= now || waiting_ >= kOwnWritesWaitersMax) {
    return done(reader == nullptr ? AnswerOfRegion(question)
                                  : AnswerFrom(question, std::move(reader)));
  }
  reader.reset();
  ++waiting_;
  WaitForOwn(std::make_shared<const Question>(std::move(question)), std::move(unseen), until,
             std::move(done));
}

Seq QueryFrame::ToldOfSchool(const Bytes& school_id, Partition partition) const {
  if (parts_.own_writes == nullptr) return Seq{0};
  const auto told = parts_.own_writes->Of(school_id);
  return told && told->partition == partition ? told->seq : Seq{0};
}

Seq QueryFrame::ToldOf(const Message& request, const Caller& caller) const {
  const Result<Bytes> school = SchoolOf(caller.principal, HeaderOf(request));
  if (!school) return Seq{0};
  return ToldOfSchool(*school, parts_.placement.PartitionOf(*school));
}

std::vector<OwnWrites::Told> QueryFrame::UnseenOfAll() const {
  std::vector<OwnWrites::Told> unseen;
  if (parts_.own_writes == nullptr) return unseen;
  for (const auto& [partition, told] : parts_.own_writes->OfAll()) {
    const auto reader = parts_.views.Read(partition, {});
    // What cannot be read is told as missing.
    if (reader && Stands(**reader) < told) unseen.push_back({partition, told});
  }
  return unseen;
}

void QueryFrame::WaitForOwn(std::shared_ptr<const Question> question,
                            std::vector<OwnWrites::Told> unseen, Micros until, Done done) const {
  const OwnWrites::Told next = unseen.back();
  unseen.pop_back();
  auto reached = [this, question = std::move(question), unseen = std::move(unseen), until,
                  done = std::move(done)](const Result<void>& result) mutable {
    if (result && !unseen.empty()) {
      return WaitForOwn(std::move(question), std::move(unseen), until, std::move(done));
    }
    --waiting_;
    // Nobody demanded it: if it did not come, as_of says so.
    if (AnswerElsewhere(std::move(question), done)) return;
    done(Fail(Code::kResourceExhausted, "QUEUE_FULL",
              "too many queries wait at once: try again a little later"));
  };
  parts_.views.Await(next.partition, parts_.own_writes->log_incarnation(), next.seq, until,
                     std::move(reached));
}

bool QueryFrame::AnswerElsewhere(std::shared_ptr<const Question> question, Done done) const {
  // Whoever calls this may be the thread that folds.
  return parts_.run([this, question = std::move(question), done = std::move(done)] {
    done(AnswerNow(*question));
  });
}

Result<void> QueryFrame::AnswerNow(const Question& question) const {
  if (question.method.SpansSchools()) return AnswerOfRegion(question);
  Result<std::unique_ptr<Reader>> reader =
      parts_.views.Read(question.partition, question.school_id);
  if (!reader) return std::unexpected(std::move(reader).error());
  return AnswerFrom(question, *std::move(reader));
}

Result<void> QueryFrame::AnswerFrom(const Question& question,
                                    std::unique_ptr<Reader> reader) const {
  Result<void> answered = Answer(question, reader.get());
  if (answered || answered.error().reason != "SIGNED_FURTHER") return answered;
  question.response->Clear();
  reader.reset();
  JALON_ASSIGN_OR_RETURN(reader, parts_.views.Read(question.partition, question.school_id));
  return Answer(question, reader.get());
}

void QueryFrame::Tell(const Error& error) const {
  if (parts_.on_fault && IsFault(error)) parts_.on_fault(error);
}

Result<void> QueryFrame::Answer(const Question& question, const Reader* reader) const {
  const domain::LocalDate today = domain::LocalDateOf(parts_.clock.Wall());
  JALON_ASSIGN_OR_RETURN(const domain::Scope scope,
                         ScopeOf(question.caller.principal, reader, today));
  const Opener opener = parts_.opener.Telling(question.opened);
  const QueryContext context{.principal = question.caller.principal,
                             .scope = scope,
                             .school_id = question.school_id,
                             .language = question.caller.language,
                             .today = today,
                             .reader = reader,
                             .opener = opener,
                             .pages = parts_.pages,
                             .definitions = definitions_,
                             .trails = parts_.trails,
                             .events = &parts_.events,
                             .receipts = parts_.receipts,
                             .root_log = parts_.root_log,
                             .access = parts_.access,
                             .transfers = parts_.transfers};
  JALON_RETURN_IF_ERROR(question.method.answer(question.request, context, question.response));
  if (reader != nullptr) SetAsOf(reader->as_of(), question.response);
  return {};
}

Result<std::vector<std::unique_ptr<Reader>>> QueryFrame::ReadAll() const {
  std::vector<std::unique_ptr<Reader>> readers;
  for (uint32_t partition = 0; partition < parts_.placement.PartitionCount(); ++partition) {
    Result<std::unique_ptr<Reader>> reader = parts_.views.Read(Partition{partition}, {});
    const bool missing = !reader && (reader.error().code == Code::kUnavailable ||
                                     reader.error().code == Code::kNotFound);
    if (!reader && !missing) return std::unexpected(std::move(reader).error());
    readers.push_back(missing ? nullptr : *std::move(reader));
  }
  return readers;
}

Result<void> QueryFrame::AnswerOfRegion(const Question& question) const {
  JALON_ASSIGN_OR_RETURN(auto readers, ReadAll());
  Region region(std::move(readers), AllowsPartial(question.request));
  RegionContext context{.principal = question.caller.principal,
                        .language = question.caller.language,
                        .today = domain::LocalDateOf(parts_.clock.Wall()),
                        .region = region,
                        .pages = parts_.pages};
  JALON_RETURN_IF_ERROR(
      question.method.answer_of_region(question.request, context, question.response));
  SetAsOf(region.as_of(), question.response);
  SetMissing(region.missing(), question.response);
  return {};
}

}  // namespace jalon::api
