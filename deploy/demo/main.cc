// A school year of three schools through the front door, a kill in mid-write, and views rebuilt
// from the log.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "deploy/demo/audit.h"
#include "deploy/demo/calendar.h"
#include "deploy/demo/deployment.h"
#include "deploy/demo/erasure.h"
#include "deploy/demo/founding.h"
#include "deploy/demo/histories.h"
#include "deploy/demo/outside.h"
#include "deploy/demo/refusals.h"
#include "deploy/demo/screen.h"
#include "deploy/demo/year.h"
#include "eventstore/base/hash.h"
#include "jalon/feedback/v1/feedback_service.pb.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "services/client/request_id.h"

namespace jalon::demo {
namespace {

constexpr uint32_t kCommandsPerStudent = 21;  // for the bar only
constexpr size_t kAnswersCompared = 60;

struct Settings {
  std::string data = "build/demo/data";
  std::string jalon = "build/release/services/node/jalon";
  uint32_t students = 100;  // of each cohort; six cohorts
  std::string log;          // on Kafka; empty: the embedded one
  std::string judge = "build/release/tests/faults/judge";
  std::string thief = "build/release/tests/faults/thief";
};

// Nothing, and the exit code, where the words ask for help or are wrong.
std::optional<Settings> Read(int count, char** words, int* exit_code) {
  Settings settings;
  CLI::App app(
      "A school year of three schools, a kill in mid-write, views rebuilt, a trail checked.\n"
      "From the root of the checkout.");
  app.add_option("--data", settings.data, "a folder of its own, deleted first")
      ->capture_default_str();
  app.add_option("--jalon", settings.jalon, "the program")->capture_default_str();
  app.add_option("--students", settings.students, "of each of six cohorts")->capture_default_str();
  app.add_option("--log", settings.log, "a log on Kafka, kafka://HOST:PORT/PREFIX: three nodes");
  app.add_option("--judge", settings.judge, "the program that judges a log on Kafka")
      ->capture_default_str();
  app.add_option("--thief", settings.thief, "the program that tries the keys that are left")
      ->capture_default_str();
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    *exit_code = app.exit(error);
    return std::nullopt;
  }
  // What is deleted must be of an earlier run.
  if (std::filesystem::exists(settings.data) && !std::filesystem::is_empty(settings.data) &&
      !std::filesystem::exists(settings.data + ".out") &&
      !std::filesystem::exists(settings.data + "/vault.out")) {
    fmt::print(stderr, "{} is there and of no demo: give --data a new folder\n", settings.data);
    *exit_code = 2;
    return std::nullopt;
  }
  return settings;
}

class Demo {
 public:
  explicit Demo(Settings settings)
      : settings_(std::move(settings)),
        deployment_(settings_.jalon, settings_.data, settings_.log),
        crew_([this] { return deployment_.NowMs(); }),
        histories_(settings_.data + "/clients") {
    if (OnKafka()) crew_.KeepIn(histories_);
  }

  int Run() {
    std::filesystem::remove_all(settings_.data);
    std::filesystem::remove_all(settings_.data + ".audit");
    std::filesystem::remove_all(settings_.data + ".feed");
    std::filesystem::create_directories(settings_.data);
    screen_.Act(deployment_.Title());
    if (const auto begun = deployment_.Begin(); !begun) return Fail(begun.error().message);
    for (const std::string& command : deployment_.Commands()) screen_.Line(command);
    if (!FoundSchools() || !LiveTheYear() || !ShowOneStudent() || !KillInMidWrite() ||
        !RebuildTheViews() || !CheckATrail()) {
      return 1;
    }
    // Judge goes by histories, which an eraser keeps none of, and takes a section that nothing
    // opens for a loss.
    if (!OnKafka() && !EraseOne()) return 1;
    if (OnKafka()) ReadTheFeedOutside();
    Farewell();
    if (OnKafka()) Judge();
    return screen_.all_hold() ? 0 : 1;
  }

 private:
  int Fail(const std::string& why) {
    screen_.Claim(false, why);
    screen_.Line("The servers' own logs: " + settings_.data + "*.out, " + settings_.data +
                 "/*.out");
    return 1;
  }

  bool Serve(size_t node) {
    const Result<void> served = deployment_.Serve(node);
    if (!served) Fail(served.error().message);
    return served.has_value();
  }

  bool Sound() {
    const std::string fault = crew_.fault();
    if (!fault.empty()) Fail(fault);
    return fault.empty();
  }

  bool OnKafka() const { return !settings_.log.empty(); }

