#include "eventstore/trail/trail_testing.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "eventstore/base/wire.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"

namespace jalon::trail {
namespace {

Hash NaiveHash(const std::string& bytes) {
  Hash hash;
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), hash.data());
  return hash;
}

Hash NaiveNode(const Hash& left, const Hash& right) {
  return NaiveHash('\x01' + std::string(View(left)) + std::string(View(right)));
}

size_t SplitOf(size_t size) {
  size_t split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

}  // namespace

std::string Unhex(std::string_view hex) {
  std::string bytes;
  EXPECT_TRUE(FromHex(hex, &bytes)) << hex;
  return bytes;
}

Hash HashOf(std::string_view hex) { return HashFrom(Unhex(hex)); }

std::vector<std::string> ReferenceEntries() {
  std::vector<std::string> entries;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"}) {
    entries.push_back(Unhex(hex));
  }
  return entries;
}

std::vector<Hash> LeavesOf(const std::vector<std::string>& entries) {
  std::vector<Hash> leaves;
  leaves.reserve(entries.size());
  for (const std::string& entry : entries) leaves.push_back(NaiveHash('\0' + entry));
  return leaves;
}

Hash NaiveTree::Root(size_t begin, size_t end) {
  if (begin == end) return NaiveHash("");
  if (end - begin == 1) return leaves_[begin];
  const auto known = roots_.find({begin, end});
  if (known != roots_.end()) return known->second;
  const size_t middle = begin + SplitOf(end - begin);
  return roots_[{begin, end}] = NaiveNode(Root(begin, middle), Root(middle, end));
}

Proof NaiveTree::Path(size_t index, size_t begin, size_t end) {
  if (end - begin == 1) return {};
  const size_t middle = begin + SplitOf(end - begin);
  const bool is_left = index < middle;
  Proof proof = is_left ? Path(index, begin, middle) : Path(index, middle, end);
  proof.push_back(is_left ? Root(middle, end) : Root(begin, middle));
  return proof;
}

Proof NaiveTree::SubProof(size_t old_end, size_t begin, size_t end, bool is_known) {
  if (old_end == end) return is_known ? Proof{} : Proof{Root(begin, end)};
  const size_t middle = begin + SplitOf(end - begin);
  const bool is_left = old_end <= middle;
  Proof proof =
      is_left ? SubProof(old_end, begin, middle, is_known) : SubProof(old_end, middle, end, false);
  proof.push_back(is_left ? Root(middle, end) : Root(begin, middle));
  return proof;
}

Seed SeedFrom(uint8_t first) {
  Seed seed;
  for (uint8_t& byte : seed) byte = first++;
  return seed;
}

SignerKey LogKey(std::string_view name) {
  return SignerKey(std::string(name), KeyType::kLog, SeedFrom(0x00));
}

SignerKey WitnessKey() {
  return SignerKey("witness.example/w1", KeyType::kWitness, SeedFrom(0x20));
}

std::string TrailEvent(uint64_t index, size_t payload_bytes, std::string_view company) {
  std::string trail;
  wire::AppendBytes(1, company, &trail);
  if (index != 0) wire::AppendNumber(2, index, &trail);
  wire::AppendNumber(3, 1'767'225'600'000'000 + index, &trail);
  std::string payload = std::to_string(index);
  payload.resize(payload_bytes, static_cast<char>('a' + index % 26));
  std::string event;
  wire::AppendBytes(1, std::string(16, 's'), &event);
  wire::AppendNumber(2, 81, &event);
  wire::AppendNumber(3, 5, &event);
  wire::AppendBytes(4, std::string(16, 'y'), &event);
  wire::AppendNumber(5, index + 1, &event);
  wire::AppendBytes(9, trail, &event);
  wire::AppendBytes(10, payload, &event);
  return event;
}

std::string SignedCheckpoint(const std::vector<std::string>& entries, const SignerKey& key) {
  const std::string text =
      FormatCheckpoint({.origin = key.verifier().name,
                        .size = entries.size(),
                        .root = NaiveTree(LeavesOf(entries)).Root(entries.size())});
  return FormatNote({.text = text, .lines = {SignText(text, key)}});
}

TempFolder::TempFolder() {
  std::string name = std::filesystem::temp_directory_path() / "jalon-trail-XXXXXX";
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ReadAll(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream.good()) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

void WriteAll(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.flush();
  EXPECT_TRUE(stream.good()) << file;
}

}  // namespace jalon::trail
