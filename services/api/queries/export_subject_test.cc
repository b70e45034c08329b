// ExportSubject: whatever an event about a person may hold, that person is given, and nobody else.
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <set>

#include "eventstore/base/hash.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/privacy_events.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/option/v1/field.pb.h"
#include "jalon/person/v1/person.pb.h"
#include "jalon/person/v1/person_service.pb.h"
#include "projections/views/person_records.h"
#include "services/api/queries/held.h"
#include "services/api/queries/query_testing.h"

namespace jalon::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using person::v1::ExportSubjectRequest;
using person::v1::ExportSubjectResponse;
using person::v1::HeldRecord;
using person::v1::HeldSection;

const Bytes kRose(8, 'R');  // Ada's guardian
const Bytes kAda1 = StayOf(kAda, '1');
const Bytes kBen1 = StayOf(kBen, '1');

std::unique_ptr<Message> NewOf(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

class ExportSubjectTest : public QueryTest {
 protected:
  ExportSubjectTest() {
    school_.Found();
    school_.Enrol(kAda, Identity(20100301));
    request_.set_person_id(kAda);
    request_.mutable_page()->set_page_size(500);
  }

  std::string Identity(uint32_t born_on, const Bytes& of = kAda) {
    person::v1::Identity identity;
    identity.set_given_name("given " + of);
    identity.set_born_on(born_on);
    return vault_.Sealed(kTestSchool, of, identity.SerializeAsString());
  }

  // Fills every field with something that is nowhere else, and puts what an export shows of it into
  // `said`.
  void Fill(Message& message, const Bytes& person, std::set<std::string>* said) {
    const Descriptor& type = *message.GetDescriptor();
    const auto& reflection = *message.GetReflection();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      ++number_;
      if (field.message_type() == type::v1::Sealed::descriptor()) {
        const std::string& inside = field.options().GetExtension(option::v1::opens_as);
        const auto clear = NewOf(DescriptorPool::generated_pool()->FindMessageTypeByName(inside));
        Fill(*clear, person, said);
        reflection.MutableMessage(&message, &field)
            ->ParseFromString(vault_.Sealed(kTestSchool, person, clear->SerializeAsString()));
      } else if (field.message_type() != nullptr) {
        Fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                 : *reflection.MutableMessage(&message, &field),
             person, said);
      } else {
        said->insert(FillOne(message, field, person));
      }
    }
  }

  ExportSubjectResponse Export() {
    auto answer = Ask<ExportSubjectResponse>(request_);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *std::move(answer) : ExportSubjectResponse();
  }

  // One event of every type that may be about a person, all its fields filled; but for the one
  // after which nothing is opened.
  std::set<std::string> LiveEverything(const Bytes& stay) {
    std::set<std::string> said;
    const auto view = projections::MakePersonRecords();
    const auto* registry = event::v1::EventBody::descriptor();
    for (int i = 0; i < registry->field_count(); ++i) {
      if (!view->Wants(static_cast<uint32_t>(registry->field(i)->number()))) continue;
      if (registry->field(i)->number() == event::v1::EventBody::kPersonKeyDestroyed) continue;
      const auto event = NewOf(registry->field(i)->message_type());
      Fill(*event, stay.substr(0, 8), &said);
      school_.Happened(*event, type::v1::AGGREGATE_KIND_STAY, stay, 20260901);
      ++types_;
    }
    return said;
  }

  ExportSubjectRequest request_;
  size_t types_ = 0;

 private:
  std::string FillOne(Message& message, const FieldDescriptor& field, const Bytes& person) {
    const auto& reflection = *message.GetReflection();
    const bool repeated = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string text = fmt::format("{}{:07}", person[0], number_);
        repeated ? reflection.AddString(&message, &field, text)
                 : reflection.SetString(&message, &field, text);
        return field.type() == FieldDescriptor::TYPE_BYTES ? ToHex(text) : text;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* value = field.enum_type()->value(1);
        repeated ? reflection.AddEnum(&message, &field, value)
                 : reflection.SetEnum(&message, &field, value);
        return value->name();
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(&message, &field, true);
        return "true";
      case FieldDescriptor::CPPTYPE_UINT64:
        repeated ? reflection.AddUInt64(&message, &field, number_)
                 : reflection.SetUInt64(&message, &field, number_);
        return std::to_string(number_);
      default: {
        const bool is_day = field.name().ends_with("_on");
        const uint32_t value = is_day ? 20260101 + number_ % 28 : number_;
        repeated ? reflection.AddUInt32(&message, &field, value)
                 : reflection.SetUInt32(&message, &field, value);
        return is_day ? domain::DateText(value) : std::to_string(value);
      }
    }
  }

  uint32_t number_ = 100;
};

