// After an erasure nothing that is left opens what was sealed of the person: a student of whom
// everything is recorded, erased on a real server.
//
//   erased_test --jalon=PROGRAM --folder=FOLDER --filter=TITLE
//
// A thief (thief.h) has the student's key from before, and what wrapped it. Both are searched for,
// raw and wrapped, in every file that the server left, and every key that is left is tried on every
// section of the student's: where the server was, and where a backup of the log from before the
// erasure is restored with the key store of afterwards.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "deploy/demo/jalon.h"
#include "jalon/progress/v1/progress_service.pb.h"
#include "tests/canaries/canary_world.h"
#include "tests/canaries/search.h"
#include "tests/canaries/thief.h"
#include "tests/scenarios/runner/runner.h"
#include "tests/scenarios/runner/scenario_servers.h"

namespace jalon::canaries {
namespace {

namespace fs = std::filesystem;
using scenarios::ScenarioServer;

// What no student has, and what this one has another kind of.
const std::set<std::string> kElsewhere = {"AccessGranted.identity", "ProgrammeCompleted.reason"};

Result<void> Claim(bool holds, std::string_view what) {
  if (holds) return {};
  return Fail(Code::kInternal, "INTERNAL", std::string(what));
}

class Erased {
 public:
  Erased(std::string program, Places places)
      : program_(std::move(program)), places_(std::move(places)) {}
  Loot* loot() { return &loot_; }

  // Of the server that ended.
  Result<void> After() {
    JALON_RETURN_IF_ERROR(Claim(!loot_.key.bytes.empty(), "nobody was erased"));
    for (const char* part :
         {"log", "state", "views", "access", "signer", "erasing", "keys", "keys.epochs"}) {
      JALON_RETURN_IF_ERROR(Claim(fs::exists(places_.data() + "/" + part),
                                  fmt::format("{} is not there to be searched", part)));
    }
    JALON_RETURN_IF_ERROR(CheckPlanted());
    JALON_RETURN_IF_ERROR(SearchIn(places_.server));
    JALON_RETURN_IF_ERROR(SearchIn(places_.keys_after()));
    JALON_RETURN_IF_ERROR(TryAllKeys(places_.data()));
    return Restored();
  }

  // Of every kind that a student can have; false after saying which is not.
  bool Report() const {
    std::set<std::string> missing = AllKinds();
    for (const std::string& kind : kinds_) missing.erase(kind);
    for (const std::string& kind : kElsewhere) missing.erase(kind);
    for (const std::string& kind : missing) fmt::print("never sealed: {}\n", kind);
    fmt::print("{} sections of {} kinds, {} keys tried; {} files, {} bytes searched\n", sections_,
               kinds_.size(), keys_, files_, bytes_);
    return missing.empty() && sections_ >= kinds_.size();
  }

 private:
  std::vector<Wanted> AllWanted() const {
    std::vector<RawKey> keys = loot_.epochs;
    keys.push_back(loot_.key);
    return WantedOf(keys);
  }
  Result<void> SearchIn(const std::string& folder) {
    for (const Wanted& wanted : AllWanted()) {
      const Found found = Search(folder, wanted);
      JALON_RETURN_IF_ERROR(Claim(found.files > 0, folder + " is empty"));
      for (const Hit& hit : found.hits) {
        return Claim(false, fmt::format("{} is in {} at {}", wanted.what, hit.file, hit.offset));
      }
      files_ = std::max(files_, found.files);
      bytes_ = std::max(bytes_, found.bytes);
    }
    return {};
  }
  // The search finds what the thief's copy of the key store does hold, and what is planted.
  Result<void> CheckPlanted() const {
    JALON_RETURN_IF_ERROR(Claim(
        Search(places_.keys_before(), KeyWanted("its row", loot_.key.wrapped)).hits.size() == 1,
        "the copy from before does not have the row"));
    const std::string planted = places_.server + ".before/planted";
    fs::create_directories(planted);
    for (const Wanted& wanted : AllWanted()) {
      std::ofstream(planted + "/file", std::ios::binary) << "x" << wanted.spellings.front() << "y";
      JALON_RETURN_IF_ERROR(
          Claim(Search(planted, wanted).hits.size() == 1, wanted.what + ", planted, is not found"));
    }
    return {};
  }

  // No key in the folder opens a section of the student's in its log; the thief's key opens each.
  Result<void> TryAllKeys(const std::string& data) {
    JALON_ASSIGN_OR_RETURN(const auto sections, SectionsIn(data + "/log", loot_.school_id));
    std::set<Bytes> persons;
    for (const auto& [person, some] : sections) persons.insert(person);
    JALON_RETURN_IF_ERROR(
        Claim(persons.contains(loot_.person_id), "the log has lost the student's sections"));
    const std::vector<Section>& theirs = sections.at(loot_.person_id);
    for (const Section& section : theirs) {
      kinds_.insert(section.kind);
      JALON_RETURN_IF_ERROR(Claim(Opens(section, loot_.school_id, loot_.key.bytes),
                                  section.kind + ": the student's own key did not open it"));
    }
    JALON_ASSIGN_OR_RETURN(const auto keys, KeysIn(std::array{data}, loot_.school_id));
    for (const RawKey& key : keys) {
      for (const Section& section : theirs) {
        JALON_RETURN_IF_ERROR(Claim(!Opens(section, loot_.school_id, key.bytes),
                                    fmt::format("{} opens {}", key.what, section.kind)));
      }
    }
    persons.erase(loot_.person_id);
    for (const Bytes& person : persons) {
      const auto key = std::ranges::find(keys, person, &RawKey::person);
      JALON_RETURN_IF_ERROR(Claim(key != keys.end(), "somebody else's key is gone, too"));
      for (const Section& section : sections.at(person)) {
        JALON_RETURN_IF_ERROR(Claim(Opens(section, loot_.school_id, key->bytes),
                                    section.kind + " of somebody else does not open any more"));
      }
    }
    sections_ = theirs.size();
    keys_ = keys.size();
    return {};
  }

