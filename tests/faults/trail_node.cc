#include "tests/faults/trail_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "eventstore/log/log_testing.h"
#include "eventstore/signer/key_folder.h"
#include "eventstore/signer/rocks/signer_folder.h"
#include "eventstore/trail/origin.h"
#include "jalon/event/v1/event_body.pb.h"
#include "jalon/event/v1/feedback_events.pb.h"
#include "jalon/event/v1/system_events.pb.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "jalon/type/v1/aggregate.pb.h"
#include "projections/trail/trail_tree.h"
#include "projections/views/all_views.h"
#include "projections/views/receipts.h"
#include "projections/views/root_log.h"
#include "projections/views/trails.h"
#include "services/api/queries/grown_logs.h"
#include "services/api/queries/trail_of.h"
#include "services/node/data_folder.h"

namespace jalon::faults {
namespace {

using projections::DirectoryKey;
using projections::PartitionScope;

constexpr uint32_t kPartitions = 2;  // a school in each
constexpr uint32_t kToday = 20260907;
constexpr size_t kFlushAll =
    64 * 1024;  // memtables of so many bytes: they are flushed all the time
constexpr uint64_t kFlushRecords = 30;
constexpr uint64_t kOwedAtAStart = 3;  // records of each partition
constexpr std::chrono::seconds kPatience{20};

std::string MemoryIn(const std::string& data) { return node::SignerIn(data) + "/memory"; }

}  // namespace

Result<void> TrailNode::Create(const std::string& data) {
  JALON_RETURN_IF_ERROR(eventstore::RocksLog::Create(
      node::LogIn(data), eventstore::testing::TestBirthWithSystem(kPartitions)));
  JALON_RETURN_IF_ERROR(eventstore::MakeSigner(node::SignerIn(data)));
  return {};
}

Result<std::unique_ptr<TrailNode>> TrailNode::Open(const std::string& data,
                                                   const Options& options) {
  eventstore::RocksLogOptions log_options;
  log_options.memtable_bytes = kFlushAll;
  log_options.testing.env = options.env;
  log_options.testing.sync = options.log_syncs;
  JALON_ASSIGN_OR_RETURN(auto log, eventstore::RocksLog::Open(node::LogIn(data), log_options));
  JALON_ASSIGN_OR_RETURN(auto store, projections::RocksViewStore::Open({.path = node::ViewsIn(data),
                                                                        .memtable_bytes = kFlushAll,
                                                                        .env = options.env}));
  JALON_ASSIGN_OR_RETURN(const auto key,
                         eventstore::LoadSigningKey(eventstore::KeyIn(node::SignerIn(data))));
  JALON_ASSIGN_OR_RETURN(auto memory,
                         eventstore::OpenRocksSignerMemory(MemoryIn(data), options.env));
  std::unique_ptr<TrailNode> opened(
      new TrailNode(std::move(log), std::move(store), key, std::move(memory)));
  JALON_RETURN_IF_ERROR(opened->Begin());
  return opened;
}

TrailNode::TrailNode(std::unique_ptr<eventstore::RocksLog> log,
                     std::unique_ptr<projections::RocksViewStore> store,
                     const eventstore::SigningKey& key,
                     std::unique_ptr<eventstore::SignerMemory> memory)
    : log_(std::move(log)),
      store_(std::move(store)),
      views_(projections::MakeAllViews(deployment_)),
      projector_({.partitions = projections::testing::Partitions(log_->birth().Partitions()),
                  .flush_records = kFlushRecords},
                 *log_, *store_, *views_),
      memory_(memory.get()),
      signer_(key, std::move(memory)),
      receipts_({.views = engine_,
                 .log = *log_,
                 .names = names_,
                 .partitions = {Partition{0}, Partition{1}}}) {
  for (uint32_t i = 0; i < kPartitions; ++i) {
    const Partition partition{i};
    placement_.Placed(schools[i], partition);
    trees_[names_.ReceiptsOrigin(partition)] = {partition, PartitionScope(), projections::kReceipts,
                                                Bytes(projections::OnlyTree())};
    for (const Bytes& company : companies) {
      trees_[names_.OriginOf(schools[i], company)] = {partition, schools[i], projections::kTrails,
                                                      company};
    }
  }
  trees_[names_.RootOrigin()] = {system_, PartitionScope(), projections::kRootLog,
                                 Bytes(projections::OnlyTree())};
}

Result<void> TrailNode::Begin() {
  JALON_ASSIGN_OR_RETURN(const LogTrees there, LogTrees::Read(*log_, log_->birth()));
  for (const Bytes& school : schools) {
    for (const Bytes& company : companies) {
      sizes_[{school, company}] = there.Entries(names_.OriginOf(school, company)).size();
    }
  }
  for (Partition partition{0}; partition.value < log_->birth().Partitions();
       partition = partition.Next()) {
    JALON_ASSIGN_OR_RETURN(const Offset head, log_->Head(partition));
    JALON_ASSIGN_OR_RETURN(const auto stored, store_->Get(DirectoryKey(partition)));
    projections::Directory directory;
    const bool is_folded = stored && Decode(*stored, &directory);
    folds_again_ += head.value - (is_folded ? directory.cursor.head.offset.value + 1 : 0);
  }
  JALON_RETURN_IF_ERROR(projector_.Open());
  for (Partition partition{0}; partition.value < log_->birth().Partitions();
       partition = partition.Next()) {
    writer_.Claim(partition);
    const uint64_t last = writer_.head(partition).seq.value;
    for (uint64_t seq = last - std::min(last, kOwedAtAStart); seq < last && partition != system_;) {
      owed_.push_back({.partition = partition, .seq = Seq{++seq}});
    }
  }
  return {};
}

void TrailNode::Report(std::mt19937_64& random) {
  const Partition partition{static_cast<uint32_t>(random() % kPartitions)};
  const Bytes& school = schools[partition.value];
  std::vector<log::v1::Event> events;
  for (uint64_t left = 1 + random() % 3; left != 0; --left) {
    const Bytes& company = companies[random() % companies.size()];
    event::v1::ActivityCompleted completed;
    completed.set_activity(fmt::format("A{}", random()));  // that no other life says again
    events.push_back(projections::testing::MakeReport(school, company, sizes_[{school, company}]++,
                                                      completed.SerializeAsString()));
  }
  writer_.Record(partition, events);
  owed_.push_back({.partition = partition, .seq = writer_.head(partition).seq});
}

Result<void> TrailNode::Publish() {
  event::v1::LogsPublished published;
  JALON_RETURN_IF_ERROR(
      api::EachGrownLog(engine_, placement_, names_, [&](const trail::Checkpoint& log) {
        type::v1::PublishedLog& one = *published.add_logs();
        one.set_origin(log.origin);
        one.set_size(log.size);
        one.set_root(Bytes(View(log.root)));
        return true;
      }));
  if (published.logs().empty()) return {};
  log::v1::Event event;
  event.set_tenant(PartitionScope());
  event.set_type(event::v1::EventBody::kLogsPublished);
  event.set_aggregate_kind(type::v1::AGGREGATE_KIND_ROOT_LOG);
  event.set_aggregate(PartitionScope());
  event.set_version(1);
  event.set_occurred_on(kToday);
  event.set_payload(published.SerializeAsString());
  writer_.Record(system_, {event});
  return {};
}

Result<void> TrailNode::Fold() {
  while (projector_.Step(clock_.Monotonic())) {
  }
  const projections::ProjectorStatus status = projector_.Status();
  if (status.error) return std::unexpected(*status.error);
  return {};
}

Result<void> TrailNode::FoldAll() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (Partition partition{0}; partition.value < log_->birth().Partitions();) {
    JALON_RETURN_IF_ERROR(Fold());
    const auto reflected = Reflected(partition);
    if (reflected && *reflected == writer_.head(partition).seq) {
      partition = partition.Next();
    } else if (std::chrono::steady_clock::now() > deadline) {
      return reflected ? Fail(Code::kUnavailable, "VIEW_BEHIND", "the views stand still")
                       : std::unexpected(reflected.error());
    } else {
      std::this_thread::yield();
    }
  }
  return {};
}

