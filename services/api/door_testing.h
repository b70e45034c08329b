// A door over rows in memory, behind a real gRPC server: for tests of what the door does with
// calls.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/mutex.h"
#include "eventstore/vault/embedded/embedded_vault.h"
#include "eventstore/vault/embedded/root_key.h"
#include "services/access/access_log.h"
#include "services/api/door.h"
#include "services/api/server.h"
#include "services/api/services.h"
#include "services/client/client.h"
#include "services/client/request_id.h"
#include "services/domain/application.h"
#include "services/domain/memory_state_testing.h"
#include "services/domain/reasons.h"
#include "services/domain/system_application.h"
#include "services/token/cache.h"
#include "services/token/signer.h"

namespace jalon::api {

constexpr uint32_t kDoorPartitions = 64;
constexpr Partition kDoorSystem{kDoorPartitions};
const Bytes kDoorDeployment(16, 'd');

// Decides at once, on rows in memory; keeps what it was handed.
class MemorySink final : public CommandSink {
 public:
  explicit MemorySink(const Clock& clock) : clock_(clock) {}

  const Bytes& LogIncarnation() const override { return incarnation_; }
  Result<void> TakesCommands() override { return takes; }
  Result<void> Submit(Partition partition, eventstore::Submission submission) override {
    if (silent) {
      MutexLock lock(mutex_);
      unanswered_.push_back(std::move(submission));
      return {};
    }
    if (partition == kDoorSystem) return Place(std::move(submission));
    handed_to = partition;
    if (at_submit) at_submit(static_cast<const domain::Request&>(*submission.command));
    MutexLock lock(mutex_);
    if (full) return Fail(Code::kResourceExhausted, "QUEUE_FULL", "try again a little later");
    eventstore::Outcome outcome;
    eventstore::Verdict verdict = application_.Decide(
        *submission.command, {.recorded_at = clock_.Wall(), .seq = Seq{seq_ + 1}}, state_);
    if (auto* accepted = std::get_if<eventstore::Accepted>(&verdict)) {
      record = {};
      record.set_seq(++seq_);
      record.set_recorded_at(clock_.Wall().count());
      record.set_tenant(submission.tenant);
      record.set_body_mac(submission.body_mac);
      *record.mutable_actor() = submission.actor;
      for (const std::string& event : accepted->events) record.add_events(event);
      EXPECT_TRUE(application_.Evolve(record, state_));
      outcome.kind = eventstore::Outcome::Kind::kAccepted;
      outcome.seq = Seq{seq_};
      outcome.reply = accepted->reply;
    } else if (auto* refused = std::get_if<eventstore::Refused>(&verdict)) {
      outcome.kind = eventstore::Outcome::Kind::kRefused;
      outcome.seq = Seq{seq_};
      outcome.refusal = refused->refusal;
    } else {
      outcome.kind = eventstore::Outcome::Kind::kNothingToDo;
      outcome.seq = Seq{seq_};
      outcome.reply = std::get<eventstore::NothingToDo>(verdict).reply;
    }
    ++decided;
    submission.done(std::move(outcome));
    return {};
  }

  // Fails what was not answered, so that the server can end.
  void LetGo() {
    MutexLock lock(mutex_);
    for (eventstore::Submission& submission : unanswered_) submission.done({});
    unanswered_.clear();
  }

  std::atomic<bool> silent = false;  // answers nothing until LetGo
  log::v1::Record record;            // the last one
  Partition handed_to;               // the last partition of a school that was handed something
  std::vector<Bytes> placements;     // request ids of those accepted
  uint64_t decided = 0;
  bool full = false;
  Result<void> takes;
  // Sees each command as it is handed over.
  std::function<void(const domain::Request&)> at_submit;

 private:
  // What the system partition decides, and of what it does not the repeat too.
  Result<void> Place(eventstore::Submission submission) {
    eventstore::Outcome outcome;
    {
      MutexLock lock(mutex_);
      eventstore::Verdict verdict = system_.Decide(
          *submission.command, {.recorded_at = clock_.Wall(), .seq = Seq{1}}, system_state_);
      if (auto* accepted = std::get_if<eventstore::Accepted>(&verdict)) {
        log::v1::Record placed;
        placed.set_tenant(submission.tenant);
        for (const std::string& event : accepted->events) placed.add_events(event);
        EXPECT_TRUE(system_.Evolve(placed, system_state_));
        placements.push_back(submission.request_id);
        outcome.kind = eventstore::Outcome::Kind::kAccepted;
        outcome.reply = accepted->reply;
      } else if (auto* refused = std::get_if<eventstore::Refused>(&verdict)) {
        outcome.kind = eventstore::Outcome::Kind::kRefused;
        outcome.refusal = refused->refusal;
      } else {
        outcome.kind = eventstore::Outcome::Kind::kNothingToDo;
        outcome.reply = std::get<eventstore::NothingToDo>(verdict).reply;
      }
    }
    submission.done(std::move(outcome));
    return {};
  }

