// Laws that every contract keeps, read from the descriptors: the one door trusts them.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/feed/v1/feed_event.pb.h"
#include "jalon/mark/v1/feed.pb.h"
#include "jalon/option/v1/event.pb.h"
#include "jalon/option/v1/field.pb.h"
#include "jalon/option/v1/method.pb.h"
#include "jalon/option/v1/reason.pb.h"
#include "jalon/refusal/v1/refusal_reason.pb.h"
#include "jalon/type/v1/sealed.pb.h"

namespace jalon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// Commands of later issues that a reason already names as its remedy.
const std::set<std::string> kPlannedCommands = {"CancelStay", "CorrectFact", "MoveToVersion",
                                                "ReviseStay"};

// The test links all of jalon_proto, so the generated pool knows every file.
std::vector<const FileDescriptor*> JalonFiles() {
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    if (name.starts_with("jalon/")) {
      files.push_back(DescriptorPool::generated_pool()->FindFileByName(name));
    }
  }
  return files;
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : JalonFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back(file->service(s)->method(m));
      }
    }
  }
  return methods;
}

bool IsCommand(const MethodDescriptor& method) {
  return method.options().HasExtension(option::v1::command);
}

bool IsQuery(const MethodDescriptor& method) {
  return method.options().HasExtension(option::v1::query);
}

bool IsSealed(const Descriptor* message) { return message == type::v1::Sealed::descriptor(); }

bool IsSection(const Descriptor* message) {
  return message != nullptr && message->name().ends_with("Section");
}

// Walks dots through messages from `root`; nullptr where the path leads nowhere.
const FieldDescriptor* Resolve(const Descriptor* root, std::string_view path) {
  const FieldDescriptor* field = nullptr;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    const std::string part(path.substr(0, dot));
    field = root == nullptr ? nullptr : root->FindFieldByName(part);
    if (field == nullptr) return nullptr;
    root = field->message_type();
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return field;
}

// The person of a section stands beside it or in an enclosing message.
bool SealSubjectExists(const FieldDescriptor& section, const std::vector<const Descriptor*>& path) {
  const option::v1::SealOption& seal = section.options().GetExtension(option::v1::seal);
  if (seal.new_person()) return true;
  const std::string& name =
      seal.has_subject_field() ? seal.subject_field() : seal.field_or_new_person();
  for (const Descriptor* message : path) {
    if (message->FindFieldByName(name) != nullptr) return true;
  }
  return false;
}

// Checks one field that a caller fills, and all beneath it.
void CheckInput(const FieldDescriptor& field, std::vector<const Descriptor*> path) {
  if (field.message_type() != nullptr && IsSealed(field.message_type())) return;
  SCOPED_TRACE(field.full_name());
  const option::v1::Limits& limits = field.options().GetExtension(option::v1::limits);
  const bool is_text =
      field.type() == FieldDescriptor::TYPE_STRING || field.type() == FieldDescriptor::TYPE_BYTES;
  if (is_text) {
    EXPECT_GT(limits.bytes_max(), 0U) << "has no bound on its bytes";
  }
  if (field.is_repeated()) {
    EXPECT_GT(limits.items_max(), 0U) << "has no bound on its items";
  }
  if (field.name().ends_with("_on")) {
    EXPECT_TRUE(limits.date()) << "is a date without a check";
  }
  if (field.message_type() == nullptr) return;
  if (IsSection(field.message_type())) {
    EXPECT_TRUE(SealSubjectExists(field, path)) << "does not say whose key seals it";
  }
  path.push_back(field.message_type());
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    CheckInput(*field.message_type()->field(i), path);
  }
}

std::set<std::string> CommandNames() {
  std::set<std::string> names;
  for (const MethodDescriptor* method : Methods()) {
    if (IsCommand(*method)) names.insert(method->name());
  }
  return names;
}

std::vector<const EnumValueDescriptor*> Reasons() {
  std::vector<const EnumValueDescriptor*> reasons;
  const auto* all = refusal::v1::RefusalReason_descriptor();
  for (int i = 0; i < all->value_count(); ++i) {
    if (all->value(i)->number() != 0) reasons.push_back(all->value(i));
  }
  return reasons;
}

TEST(Contracts, EveryMethodIsACommandAQueryOrACallOfAnOperatorOrAPeer) {
  ASSERT_GT(Methods().size(), 40U);
  for (const MethodDescriptor* method : Methods()) {
    const int kinds = (IsCommand(*method) ? 1 : 0) + (IsQuery(*method) ? 1 : 0) +
                      (method->options().HasExtension(option::v1::admin) ? 1 : 0) +
                      (method->options().HasExtension(option::v1::peer) ? 1 : 0);
    EXPECT_EQ(kinds, 1) << method->full_name();
  }
}

