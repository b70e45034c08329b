#include "eventstore/vault/served/binding.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "eventstore/base/durable_file.h"

namespace jalon::eventstore {

Result<std::unique_ptr<DeploymentBinding>> DeploymentBinding::Open(const std::string& path) {
  Bytes bound;
  if (std::filesystem::exists(path)) {
    std::ifstream file(path, std::ios::binary);
    bound.assign(std::istreambuf_iterator<char>(file), {});
    if (!file.good() && !file.eof()) {
      return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
                  fmt::format("{} cannot be read: check the disk and whose file it is", path));
    }
    if (bound.size() != kDeploymentBytes) {
      return Fail(Code::kDataLoss, "VAULT_BINDING_DAMAGED",
                  fmt::format("{} does not say whose keys these are: put it back from its backup, "
                              "or remove it if one deployment only has used them",
                              path));
    }
  }
  return std::unique_ptr<DeploymentBinding>(new DeploymentBinding(path, std::move(bound)));
}

Bytes DeploymentBinding::Bound() {
  MutexLock lock(mutex_);
  return bound_;
}

Result<void> DeploymentBinding::Admit(const Bytes& deployment, bool can_be_first) {
  MutexLock lock(mutex_);
  if (bound_ == deployment && !bound_.empty()) return {};
  if (!bound_.empty() || deployment.size() != kDeploymentBytes) {
    return Fail(Code::kFailedPrecondition, "VAULT_OF_ANOTHER_DEPLOYMENT",
                "these are the keys of another deployment: begin a vault of its own for each");
  }
  if (!can_be_first) {
    return Fail(Code::kFailedPrecondition, "KEYS_MISSING",
                "no key was made here yet, but the node's log has records");
  }
  if (const std::error_code failed = CreateFileDurably(path_, deployment)) {
    return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
                fmt::format("{}: {}; check that its folder is there and this user's", path_,
                            failed.message()));
  }
  bound_ = deployment;
  return {};
}

}  // namespace jalon::eventstore
