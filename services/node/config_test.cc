#include "services/node/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace jalon::node {
namespace {

std::expected<Config, Misused> Read(std::vector<std::string> words) {
  words.insert(words.begin(), "serve");
  std::vector<char*> argv;
  argv.reserve(words.size());
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

TEST_F(ConfigTest, WitnessesStandInAFileThatIsThere) {
  EXPECT_EQ(Config().witnesses, "");
  const auto config = Read({"--witnesses", file_});
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_EQ(config->witnesses, file_);
  EXPECT_NE(ToToml(*config).find("witnesses = \"" + file_ + "\""), std::string::npos);
  const auto missing = Read({"--witnesses", file_ + ".missing"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().exit_code, 2);
}

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
                                             {"--listen", "127.0.0.1:65536"},
                                             {"--listen", "127.0.0.1"},
                                             {"--listen", ":7411"},
                                             {"--config", "no-such-file"},
                                             {"--token-keys", "no-such-file"},
                                             {"--roles", "writer,nonsense"},
                                             {"--roles", ","},
                                             {"--vault", "127.0.0.1"}}) {
    const auto config = Read(words);
    ASSERT_FALSE(config) << words[0];
    EXPECT_EQ(config.error().exit_code, 2);
    EXPECT_FALSE(config.error().text.empty());
  }
  EXPECT_EQ(Read({"--help"}).error().exit_code, 0);
}

TEST_F(ConfigTest, RolesSayWhatAProcessDoes) {
  EXPECT_EQ(Read({})->roles, DefaultRoles(false));
  EXPECT_TRUE(Read({})->roles.contains(Role::kVault));
  const auto node = Read({"--vault", "10.0.0.7:7412", "--certificates", "c"});
  ASSERT_TRUE(node) << node.error().text;
  EXPECT_FALSE(node->roles.contains(Role::kVault));
  EXPECT_TRUE(node->roles.contains(Role::kWriter));
  const auto vault =
      Read({"--roles=vault", "--peer-listen", "0.0.0.0:7412", "--certificates", "c"});
  ASSERT_TRUE(vault) << vault.error().text;
  EXPECT_EQ(vault->roles, std::set<Role>{Role::kVault});
  const auto behind =
      Read({"--vault", "10.0.0.7:7412", "--certificates", "c", "--log", "kafka://a:1/b",
            "--peer-listen", "0.0.0.0:7413", "--peer-address", "10.0.0.8:7413"});
  ASSERT_TRUE(behind) << behind.error().text;
  EXPECT_EQ(behind->peer_address, "10.0.0.8:7413");
  for (const Config& config : {*node, *vault, *behind}) {
    std::ofstream(file_) << ToToml(config);
    const auto again = Read({"--config", file_});
    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(ToToml(*again), ToToml(config));
    EXPECT_EQ(again->roles, config.roles);
  }
}

TEST_F(ConfigTest, RolesThatDoNotGoTogetherAreRefused) {
  const std::vector<std::string> certificates = {"--certificates", "c"};
  const std::vector<std::string> port = {"--peer-listen", "127.0.0.1:1"};
  const std::vector<std::string> elsewhere = {"--vault", "127.0.0.1:2"};
  using Parts = std::vector<std::vector<std::string>>;
  for (const auto& [parts, said] : std::vector<std::pair<Parts, std::string>>{
           {{{"--roles=vault"}, certificates}, "needs --peer-listen"},
           {{{"--roles=vault"}, port}, "--certificates"},
           {{{"--roles=vault"}, port, certificates, elsewhere}, "leave one out"},
           {{{"--roles=vault", "--log", "kafka://a:1/b"}, port, certificates}, "has no log"},
           {{{"--key-backup", "/copies"}, elsewhere, certificates}, "that one"},
           {{{"--standby", "127.0.0.1:1"}, elsewhere, certificates}, "--roles=vault"},
           {{{"--roles=vault", "--standby", "127.0.0.1:3", "--standby-of", "v1"},
             port,
             certificates},
            "or is one"},
           {{{"--roles=vault", "--standby-name", "v2"}, port, certificates}, "goes with --standby"},
           {{{"--roles=writer"}}, "--vault says"},
           {{{"--roles=writer"}, elsewhere, certificates}, "go with query"},
           {{{"--roles=query"}, elsewhere, certificates}, "other nodes decide"},
           {{{"--roles=signer"}, elsewhere, certificates}, "other nodes decide"},
           {{{"--roles=signer"}, elsewhere, port, certificates}, "share a log"},
           {{port, elsewhere, certificates}, "share a log"},
           {{port, {"--log", "kafka://a:1/b"}, certificates}, "share its keys"},
           {{{"--peer-listen", "0.0.0.0:1", "--log", "kafka://a:1/b"}, elsewhere, certificates},
            "say it with --peer-address"},
           {{elsewhere}, "jalon cert issue"},
           {{certificates}, "is for peers"}}) {
    std::vector<std::string> words;
    for (const auto& part : parts) words.insert(words.end(), part.begin(), part.end());
    const auto config = Read(words);
    ASSERT_FALSE(config) << said;
    EXPECT_EQ(config.error().exit_code, 2);
    EXPECT_NE(config.error().text.find(said), std::string::npos) << config.error().text;
  }
}

// CLI11 has English words only; none of them comes through.
TEST_F(ConfigTest, MisuseIsSaidInFrench) {
  const auto said = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"--lang", "fr"});
    const auto config = Read(std::move(words));
    return config ? "nothing" : config.error().text;
  };
  const std::string end = "\nVoyez --help.\n";
  EXPECT_EQ(said({"--nonsense", "x"}), "jalon serve: inattendu ici : --nonsense x" + end);
  EXPECT_EQ(said({"--partitions", "0"}),
            "jalon serve: --partitions: 0 : un nombre entier de 1 à 4096" + end);
  EXPECT_EQ(said({"--drain-ms", "soon"}),
            "jalon serve: --drain-ms: soon : un nombre entier de 0 à 3600000" + end);
  EXPECT_EQ(said({"--listen", "127.0.0.1:70000"}),
            "jalon serve: --listen: 127.0.0.1:70000 : une adresse et un port de 0 à 65535, tel que "
            "127.0.0.1:7411" +
                end);
  EXPECT_EQ(said({"--token-keys", "none"}),
            "jalon serve: --token-keys: none : ce fichier n'existe pas" + end);
  EXPECT_EQ(said({"--config", "none"}), "jalon serve: none : le fichier ne peut pas être lu" + end);
  EXPECT_EQ(said({"--data"}), "jalon serve: --data prend une valeur" + end);
  EXPECT_EQ(said({"--reflection", "maybe"}),
            "jalon serve: impossible : --reflection = maybe" + end);
  std::ofstream(file_) << "colour = 3\n";
  EXPECT_EQ(
      said({"--config", file_}),
      "jalon serve: le fichier de --config a quelque chose qui n'est pas une option : colour" +
          end);
  const std::string help = said({"--help"});
  for (const char* english : {"Print this", "Read a", "the ", "REQUIRED"}) {
    EXPECT_EQ(help.find(english), std::string::npos) << english << " in\n" << help;
  }
}

}  // namespace
}  // namespace jalon::node
