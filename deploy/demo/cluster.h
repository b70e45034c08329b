// Several `jalon serve` nodes on one log on Kafka, each with a data folder, a certificate and a
// port of its own, and the vault that they share: as `deploy` describes it, on one machine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "deploy/demo/jalon.h"
#include "deploy/demo/process.h"
#include "eventstore/base/result.h"

namespace jalon::demo {

class Cluster {
 public:
  // `folder` is made; everything of the cluster lies in it. `log`: kafka://HOST:PORT/PREFIX.
  Cluster(std::string program, std::string folder, std::string log);

  // Makes the log and the certificates, and starts the vault. `options` of `jalon log init`; what
  // they say of a single broker the nodes are told, too. The last nodes, so many as `queries`, own
  // no partition.
  Result<void> Make(size_t writers, size_t queries, const std::vector<std::string>& options);
  // Starts a node and waits until it serves. The first one is the first to be started: with its key
  // tokens are issued.
  Result<void> Serve(size_t node);

  size_t size() const { return nodes_.size(); }
  Jalon& node(size_t index) { return *nodes_[index]; }
  const Jalon& node(size_t index) const { return *nodes_[index]; }
  Server& vault() { return vault_; }
  // What a client of every node is given.
  std::string target() const;
  // The commands that were run to make it and to serve node `index`, as a person would type them.
  const std::string& init_command() const { return init_command_; }
  std::string IssueCommand(size_t index) const;
  std::string VaultCommand() const;
  std::string ServeCommand(size_t index) const;

 private:
  std::vector<std::string> IssueWords(const std::string& kind, const std::string& name) const;
  std::vector<std::string> VaultWords() const;
  Result<void> Issue(const std::string& kind, const std::string& name);
  Result<void> StartVault();
  std::string Certificates(const std::string& name) const { return folder_ + "/certs/" + name; }
  std::vector<std::string> OptionsOf(size_t index) const;
  std::string TokenKey(size_t index) const;
  Result<void> GiveTokenKey(size_t index) const;

  const std::string program_;
  const std::string folder_;
  const std::string log_;
  std::string init_command_;
  size_t writers_ = 0;
  bool single_broker_ = false;
  std::string vault_address_;
  std::vector<std::string> peer_addresses_;
  Server vault_;
  std::vector<std::unique_ptr<Jalon>> nodes_;
};

}  // namespace jalon::demo