TEST(Contracts, EveryCommandNamesItsActorsItsResourceAndItsRows) {
  for (const MethodDescriptor* method : Methods()) {
    if (!IsCommand(*method)) continue;
    SCOPED_TRACE(method->full_name());
    const option::v1::CommandOption& command = method->options().GetExtension(option::v1::command);
    const FieldDescriptor* body = method->input_type()->FindFieldByNumber(2);
    ASSERT_NE(body, nullptr);
    ASSERT_NE(body->message_type(), nullptr);
    EXPECT_EQ(body->message_type()->name(), method->name());
    EXPECT_FALSE(command.action().empty());
    EXPECT_GT(command.actors_size(), 0);
    for (const std::string& path : command.resource()) {
      EXPECT_NE(Resolve(body->message_type(), path), nullptr) << path;
    }
    EXPECT_EQ(command.rows().empty(), command.rows_max() == 0);
    if (!command.rows().empty()) {
      const FieldDescriptor* rows = Resolve(body->message_type(), command.rows());
      ASSERT_NE(rows, nullptr);
      EXPECT_EQ(rows->options().GetExtension(option::v1::limits).items_max(), command.rows_max());
    }
    CheckInput(*body, {});
  }
}

TEST(Contracts, EveryQueryNamesItsActorsAndBoundsItsInput) {
  for (const MethodDescriptor* method : Methods()) {
    if (!IsQuery(*method)) continue;
    SCOPED_TRACE(method->full_name());
    const option::v1::QueryOption& query = method->options().GetExtension(option::v1::query);
    EXPECT_FALSE(query.action().empty());
    EXPECT_TRUE(query.open_to_all() != (query.actors_size() > 0));
    for (const std::string& path : query.resource()) {
      EXPECT_NE(Resolve(method->input_type(), path), nullptr) << path;
    }
    for (int i = 0; i < method->input_type()->field_count(); ++i) {
      const FieldDescriptor& field = *method->input_type()->field(i);
      // The header and the page are the same everywhere and checked by hand.
      if (field.name() != "header" && field.name() != "page") CheckInput(field, {});
    }
  }
}

TEST(Contracts, ADenialByRuleNamesAReasonWithARule) {
  for (const MethodDescriptor* method : Methods()) {
    const std::string& name = method->options().GetExtension(option::v1::command).denied_as();
    if (name.empty()) continue;
    const EnumValueDescriptor* reason =
        refusal::v1::RefusalReason_descriptor()->FindValueByName("REFUSAL_REASON_" + name);
    ASSERT_NE(reason, nullptr) << method->full_name() << ": " << name;
    const option::v1::ReasonOption& fixed = reason->options().GetExtension(option::v1::refusal);
    EXPECT_EQ(fixed.status(), option::v1::CODE_PERMISSION_DENIED) << name;
    EXPECT_FALSE(fixed.rule().empty()) << name;
  }
}

TEST(Contracts, EveryReasonSaysWhatItRestsOnAndNamesRealCommands) {
  const std::set<std::string> commands = CommandNames();
  for (const EnumValueDescriptor* reason : Reasons()) {
    SCOPED_TRACE(reason->name());
    const option::v1::ReasonOption& fixed = reason->options().GetExtension(option::v1::refusal);
    EXPECT_NE(fixed.basis(), option::v1::BASIS_UNSPECIFIED);
    if (fixed.basis() == option::v1::BASIS_SOURCE) {
      EXPECT_TRUE(fixed.rule().starts_with("R"));
    }
    for (const std::string& command : fixed.cleared_by()) {
      EXPECT_TRUE(commands.contains(command) || kPlannedCommands.contains(command)) << command;
    }
  }
}

// What an event holds: no section, and each sealed field says what is inside.
void CheckStored(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.message_type() == nullptr) continue;
    SCOPED_TRACE(field.full_name());
    EXPECT_FALSE(IsSection(field.message_type())) << "could store personal content in clear";
    if (IsSealed(field.message_type())) {
      const std::string& inside = field.options().GetExtension(option::v1::opens_as);
      EXPECT_NE(DescriptorPool::generated_pool()->FindMessageTypeByName(inside), nullptr) << inside;
    } else {
      CheckStored(*field.message_type());
    }
  }
}

TEST(Contracts, EventsHoldPersonalContentSealedOnly) {
  const Descriptor* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    CheckStored(*registry->field(i)->message_type());
  }
}

// Everything within an event that could leave by the public feed: what stands beneath a field that
// is withheld cannot.
void CollectFeed(const Descriptor& message, std::set<const FieldDescriptor*>* fields) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (!fields->insert(&field).second) continue;
    const bool withheld = field.options().GetExtension(mark::v1::feed) == mark::v1::FEED_WITHHELD;
    if (field.message_type() != nullptr && !withheld) CollectFeed(*field.message_type(), fields);
  }
}

std::set<const FieldDescriptor*> FeedFields() {
  std::set<const FieldDescriptor*> fields;
  CollectFeed(*feed::v1::FeedEvent::descriptor(), &fields);
  return fields;
}

TEST(Contracts, OfEveryFieldOfAnEventItIsDecidedWhetherItLeavesByTheFeed) {
  const auto fields = FeedFields();
  ASSERT_GT(fields.size(), 200U);
  for (const FieldDescriptor* field : fields) {
    EXPECT_NE(field->options().GetExtension(mark::v1::feed), mark::v1::FEED_UNSPECIFIED)
        << field->full_name() << " is neither FEED_PUBLISHED nor FEED_WITHHELD: decide";
  }
}

