#include "tests/scenarios/runner/viewed_world.h"

#include "eventstore/base/check.h"
#include "projections/views/all_views.h"
#include "services/api/queries/access.h"
#include "services/domain/local_date.h"
#include "services/domain/reasons.h"

namespace jalon::scenarios {

ViewedWorld::ViewedWorld(Micros start)
    : local_(start), views_(projections::MakeAllViews(Bytes(16, 'D'))) {
  for (size_t i = 0; i < views_->size(); ++i) {
    tables_.push_back(std::make_unique<projections::RowTable>((*views_)[i], store_.NewGeneration(),
                                                              store_, /*fresh=*/true));
  }
}

ViewedWorld::~ViewedWorld() = default;

Result<Answer> ViewedWorld::Send(const domain::Principal& who,
                                 const google::protobuf::Message& command,
                                 const type::v1::CommandHeader& header) {
  Result<Answer> answer = local_.Send(who, command, header);
  if (answer && answer->accepted && !answer->repeated && answer->result.has_position()) {
    Fold(local_.RecordAt(answer->result.position().seq()));
  }
  return answer;
}

void ViewedWorld::SealWithKeys() {
  local_.door().SealBy(
      [this](const Bytes& school_id, const std::string& clear, type::v1::Sealed* sealed) {
        type::v1::Sealed bytes;
        JALON_CHECK(bytes.ParseFromString(vault_.Sealed(school_id, sealed->subject(), clear)));
        sealed->MergeFrom(bytes);
      });
}

void ViewedWorld::ForEachEvent(const log::v1::Record& record,
                               const std::function<void(const projections::EventView&)>& visit) {
  for (int i = 0; i < record.events_size(); ++i) {
    log::v1::Event event;
    JALON_CHECK(event.ParseFromString(record.events(i)));
    const std::string actor =
        (event.has_actor() ? event.actor() : record.actor()).SerializeAsString();
    visit({.seq = Seq{record.seq()},
           .index = static_cast<uint32_t>(i),
           .recorded_at = record.recorded_at(),
           .tenant = event.tenant(),
           .type = event.type(),
           .aggregate_kind = event.aggregate_kind(),
           .aggregate = event.aggregate(),
           .version = event.version(),
           .subject = event.subject(),
           .occurred_on = event.occurred_on(),
           .actor = actor,
           .payload = event.payload(),
           .stored = record.events(i),
           .is_leaf = event.has_trail()});
  }
}

void ViewedWorld::Fold(const log::v1::Record& record) {
  ForEachEvent(record, [this](const projections::EventView& seen) {
    for (size_t view = 0; view < tables_.size(); ++view) {
      if ((*views_)[view].Wants(seen.type)) (*views_)[view].Fold(seen, *tables_[view]);
      JALON_CHECK(tables_[view]->refused() == nullptr);
    }
  });
  TakeRows(record.tenant(), record.seq());
}

void ViewedWorld::TakeRows(std::string_view school_id, uint64_t seq) {
  for (size_t view = 0; view < tables_.size(); ++view) {
    for (const auto& change : tables_[view]->TakeChanges()) {
      api::TestRows& rows = rows_[Bytes(change.key.substr(0, school_id.size()))];
      const std::string key = std::string((*views_)[view].Name())
                                  .append("/")
                                  .append(change.key.substr(school_id.size()));
      if (change.row == nullptr) {
        rows.erase(key);
        continue;
      }
      std::string bytes;
      change.row->Encode(&bytes);
      rows[key] = std::move(bytes);
    }
  }
  const Bytes school(school_id);
  readers_[school] = std::make_unique<api::TestReader>(rows_[school], api::TestAsOf(seq));
}

Result<Answer> ViewedWorld::Query(const domain::Principal& who,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* response) {
  const api::QueryMethod* method = queries_.FindByRequest(request.GetDescriptor());
  if (method == nullptr || method->SpansSchools()) {  // rows are here by school
    return Fail(Code::kUnimplemented, "UNSUPPORTED", request.GetTypeName() + " is no query");
  }
  Answer answer;
  if (!method->Allows(who.role)) {
    answer.refusal.add_refusals()->set_reason(domain::Reason::ROLE_NOT_ALLOWED);
    return answer;
  }
  const api::Reader* reader = readers_[who.school_id].get();
  const api::ReadEventAt events = [this](Partition, const projections::EventPlace& place,
                                         const auto& visit) {
    Result<void> visited;
    ForEachEvent(local_.RecordAt(place.seq.value), [&](const projections::EventView& event) {
      if (event.index == place.index) visited = visit(event);
    });
    return visited;
  };
  const domain::LocalDate today = domain::LocalDateOf(Now());
  const Result<domain::Scope> scope = api::ScopeOf(who, reader, today);
  Result<void> answered;
  if (scope) {
    const api::QueryContext context{.principal = who,
                                    .scope = *scope,
                                    .school_id = who.school_id,
                                    .today = today,
                                    .reader = reader,
                                    .opener = opener_,
                                    .pages = tokens_,
                                    .definitions = definitions_,
                                    .trails = trails_,
                                    .events = &events};
    answered = method->answer(request, context, response);
  } else {
    answered = std::unexpected(scope.error());
  }
  answer.accepted = answered.has_value();
  if (!answered) {
    answer.refusal.add_refusals()->set_reason(domain::ReasonNamed(answered.error().reason));
  }
  return answer;
}

}  // namespace jalon::scenarios