// Every value in the records, sections and fields alike.
std::set<std::string> ValuesOf(const ExportSubjectResponse& response) {
  std::set<std::string> values;
  for (const HeldRecord& record : response.records()) {
    for (const auto& field : record.fields()) values.insert(field.value());
    for (const auto& section : record.sections()) {
      for (const auto& field : section.fields()) values.insert(field.value());
    }
  }
  return values;
}

size_t SectionsIn(const ExportSubjectResponse& response, person::v1::SectionState state) {
  size_t count = 0;
  for (const HeldRecord& record : response.records()) {
    count += static_cast<size_t>(std::ranges::count(record.sections(), state, &HeldSection::state));
  }
  return count;
}

TEST_F(ExportSubjectTest, EveryFieldOfEveryEventAboutThePersonIsThere) {
  const std::set<std::string> of_ada = LiveEverything(kAda1);
  const size_t types = types_;
  const std::set<std::string> of_ben = LiveEverything(kBen1);
  ASSERT_GT(types, 30u);
  ActAs(type::v1::ROLE_STUDENT, kAda);
  const ExportSubjectResponse answer = Export();
  EXPECT_EQ(answer.records_size(), static_cast<int>(types + 1));  // the first one enrolled her
  const std::set<std::string> values = ValuesOf(answer);
  for (const std::string& value : of_ada) EXPECT_TRUE(values.contains(value)) << value;
  for (const std::string& value : of_ben) {
    if (!value.starts_with("B0") && !value.starts_with("4230")) continue;  // not Ben's alone
    EXPECT_FALSE(values.contains(value)) << value;
  }
  EXPECT_EQ(SectionsIn(answer, person::v1::SECTION_STATE_ERASED), 0u);
  EXPECT_GE(SectionsIn(answer, person::v1::SECTION_STATE_OPEN), 18u);
  EXPECT_FALSE(answer.subject().erased());
  EXPECT_EQ(answer.subject().person_id(), ToHex(kAda));
  EXPECT_EQ(answer.subject().school_name(), "CFP-NORD");
}

TEST_F(ExportSubjectTest, SaysWhoWhenAndInBothLanguages) {
  event::v1::FormativeEstimateReported estimate;
  estimate.set_objective("o1");
  estimate.mutable_words()->ParseFromString(
      vault_.Sealed(kTestSchool, kAda, "\x0a\x09with help\x12\x04ouch"));
  school_.Reported(estimate, kAda1, 20260911);
  const ExportSubjectResponse answer = Export();
  const HeldRecord& record = answer.records(answer.records_size() - 1);
  EXPECT_EQ(record.type(), "FormativeEstimateReported");
  EXPECT_EQ(record.position(), fmt::format("{}.0", school_.seq()));
  EXPECT_EQ(record.label().en(), "formative estimate");
  EXPECT_EQ(record.label().fr(), "estimation formative");
  EXPECT_EQ(record.occurred_on(), "2026-09-11");
  EXPECT_EQ(record.recorded_at().substr(0, 17), "1970-01-01T00:00:");
  EXPECT_EQ(record.actor().person_id(), ToHex(kLuc));
  EXPECT_EQ(record.actor().role(), "ROLE_WORKPLACE_TUTOR");
  EXPECT_EQ(record.actor().role_label().fr(), "tuteur en entreprise");
  EXPECT_EQ(record.about_kind(), "AGGREGATE_KIND_STAY");
  EXPECT_EQ(record.about_id(), ToHex(kAda1));
  ASSERT_EQ(record.sections_size(), 1);
  const HeldSection& section = record.sections(0);
  EXPECT_EQ(section.path(), "words");
  ASSERT_EQ(section.fields_size(), 2);
  EXPECT_EQ(section.fields(0).path(), "words.word");
  EXPECT_EQ(section.fields(0).value(), "with help");
  EXPECT_EQ(section.fields(0).label().fr(), "propos : mot de l’échelle");
  EXPECT_EQ(section.fields(1).label().en(), "words: comment");
}

