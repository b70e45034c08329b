// After an erasure every query that tells of a person answers, with a mark and never an error.
// Which queries those are their descriptors say: a new one, or a new row that names somebody, is
// asked here or excepted by name, or this fails.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "eventstore/base/hash.h"
#include "jalon/access/v1/access_log_service.pb.h"
#include "jalon/duty/v1/duty_service.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/privacy_events.pb.h"
#include "jalon/event/v1/school_events.pb.h"
#include "jalon/option/v1/method.pb.h"
#include "jalon/person/v1/person_service.pb.h"
#include "jalon/placement/v1/placement_query_service.pb.h"
#include "jalon/privacy/v1/erasure_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "jalon/school/v1/access_service.pb.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/api/queries/access_note.h"
#include "services/api/queries/query_testing.h"
#include "services/api/services.h"

namespace jalon::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

const Bytes kHall(8, 'H');      // Ben's company
const Bytes kNadia(8, 'N');     // Ada's guardian
const Bytes kTheo(8, 'T');      // Ben's
const uint32_t kOn = 20260910;  // of what is said

// No question about what is held, each for its own reason. (WatchEvents sends encoded events, one
// of which is the erasure.)
const std::map<std::string, std::string> kExcepted = {
    {"jalon.person.v1.PersonService.ExportTransfer",
     "makes a new document, and of whoever is erased none is made: PERSON_ERASED"},
};
// Who acted, by pseudonym: no row is about them, and nothing of them is opened in it. That they are
// erased themselves GetErasure says.
const std::set<std::string> kWhoActed = {"jalon.type.v1.Actor", "jalon.person.v1.HeldActor"};

bool IsMark(const FieldDescriptor& field) { return field.name().starts_with("erased"); }

bool NamesSomebody(const FieldDescriptor& field) {
  if (IsMark(field) || field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return false;
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"person_id", "student_id", "subject_id", "person_ids",
                                              "student_ids", "subject_ids"},
      [&](std::string_view end) { return field.name().ends_with(end); });
}

// The fields of a message, and of all in it, that name somebody.
void Collect(const Descriptor& type, std::set<const Descriptor*>* seen,
             std::set<std::string>* fields) {
  if (kWhoActed.contains(type.full_name()) || !seen->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (NamesSomebody(field)) fields->insert(field.full_name());
    if (field.message_type() != nullptr) Collect(*field.message_type(), seen, fields);
  }
}

std::set<std::string> FieldsOf(const Descriptor& type) {
  std::set<const Descriptor*> seen;
  std::set<std::string> fields;
  Collect(type, &seen, &fields);
  return fields;
}

std::vector<Bytes> ValuesOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  std::vector<Bytes> values;
  if (!field.is_repeated()) {
    values.push_back(reflection.GetString(message, &field));
  } else {
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      values.push_back(reflection.GetRepeatedString(message, &field, i));
    }
  }
  return values;
}

// What an answer says of one person.
class Marks {
 public:
  Marks(const Message& answer, const Bytes& person) : person_(person) { Look(answer, false); }

  size_t count = 0;                // marks
  std::set<std::string> named;     // the fields in which the person stands
  std::set<std::string> unmarked;  // those of them without a mark, there or above

 private:
  void Look(const Message& message, bool marked) {
    const Descriptor& type = *message.GetDescriptor();
    if (kWhoActed.contains(type.full_name())) return;
    std::vector<const FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    for (const FieldDescriptor* field : set) {
      if (!IsMark(*field) || !IsAbout(message, *field)) continue;
      marked = true;
      ++count;
    }
    for (const FieldDescriptor* field : set) {
      if (NamesSomebody(*field)) {
        for (const Bytes& value : ValuesOf(message, *field)) {
          if (value != person_ && value != ToHex(person_)) continue;
          named.insert(field->full_name());
          if (!marked) unmarked.insert(field->full_name());
        }
      }
      if (field->message_type() != nullptr && !IsMark(*field)) LookInto(message, *field, marked);
    }
  }
  void LookInto(const Message& message, const FieldDescriptor& field, bool marked) {
    const auto& reflection = *message.GetReflection();
    if (!field.is_repeated()) return Look(reflection.GetMessage(message, &field), marked);
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      Look(reflection.GetRepeatedMessage(message, &field, i), marked);
    }
  }
  // A list of ids marks those that it names, an event or a word whomever the row is about.
  bool IsAbout(const Message& message, const FieldDescriptor& mark) const {
    if (mark.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return static_cast<const type::v1::EventRef&>(
                 message.GetReflection()->GetMessage(message, &mark))
                 .type() == "PersonKeyDestroyed";
    }
    if (mark.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return true;
    return std::ranges::count(ValuesOf(message, mark), person_) > 0;
  }

  const Bytes person_;
};