  // The people of a school share a client, whose history is its own.
  std::string Token(type::v1::Role role, const std::string& school, const std::string& person,
                    const std::string& company) {
    std::string token = deployment_.node(0).Token(role, school, person, company);
    if (OnKafka()) histories_.Assign(token, school.empty() ? "region" : ToHex(school));
    return token;
  }

  // By the command line, which keeps no history: on Kafka it is kept for it.
  Finished Import(const std::string& token, const std::string& code) {
    if (!OnKafka()) return deployment_.node(0).Import(token, code);
    const std::string id = client::NewRequestId(deployment_.NowMs());
    histories_.Sent(token, id);
    Finished done =
        deployment_.node(0).Import(token, code, {"--request-id", ToHex(id), "--output", "json"});
    if (done.exit_code == 0) histories_.Acked(token, id, PositionIn(done.out));
    return done;
  }

  bool FoundSchools() {
    screen_.Act("Three schools adopt 5830 and 5745 from the sample catalogue");
    auto issue = [this](type::v1::Role role, const std::string& school, const std::string& person,
                        const std::string& company) {
      return Token(role, school, person, company);
    };
    auto import = [&](const School& school) {
      for (const char* code : {"5830", "5745"}) {
        const Finished done = Import(school.coordinator.client.token(), code);
        screen_.Claim(done.exit_code == 0,
                      fmt::format("{}: jalon programme import --code {}", school.code, code));
        if (done.exit_code != 0) screen_.Line(done.out + done.err);
      }
    };
    schools_ =
        Found({.students_per_cohort = settings_.students, .today_on = deployment_.today_on()},
              deployment_.Connect(), issue, import, crew_);
    if (!Sound()) return false;
    screen_.Line(fmt::format("{} companies, {} students, two sequences published in each school",
                             schools_.size() * schools_[0].companies.size(), Students()));
    return screen_.all_hold();
  }

  uint64_t Students() const { return schools_.size() * 2 * settings_.students; }

  bool LiveTheYear() {
    screen_.Act(
        "The year, by commands; what the framework forbids is refused, with rule and remedy");
    const uint64_t total = crew_.accepted() + Students() * kCommandsPerStudent;
    Year year(
        schools_, crew_, deployment_.today_on(), [this](uint32_t on) { deployment_.AdvanceTo(on); },
        [&](const char* step) { screen_.Bar(step, std::min(crew_.accepted(), total), total); });
    year.Schedule();
    if (!Sound()) return false;
    RefuseBeforeTheStay(schools_[0], crew_, screen_, deployment_.today_on());
    year.Arrange();
    if (!Sound()) return false;
    year.Start();
    if (!Sound()) return false;
    RefuseDuringTheStay(schools_[0], crew_, screen_, deployment_.today_on());
    using Step = void (Year::*)();
    for (const Step step : {&Year::Work, &Year::End, &Year::MakeUp, &Year::Evaluate}) {
      (year.*step)();
      if (!Sound()) return false;
    }
    stays_end_on_ = year.end_on();
    screen_.EndBar();
    screen_.Line(fmt::format("{} commands accepted, {} refused on purpose", crew_.accepted(),
                             crew_.refused()));
    return true;
  }

  // A student who still owes a make-up: not eligible, with the reason and the events behind it.
  const Student& Debtor() const {
    for (const Student& student : schools_[0].cohorts[0].students) {
      if (MakesUpLate(student) && LeavesA3Silent(student)) return student;
    }
    return schools_[0].cohorts[0].students[0];
  }

  bool ShowOneStudent() {
    screen_.Act("One student: progress, and which modules may be evaluated, and why");
    const std::string student = ToHex(Debtor().id);
    for (const char* noun : {"progress", "eligibility"}) {
      const Finished shown = deployment_.node(0).Command({"student", noun, student, "--server",
                                                          deployment_.node(0).address(), "--token",
                                                          schools_[0].teacher.client.token()});
      screen_.Claim(shown.exit_code == 0, fmt::format("jalon student {} {}", noun, student));
      fmt::print("{}{}", shown.out, shown.err);
    }
    return screen_.all_hold();
  }

