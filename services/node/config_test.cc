#include "services/node/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace jalon::node {
namespace {

std::expected<Config, Misused> Read(std::vector<std::string> words) {
  words.insert(words.begin(), "serve");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return ReadConfig(static_cast<int>(argv.size()), argv.data());
}

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() : file_(testing::TempDir() + "/config_test.toml") {
    std::ofstream(file_) << "listen = \"127.0.0.1:1\"\ndata = \"from-file\"\npartitions = 8\n";
  }
  ~ConfigTest() override {
    unsetenv("JALON_LISTEN");
    unsetenv("JALON_DATA");
  }
  const std::string file_;
};

TEST_F(ConfigTest, OptionsCountBeforeVariablesBeforeTheFileBeforeDefaults) {
  setenv("JALON_LISTEN", "127.0.0.1:2", 1);
  setenv("JALON_DATA", "from-variable", 1);
  const auto config = Read({"--config", file_, "--listen", "127.0.0.1:3"});
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->listen, "127.0.0.1:3");
  EXPECT_EQ(config->data, "from-variable");
  EXPECT_EQ(config->partitions, 8U);
  EXPECT_EQ(config->drain_ms, Config().drain_ms);
}

TEST_F(ConfigTest, WhatCountsCanBeReadBack) {
  const auto config = Read({"--config", file_, "--virtual-clock", "--token-audience", "region"});
  ASSERT_TRUE(config) << config.error().text;
  std::ofstream(file_) << ToToml(*config);
  const auto again = Read({"--config", file_});
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(ToToml(*again), ToToml(*config));
  EXPECT_TRUE(again->virtual_clock);
  EXPECT_EQ(again->token_audience, "region");
}

TEST_F(ConfigTest, MisuseIsSaid) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--nonsense"},
                                             {"--partitions", "0"},
                                             {"--config", "no-such-file"},
                                             {"--token-keys", "no-such-file"}}) {
    const auto config = Read(words);
    ASSERT_FALSE(config) << words[0];
    EXPECT_EQ(config.error().exit_code, 2);
    EXPECT_FALSE(config.error().text.empty());
  }
  EXPECT_EQ(Read({"--help"}).error().exit_code, 0);
}

}  // namespace
}  // namespace jalon::node
