#include "tests/bench/trust/folded_trails.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <utility>
#include <vector>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"
#include "eventstore/signer/rocks/rocks_signer_memory.h"
#include "eventstore/trail/proof.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "projections/views/all_views.h"
#include "projections/views/trails.h"

namespace jalon::bench {
namespace {

using std::chrono::steady_clock;

constexpr Partition kPartition{0};
constexpr size_t kEventsPerRecord = 100;
constexpr size_t kPayloadBytes = 60;
const Bytes kSchool(16, 'S');
const Bytes kDeployment(16, 'c');

std::string LogFolder(const std::string& folder) { return folder + "/log"; }

double ThreadCpuUs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

log::v1::Event EntryOf(const Bytes& company, uint64_t index) {
  log::v1::Event event;
  event.set_tenant(kSchool);
  event.set_type(event::v1::EventBody::kActivityCompleted);
  event.set_aggregate_kind(type::v1::AGGREGATE_KIND_STAY);
  event.set_aggregate(company + Bytes("stay0001"));
  event.set_version(index + 1);
  event.set_subject(company);
  event.set_occurred_on(20260907);
  event.mutable_actor()->set_person("tutor001");
  event.mutable_trail()->set_key(company);
  event.mutable_trail()->set_index(index);
  event.mutable_trail()->set_recorded_at(1'788'000'000'000'000);
  event.set_payload(std::string(kPayloadBytes, 'p'));
  return event;
}

trail::Proof ProofOf(const trail::v1::GetInclusionProofResponse& response) {
  trail::Proof proof;
  for (const std::string& hash : response.hashes()) proof.push_back(HashFrom(hash));
  return proof;
}

}  // namespace

Bytes CompanyOf(uint64_t number) {
  return Bytes(View(Sha256("company " + std::to_string(number))).substr(0, 8));
}

void TrailLog::Create(const std::string& folder) {
  JALON_CHECK(eventstore::RocksLog::Create(LogFolder(folder), {.cluster_id = kDeployment,
                                                               .log_incarnation = Bytes(16, 'i'),
                                                               .partition_count = 1,
                                                               .virtual_clock = false}));
}

TrailLog::TrailLog(const std::string& folder)
    : log_(std::move(eventstore::RocksLog::Open(LogFolder(folder))).value()), writer_(*log_) {}

void TrailLog::Append(const Bytes& company, uint64_t entries) {
  for (uint64_t index = 0; index < entries; ++index) {
    record_.push_back(EntryOf(company, index));
    if (record_.size() == kEventsPerRecord) Flush();
  }
}

void TrailLog::Flush() {
  if (!record_.empty()) writer_.Record(kPartition, record_);
  record_.clear();
}

FoldedTrails::FoldedTrails(const std::string& folder)
    : log_(std::move(eventstore::RocksLog::Open(LogFolder(folder))).value()),
      store_(std::move(projections::RocksViewStore::Open({.path = folder + "/views"})).value()),
      views_(projections::MakeOneView(projections::kTrails, kDeployment)),
      projector_(std::make_unique<projections::Projector>(
          projections::ProjectorOptions{.partitions = {kPartition}, .fold_entries_max = UINT64_MAX},
          *log_, *store_, *views_)) {
  JALON_CHECK(projector_->Open());
  projections::testing::StepToEnd(*projector_);
  JALON_CHECK(projector_->Serving() && store_->Flush(/*wait=*/true));
  engine_ = std::make_unique<api::EngineViews>(projector_->publication());
  auto memory = eventstore::MakeRocksSignerMemory(folder + "/signer");
  signer_ = std::make_unique<eventstore::Signer>(eventstore::SigningKey(trail::Seed{7}),
                                                 std::move(memory).value());
}

FoldedTrails::~FoldedTrails() = default;

Taken FoldedTrails::Prove(const Bytes& company, uint64_t index) {
  static const domain::Principal kCoordinator{.person_id = Bytes(8, 'M'),
                                              .role = type::v1::ROLE_WORK_STUDY_COORDINATOR,
                                              .school_id = kSchool,
                                              .company_id = {},
                                              .modules = {}};
  const domain::Scope scope(kCoordinator, {}, 20260907);
  const api::TrailNames names{.deployment = kDeployment, .signer = signer_.get()};
  const auto* method = queries_.FindByRequest(trail::v1::GetInclusionProofRequest::descriptor());
  trail::v1::GetInclusionProofRequest request;
  request.set_company_id(company);
  request.set_index(index);

  const auto begin = steady_clock::now();
  const double cpu_begin = ThreadCpuUs();
  trail::v1::GetInclusionProofResponse response;
  const auto reader = engine_->Read(kPartition, kSchool);
  JALON_CHECK(reader);
  const api::QueryContext context{.principal = kCoordinator,
                                  .scope = scope,
                                  .school_id = kSchool,
                                  .today = 20260907,
                                  .reader = reader->get(),
                                  .opener = opener_,
                                  .pages = tokens_,
                                  .definitions = definitions_,
                                  .trails = names};
  JALON_CHECK(method->answer(request, context, &response));
  const Taken taken{
      .wall_us = std::chrono::duration<double, std::micro>(steady_clock::now() - begin).count(),
      .cpu_us = ThreadCpuUs() - cpu_begin};
  JALON_CHECK(!response.tlog_proof().empty() &&
              trail::VerifyInclusion(index, response.size(), HashFrom(response.leaf_hash()),
                                     ProofOf(response), HashFrom(response.root())));
  return taken;
}

void DropCached(const std::string& folder) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    const int fd = open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) continue;  // the store deleted it meanwhile
    JALON_CHECK(fd >= 0);
    fdatasync(fd);  // what is not yet on the disk stays in memory
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
  }
}

}  // namespace jalon::bench