  Result<void> Run(const demo::Jalon& jalon, std::vector<std::string> words, int exit_code,
                   const std::string& says) const {
    const demo::Finished ran = jalon.Command(words);
    return Claim(
        ran.exit_code == exit_code && (ran.out + ran.err).contains(says),
        fmt::format("jalon {}: {} {}{}", fmt::join(words, " "), ran.exit_code, ran.out, ran.err));
  }
  // The log as it was before the erasure, with the keys of afterwards; and with a copy of the key
  // store from before, which nothing opens any more.
  Result<void> Restored() {
    const std::string folder = places_.server + ".restored";
    const std::string data = folder + "/data";
    fs::remove_all(folder);
    fs::create_directories(folder);
    demo::Jalon jalon(program_, data);
    JALON_RETURN_IF_ERROR(
        Run(jalon, {"log", "restore", places_.log_before(), "--data", data}, 0, ""));
    for (const char* part : {"/keys.epochs", "/root.key", "/clock"}) {
      fs::copy(places_.data() + part, data + part, fs::copy_options::recursive);
    }
    JALON_RETURN_IF_ERROR(
        Run(jalon, {"vault", "restore", places_.keys_before(), "--data", data, "--accept-older"}, 1,
            "EPOCH_KEY_MISSING"));
    JALON_RETURN_IF_ERROR(
        Run(jalon, {"vault", "restore", places_.keys_after(), "--data", data}, 0, ""));
    // That log is older than what was signed of it.
    JALON_RETURN_IF_ERROR(
        Run(jalon, {"signer", "init", "--replaces-lost-key", "--data", data}, 0, ""));
    JALON_RETURN_IF_ERROR(Claim(jalon.Serve({"--virtual-clock"}), "see " + jalon.log_path()));
    JALON_RETURN_IF_ERROR(AskOf(jalon));
    JALON_RETURN_IF_ERROR(Claim(jalon.Stop() == 0, "see " + jalon.log_path()));
    JALON_RETURN_IF_ERROR(SearchIn(folder));
    return TryAllKeys(data);
  }
  // That log knows of no erasure. What was told of the student stays closed all the same.
  Result<void> AskOf(const demo::Jalon& jalon) const {
    progress::v1::GetStudentProgressRequest request;
    request.set_student_id(loot_.person_id);
    request.set_open_sealed(true);
    progress::v1::GetStudentProgressResponse response;
    const client::Reply reply =
        jalon.Connect()
            .As(jalon.Token(type::v1::ROLE_WORK_STUDY_COORDINATOR, loot_.school_id, "jean-001", ""))
            .Query(request, &response);
    JALON_RETURN_IF_ERROR(Claim(reply.ok, reply.error.message));
    JALON_RETURN_IF_ERROR(Claim(!response.progress().has_erased(), "it is an older log"));
    JALON_RETURN_IF_ERROR(Claim(response.progress().stays_size() > 0, "the student is there"));
    return Claim(!response.DebugString().contains(kMark) && !response.progress().has_identity(),
                 "a section opened: " + response.ShortDebugString());
  }

  const std::string program_;
  const Places places_;
  Loot loot_;
  std::set<std::string> kinds_;
  size_t sections_ = 0;
  size_t keys_ = 0;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
};

int Main(int argc, char** argv) {
  const auto servers = scenarios::ScenarioServers::Make(argc, argv);
  if (servers == nullptr) return 2;
  const Places places{servers->folder()};
  fs::remove_all(places.server + ".before");
  fs::remove_all(places.keys_after());
  fs::create_directories(places.keys_after());
  servers->Also({"--key-backup", fs::absolute(places.keys_after())});
  Erased erased(servers->program(), places);
  CanaryWorld::Seen seen;
  servers->LookAfter([&](ScenarioServer&) { return erased.After(); });
  const int failed = scenarios::RunScenarios(argc, argv, "erased", [&](Micros start) {
    // Marked, so that every section that may be there is.
    return std::make_unique<ThiefWorld>(
        std::make_unique<CanaryWorld>(servers->NewWorld(start), &seen), places, erased.loot());
  });
  const bool well = servers->Stop();
  for (const std::string& told : seen.told) fmt::print("told: {}\n", told);
  return well && erased.Report() && seen.told.empty() ? failed : 1;
}

}  // namespace
}  // namespace jalon::canaries

int main(int argc, char** argv) { return jalon::canaries::Main(argc, argv); }
