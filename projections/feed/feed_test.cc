// What the feed says of an event, and what it never says.
#include "projections/feed/feed.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <set>

#include "eventstore/base/hash.h"
#include "eventstore/log/log_testing.h"
#include "eventstore/log/record.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "jalon/feed/v1/feed_event.pb.h"
#include "projections/feed/contract.h"
#include "projections/feed/feed_testing.h"
#include "projections/feed/published.h"
#include "proto/example_testing.h"

namespace jalon::projections::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr Partition kFirst{0};

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() : birth_(WithTime()), log_(birth_), writer_(log_) {}

  static eventstore::Birth WithTime() {
    eventstore::Birth birth = eventstore::testing::TestBirth(1);
    birth.began_at = 1'788'000'000;
    return birth;
  }
  std::vector<FeedRecord> Feed() { return FeedOf(log_, birth_, kFirst); }

  const eventstore::Birth birth_;
  eventstore::MemoryLog log_;
  LogWriter writer_;
};

TEST_F(FeedTest, AttributesAreThoseOfTheContract) {
  writer_.Record(kFirst, {FullEvent(85), FullEvent(76)});
  const auto feed = Feed();
  ASSERT_EQ(feed.size(), 2U);
  const std::string hash = ToHex(jalon::View(writer_.head(kFirst).hash).substr(0, 16));
  const std::string school = ToHex(kTenant);
  EXPECT_EQ(feed[0].id, hash + "-0");
  EXPECT_EQ(feed[1].id, hash + "-1");
  EXPECT_EQ(feed[0].source, "/schools/" + school);
  EXPECT_EQ(feed[0].partitionkey, school);
  EXPECT_EQ(feed[0].type, "ca.jalon.activity-completed.v1");
  EXPECT_EQ(feed[1].type, "ca.jalon.stay-ended.v1");
  EXPECT_EQ(feed[0].time, "2026-09-01T12:00:00Z");
  EXPECT_EQ(feed[0].recordedtime, "2026-08-29T10:40:01.000000Z");
  //                              began at  ‖ seq                ‖ index
  EXPECT_EQ(feed[0].sequence, "178800000000000000000000000001000000");
  EXPECT_EQ(feed[1].sequence, "178800000000000000000000000001000001");
  EXPECT_EQ(feed[0].dataschema, DataSchema());
  EXPECT_TRUE(DataSchema().starts_with("/schemas/jalon.events.v1?d="));
  EXPECT_EQ(DataSchema().size(), std::string_view("/schemas/jalon.events.v1?d=01234567").size());
  EXPECT_EQ(feed[0].traceparent, "");
}

TEST_F(FeedTest, HeadersAreThoseOfCloudEventsBinaryMode) {
  FeedRecord record{.id = "i",
                    .source = "s",
                    .type = "t",
                    .time = "d",
                    .recordedtime = "r",
                    .sequence = "q",
                    .partitionkey = "p",
                    .dataschema = "m",
                    .traceparent = "",
                    .data = ""};
  using Header = std::pair<std::string, std::string>;
  const std::vector<Header> headers = {
      {"ce_specversion", "1.0"}, {"ce_id", "i"},
      {"ce_source", "s"},        {"ce_type", "t"},
      {"ce_time", "d"},          {"ce_recordedtime", "r"},
      {"ce_sequence", "q"},      {"ce_partitionkey", "p"},
      {"ce_dataschema", "m"},    {"content-type", "application/protobuf"}};
  EXPECT_EQ(HeadersOf(record), headers);
  record.traceparent = "00-x";
  const auto traced = HeadersOf(record);
  ASSERT_EQ(traced.size(), headers.size() + 2);
  EXPECT_EQ(traced[headers.size()], Header("ce_traceparent", "00-x"));
  EXPECT_EQ(traced[headers.size() + 1], Header("traceparent", "00-x"));
}

TEST_F(FeedTest, TheTraceOfTheCommandGoesOn) {
  eventstore::ChainHead head;
  const auto all = eventstore::testing::ReadAll(log_, kFirst, Offset{0});
  eventstore::testing::Feed(head, all[0].bytes, 0);
  const auto claim = eventstore::EncodeClaim(eventstore::testing::NextClaim(head));
  eventstore::testing::Feed(head, claim, 1);
  log::v1::Record record = eventstore::testing::NextRecord(head);
  record.clear_events();
  record.add_events(FullEvent(85).SerializeAsString());
  record.set_trace(std::string(16, '\xab') + std::string(8, '\xcd') + '\x01');
  ASSERT_TRUE(log_.Append(kFirst, {claim, eventstore::EncodeRecord(record)}));
  const auto feed = Feed();
  ASSERT_EQ(feed.size(), 1U);
  EXPECT_EQ(feed[0].traceparent, "00-abababababababababababababababab-cdcdcdcdcdcdcdcd-01");
}

