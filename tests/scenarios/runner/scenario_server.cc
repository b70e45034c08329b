#include "tests/scenarios/runner/scenario_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/log/kafka/kafka_log.h"
#include "eventstore/log/rocks/rocks_log.h"
#include "services/node/kafka_address.h"
#include "tests/scenarios/runner/transfers.h"

namespace jalon::scenarios {
namespace {

constexpr uint32_t kDeadlineMs = 30'000;  // of a busy machine
constexpr int kInitAttempts = 6;
constexpr token::Seconds kTokenLife = std::chrono::hours(2);

// Tells two principals apart.
std::string KeyOf(const domain::Principal& who) {
  return fmt::format("{}|{}|{}|{}|{}", ToHex(who.person_id), static_cast<int>(who.role),
                     ToHex(who.school_id), ToHex(who.company_id), fmt::join(who.modules, ","));
}

Error FromReply(const client::Reply& reply, const char* what) {
  return {.code = reply.error.code,
          .reason = reply.error.reason,
          .message = fmt::format("{}: {}", what, reply.error.message),
          .metadata = {}};
}

}  // namespace

ScenarioServer::ScenarioServer(const std::string& program, std::string folder, std::string kafka)
    : folder_(std::move(folder)),
      kafka_(std::move(kafka)),
      jalon_(program, folder_ + "/data"),
      admin_(jalon_.data(), {}) {}

Result<std::unique_ptr<ScenarioServer>> ScenarioServer::Start(
    const std::string& program, const std::string& folder, Micros start, const std::string& kafka,
    const std::vector<std::string>& more) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder + "/data");
  std::unique_ptr<ScenarioServer> server(new ScenarioServer(program, folder, kafka));
  JALON_ASSIGN_OR_RETURN(server->signer_, token::Signer::Load(folder + "/token.key", true));
  // Where scenarios begin may be in the past, and an operator's clock only goes forward: the folder
  // is born with a clock that was moved already.
  const Micros ahead = start - SystemClock().Wall();
  std::ofstream(folder + "/data/clock") << ahead.count() << "\n";
  const std::string issuers = folder + "/transfer.issuers";
  std::ofstream(issuers) << "# Another school's deployment.\n\n"
                         << trail::FormatVerifierKey(IssuerKey().verifier()) << "\n";
  std::vector<std::string>& options = server->options_;
  options = {"--token-keys", folder + "/token.key.pub", "--transfer-issuers", issuers};
  options.insert(options.end(), more.begin(), more.end());
  const std::vector<std::string> birth = {"--partitions", "4", "--virtual-clock"};
  if (kafka.empty()) {
    options.insert(options.end(), birth.begin(), birth.end());
  } else {
    std::vector<std::string> init = {"log", "init", kafka, "--unsafe-single-broker"};
    init.insert(init.end(), birth.begin(), birth.end());
    JALON_RETURN_IF_ERROR(server->MakeLog(init));
    options.insert(options.end(), {"--log", kafka, "--unsafe-single-broker"});
  }
  JALON_RETURN_IF_ERROR(server->Serve());
  client::Options patient;
  patient.deadline_ms = kDeadlineMs;
  server->anyone_ = std::make_unique<client::Client>(server->jalon_.address(), std::move(patient));
  return server;
}

// A broker of a busy machine may not answer in time; what was left unfinished is finished then.
Result<void> ScenarioServer::MakeLog(const std::vector<std::string>& init) {
  for (int attempt = 1;; ++attempt) {
    const demo::Finished made = jalon_.Command(init);
    const bool is_there = attempt > 1 && made.err.find("LOG_EXISTS") != std::string::npos;
    if (made.exit_code == 0 || is_there) return {};
    if (attempt < kInitAttempts && made.err.find("LOG_UNREACHABLE") != std::string::npos) continue;
    return Fail(Code::kUnavailable, "UNAVAILABLE", "the log was not made: " + made.err);
  }
}

Result<client::Client> ScenarioServer::As(const domain::Principal& who) {
  std::string& token = tokens_[KeyOf(who)];
  if (token.empty()) {
    // Tokens expire by the real time.
    const auto now = std::chrono::duration_cast<token::Seconds>(SystemClock().Wall());
    const token::Claims claims{.principal = who, .not_before = now, .expires = now + kTokenLife};
    JALON_ASSIGN_OR_RETURN(token, signer_->Sign(claims, token::Audience{}));
  }
  return anyone_->As(token);
}

Result<void> ScenarioServer::MoveClock(Micros to) {
  admin::v1::AdvanceClockRequest request;
  request.set_to_time(to.count());
  admin::v1::AdvanceClockResponse response;
  const client::Reply reply = admin_.AdvanceClock(request, &response);
  if (!reply.ok) return std::unexpected(FromReply(reply, "the clock"));
  clock_moved_ = true;
  return {};
}

Result<std::unique_ptr<eventstore::Log>> ScenarioServer::OpenLog() const {
  if (!kafka_.empty()) {
    JALON_ASSIGN_OR_RETURN(eventstore::KafkaOptions options, node::ReadKafkaAddress(kafka_));
    options.unsafe_single_broker = true;
    return eventstore::KafkaLog::Open(std::move(options));
  }
  const std::string copy = std::filesystem::absolute(folder_ + "/copy");
  std::filesystem::remove_all(copy);
  const client::Reply reply =
      admin_.BackupLog(copy, [](const admin::v1::BackupLogResponse&) { return true; });
  if (!reply.ok) return std::unexpected(FromReply(reply, "the backup"));
  return eventstore::RocksLog::OpenReadOnly(copy);
}

Result<log::v1::Record> ScenarioServer::RecordAt(const type::v1::Position& position) const {
  JALON_ASSIGN_OR_RETURN(const auto log, OpenLog());
  Offset next{0};
  while (true) {
    JALON_ASSIGN_OR_RETURN(const auto entries,
                           log->ReadFrom(Partition{position.partition()}, next, {}));
    if (entries.empty()) break;
    for (const eventstore::StoredEntry& stored : entries) {
      log::v1::Entry entry;
      if (entry.ParseFromString(*stored.bytes) && entry.record().seq() == position.seq()) {
        return std::move(*entry.mutable_record());
      }
    }
    next = Offset{entries.back().offset.value + 1};
  }
  return Fail(Code::kDataLoss, "LOG_CORRUPT",
              fmt::format("nothing is at position {}", position.seq()));
}

Result<void> ScenarioServer::Serve() {
  if (jalon_.Serve(options_)) return {};
  return Fail(Code::kUnavailable, "UNAVAILABLE",
              "the server did not start; see " + jalon_.log_path());
}

Result<void> ScenarioServer::Restart() {
  JALON_RETURN_IF_ERROR(Stop());
  return Serve();
}

Result<void> ScenarioServer::Stop() {
  const int code = jalon_.Stop();
  if (code == 0) return {};
  return Fail(Code::kInternal, "INTERNAL",
              fmt::format("the server ended with {}; see {}", code, jalon_.log_path()));
}

}  // namespace jalon::scenarios
