#include "deploy/demo/cluster.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace jalon::demo {
namespace {

constexpr double kPatienceSeconds = 60;
const std::string kSingleBroker = "--unsafe-single-broker";

std::string NameOf(size_t index) { return fmt::format("node-{}", index + 1); }

std::unexpected<Error> Failed(const std::string& what, const std::string& said) {
  return Fail(Code::kInternal, "INTERNAL", fmt::format("{}: {}", what, said));
}

}  // namespace

Cluster::Cluster(std::string program, std::string folder, std::string log)
    : program_(std::move(program)), folder_(std::move(folder)), log_(std::move(log)) {}

Result<void> Cluster::Make(size_t writers, size_t queries,
                           const std::vector<std::string>& options) {
  writers_ = writers;
  single_broker_ = std::ranges::count(options, kSingleBroker) > 0;
  std::filesystem::create_directories(folder_);
  std::vector<std::string> init = {"log", "init", log_};
  init.insert(init.end(), options.begin(), options.end());
  init_command_ = fmt::format("jalon {}", fmt::join(init, " "));
  init.insert(init.begin(), program_);
  if (const Finished made = Run(init); made.exit_code != 0) return Failed(init_command_, made.err);
  JALON_RETURN_IF_ERROR(Issue("vault", "vault"));
  JALON_RETURN_IF_ERROR(StartVault());
  for (size_t i = 0; i < writers + queries; ++i) {
    const std::string name = NameOf(nodes_.size());
    JALON_RETURN_IF_ERROR(Issue("node", name));
    nodes_.push_back(std::make_unique<Jalon>(program_, folder_ + "/" + name));
    peer_addresses_.push_back(fmt::format("127.0.0.1:{}", FreePort()));
  }
  // The first node signs the trails: on a shared log it must be given the key.
  const Finished signer = nodes_[0]->Command({"signer", "init", "--data", nodes_[0]->data()});
  if (signer.exit_code != 0) return Failed("jalon signer init", signer.err);
  return {};
}

std::vector<std::string> Cluster::IssueWords(const std::string& kind,
                                             const std::string& name) const {
  return {"cert",   "issue", "--ca",   folder_ + "/ca", "--kind", kind,
          "--name", name,    "--host", "127.0.0.1",     "--out",  Certificates(name)};
}

std::vector<std::string> Cluster::VaultWords() const {
  return {"serve",        "--roles",          "vault",
          "--data",       folder_ + "/vault", "--peer-listen",
          vault_address_, "--certificates",   Certificates("vault")};
}

Result<void> Cluster::Issue(const std::string& kind, const std::string& name) {
  std::vector<std::string> words = IssueWords(kind, name);
  words.insert(words.begin(), program_);
  if (const Finished issued = Run(words); issued.exit_code != 0) {
    return Failed("jalon cert issue", issued.err);
  }
  return {};
}

Result<void> Cluster::StartVault() {
  vault_address_ = fmt::format("127.0.0.1:{}", FreePort());
  std::vector<std::string> words = VaultWords();
  words.insert(words.begin(), program_);
  if (!vault_.Start(words, folder_ + "/vault.out")) return Failed("jalon serve", "no process");
  return {};
}

std::vector<std::string> Cluster::OptionsOf(size_t index) const {
  std::vector<std::string> options = {"--log",          log_,
                                      "--vault",        vault_address_,
                                      "--certificates", Certificates(NameOf(index)),
                                      "--peer-listen",  peer_addresses_[index]};
  if (single_broker_) options.insert(options.begin() + 2, kSingleBroker);
  if (index >= writers_) options.insert(options.end(), {"--roles", "query"});
  if (index > 0) options.insert(options.end(), {"--token-keys", TokenKey(index)});
  return options;
}

// Tokens are issued with the key of the first node's folder: the others trust it, each by a copy of
// its own, as if it had been sent there.
Result<void> Cluster::GiveTokenKey(size_t index) const {
  if (index == 0) return {};
  std::error_code failed;
  std::filesystem::copy_file(nodes_[0]->data() + "/token.key.pub", TokenKey(index),
                             std::filesystem::copy_options::overwrite_existing, failed);
  if (failed) return Failed("copying the key of " + NameOf(0) + "'s tokens", failed.message());
  return {};
}

Result<void> Cluster::Serve(size_t index) {
  JALON_RETURN_IF_ERROR(GiveTokenKey(index));
  if (nodes_[index]->Serve(OptionsOf(index), kPatienceSeconds)) return {};
  return Failed(NameOf(index) + " did not start", "see " + nodes_[index]->log_path());
}

std::string Cluster::TokenKey(size_t index) const {
  return Certificates(NameOf(index)) + "/token.key.pub";
}

std::string Cluster::target() const {
  std::vector<std::string> addresses;
  addresses.reserve(nodes_.size());
  for (const auto& node : nodes_) addresses.push_back(node->address());
  return fmt::format("ipv4:{}", fmt::join(addresses, ","));
}

std::string Cluster::IssueCommand(size_t index) const {
  return fmt::format("jalon {}", fmt::join(IssueWords("node", NameOf(index)), " "));
}

std::string Cluster::VaultCommand() const {
  return fmt::format("jalon {}", fmt::join(VaultWords(), " "));
}

std::string Cluster::ServeCommand(size_t index) const {
  return fmt::format("jalon serve --data {} --listen {} {}", nodes_[index]->data(),
                     nodes_[index]->address(), fmt::join(OptionsOf(index), " "));
}

}  // namespace jalon::demo