Result<Seq> TrailNode::Reflected(Partition partition) {
  JALON_ASSIGN_OR_RETURN(const auto reader, engine_.Read(partition, PartitionScope()));
  return Seq{reader->as_of().position().seq()};
}

Result<void> TrailNode::ReleaseReceipts(const ReleasedFile& to) {
  std::vector<api::ReceiptsWanted> owed;
  auto made = receipts_.Make(owed_);
  for (size_t i = 0; i < made.size(); ++i) {
    // From before the start.
    if (!made[i] && made[i].error().reason == api::kNotInMemory) {
      made[i] = receipts_.MakeAgain(owed_[i]);
    }
    if (!made[i] && made[i].error().reason == api::kNotCountedYet) {
      owed.push_back(owed_[i]);
      continue;
    }
    if (!made[i]) return std::unexpected(made[i].error());
    for (const trail::v1::Receipt& receipt : *made[i]) to.Add(receipt);
  }
  owed_ = std::move(owed);
  return {};
}

Result<void> TrailNode::ReleaseTrail(const Bytes& school, const Bytes& company,
                                     const ReleasedFile& to) {
  const domain::Principal auditor{.person_id = Bytes(8, 'A'),
                                  .role = type::v1::ROLE_AUDITOR,
                                  .school_id = school,
                                  .company_id = {},
                                  .modules = {}};
  const domain::Scope scope(auditor, {}, kToday);
  JALON_ASSIGN_OR_RETURN(const auto reader, engine_.Read(placement_.PartitionOf(school), school));
  const api::QueryContext context{.principal = auditor,
                                  .scope = scope,
                                  .school_id = school,
                                  .today = kToday,
                                  .reader = reader.get(),
                                  .opener = opener_,
                                  .pages = pages_,
                                  .definitions = definitions_,
                                  .trails = names_};
  trail::v1::GetCheckpointRequest request;
  request.set_company_id(company);
  trail::v1::GetCheckpointResponse response;
  const auto answered =
      queries_.FindByRequest(request.GetDescriptor())->answer(request, context, &response);
  if (!answered && answered.error().code == Code::kNotFound) return {};
  JALON_RETURN_IF_ERROR(answered);
  to.Add(response.checkpoint().note());
  return {};
}

Result<void> TrailNode::ReleaseRoot(const ReleasedFile& to) {
  JALON_ASSIGN_OR_RETURN(const api::RootLog::Signed made, root_log_.Checkpoint(0));
  to.Add(made.note);
  return {};
}

Result<void> TrailNode::ReleaseAll(const ReleasedFile& to) {
  JALON_RETURN_IF_ERROR(ReleaseReceipts(to));
  for (const Bytes& school : schools) {
    for (const Bytes& company : companies) JALON_RETURN_IF_ERROR(ReleaseTrail(school, company, to));
  }
  return ReleaseRoot(to);
}

Result<trail::Proof> TrailNode::ConsistencyProof(const std::string& origin, uint64_t old_size,
                                                 uint64_t size) {
  const Tree& tree = trees_.at(origin);
  JALON_ASSIGN_OR_RETURN(std::shared_ptr<const api::Reader> reader,
                         engine_.Read(tree.partition, tree.scope));
  const projections::TrailRows rows = api::TrailRowsOf(reader, tree.view);
  return projections::TrailTree(rows, tree.name).ConsistencyProof(old_size, size);
}

}  // namespace jalon::faults