// Texts that hold a code or a word of a list, wherever an event has one by that name.
const std::set<std::string> kFeedTexts = {
    "activities",   "activity",  "code",       "criteria",       "element",
    "elements",     "language",  "module",     "module_codes",   "modules",
    "not_observed", "objective", "objectives", "programme_code", "programme_codes",
    "region",       "version",   "key",        "choice"};

// Types of which nothing leaves, whoever marks a field: what is sealed, results, and causes one of
// which is an absence or another matter of a person.
const std::set<std::string> kNeverInFeed = {
    "jalon.type.v1.Sealed",       "jalon.type.v1.LookupMacs",   "jalon.type.v1.EvaluationResult",
    "jalon.type.v1.OutcomeCause", "jalon.type.v1.StayEndCause", "jalon.type.v1.OnBehalfOf",
    "jalon.school.v1.WordList"};

TEST(Contracts, TheFeedHasNoFreeTextNothingSealedNoResultAndNoCauseOfAbsence) {
  for (const FieldDescriptor* field : FeedFields()) {
    if (field->options().GetExtension(mark::v1::feed) != mark::v1::FEED_PUBLISHED) continue;
    SCOPED_TRACE(field->full_name());
    if (field->message_type() != nullptr) {
      EXPECT_FALSE(kNeverInFeed.contains(field->message_type()->full_name()));
    }
    if (field->enum_type() != nullptr) {
      EXPECT_FALSE(kNeverInFeed.contains(field->enum_type()->full_name()));
    }
    if (field->type() != FieldDescriptor::TYPE_STRING) continue;
    EXPECT_TRUE(kFeedTexts.contains(field->name())) << "may be free text: withhold it";
    // Where a command brings it in the same message, only a code is taken.
    const option::v1::Limits& limits = field->options().GetExtension(option::v1::limits);
    EXPECT_TRUE(limits.bytes_max() == 0 || limits.code()) << "is no code";
  }
}

// What of a field of that name any command takes, in bytes with its tags; 0: no command has it.
size_t MostOf(const Descriptor& input, const std::string& name) {
  size_t most = 0;
  for (int i = 0; i < input.field_count(); ++i) {
    const FieldDescriptor& field = *input.field(i);
    const option::v1::Limits& limits = field.options().GetExtension(option::v1::limits);
    const size_t items = field.is_repeated() ? limits.items_max() : 1;
    if (field.message_type() != nullptr) {
      if (!IsSealed(field.message_type()))
        most = std::max(most, MostOf(*field.message_type(), name));
    } else if (field.name() == name) {
      most = std::max(most, items * (limits.bytes_max() + 12));
    }
  }
  return most;
}

// The most bytes that the event, or a section in it, can have.
size_t MostOf(const Descriptor& message) {
  size_t most = 0;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    SCOPED_TRACE(field.full_name());
    if (field.message_type() != nullptr && IsSealed(field.message_type())) {
      const std::string& inside = field.options().GetExtension(option::v1::opens_as);
      most += 512 + MostOf(*DescriptorPool::generated_pool()->FindMessageTypeByName(inside));
    } else if (field.message_type() != nullptr) {
      EXPECT_FALSE(field.is_repeated()) << "how many?";
      most += 8 + MostOf(*field.message_type());
    } else if (field.is_repeated() || field.type() == FieldDescriptor::TYPE_STRING ||
               field.type() == FieldDescriptor::TYPE_BYTES) {
      size_t of_commands = 0;
      for (const MethodDescriptor* method : Methods()) {
        if (IsCommand(*method)) {
          of_commands = std::max(of_commands, MostOf(*method->input_type(), field.name()));
        }
      }
      EXPECT_GT(of_commands, 0U) << "no command bounds it";
      most += of_commands;
    } else {
      most += 12;
    }
  }
  return most;
}

// Or else a trail could hold what its public format cannot, and be exported no more.
TEST(Contracts, EveryLeafOfATrailFitsItsFormat) {
  constexpr size_t kTrailEventBytesMax = 60 * 1024;  // what the edge takes; a tile: 65,535
  constexpr size_t kEnvelopeBytes = 1024;
  int leaves = 0;
  const Descriptor* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    const Descriptor& event = *registry->field(i)->message_type();
    if (!event.options().GetExtension(option::v1::event).trail()) continue;
    ++leaves;
    EXPECT_LE(kEnvelopeBytes + MostOf(event), kTrailEventBytesMax) << event.full_name();
  }
  EXPECT_EQ(leaves, 10);
}

TEST(Contracts, EveryEventIsRegisteredOnce) {
  std::multiset<const Descriptor*> registered;
  const Descriptor* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    registered.insert(registry->field(i)->message_type());
  }
  for (const FileDescriptor* file : JalonFiles()) {
    if (!file->name().ends_with("_events.proto")) continue;
    for (int i = 0; i < file->message_type_count(); ++i) {
      EXPECT_EQ(registered.count(file->message_type(i)), 1U) << file->message_type(i)->full_name();
    }
  }
}

}  // namespace
}  // namespace jalon