  // A report by every tutor, while a server is killed and, of several, another one is paused past
  // the claims of those that go on; then each acknowledged one is asked for again.
  bool KillInMidWrite() {
    screen_.Act("SIGKILL in mid-write: every acknowledged command is found again");
    crew_.Remember();
    const uint64_t before = crew_.accepted();
    // Asked beforehand: by the time of an answer nothing would be out any more.
    const std::set<uint32_t> owned = deployment_.admin(deployment_.size() - 1).Owned();
    uint64_t sent = 0;
    bool killed = false;
    for (const School& school : schools_) {
      for (const Cohort& cohort : school.cohorts) {
        for (const Student& student : cohort.students) {
          SendSupplement(school, student);
          ++sent;
          if (!killed && sent >= Students() / 3) {
            crew_.WaitForAccepted(before + 1);
            const uint32_t out =
                crew_.WhileOut([&] { deployment_.node(deployment_.size() - 1).Kill(); });
            killed = out > 0;
            if (killed && !Killed(sent - out, out, owned)) return false;
          }
          if (sent == Students() * 2 / 3 && !PauseOne()) return false;
        }
      }
    }
    crew_.Wait();
    if (!Sound()) return false;
    const Crew::Recheck again = crew_.SendRememberedAgain();
    screen_.Claim(
        killed && again.wrong == 0 && again.checked == sent,
        fmt::format("{} acknowledged commands sent again: {} without their first position",
                    again.checked, again.wrong));
    return screen_.all_hold();
  }

  // The last server was, with commands out; it is started again.
  bool Killed(uint64_t acknowledged, uint32_t out, const std::set<uint32_t>& owned) {
    const size_t victim = deployment_.size() - 1;
    screen_.Claim(acknowledged > 0, fmt::format("killed after {} acknowledgements, {} commands out",
                                                acknowledged, out));
    if (deployment_.size() > 1) {
      screen_.Claim(!owned.empty() && OthersOwnWithin(victim, owned, 10),
                    fmt::format("its {} partitions belong to other nodes now", owned.size()));
    }
    if (!Serve(victim)) return false;
    screen_.Line(
        fmt::format("serving again after {:.2f} s", deployment_.node(victim).seconds_to_serve()));
    return true;
  }

  // Until claims of others have counted for all that it owned; then it goes on, and finds that it
  // owns nothing.
  bool PauseOne() {
    if (deployment_.size() == 1) return true;
    const size_t victim = 1;
    const std::set<uint32_t> owned = deployment_.admin(victim).Owned();
    deployment_.node(victim).Pause();
    const bool taken = OthersOwnWithin(victim, owned, 10);
    deployment_.node(victim).Resume();
    screen_.Claim(!owned.empty() && taken,
                  fmt::format("another one paused (SIGSTOP) until others had claimed its {} "
                              "partitions, and resumed",
                              owned.size()));
    return taken;
  }