TEST_F(FeedTest, OnlyWhatCountsIsTold) {
  writer_.Record(kFirst, {FullEvent(85)});
  writer_.Copy(kFirst);
  writer_.Claim(kFirst);
  writer_.Zombie(kFirst);
  writer_.Record(kFirst, {});
  writer_.Record(kFirst, {FullEvent(76)});
  const auto feed = Feed();
  ASSERT_EQ(feed.size(), 2U);
  EXPECT_LT(feed[0].sequence, feed[1].sequence);
}

TEST_F(FeedTest, AnEventThatIsUnknownStopsTheFeed) {
  log::v1::Event unknown = FullEvent(85);
  unknown.set_type(9999);
  writer_.Record(kFirst, {unknown});
  Cursor cursor;
  std::vector<FeedRecord> records;
  Result<void> read;
  for (const auto& entry : eventstore::testing::ReadAll(log_, kFirst, Offset{0})) {
    read = ReadFeed(cursor, birth_.began_at, kFirst, entry.offset, *entry.bytes, &records);
  }
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, "PARTITION_DIVERGED");
  EXPECT_TRUE(records.empty());
}

// The canaries of every text and all bytes within, by whether they may leave.
void CollectCanaries(const Descriptor& message, bool published, std::set<std::string>* leave,
                     std::set<std::string>* stay) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const bool leaves = published && IsPublished(field);
    if (field.message_type() != nullptr) {
      if (field.full_name() == "jalon.type.v1.Sealed.other_years") continue;
      // In the system's partition, which has no feed.
      if (field.message_type()->options().GetExtension(option::v1::event).system()) continue;
      CollectCanaries(*field.message_type(), leaves, leave, stay);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      (leaves ? leave : stay)->insert(CanaryOf(field));
    }
  }
}

TEST_F(FeedTest, OfEveryEventEachPublishedTextLeavesAndNoOther) {
  std::set<std::string> leave;
  std::set<std::string> stay;
  CollectCanaries(*event::v1::EventBody::descriptor(), true, &leave, &stay);
  // A field of a message that stands in two places leaves from one of them.
  for (const std::string& canary : leave) stay.erase(canary);
  ASSERT_GT(leave.size(), 60U);
  ASSERT_GT(stay.size(), 30U);
  int variants = VariantsOf(*event::v1::EventBody::descriptor());
  std::string told;
  std::string stored;
  for (int variant = 0; variant < variants; ++variant) {
    std::vector<log::v1::Event> events;
    for (const uint32_t type : AllEventTypes()) events.push_back(FullEvent(type, variant));
    for (const auto& event : events) stored += event.SerializeAsString();
    writer_.Record(kFirst, events);
  }
  for (const FeedRecord& record : Feed()) {
    told += record.data;
    for (const auto& [name, value] : HeadersOf(record)) told += name + value;
  }
  for (const std::string& canary : leave) {
    EXPECT_NE(told.find(canary), std::string::npos) << canary << " is published and does not leave";
  }
  for (const std::string& canary : stay) {
    EXPECT_NE(stored.find(canary), std::string::npos) << canary << " was not planted";
    EXPECT_EQ(told.find(canary), std::string::npos) << canary << " leaves";
  }
  for (const char* who : {"<actor>", "<on behalf of>"}) {
    EXPECT_NE(stored.find(who), std::string::npos) << who;
    EXPECT_EQ(told.find(who), std::string::npos) << who;
  }
}

// Numbers too: every withheld field is empty in what is told, and nothing unknown is in it.
void ExpectPublishedOnly(const Message& message) {
  const auto& reflection = *message.GetReflection();
  EXPECT_EQ(reflection.GetUnknownFields(message).field_count(), 0);
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    EXPECT_TRUE(IsPublished(*field)) << field->full_name();
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      ExpectPublishedOnly(reflection.GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      ExpectPublishedOnly(reflection.GetRepeatedMessage(message, field, i));
    }
  }
}

