// A vault on a folder of its own, for tests of what lies on its disk.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/vault/embedded/embedded_vault.h"

namespace jalon::eventstore::testing {

inline const Bytes kSchool = "school-0123456789";
inline const Bytes kOther = "another-school-01";
inline const Bytes kAda = "ada-0001";
inline const Bytes kBen = "ben-0001";

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The key of a person in any vault.
inline KeyFound KeyIn(Vault& vault, const Bytes& person, bool create = true,
                      const Bytes& tenant = kSchool) {
  std::promise<KeyFound> promise;
  vault.PersonKeys(tenant, {{person, create}}, [&](const auto& keys) {
    EXPECT_TRUE(keys) << keys.error().message;
    promise.set_value(keys ? keys->front() : KeyFound{});
  });
  return promise.get_future().get();
}

class EmbeddedTest : public ::testing::Test {
 protected:
  EmbeddedTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = ::testing::TempDir() + "/" + info->test_suite_name() + "_" + info->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    options_ = {.folder = Keys(),
                .root_key_path = folder_ + "/root.key",
                .witness_path = folder_ + "/keys.witness"};
  }
  ~EmbeddedTest() override {
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string Keys() const { return folder_ + "/keys"; }
  std::string EpochFile(uint32_t number, const Bytes& tenant = kSchool) const {
    return EpochsOf(Keys()) + "/" + EpochKeys::NameOf(tenant) + "." + std::to_string(number);
  }
  void Reopen() {
    vault_.reset();
    auto opened = OpenEmbeddedVault(options_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    vault_ = std::move(*opened);
  }
  KeyFound Key(const Bytes& person, bool create = true, const Bytes& tenant = kSchool) {
    return KeyIn(*vault_, person, create, tenant);
  }

  ManualClock clock_{Micros(std::chrono::hours(24 * 20'000))};
  std::string folder_;
  EmbeddedVaultOptions options_;
  std::unique_ptr<LocalVault> vault_;
};

}  // namespace jalon::eventstore::testing
