#include "projections/engine/layout.h"

namespace jalon::projections {
namespace {

void AppendBig32(uint32_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

}  // namespace

std::string DirectoryKey(Partition partition) {
  std::string key(kGenerationBytes, '\0');
  AppendBig32(partition.value, &key);
  return key;
}

std::string DirectoriesBegin() { return std::string(kGenerationBytes, '\0'); }
std::string DirectoriesEnd() { return GenerationKey(Generation{1}); }

std::string GenerationKey(Generation generation) {
  std::string key;
  AppendBig32(generation.value, &key);
  return key;
}

std::string RowStoreKey(Generation generation, std::string_view key) {
  std::string stored;
  stored.reserve(kGenerationBytes + key.size());
  AppendBig32(generation.value, &stored);
  stored.append(key);
  return stored;
}

std::optional<Generation> GenerationOf(std::string_view stored_key) {
  if (stored_key.size() < kGenerationBytes) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < kGenerationBytes; ++i) {
    value = value << 8 | static_cast<uint8_t>(stored_key[i]);
  }
  return Generation{value};
}

std::string EndOfPrefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

}  // namespace jalon::projections
