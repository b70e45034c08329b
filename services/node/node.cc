#include "services/node/node.h"

#include <fmt/format.h>

#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/random.h"
#include "eventstore/log/genesis.h"
#include "eventstore/state/rocks_state_store.h"
#include "projections/engine/projector.h"
#include "projections/engine/rocks_store.h"
#include "services/api/door.h"
#include "services/api/operator.h"
#include "services/api/query_door.h"
#include "services/api/server.h"
#include "services/api/services.h"
#include "services/domain/application.h"
#include "services/domain/system_application.h"
#include "services/node/answering.h"
#include "services/node/callers.h"
#include "services/node/data_folder.h"
#include "services/node/disk_space.h"
#include "services/node/endpoints.h"
#include "services/node/erasing.h"
#include "services/node/folding.h"
#include "services/node/issuers.h"
#include "services/node/json_log.h"
#include "services/node/key_sweep.h"
#include "services/node/keys_operator.h"
#include "services/node/node_links.h"
#include "services/node/node_operator.h"
#include "services/node/placements.h"
#include "services/node/rebuilding.h"
#include "services/node/signing.h"
#include "services/node/streaming.h"
#include "services/node/vault_link.h"
#include "services/node/view_health.h"
#include "services/node/witnessing.h"
#include "services/node/writers.h"

namespace jalon::node {
namespace {

using eventstore::WriterStatus;

constexpr size_t kMebibyte = 1024 * 1024;
constexpr size_t kNameBytes = 4;

void TellRefused(uint64_t connections) {
  Log(Level::kWarning, "too many connections: new ones are closed at once",
      {{"closed", connections}});
}

std::vector<Partition> AllPartitions(uint32_t count) {
  std::vector<Partition> partitions;
  partitions.reserve(count);
  for (uint32_t i = 0; i < count; ++i) partitions.push_back(Partition{i});
  return partitions;
}

// Members stand in the order in which they are made; each may use those above it.
class WholeNode final : public Node {
 public:
  WholeNode(const Config& config, DataFolder folder, std::function<void(const Error&)> on_fault)
      : config_(config), folder_(std::move(folder)), on_fault_(std::move(on_fault)) {}
  ~WholeNode() override { Stop(); }

  Result<void> Open();
  int Port() const override { return server_->port(); }
  void Stop() override;

 private:
  Result<void> OpenVault(bool written);
  Result<void> OpenSeat(bool written);  // who signs, as the log says, and whether this node may
  Result<void> OpenWriters();
  Result<void> OpenLinks();
  // The last record of every school's partition, once all are served: no other one names keys.
  std::optional<std::vector<Seq>> Recorded();
  Result<void> OpenViews();
  Result<void> OpenPort();
  // Both writers and views must be; and of a node that is alone, its claim to sign.
  bool IsThere() {
    const bool signs = signing_ != nullptr && folder_.embedded_log() != nullptr;
    return writers_->AllReady() && projector_->Serving() && (!signs || signing_->IsSettled());
  }
  void OnPhase(Partition partition, const WriterStatus& status);
  void OnSeat(eventstore::SignerSeat seat);
  void Fault(const Error& error) {
    if (!faulted_.exchange(true)) on_fault_(error);
  }
  // Something inside was found wrong while it served.
  void OnFault(const Error& error);
  void OnViews(const projections::ProjectorStatus& status);
  void TellServing(bool serving);
  void BuildMissingViews();
  void DrainPort();

  const Config config_;
  const SystemClock real_clock_;
  DataFolder folder_;
  const std::function<void(const Error&)> on_fault_;
  SpaceWatch space_{folder_.Growing(), limits::kFreeSpaceFloorBytes};  // the folding thread's
  std::atomic<bool> faulted_ = false;
  std::atomic<bool> stopping_ = false;
  HealthSign health_{{.serves = [this] { return IsThere(); },
                      .tell = [this](bool serving) { TellServing(serving); },
                      .tell_view =
                          [this](size_t view, bool serving) {
                            server_->SetServing(HealthNames(*view_set_)[view], serving);
                          }}};

