#include "services/api/queries/frame.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>
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

std::unexpected<Error> TooManyWait(std::map<std::string, std::string> metadata) {
  return std::unexpected(
      Error{Code::kUnavailable, "VIEW_BEHIND",
            "too many queries wait for the position at once: try again a little later",
            std::move(metadata)});
}

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
    done(TooManyWait({{"min_seq", std::to_string(seq)}}));
  };
  parts_.views.Await(partition, wanted.log_incarnation(), Seq{wanted.seq()}, deadline,
                     std::move(reached));
}

void QueryFrame::AnswerSoon(Question question, Micros deadline, Done done) const {
  std::unique_ptr<Reader> reader;
  if (!question.method.SpansSchools()) {
    auto read = parts_.views.Read(question.partition, question.school_id);
    if (!read) return done(std::unexpected(std::move(read).error()));
    reader = *std::move(read);
  }
  std::vector<type::v1::Position> unseen = Unseen(question, reader.get());
  if (unseen.empty()) {
    return done(reader == nullptr ? AnswerOfRegion(question)
                                  : AnswerFrom(question, std::move(reader)));
  }
  reader.reset();
  const Micros until = std::min(deadline, parts_.clock.Monotonic() + Micros(kOwnWritesWait));
  WaitForOwn(std::make_shared<const Question>(std::move(question)), std::move(unseen), until,
             std::move(done));
}

std::vector<type::v1::Position> QueryFrame::Unseen(const Question& question,
                                                   const Reader* reader) const {
  std::vector<type::v1::Position> unseen;
  if (parts_.own_writes == nullptr) return unseen;
  const auto look = [&](Seq told, const Reader& views) {
    type::v1::Position position = views.as_of().position();
    if (position.seq() >= told.value) return;
    position.set_seq(told.value);
    unseen.push_back(std::move(position));
  };
  if (reader != nullptr) {
    look(parts_.own_writes->At(question.partition), *reader);
    return unseen;
  }
  for (Partition each{0}; each.value < parts_.placement.PartitionCount(); each = each.Next()) {
    const Seq told = parts_.own_writes->At(each);
    if (told == Seq{0}) continue;
    // What cannot be read is told as missing.
    if (const auto views = parts_.views.Read(each, {})) look(told, **views);
  }
  return unseen;
}

void QueryFrame::WaitForOwn(std::shared_ptr<const Question> question,
                            std::vector<type::v1::Position> unseen, Micros until, Done done) const {
  const type::v1::Position next = std::move(unseen.back());
  unseen.pop_back();
  auto reached = [this, question = std::move(question), unseen = std::move(unseen), until,
                  done = std::move(done)](const Result<void>& result) mutable {
    if (result && !unseen.empty()) {
      return WaitForOwn(std::move(question), std::move(unseen), until, std::move(done));
    }
    // Nobody demanded it: if it did not come, as_of says so.
    if (!AnswerElsewhere(std::move(question), done)) done(TooManyWait({}));
  };
  parts_.views.Await(Partition{next.partition()}, next.log_incarnation(), Seq{next.seq()}, until,
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