  bool OthersOwnWithin(size_t victim, const std::set<uint32_t>& owned, int seconds) {
    for (int i = 0; i < seconds * 20; ++i) {
      std::set<uint32_t> others;
      for (size_t node = 0; node < deployment_.size(); ++node) {
        if (node != victim) others.merge(deployment_.admin(node).Owned());
      }
      if (std::ranges::includes(others, owned)) return true;
      usleep(50'000);
    }
    return false;
  }

  void SendSupplement(const School& school, const Student& student) {
    feedback::v1::SubmitTutorReport report;
    report.set_stay_id(student.stay_id);
    report.set_kind(type::v1::TUTOR_REPORT_KIND_SUPPLEMENT);
    report.mutable_words()->mutable_clear()->set_text("A year later: hired.");
    crew_.Send(school.companies[student.company].tutor.client, report);
  }

  // The bytes of one node's answers about some students, of every school.
  std::string Answers(size_t node) {
    std::string bytes;
    for (const School& school : schools_) {
      const client::Client teacher = deployment_.ConnectTo(node).As(school.teacher.client.token());
      for (const Cohort& cohort : school.cohorts) {
        const size_t count = std::min(cohort.students.size(), kAnswersCompared / 6);
        for (size_t i = 0; i < count; ++i) {
          progress::v1::GetStudentProgressRequest progress;
          progress.set_student_id(cohort.students[i].id);
          bytes += Answer<progress::v1::GetStudentProgressResponse>(teacher, school, progress);
          progress::v1::GetSummativeEligibilityRequest eligibility;
          eligibility.set_student_id(cohort.students[i].id);
          bytes +=
              Answer<progress::v1::GetSummativeEligibilityResponse>(teacher, school, eligibility);
        }
      }
    }
    return bytes;
  }

  // As of all that was acknowledged: the views may be some milliseconds behind.
  template <typename Response, typename Request>
  std::string Answer(const client::Client& teacher, const School& school, Request request) {
    *request.mutable_header()->mutable_min_position() = crew_.LastPosition(school.partition);
    Response response;
    const client::Reply reply = teacher.Query(request, &response);
    return reply.ok ? response.SerializeAsString() : "error " + reply.error.reason;
  }

  bool RebuildTheViews() {
    screen_.Act("All views deleted and rebuilt from the log: the same answers, byte for byte");
    const std::string before = Answers(0);
    for (size_t node = 1; node < deployment_.size(); ++node) {
      screen_.Claim(Answers(node) == before,
                    fmt::format("node {} answers as the first one does", node + 1));
    }
    deployment_.node(0).Stop();
    std::filesystem::remove_all(deployment_.node(0).data() + "/views");
    if (!Serve(0)) return false;
    screen_.Line(fmt::format("views/ deleted; serving again after {:.2f} s",
                             deployment_.node(0).seconds_to_serve()));
    screen_.Claim(before.find("error ") == std::string::npos && Answers(0) == before,
                  fmt::format("{} answers, {} bytes, equal", 2 * kAnswersCompared, before.size()));
    uint64_t records = 0;
    const bool rebuilt = deployment_.admin(0).RebuildViews([&](uint64_t done, uint64_t total) {
      screen_.Bar("rebuilding beside, while serving", std::min(done, total), total);
      records = total;
    });
    screen_.Claim(rebuilt && Answers(0) == before,
                  fmt::format("rebuilt again beside while serving, {} records: equal", records));
    if (!rebuilt) screen_.Line(deployment_.admin(0).fault());
    return screen_.all_hold();
  }

  // As an auditor would, of one company.
  bool CheckATrail() {
    screen_.Act("An auditor checks what a company reported, without the server");
    const School& school = schools_[0];
    AuditATrail({.node = deployment_.node(0),
                 .school = school,
                 .cohort = school.cohorts[0],
                 .company = school.cohorts[0].students[0].company,
                 .observed_on = stays_end_on_,
                 .today_on = deployment_.today_on(),
                 .folder = settings_.data + ".audit",
                 .crew = crew_,
                 .screen = screen_});
    return Sound() && screen_.all_hold();
  }

  const Student& Erased() const { return schools_[0].cohorts[0].students[1]; }

  bool EraseOne() {
    screen_.Act("Eight years later a student is erased, and the company's trail is still valid");
    EraseAStudent({.node = deployment_.node(0),
                   .school = schools_[0],
                   .student = Erased(),
                   .folder = settings_.data + ".audit",
                   .advance = [this](uint32_t on) { return deployment_.AdvanceTo(on); },
                   .today_on = deployment_.today_on(),
                   .screen = screen_});
    return screen_.all_hold();
  }

  void Farewell() {
    screen_.Claim(deployment_.Stop(), "SIGTERM: drained and stopped");
    if (OnKafka()) return;  // the brokers end with the demonstration
    TryTheKeys({settings_.thief, settings_.data, schools_[0].code}, Erased().id, Debtor().id,
               screen_);
    screen_.Act("Go on by hand");
    screen_.Line(deployment_.Commands().front());
    screen_.Line(fmt::format(
        "export JALON_DATA={} JALON_SERVER={}; export JALON_TOKEN=$({} token issue --role COO "
        "--school {} --person {})",
        settings_.data, deployment_.node(0).address(), settings_.jalon, ToHex(schools_[0].id),
        ToHex(schools_[0].coordinator.id)));
    screen_.Line(fmt::format("{} stay list; {} student eligibility {}", settings_.jalon,
                             settings_.jalon, ToHex(Debtor().id)));
    screen_.Line(fmt::format("{} explain STAY_NOT_ENDED --lang fr", settings_.jalon));
  }

  Outside Others() {
    return {.log = settings_.log,
            .folder = settings_.data + ".feed",
            .histories = histories_.files(),
            .screen = screen_};
  }

  void ReadTheFeedOutside() {
    screen_.Act("A consumer in Python reads the public feed, by its published contract alone");
    ReadTheFeed(Others(), deployment_.node(0), schools_);
  }

  void Judge() {
    screen_.Act("Exactly once: the log, against what each client was told");
    JudgeTheLog(Others(), settings_.judge, settings_.data + "/vault", RefusedOnPurpose());
  }

  Settings settings_;
  Screen screen_;
  Deployment deployment_;
  Crew crew_;
  Histories histories_;
  std::vector<School> schools_;
  uint32_t stays_end_on_ = 0;
};

}  // namespace
}  // namespace jalon::demo

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);  // who looks at a part of it leaves no server running
  int exit_code = 0;
  auto settings = jalon::demo::Read(count, words, &exit_code);
  return settings ? jalon::demo::Demo(std::move(*settings)).Run() : exit_code;
}