  const domain::DomainApplication application_;
  const domain::SystemApplication system_application_{
      folder_.birth().partition_count,
      [this](std::string_view school_id) { return placements_->placement().ByHash(school_id); },
      folder_.birth().cluster_id};
  std::unique_ptr<Callers> callers_;
  VaultSign vault_sign_;
  std::unique_ptr<eventstore::Vault> vault_;
  std::unique_ptr<Placements> placements_;
  std::unique_ptr<Signing> signing_;  // null: it has not the role
  std::unique_ptr<KeysOperator> keys_operator_ =
      std::make_unique<KeysOperator>(KeysOperator::Parts{});
  std::unique_ptr<eventstore::RocksStateStore> state_;
  std::unique_ptr<eventstore::PeerCredentials> credentials_;  // null: no peers
  // Of one without peers: no two may be taken for one.
  NodeName name_{.node = "alone-" + ToHex(RandomBytes(kNameBytes)), .address = {}};
  std::unique_ptr<Writers> writers_;
  std::unique_ptr<KeySweep> key_sweep_;
  std::unique_ptr<Erasing> erasing_;

  std::unique_ptr<const projections::ViewSet> view_set_;
  std::unique_ptr<projections::RocksViewStore> view_store_;
  std::unique_ptr<projections::Projector> projector_;
  std::unique_ptr<Folding> folding_;
  std::unique_ptr<Rebuilding> rebuilding_;

