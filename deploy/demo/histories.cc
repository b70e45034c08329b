#include "deploy/demo/histories.h"

#include <filesystem>

#include "eventstore/base/check.h"
#include "eventstore/base/hash.h"

namespace jalon::demo {

void Histories::Assign(const std::string& token, const std::string& client) {
  MutexLock lock(mutex_);
  clients_[token] = client;
  if (recorders_.contains(client)) return;
  std::filesystem::create_directories(folder_);
  recorders_[client] = std::make_unique<Recorder>(folder_ + "/" + client);
}

Recorder& Histories::Of(const std::string& token) {
  const auto client = clients_.find(token);
  JALON_CHECK(client != clients_.end());
  return *recorders_.at(client->second);
}

void Histories::Sent(const std::string& token, std::string_view request_id) {
  MutexLock lock(mutex_);
  Of(token).Sent(ToHex(request_id));
}

void Histories::Acked(const std::string& token, std::string_view request_id,
                      const type::v1::Position& position) {
  MutexLock lock(mutex_);
  Of(token).Acked(ToHex(request_id), position.partition(), position.seq());
}

void Histories::Refused(const std::string& token, std::string_view request_id,
                        std::string_view reason) {
  MutexLock lock(mutex_);
  Of(token).Refused(ToHex(request_id), reason.empty() ? "?" : reason);
}

std::vector<std::string> Histories::files() const {
  MutexLock lock(mutex_);
  std::vector<std::string> files;
  files.reserve(recorders_.size());
  for (const auto& [client, recorder] : recorders_) files.push_back(folder_ + "/" + client);
  return files;
}

}  // namespace jalon::demo