// What the published fields of the stored payload are, found another way: by reflection.
void Withhold(Message* message) {
  const auto& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!IsPublished(*field)) {
      reflection.ClearField(message, field);
    } else if (field->message_type() != nullptr && !field->is_repeated()) {
      Withhold(reflection.MutableMessage(message, field));
    } else if (field->message_type() != nullptr) {
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
        Withhold(reflection.MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

TEST_F(FeedTest, EveryEventIsTheStoredOneWithoutWhatIsWithheld) {
  for (const uint32_t type : LeavingEventTypes()) {
    const log::v1::Event stored = FullEvent(type);
    writer_.Record(kFirst, {stored});
    const auto told = Feed().back();
    feed::v1::FeedEvent event;
    ASSERT_TRUE(event.ParseFromString(told.data));
    ExpectPublishedOnly(event);
    event::v1::EventBody body;
    const auto* field =
        event::v1::EventBody::descriptor()->FindFieldByNumber(static_cast<int>(type));
    Message* payload = body.GetReflection()->MutableMessage(&body, field);
    ASSERT_TRUE(payload->ParseFromString(stored.payload()));
    Withhold(payload);
    EXPECT_EQ(event.body().SerializeAsString(), body.SerializeAsString()) << told.type;
    EXPECT_EQ(event.school_id(), kTenant);
    EXPECT_EQ(event.aggregate_id(), "aggregate");
    EXPECT_EQ(event.subject_id(), "student8");
    EXPECT_EQ(event.occurred_on(), 20260901U);
    EXPECT_EQ(event.actor_role(), type::v1::ROLE_WORKPLACE_TUTOR);
    EXPECT_EQ(event.origin(), type::v1::ORIGIN_TRANSCRIBED);
    EXPECT_EQ(event.recorded_at() % 1'000'000, 0);
  }
}

TEST(Published, WhatTheContractDoesNotKnowDoesNotLeave) {
  const PublishedFields fields(*event::v1::HoursLogged::descriptor());
  std::string encoded;
  wire::AppendNumber(1, 90, &encoded);          // minutes
  wire::AppendBytes(1, "no number", &encoded);  // of another type than the contract says
  wire::AppendNumber(777, 1, &encoded);         // unknown
  wire::AppendBytes(778, "unknown", &encoded);
  std::string published;
  ASSERT_TRUE(fields.Copy(encoded, &published));
  EXPECT_EQ(published, encoded.substr(0, 2));
  EXPECT_FALSE(fields.Copy(encoded + "\x0a\x7f", &published));
}

TEST(Contract, ADecoderKnowsNoFieldThatIsWithheld) {
  DescriptorPool pool;
  for (const auto& file : PublishedContract().file()) {
    ASSERT_NE(pool.BuildFile(file), nullptr) << file.name();
  }
  const PublishedTypes types = TypesWithin(*feed::v1::FeedEvent::descriptor());
  ASSERT_GT(types.messages.size(), 50U);
  for (const Descriptor* message : types.messages) {
    const Descriptor* published = pool.FindMessageTypeByName(message->full_name());
    ASSERT_NE(published, nullptr) << message->full_name();
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor& field = *message->field(i);
      EXPECT_EQ(published->FindFieldByNumber(field.number()) != nullptr, IsPublished(field))
          << field.full_name();
    }
  }
  for (const char* name : {"jalon.type.v1.Sealed", "jalon.type.v1.EvaluationResult",
                           "jalon.type.v1.OutcomeCause", "jalon.person.v1.Words"}) {
    EXPECT_EQ(pool.FindFileContainingSymbol(name), nullptr) << name;
  }
}

TEST_F(FeedTest, TheContractDecodesEveryEventWhole) {
  DescriptorPool pool;
  for (const auto& file : PublishedContract().file()) ASSERT_NE(pool.BuildFile(file), nullptr);
  google::protobuf::DynamicMessageFactory factory;
  const Descriptor* type = pool.FindMessageTypeByName("jalon.feed.v1.FeedEvent");
  for (const uint32_t number : AllEventTypes()) writer_.Record(kFirst, {FullEvent(number)});
  const auto feed = Feed();
  ASSERT_EQ(feed.size(), LeavingEventTypes().size()) << "and what is withheld is told to nobody";
  for (const FeedRecord& record : feed) {
    const std::unique_ptr<Message> event(factory.GetPrototype(type)->New());
    ASSERT_TRUE(event->ParseFromString(record.data));
    EXPECT_EQ(event->SerializeAsString(), record.data) << record.type;
    event->DiscardUnknownFields();
    EXPECT_EQ(event->SerializeAsString(), record.data) << record.type << " has unknown fields";
  }
}

}  // namespace
}  // namespace jalon::projections::testing