  const Clock& clock_;
  Mutex mutex_;
  domain::SystemApplication system_{kDoorPartitions, [](std::string_view) { return Partition{7}; },
                                    kDoorDeployment};
  domain::MemoryState system_state_{system_};
  std::vector<eventstore::Submission> unanswered_ JALON_GUARDED_BY(mutex_);
  Bytes incarnation_ = std::string(16, '\x77');
  domain::DomainApplication application_;
  domain::MemoryState state_{application_};
  uint64_t seq_ = 0;
};

class DoorTest : public testing::Test {
 protected:
  using WrapStore =
      std::function<std::unique_ptr<eventstore::KeyStore>(std::unique_ptr<eventstore::KeyStore>)>;

  DoorTest() : DoorTest([](std::unique_ptr<eventstore::KeyStore> store) { return store; }) {}
  // `wrap` stands between the vault and the keys on disk.
  explicit DoorTest(const WrapStore& wrap) {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/door_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    vault_ = eventstore::MakeEmbeddedVault(
        wrap(std::move(*eventstore::KeyStore::Open(folder_ + "/keys"))),
        eventstore::EpochKeys(eventstore::EpochsOf(folder_ + "/keys")),
        std::move(*eventstore::LoadRootKey(folder_ + "/root.key", true)), clock_);
    signer_ = std::move(*token::Signer::Load(folder_ + "/token.jwk", true));
    verifier_ = std::move(*token::Verifier::Make({signer_->PublicKeys()}, {}, clock_));
    tokens_ = std::make_unique<token::Cache>(*verifier_, clock_);
    access_ = std::move(*access::AccessLog::Open({.folder = folder_ + "/access", .clock = clock_}));
    access_->Start();
    door_ =
        std::make_unique<Door>(DoorParts{clock_, real_clock_, *tokens_, *vault_, sink_, placement_,
                                         nullptr, access_.get(), nullptr, &own_writes_});
    table_ = std::make_unique<MethodTable>(std::move(*MethodTable::Make(PublicServices())));
    std::vector<Endpoint> endpoints;
    for (const auto& command : table_->commands) {
      endpoints.push_back({command->path, door_->HandlerOf(*command)});
    }
    server_ = std::move(*Server::Start({.listen = "127.0.0.1:0"}, std::move(endpoints)));
    client_ = std::make_unique<client::Client>("127.0.0.1:" + std::to_string(server_->port()),
                                               client::Options());
  }
  ~DoorTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string Token(domain::Principal principal) {
    const auto now = std::chrono::duration_cast<token::Seconds>(clock_.Wall());
    return *signer_->Sign({std::move(principal), now, now + token::Seconds(3600)}, {});
  }
  domain::Principal Region() {
    return {.person_id = std::string(8, 'r'),
            .role = type::v1::ROLE_REGION_COORDINATOR,
            .school_id = {},
            .company_id = {},
            .modules = {}};
  }
  domain::Principal Of(type::v1::Role role, const Bytes& school_id) {
    domain::Principal principal{.person_id = std::string(8, 'p'),
                                .role = role,
                                .school_id = school_id,
                                .company_id = {},
                                .modules = {}};
    if (principal.IsCompany()) principal.company_id = std::string(8, 'c');
    return principal;
  }

  type::v1::CommandHeader Header() {
    type::v1::CommandHeader header;
    header.set_request_id(
        client::NewRequestId(static_cast<uint64_t>(clock_.Wall().count()) / 1000));
    return header;
  }
  client::Reply Send(const domain::Principal& principal, const google::protobuf::Message& command,
                     const type::v1::CommandHeader& header) {
    return client_->As(Token(principal)).Command(command, header);
  }
  client::Reply Send(const domain::Principal& principal, const google::protobuf::Message& command) {
    return Send(principal, command, Header());
  }

  // What the access log has of refusals: "stay.end NOT_FOUND", one a line.
  std::string Refusals() {
    access_->Stop();
    std::string lines;
    EXPECT_TRUE(access_->EachBefore(UINT64_MAX, [&](const access::v1::AccessEntry& entry) {
      if (entry.kind() != access::v1::ACCESS_KIND_REFUSAL) return true;
      lines.insert(0,
                   entry.action() + " " + std::string(domain::ReasonName(entry.reason())) + "\n");
      return true;
    }));
    return lines;
  }

  SystemClock real_clock_;
  ManualClock clock_{
      Micros(std::chrono::sys_days(std::chrono::year(2026) / 9 / 1).time_since_epoch()) +
      std::chrono::hours(14)};
  std::string folder_;
  std::unique_ptr<eventstore::Vault> vault_;
  std::unique_ptr<token::Signer> signer_;
  std::unique_ptr<token::Verifier> verifier_;
  std::unique_ptr<token::Cache> tokens_;
  MemorySink sink_{clock_};
  OwnWrites own_writes_{sink_.LogIncarnation()};
  Placement placement_{kDoorPartitions, kDoorSystem};
  std::unique_ptr<access::AccessLog> access_;
  std::unique_ptr<MethodTable> table_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<client::Client> client_;
};

}  // namespace jalon::api
