#include "deploy/demo/erasure.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "deploy/demo/auditor.h"
#include "deploy/demo/calendar.h"
#include "deploy/demo/exported.h"
#include "eventstore/base/hash.h"

namespace jalon::demo {
namespace {

constexpr int kBeyondRetention = 8 * 366;  // days; the school keeps seven years
constexpr int kRefused = 1;                // what `jalon` exits with
constexpr int kPatience = 100;             // times 100 ms
constexpr std::string_view kSecondPerson = "nora-002";
constexpr const char* kBefore = "unerased";
constexpr const char* kAfter = "erased";
constexpr const char* kCheckpoint = "erasure.checkpoint";
constexpr const char* kReceipt = "hers.tlog-proof";
constexpr int kSomethingOpened = 1;  // what the thief exits with

class Eraser {
 public:
  explicit Eraser(const Erasure& erasure)
      : erasure_(erasure),
        student_(ToHex(erasure.student.id)),
        jean_(erasure.school.coordinator.client.token()),
        nora_(erasure.node.Token(type::v1::ROLE_WORK_STUDY_COORDINATOR, erasure.school.id,
                                 std::string(kSecondPerson), "")),
        auditor_({.node = erasure.node,
                  .company_id = erasure.school.companies[erasure.student.company].id,
                  .token = jean_,
                  .folder = erasure.folder,
                  .screen = erasure.screen}) {}

  void Run() {
    const std::string name = NameOf(Asked({"student", "progress", student_, "--open"}, jean_).out);
    erasure_.screen.Claim(!name.empty(), "before: the student's name can be read");
    if (!KeepTheTrail()) return;
    Refuse("Jean asks that a student be erased", jean_, "request-erasure", "RETENTION_NOT_REACHED");
    erasure_.screen.Claim(erasure_.advance(DaysAfter(erasure_.today_on, kBeyondRetention)),
                          "eight years pass");
    Do("Jean asks again", jean_, "request-erasure");
    Refuse("Jean confirms what Jean asked", jean_, "erase", "SECOND_PERSON_REQUIRED");
    Do("Nora, another coordinator, confirms", nora_, "erase");
    AwaitKey();
    const Finished after = Asked({"student", "progress", student_, "--open"}, jean_);
    erasure_.screen.Claim(after.exit_code == 0 &&
                              after.out.find("PersonKeyDestroyed") != std::string::npos &&
                              (name.empty() || after.out.find(name) == std::string::npos),
                          fmt::format("jalon student progress {} --open: erased, and no name, word "
                                      "or comment any more",
                                      student_));
    CheckTheTrail();
  }

 private:
  Finished Asked(std::vector<std::string> words, const std::string& token) const {
    // With the data folder it stamps commands with the server's time, which is virtual.
    words.insert(words.end(), {"--server", erasure_.node.address(), "--data", erasure_.node.data(),
                               "--token", token, "--lang", "en"});
    return erasure_.node.Command(std::move(words));
  }

  // The line "name Ada Lovelace" of what `jalon student progress --open` prints.
  static std::string NameOf(const std::string& shown) {
    const size_t at = shown.find("name ");
    if (at == std::string::npos) return {};
    const size_t from = shown.find_first_not_of(' ', at + 5);
    return shown.substr(from, shown.find('\n', from) - from);
  }

  void Do(const char* act, const std::string& token, const char* verb) const {
    const Finished done = Asked({"person", verb, student_}, token);
    erasure_.screen.Claim(done.exit_code == 0,
                          fmt::format("{}: jalon person {} {}", act, verb, student_));
    if (done.exit_code != 0) erasure_.screen.Line(done.out + done.err);
  }
  void Refuse(const char* act, const std::string& token, const char* verb,
              const char* reason) const {
    const Finished done = Asked({"person", verb, student_}, token);
    const bool refused = done.exit_code == kRefused && done.err.find(reason) != std::string::npos;
    erasure_.screen.Claim(refused, fmt::format("{}: refused {}", act, reason));
    if (!refused) erasure_.screen.Line(done.out + done.err);
  }

  void AwaitKey() const {
    Finished shown;
    for (int i = 0; i < kPatience; ++i) {
      shown = Asked({"person", "show", student_, "--output", "json"}, jean_);
      if (shown.out.find("PERSON_KEY_STATE_DESTROYED") != std::string::npos) break;
      usleep(100'000);
    }
    const bool destroyed = shown.out.find("PERSON_KEY_STATE_DESTROYED") != std::string::npos;
    erasure_.screen.Claim(destroyed,
                          fmt::format("jalon person show {}: the key is destroyed", student_));
    if (!destroyed) erasure_.screen.Line(shown.out + shown.err);
  }

  // What an auditor has from before: an export, what was signed, a receipt for a word on her.
  bool KeepTheTrail() {
    if (!auditor_.Export(kBefore) || !auditor_.KeepRoot("erasure.root") ||
        !auditor_.Keep(kCheckpoint)) {
      return false;
    }
    const auto index = FindEstimate(auditor_.In(kBefore), erasure_.student.id);
    if (index) return auditor_.AskReceipt("hers", *index);
    erasure_.screen.Claim(false, "the company's trail has an estimate of the student");
    return false;
  }

  // What the company reported on the student is still in its trail, sealed for ever. The export
  // alone would not show a trail that was written anew and signed again: what was kept does.
  void CheckTheTrail() {
    if (!auditor_.Export(kAfter)) return;
    const std::string before = EntriesOf(auditor_.In(kBefore));
    erasure_.screen.Claim(
        !before.empty() && EntriesOf(auditor_.In(kAfter)).starts_with(before),
        fmt::format("its entries begin with those of before, byte for byte: {} bytes",
                    before.size()));
    auditor_.Verify(kAfter, kValid, "VALID", {kCheckpoint, kReceipt});
  }

  const Erasure& erasure_;
  const std::string student_;
  const std::string jean_;
  const std::string nora_;
  Auditor auditor_;
};

}  // namespace

void EraseAStudent(const Erasure& erasure) { Eraser(erasure).Run(); }

void TryTheKeys(const Thief& thief, const std::string& erased_id, const std::string& other_id,
                Screen& screen) {
  const auto claim = [&](const std::string& student_id, int exit_code, const char* text) {
    const Finished done =
        Run({thief.program, "try", thief.data, thief.school_code, ToHex(student_id)});
    screen.Claim(done.exit_code == exit_code, text);
    std::istringstream lines(done.out + done.err);
    for (std::string line; std::getline(lines, line);) screen.Line("  " + line);
  };
  claim(erased_id, 0, "a thief of all that is left opens nothing that was sealed of her");
  claim(other_id, kSomethingOpened,
        "the same thief opens what was sealed of a student who was not erased");
}

}  // namespace jalon::demo