  const api::Queries queries_ = api::AllQueries();  // before those whose threads answer by them
  api::MethodTable methods_;
  std::unique_ptr<Answering> answering_;
  std::unique_ptr<NodeLinks> links_;  // null: the log is embedded
  std::unique_ptr<api::Door> door_;
  std::unique_ptr<api::QueryDoor> query_door_;
  std::unique_ptr<Streaming> streaming_;
  std::unique_ptr<NodeOperator> operator_;
  std::unique_ptr<api::OperatorSocket> socket_;
  std::unique_ptr<api::Server> server_;
  std::jthread building_;
};

Result<void> WholeNode::Open() {
  JALON_ASSIGN_OR_RETURN(callers_, Callers::Open(config_, folder_, real_clock_));
  JALON_ASSIGN_OR_RETURN(const bool written, folder_.HasRecords());
  JALON_RETURN_IF_ERROR(OpenVault(written));
  JALON_RETURN_IF_ERROR(OpenSeat(written));
  JALON_RETURN_IF_ERROR(OpenWriters());
  JALON_RETURN_IF_ERROR(OpenViews());
  building_ = std::jthread([this] { BuildMissingViews(); });  // before an operator may ask
  JALON_RETURN_IF_ERROR(OpenPort());
  callers_->Start();
  placements_->Start();
  writers_->Start();
  if (links_ != nullptr) links_->Start();
  folding_->Start();
  answering_->Start();
  if (signing_ != nullptr) signing_->Start();
  key_sweep_->Start();
  return {};
}

Result<void> WholeNode::OpenSeat(bool written) {
  placements_ = std::make_unique<Placements>(folder_.birth(), folder_.log(),
                                             [this](const Error& error) { Fault(error); });
  JALON_RETURN_IF_ERROR(placements_->Open());
  if (config_.roles.contains(Role::kSigner)) {
    JALON_ASSIGN_OR_RETURN(
        signing_, Signing::Open(folder_, written, config_.roles.size() == 1, *placements_));
  }
  return {};
}

Result<void> WholeNode::OpenVault(bool written) {
  if (!config_.vault.empty()) {
    JALON_ASSIGN_OR_RETURN(
        vault_, OpenVaultElsewhere(config_,
                                   {.deployment = folder_.birth().cluster_id,
                                    .witness_path = folder_.KeysWitness(),
                                    .in_use = written,
                                    .sign = vault_sign_,
                                    .on_refused = [this](const Error& error) { Fault(error); }},
                                   real_clock_));
    return {};
  }
  JALON_ASSIGN_OR_RETURN(auto here, OpenVaultHere(config_, folder_, written,
                                                  [this](const Error& error) { Fault(error); }));
  keys_operator_ =
      std::make_unique<KeysOperator>(KeysOperator::Parts{here.get(), config_.key_backup});
  vault_ = std::move(here);
  vault_sign_.Set(true);
  return {};
}

Result<void> WholeNode::OpenWriters() {
  if (!config_.peer_listen.empty()) {
    JALON_ASSIGN_OR_RETURN(credentials_,
                           eventstore::PeerCredentials::Load(config_.certificates, real_clock_));
    name_ = {credentials_->certificates().self.name,
             config_.peer_address.empty() ? config_.peer_listen : config_.peer_address};
  }
  JALON_ASSIGN_OR_RETURN(state_, eventstore::RocksStateStore::Open({.folder = folder_.State()}));
  writers_ = std::make_unique<Writers>(
      WritersOptions{.birth = folder_.birth(),
                     .node = name_.node,
                     .address = name_.address,
                     .exclusive_log = folder_.embedded_log() != nullptr,
                     .cached_row_bytes = config_.row_cache_mib * kMebibyte},
      folder_.log(), *state_, Writers::Applications{application_, system_application_},
      folder_.clock(),
      [this](Partition partition, const WriterStatus& status) { OnPhase(partition, status); });
  key_sweep_ = std::make_unique<KeySweep>(KeySweep::Parts{
      *vault_, *state_, placements_->placement(), folder_.clock(), [this] { return Recorded(); }});
  erasing_ = Erasing::Begin(folder_, *vault_, real_clock_, [this](const Error& e) { Fault(e); });
  return {};
}

std::optional<std::vector<Seq>> WholeNode::Recorded() {
  if (!writers_->AllReady()) return std::nullopt;
  std::vector<Seq> heads;
  for (const WriterStatus& status : writers_->Status()) heads.push_back(status.head.seq);
  heads.resize(folder_.birth().partition_count);
  return heads;
}

Result<void> WholeNode::OpenViews() {
  view_set_ = config_.make_views(folder_.birth().cluster_id);
  JALON_ASSIGN_OR_RETURN(view_store_, projections::RocksViewStore::Open({.path = folder_.Views()}));
  projections::ProjectorOptions options;
  options.partitions = AllPartitions(folder_.birth().Partitions());
  options.cached_row_bytes = config_.view_cache_mib * kMebibyte;
  options.fold_entries_max = 0;  // what is missing is built on every core, by BuildMissingViews
  projector_ = std::make_unique<projections::Projector>(std::move(options), folder_.log(),
                                                        *view_store_, *view_set_);
  folding_ = std::make_unique<Folding>(
      *projector_, folder_.clock(),
      [this](const projections::ProjectorStatus& status) { OnViews(status); },
      [this](const Error& error) { Fault(error); });
  JALON_RETURN_IF_ERROR(projector_->Open());
  rebuilding_ = std::make_unique<Rebuilding>(Rebuilding::Parts{
      .log = folder_.log(),
      .projector = *projector_,
      .store = *view_store_,
      .views = *view_set_,
      .partition_count = folder_.birth().Partitions(),
      .memory_bytes = config_.rebuild_memory_mib * kMebibyte,
      .has_room = [this] { return NeedFree(folder_.Views(), kRoomToWork, "to rebuild"); },
      .ingested = config_.rebuild_ingested});
  return {};
}

Result<void> WholeNode::OpenLinks() {
  if (!folder_.kafka()) return {};
  JALON_ASSIGN_OR_RETURN(
      links_, NodeLinks::Open({.config = config_,
                               .name = name_,
                               .credentials = credentials_.get(),
                               .folder = folder_,
                               .methods = methods_,
                               .tokens = callers_->tokens(),
                               .writers = *writers_,
                               .placement = placements_->placement(),
                               .signs = [this] { return signing_ && signing_->Signs(); },
                               .clock = real_clock_,
                               .on_fault = [this](const Error& error) { Fault(error); }}));
  return {};
}

Result<void> WholeNode::OpenPort() {
  JALON_ASSIGN_OR_RETURN(methods_, api::MethodTable::Make(api::PublicServices()));
  JALON_RETURN_IF_ERROR(OpenLinks());
  api::CommandSink* sink = links_ != nullptr ? &links_->sink() : writers_.get();
  JALON_ASSIGN_OR_RETURN(transfer::Issuers issuers,
                         ReadIssuers(config_.transfer_issuers, folder_.birth().cluster_id));
  eventstore::Signer* signer = signing_ == nullptr ? nullptr : signing_->signer();
  const uint32_t generation = signing_ == nullptr ? 0 : signing_->generation();
  JALON_ASSIGN_OR_RETURN(auto cosignatures, OpenCosignatures(config_, folder_, signer, generation));
  answering_ = std::make_unique<Answering>(
      Answering::Parts{.publication = projector_->publication(),
                       .log = folder_.log(),
                       .vault = *vault_,
                       .placement = placements_->placement(),
                       .ancestry = folder_.ancestry(),
                       .clock = folder_.clock(),
                       .deployment = folder_.birth().cluster_id,
                       .signer = signer,
                       .claims = placements_->claims(),
                       .remote = links_ != nullptr ? links_->signer() : nullptr,
                       .transfer_issuers = std::move(issuers),
                       .sink = *sink,
                       .publish_every = std::chrono::seconds(config_.publish_s),
                       .access = callers_->access(),
                       .on_fault = [this](const Error& error) { OnFault(error); },
                       .on_refused =
                           [this](const Error& error) {
                             if (signing_ != nullptr) signing_->OnRefused(error);
                           },
                       .cosignatures = std::move(cosignatures)});
  if (signing_ != nullptr) {
    signing_->Begin({.sink = *sink,
                     .clock = folder_.clock(),
                     .tell = [this](eventstore::SignerSeat seat) { OnSeat(seat); },
                     .on_fault = [this](const Error& error) { Fault(error); }});
  }
  door_ = std::make_unique<api::Door>(api::DoorParts{
      folder_.clock(), real_clock_, callers_->tokens(), *vault_, *sink, placements_->placement(),
      &answering_->desk(), &callers_->access(), &answering_->transfers(), &answering_->writes()});
  query_door_ = std::make_unique<api::QueryDoor>(
      api::QueryDoor::Parts{folder_.clock(), real_clock_, callers_->tokens(), answering_->frame(),
                            links_ != nullptr ? links_->signer() : nullptr, &callers_->access()});
  streaming_ = std::make_unique<Streaming>(
      Streaming::Parts{folder_, real_clock_, *callers_, placements_->placement(), *answering_,
                       links_ != nullptr ? links_->signer() : nullptr,
                       [this](const Error& error) { OnFault(error); }});
  JALON_ASSIGN_OR_RETURN(auto endpoints,
                         EndpointsOf(methods_, queries_, *door_, *query_door_, *streaming_));
  // Once all methods are known: another node may ask at once.
  if (links_ != nullptr) {
    links_->Attach(AnswersOf(answering_->desk(), *query_door_, streaming_->trails()));
  }
  operator_ = std::make_unique<NodeOperator>(
      NodeOperator::Parts{folder_, *writers_, *projector_, *view_store_, *view_set_, *rebuilding_});
  JALON_ASSIGN_OR_RETURN(
      socket_, api::OperatorSocket::Start(folder_.Socket(), operator_.get(), keys_operator_.get()));
  std::vector<std::string> health_names = HealthNames(*view_set_);
  health_names.insert(health_names.end(), {kVaultHealth, kLogHealth, kSignerHealth});
  // Last: from here on commands come, which a start that fails would have to answer.
  JALON_ASSIGN_OR_RETURN(server_,
                         api::Server::Start({.listen = config_.listen,
                                             .reflection = config_.reflection,
                                             .health_names = std::move(health_names),
                                             .on_refused = TellRefused,
                                             .end_streams = [this] { streaming_->EndAll(); }},
                                            std::move(endpoints)));
  vault_sign_.Attach([this](bool reachable) { server_->SetServing(kVaultHealth, reachable); });
  folder_.log_sign().Attach([this](bool there) { server_->SetServing(kLogHealth, there); });
  return {};
}

void WholeNode::OnSeat(eventstore::SignerSeat seat) {
  server_->SetServing(kSignerHealth, seat == eventstore::SignerSeat::kHeld);
  health_.Look();
}

void WholeNode::OnPhase(Partition partition, const WriterStatus& status) {
  using Phase = WriterStatus::Phase;
  if (status.phase == Phase::kDiverged || status.phase == Phase::kTooNew ||
      status.phase == Phase::kFailed) {
    Log(Level::kError, "a partition stopped", {{"partition", uint64_t{partition.value}}});
    return Fault(status.error);
  }
  if (folder_.embedded_log() != nullptr && status.phase != Phase::kServing && health_.serving()) {
    Log(Level::kWarning, "a partition takes no commands until it is claimed again",
        {{"partition", uint64_t{partition.value}}, {"phase", PhaseName(status.phase)}});
  }
  health_.Look();
}

// Nothing that is damaged is served on: what a fold holds is rebuilt by a start, and the log and
// keys come from their backups. Only a section of one person is left out alone.
void WholeNode::OnFault(const Error& error) {
  if (error.code == Code::kDataLoss && error.reason != api::kUnreadableSection) return Fault(error);
  LogError("a call met a fault of the server", error);
}

void WholeNode::OnViews(const projections::ProjectorStatus& status) {
  space_.Look(real_clock_.Monotonic());
  health_.Look();
  health_.LookAtViews(ServingViews(status, view_set_->size()));
}

void WholeNode::TellServing(bool serving) {
  server_->SetServing(serving);
  if (!serving) return Log(Level::kWarning, "not serving for now");
  Log(Level::kInfo, "serving", {{"port", static_cast<uint64_t>(server_->port())}});
}

// On a thread of its own. The server is NOT_SERVING until all is there.
void WholeNode::BuildMissingViews() {
  BuildingTold told;
  const Result<void> built = rebuilding_->BuildMissing([&](const auto& progress) {
    told.Tell(progress, !stopping_);
    return true;
  });
  if (!built) Fault(built.error());
}

// Also after a start that failed halfway.
void WholeNode::Stop() {
  if (stopping_.exchange(true)) return;
  health_.End();
  vault_sign_.Detach();
  folder_.log_sign().Detach();
  if (server_ != nullptr) server_->StopServing();
  if (rebuilding_ != nullptr) rebuilding_->Stop();
  if (links_ != nullptr) links_->HandOver(std::chrono::milliseconds(config_.drain_ms));
  if (writers_ != nullptr) DrainPort();
  if (links_ != nullptr) links_->Stop();
  if (building_.joinable()) building_.join();
  socket_.reset();  // waits for its calls: rebuilds were stopped, and writers say how far they are
  if (key_sweep_ != nullptr) key_sweep_->Stop();
  if (erasing_ != nullptr) erasing_->Stop();
  if (folding_ != nullptr) folding_->Stop();
  if (placements_ != nullptr) placements_->Stop();
  if (callers_ != nullptr) callers_->Stop();
  server_.reset();
}

// Calls that are out wait for writers and views: these let them go when the patience is over, or
// else the port would wait for them for ever.
void WholeNode::DrainPort() {
  const std::chrono::milliseconds patience(config_.drain_ms);
  std::promise<void> drained;
  std::jthread last([this, patience, done = drained.get_future()] {
    done.wait_for(patience);
    if (links_ != nullptr) links_->StopRouting();
    writers_->Drain();
    if (projector_ != nullptr) projector_->publication().Close();
    if (answering_ != nullptr) answering_->Stop();
    if (signing_ != nullptr) signing_->Stop();
  });
  if (server_ != nullptr) server_->Drain(patience);
  drained.set_value();
}

}  // namespace

Result<std::unique_ptr<Node>> Node::Start(const Config& config,
                                          std::function<void(const Error&)> on_fault) {
  static const SystemClock kRealClock;
  JALON_ASSIGN_OR_RETURN(DataFolder folder, DataFolder::Open(config, kRealClock));
  auto node = std::make_unique<WholeNode>(config, std::move(folder), std::move(on_fault));
  JALON_RETURN_IF_ERROR(node->Open());
  return node;
}

}  // namespace jalon::node