TEST_F(ExportSubjectTest, ACompanyHasItsNameAndAPlanItsParts) {
  school_.Schedule(kAda1);
  const ExportSubjectResponse answer = Export();
  const HeldRecord& record = answer.records(answer.records_size() - 1);
  const auto of = [&](const std::string& path) {
    const auto found = std::ranges::find(record.fields(), path, &person::v1::HeldField::path);
    return found == record.fields().end() ? person::v1::HeldField() : *found;
  };
  EXPECT_EQ(of("company_id").value(), ToHex(kGarage));
  EXPECT_EQ(of("company_id").value_label().fr(), "Garage-Tremblay, rue Principale");
  EXPECT_EQ(of("starts_on").value(), "2026-09-07");
  EXPECT_EQ(of("activities[2].shares[1].module").value(), kWheels);
  EXPECT_EQ(of("activities[2].shares[1].module").label().en(),
            "activity 3: share of a module 2: module");
  EXPECT_EQ(of("type").value_label().en(), "development");
}

TEST_F(ExportSubjectTest, AfterErasureSectionsReadAsErasedAndNothingFails) {
  LiveEverything(kAda1);
  const std::set<std::string> before = ValuesOf(Export());
  ASSERT_TRUE(vault_.DestroyPersonKey(kTestSchool, kAda));
  const ExportSubjectResponse answer = Export();
  EXPECT_TRUE(answer.subject().erased());
  EXPECT_EQ(SectionsIn(answer, person::v1::SECTION_STATE_OPEN), 0u);
  EXPECT_GE(SectionsIn(answer, person::v1::SECTION_STATE_ERASED), 18u);
  const std::set<std::string> after = ValuesOf(answer);
  EXPECT_TRUE(before.contains("given " + kAda));
  EXPECT_FALSE(after.contains("given " + kAda));
  EXPECT_LT(after.size(), before.size());
}

TEST_F(ExportSubjectTest, FromTheErasuresPositionOnNothingIsOpenedThoughTheKeyIsStillThere) {
  LiveEverything(kAda1);
  school_.Happened(event::v1::PersonKeyDestroyed(), type::v1::AGGREGATE_KIND_PERSON, kAda,
                   20340110);
  const ExportSubjectResponse answer = Export();
  EXPECT_TRUE(answer.subject().erased());
  EXPECT_EQ(SectionsIn(answer, person::v1::SECTION_STATE_OPEN), 0u);
  EXPECT_FALSE(ValuesOf(answer).contains("given " + kAda));
}

TEST_F(ExportSubjectTest, WhatAnothersKeySealsIsHeldOnThatOther) {
  event::v1::AttitudeObserved observed;
  observed.mutable_words()->ParseFromString(vault_.Sealed(kTestSchool, kBen,
                                                          "\x0a\x03"
                                                          "Ben"));
  school_.Happened(observed, type::v1::AGGREGATE_KIND_STAY, kAda1, 20260910);
  const ExportSubjectResponse answer = Export();
  EXPECT_EQ(answer.records(answer.records_size() - 1).sections_size(), 0);
  EXPECT_FALSE(ValuesOf(answer).contains("Ben"));
}