class ErasedMarksTest : public QueryTest {
 protected:
  using Ask1 = std::function<std::unique_ptr<Message>(const Bytes& person)>;

  ErasedMarksTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/erased_marks_" + info->name();
    std::filesystem::remove_all(folder_);
    log_ = std::move(*access::AccessLog::Open({.folder = folder_, .clock = clock_}));
    access_ = log_.get();
    log_->Start();
    school_.Found();
    Live(kAda, kNadia, kGarage);
    Live(kBen, kTheo, kHall);
    log_->Stop();
  }
  ~ErasedMarksTest() override { std::filesystem::remove_all(folder_); }

  // Something of everything that is said of a student.
  void Live(const Bytes& student, const Bytes& guardian, const Bytes& company) {
    school_.Enrol(student);
    school_.Assign(student);
    const Bytes stay = StayOf(student, '1');
    school_.Schedule(stay, 20260907, company);
    school_.Start(stay);
    event::v1::ActivityCompleted completed;
    completed.set_activity("a1");
    school_.Reported(completed, stay, kOn, company);
    school_.Happened(event::v1::AttitudeObserved(), type::v1::AGGREGATE_KIND_STAY, stay, kOn);
    school_.End(stay, {"a2"});
    school_.Schedule(StayOf(student, '2'), 20270301, company);  // still planned
    school_.GrantSchool(student, type::v1::ROLE_TEACHER);
    event::v1::AccessGranted granted;
    granted.set_person_id(guardian);
    granted.set_role(type::v1::ROLE_GUARDIAN);
    granted.mutable_scope()->add_student_ids(student);
    school_.Happened(granted, type::v1::AGGREGATE_KIND_GRANT, Bytes(8, 'g'), 20260801);
    const domain::Principal own{.person_id = student,
                                .role = type::v1::ROLE_STUDENT,
                                .school_id = kTestSchool,
                                .company_id = {},
                                .modules = {}};
    RecordRead(*log_, {.who = &own, .action = "progress.read"}, {student},
               [](const Result<void>&) {});
  }
  void Erase(const Bytes& person) {
    event::v1::PersonKeyDestroyed destroyed;
    destroyed.set_kept_until_on(20331123);
    school_.Happened(destroyed, type::v1::AGGREGATE_KIND_PERSON, person, 20340110);
    ASSERT_TRUE(vault_.DestroyPersonKey(kTestSchool, person));
  }

  // Asks what `fill` makes of a person; null, and a failure, where there is no answer.
  template <typename Request, typename Response>
  void Add(const std::function<void(Request& request, const Bytes& person)>& fill) {
    asks_.emplace(MethodOf(Request::descriptor()),
                  [this, fill](const Bytes& person) -> std::unique_ptr<Message> {
                    Request request;
                    fill(request, person);
                    auto answer = Ask<Response>(request);
                    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
                    if (!answer) return nullptr;
                    return std::make_unique<Response>(*std::move(answer));
                  });
  }
  void AddAll();

  static std::string MethodOf(const Descriptor* request) {
    for (const auto* service : PublicServices()) {
      for (int m = 0; m < service->method_count(); ++m) {
        if (service->method(m)->input_type() == request) return service->method(m)->full_name();
      }
    }
    return "";
  }

  std::string folder_;
  std::unique_ptr<access::AccessLog> log_;
  std::multimap<std::string, Ask1> asks_;
};

