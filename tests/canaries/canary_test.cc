// No personal value is ever written in clear: every scenario is lived with a mark in every personal
// field, and then every byte of every file that the server left is searched.
//
//   canary_test --jalon=PROGRAM --folder=FOLDER [--filter=TEXT]
//
// Each server is started once more, rebuilt and backed up before it ends, so what a start writes,
// the new views and the copy of the log are searched too. The search itself is proven on each
// server by what must be found: the code of a school, in the log, the state and the views.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "tests/canaries/canary_world.h"
#include "tests/canaries/search.h"
#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/scenario_servers.h"

namespace jalon::canaries {
namespace {

using scenarios::ScenarioServer;

constexpr int kBornOnField = 4;  // of person.v1.Identity

Result<void> FromReply(const client::Reply& reply) {
  if (reply.ok) return {};
  return std::unexpected(reply.error);
}

Error Wrong(std::string words) {
  return {
      .code = Code::kInternal, .reason = "INTERNAL", .message = std::move(words), .metadata = {}};
}

// What may be in no file.
std::vector<Wanted> AllWanted() {
  return {TextWanted(kMark), TextWanted(kEstimate), DateWanted(kBornOn, kBornOnField)};
}

class Canaries {
 public:
  CanaryWorld::Seen* seen() { return &seen_; }

  Result<void> Before(ScenarioServer& server) {
    JALON_RETURN_IF_ERROR(server.Restart());
    JALON_RETURN_IF_ERROR(
        FromReply(server.admin().RebuildView("", [](const auto&) { return true; })));
    return FromReply(server.admin().BackupLog(
        std::filesystem::absolute(server.folder() + "/backup"), [](const auto&) { return true; }));
  }

  Result<void> After(ScenarioServer& server) {
    const std::string& folder = server.folder();
    for (const Wanted& wanted : AllWanted()) {
      const Found found = Search(folder, wanted);
      files_ += found.files;
      bytes_ += found.bytes;
      for (const Hit& hit : found.hits) {
        return std::unexpected(Wrong(
            fmt::format("{} is in {} at {}: {}", wanted.what, hit.file, hit.offset, hit.around)));
      }
    }
    for (const char* part : {"/data/log", "/data/state", "/data/views", "/backup"}) {
      if (!Search(folder + part, TextWanted(kControl)).hits.empty()) continue;
      return std::unexpected(
          Wrong(fmt::format("the code of the school is not in {}{}: the search cannot find what is "
                            "there",
                            folder, part)));
    }
    return CheckPlanted(folder);
  }

  // Every personal field was sent, and nobody was told one who sent it; false after saying what is
  // not so.
  bool Report() const {
    Paths missing = AllPersonal();
    const size_t all = missing.size();
    for (const std::string& path : seen_.sent) missing.erase(path);
    for (const std::string& told : seen_.told) fmt::print("told: {}\n", told);
    for (const std::string& path : missing) fmt::print("never marked: {}\n", path);
    for (const std::string& query : seen_.opened) fmt::print("opens sections: {}\n", query);
    fmt::print(
        "{} of {} personal fields marked, {} commands oversized, {} answers searched, {} of them "
        "about the erased; {} files, {} bytes searched\n",
        all - missing.size(), all, seen_.oversized.size(), seen_.answers, seen_.of_erased, files_,
        bytes_);
    return all > 0 && missing.empty() && seen_.told.empty() && bytes_ > 0 &&
           seen_.opened == OpeningQueries() && seen_.of_erased > 0;
  }

 private:
  // What is planted is found, wherever in a folder and in whatever spelling.
  static Result<void> CheckPlanted(const std::string& folder) {
    const std::string planted = folder + "/planted/deep";
    std::filesystem::create_directories(planted);
    for (const Wanted& wanted : AllWanted()) {
      for (const std::string& spelling : wanted.spellings) {
        std::ofstream(planted + "/file", std::ios::binary)
            << std::string(100'001, '\0') << spelling;
        if (Search(folder, wanted).hits.size() != 1) {
          return std::unexpected(Wrong("what was planted is not found: " + wanted.what));
        }
      }
    }
    std::ofstream(planted + "/of " + std::string(kMark)) << "its name tells";
    if (Search(folder, TextWanted(kMark)).hits.size() != 1) {
      return std::unexpected(Wrong("a file that is named after a person is not found"));
    }
    std::filesystem::remove_all(folder + "/planted");
    return {};
  }

  CanaryWorld::Seen seen_;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
};

int Main(int argc, char** argv) {
  const auto servers = scenarios::ScenarioServers::Make(argc, argv);
  if (servers == nullptr) return 2;
  Canaries canaries;
  servers->LookBefore([&](ScenarioServer& server) { return canaries.Before(server); });
  servers->LookAfter([&](ScenarioServer& server) { return canaries.After(server); });
  const int failed = scenarios::RunScenarios(argc, argv, "canary", [&](Micros start) {
    return std::make_unique<CanaryWorld>(servers->NewWorld(start), canaries.seen());
  });
  const bool silent = servers->Stop();
  const bool complete = canaries.Report();
  return silent && complete ? failed : 1;
}

}  // namespace
}  // namespace jalon::canaries

int main(int argc, char** argv) { return jalon::canaries::Main(argc, argv); }