TEST_F(ExportSubjectTest, PagesGoOnInTheOrderOfTheRecords) {
  LiveEverything(kAda1);
  const ExportSubjectResponse whole = Export();
  request_.mutable_page()->set_page_size(7);
  ExportSubjectResponse joined;
  do {
    const ExportSubjectResponse page = Export();
    ASSERT_GT(page.records_size(), 0);
    joined.mutable_records()->MergeFrom(page.records());
    request_.mutable_page()->set_page_token(page.page().next_page_token());
  } while (!request_.page().page_token().empty());
  ASSERT_EQ(joined.records_size(), whole.records_size());
  for (int i = 0; i < joined.records_size(); ++i) {
    EXPECT_EQ(joined.records(i).SerializeAsString(), whole.records(i).SerializeAsString()) << i;
  }
}

class WhoMayExport : public ExportSubjectTest {
 protected:
  void GrantRose() {
    event::v1::AccessGranted granted;
    granted.set_person_id(kRose);
    granted.set_role(type::v1::ROLE_GUARDIAN);
    granted.mutable_scope()->add_student_ids(kAda);
    school_.Happened(granted, type::v1::AGGREGATE_KIND_GRANT, Bytes(8, 'g'), 20260801);
  }
  std::string Reason() { return ReasonOf<ExportSubjectResponse>(request_); }
};

TEST_F(WhoMayExport, OnesOwnAndTheCoordinatorAnybodys) {
  school_.Enrol(kBen, Identity(20080101, kBen));
  ActAs(type::v1::ROLE_STUDENT, kAda);
  EXPECT_EQ(Reason(), "");
  ActAs(type::v1::ROLE_STUDENT, kBen);
  EXPECT_EQ(Reason(), "NOT_FOUND");
  ActAs(type::v1::ROLE_STUDENT, {});
  EXPECT_EQ(Reason(), "NOT_FOUND");
  ActAs(type::v1::ROLE_WORK_STUDY_COORDINATOR);
  EXPECT_EQ(Reason(), "");
  request_.set_person_id(Bytes(8, 'U'));
  EXPECT_EQ(Reason(), "NOT_FOUND");
}

TEST_F(WhoMayExport, TheGuardianOfAMinorUntilTheDayOfAge) {
  ActAs(type::v1::ROLE_GUARDIAN, kRose);
  EXPECT_EQ(Reason(), "NOT_FOUND");  // no grant
  GrantRose();
  EXPECT_EQ(Reason(), "");
  request_.set_person_id(kBen);
  EXPECT_EQ(Reason(), "NOT_FOUND");
  request_.set_person_id(kAda);
  today_ = 20280229;
  EXPECT_EQ(Reason(), "");
  today_ = 20280301;  // Ada is 18
  EXPECT_EQ(Reason(), "NOT_FOUND");
}

TEST_F(WhoMayExport, NobodyElse) {
  const auto* method = queries_.FindByRequest(ExportSubjectRequest::descriptor());
  ASSERT_NE(method, nullptr);
  for (const auto role :
       {type::v1::ROLE_TEACHER, type::v1::ROLE_WORKPLACE_TUTOR, type::v1::ROLE_COMPANY_SIGNATORY,
        type::v1::ROLE_AUDITOR, type::v1::ROLE_ANALYST, type::v1::ROLE_REGION_COORDINATOR}) {
    EXPECT_FALSE(method->Allows(role)) << role;
  }
}

TEST_F(WhoMayExport, WithTheVaultAwayNothingIsShown) {
  vault_.reachable = false;
  EXPECT_EQ(Reason(), "VAULT_UNAVAILABLE");
}

}  // namespace
}  // namespace jalon::api