// NOLINTBEGIN(google-build-using-namespace): each query of each of these
void ErasedMarksTest::AddAll() {
  using namespace access::v1;
  using namespace duty::v1;
  using namespace person::v1;
  using namespace placement::v1;
  using namespace privacy::v1;
  using namespace progress::v1;
  using namespace school::v1;
  using namespace trail::v1;
  const auto of_student = [](auto& request, const Bytes& person) {
    request.set_student_id(person);
  };
  const auto of_person = [](auto& request, const Bytes& person) { request.set_person_id(person); };
  Add<GetStudentProgressRequest, GetStudentProgressResponse>(
      [](auto& request, const Bytes& person) {
        request.set_student_id(person);
        request.set_open_sealed(true);
      });
  Add<GetSummativeEligibilityRequest, GetSummativeEligibilityResponse>(of_student);
  Add<GetHoursLedgerRequest, GetHoursLedgerResponse>(of_student);
  Add<GetAttitudeTimelineRequest, GetAttitudeTimelineResponse>(of_student);
  Add<ListStaysRequest, ListStaysResponse>(of_student);
  Add<ListMakeUpsRequest, ListMakeUpsResponse>(of_student);
  Add<GetStartReadinessRequest, GetStartReadinessResponse>(
      [](auto& request, const Bytes& person) { request.set_stay_id(StayOf(person, '2')); });
  Add<ListGrantsRequest, ListGrantsResponse>(of_person);
  Add<ListGrantsRequest, ListGrantsResponse>([](auto& request, const Bytes& person) {
    request.set_person_id(person == kAda ? kNadia : kTheo);
  });
  Add<GetErasureRequest, GetErasureResponse>(of_person);
  Add<ExportSubjectRequest, ExportSubjectResponse>(of_person);
  Add<ListAccessRequest, ListAccessResponse>(of_person);
  Add<GetFeedbackTrailRequest, GetFeedbackTrailResponse>([](auto& request, const Bytes& person) {
    request.set_company_id(person == kAda ? kGarage : kHall);
  });
}
// NOLINTEND(google-build-using-namespace): see above

TEST_F(ErasedMarksTest, EveryQueryThatTellsOfSomebodyIsAskedHere) {
  AddAll();
  size_t telling = 0;
  for (const auto* service : PublicServices()) {
    for (int m = 0; m < service->method_count(); ++m) {
      const MethodDescriptor& method = *service->method(m);
      if (!method.options().HasExtension(option::v1::query)) continue;
      const bool tells =
          !FieldsOf(*method.input_type()).empty() || !FieldsOf(*method.output_type()).empty();
      const bool asked = asks_.contains(method.full_name());
      const bool excepted = kExcepted.contains(method.full_name());
      telling += tells ? 1 : 0;
      EXPECT_EQ(tells, asked || excepted)
          << method.full_name() << " names a person: ask it here, or say why it needs no mark";
      EXPECT_FALSE(asked && excepted) << method.full_name();
    }
  }
  EXPECT_GE(telling, 13u);
}

TEST_F(ErasedMarksTest, EveryAnswerBearsTheMark) {
  AddAll();
  for (const auto& [method, ask] : asks_) {
    const auto before = ask(kAda);
    ASSERT_NE(before, nullptr) << method;
    EXPECT_EQ(Marks(*before, kAda).count, 0u) << method << ": nobody is erased yet";
  }
  Erase(kAda);
  std::map<std::string, std::set<std::string>> named;
  for (const auto& [method, ask] : asks_) {
    const auto answer = ask(kAda);
    ASSERT_NE(answer, nullptr) << method << ": an answer, never an error";
    const Marks ada(*answer, kAda);
    EXPECT_GE(ada.count, 1u) << method;
    EXPECT_EQ(ada.unmarked, std::set<std::string>()) << method;
    named[method].insert(ada.named.begin(), ada.named.end());
    const auto others = ask(kBen);
    ASSERT_NE(others, nullptr) << method;
    EXPECT_EQ(Marks(*others, kBen).count, 0u) << method << ": Ben is not erased";
  }
  // Each place where an answer can name somebody was looked at.
  for (const auto& [method, fields] : named) {
    const auto* of =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(method)->output_type();
    EXPECT_EQ(fields, FieldsOf(*of)) << method;
  }
}

// An auditor and a company's signatory read pseudonyms: they are told the same.
TEST_F(ErasedMarksTest, TheTrailBearsItForWhoeverMayReadIt) {
  Erase(kAda);
  school_.GrantSchool(kMaude, type::v1::ROLE_AUDITOR);
  school_.GrantCompany(kLuc, type::v1::ROLE_COMPANY_SIGNATORY);
  trail::v1::GetFeedbackTrailRequest request;
  request.set_company_id(kGarage);
  const auto leaf = [&] {
    const auto answer = Ask<trail::v1::GetFeedbackTrailResponse>(request);
    EXPECT_TRUE(answer && answer->entries_size() == 1);
    EXPECT_EQ(answer->entries(0).erased().type(), "PersonKeyDestroyed");
    return answer->entries(0).leaf_hash();
  };
  ActAs(type::v1::ROLE_AUDITOR, kMaude);
  const std::string hash = leaf();
  ActAs(type::v1::ROLE_COMPANY_SIGNATORY, kLuc, kGarage);
  EXPECT_EQ(leaf(), hash);
}

}  // namespace
}  // namespace jalon::api
