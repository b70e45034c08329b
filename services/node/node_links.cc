#include "services/node/node_links.h"

#include <atomic>
#include <utility>

#include "eventstore/base/random.h"
#include "eventstore/log/kafka/kafka_board.h"
#include "eventstore/owners/hints.h"
#include "services/api/peer/node_service.h"
#include "services/api/peer/peers.h"
#include "services/api/peer/routed_sink.h"
#include "services/api/peer_server.h"
#include "services/node/hinting.h"
#include "services/node/json_log.h"
#include "services/node/relay_duty.h"

namespace jalon::node {
namespace {

constexpr size_t kRunBytes = 8;
// What forwarded calls that are out get, once the writers have answered all they had.
constexpr std::chrono::milliseconds kPeersDrain{500};

bool IsNode(const grpc::CallbackServerContext& context) {
  return eventstore::AdmitPeer(*context.auth_context(), {eventstore::PeerKind::kNode}).has_value();
}

// Members stand in the order in which they are made; each may use those above it.
class Links final : public NodeLinks {
 public:
  explicit Links(const Parts& parts) : parts_(parts) {}
  ~Links() override { Stop(); }
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  Result<void> Open();
  api::CommandSink& sink() override { return *sink_; }
  const api::RemoteSigner* signer() override { return remote_.get(); }
  void Attach(api::SignerAnswers answers) override {
    answers_ = std::move(answers);
    answering_ = &answers_;
  }
  void Start() override {
    hinting_->Start();
    if (relay_duty_ != nullptr) relay_duty_->Start();
    if (server_ != nullptr) server_->SetServing("", true);
  }
  void HandOver(std::chrono::milliseconds patience) override { hinting_->HandOver(patience); }
  void StopRouting() override { sink_->Stop(); }
  void Stop() final {
    if (relay_duty_ != nullptr) relay_duty_->Stop();
    if (server_ != nullptr) server_->Drain(kPeersDrain);
    if (hinting_ != nullptr) hinting_->Stop();
  }

 private:
  bool Does(Role role) const { return parts_.config.roles.contains(role); }

  const Parts parts_;
  std::unique_ptr<eventstore::Board> board_;
  std::unique_ptr<eventstore::Hints> hints_;
  std::unique_ptr<api::Peers> peers_;
  std::unique_ptr<api::RoutedSink> sink_;
  std::unique_ptr<const api::RemoteSigner> remote_;  // null: it is alone
  api::SignerAnswers answers_;
  std::atomic<const api::SignerAnswers*> answering_ = nullptr;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<api::PeerServer> server_;
  std::unique_ptr<Hinting> hinting_;
  std::unique_ptr<RelayDuty> relay_duty_;
};

Result<void> Links::Open() {
  JALON_ASSIGN_OR_RETURN(board_, eventstore::KafkaBoard::Open(*parts_.folder.kafka()));
  hints_ = std::make_unique<eventstore::Hints>(
      eventstore::HintsOptions{.node = parts_.name.node,
                               .address = parts_.name.address,
                               .run = RandomBytes(kRunBytes),
                               .partition_count = parts_.writers.Partitions()},
      *board_, parts_.clock);
  hinting_ = std::make_unique<Hinting>(
      Hinting::Does{
          .writes = Does(Role::kWriter), .relays = Does(Role::kRelay), .signs = parts_.signs},
      *hints_, parts_.writers, parts_.folder.log_sign(), parts_.clock, parts_.on_fault);
  const auto make = [this] {
    return Relaying::Make(parts_.config, parts_.folder, parts_.on_fault);
  };
  if (Does(Role::kRelay)) {
    // At once, so that a start says what is wrong with the feed's topic.
    JALON_ASSIGN_OR_RETURN(auto relay, make());
    relay_duty_ = std::make_unique<RelayDuty>(std::move(relay), make,
                                              [this] { return hints_->ShouldRelay(); });
  }
  const bool alone = parts_.credentials == nullptr;
  peers_ = std::make_unique<api::Peers>(alone ? nullptr : parts_.credentials->ForChannel());
  sink_ = std::make_unique<api::RoutedSink>(api::RoutedParts{
      parts_.name.node, parts_.writers, *hints_, *peers_, parts_.placement, parts_.clock});
  if (alone) return {};
  remote_ = std::make_unique<const api::RemoteSigner>(api::RemoteSigner::Parts{*hints_, *peers_});
  service_ = api::MakeNodeService({parts_.methods, parts_.tokens, parts_.writers, parts_.placement,
                                   answering_, parts_.clock, IsNode});
  JALON_ASSIGN_OR_RETURN(server_, api::PeerServer::Start({.listen = parts_.config.peer_listen},
                                                         *parts_.credentials, {service_.get()}));
  Log(Level::kInfo, "other nodes reach this one",
      {{"node", parts_.name.node}, {"address", parts_.name.address}});
  return {};
}

}  // namespace

Result<std::unique_ptr<NodeLinks>> NodeLinks::Open(const Parts& parts) {
  auto links = std::make_unique<Links>(parts);
  JALON_RETURN_IF_ERROR(links->Open());
  return links;
}

}  // namespace jalon::node
