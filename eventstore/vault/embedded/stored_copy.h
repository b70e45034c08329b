// What lies on the disk of an embedded vault, to be copied and changed as it lies there.
#pragma once

#include "eventstore/vault/embedded/epoch_keys.h"
#include "eventstore/vault/embedded/key_store.h"
#include "eventstore/vault/key_copy.h"

namespace jalon::eventstore {

class StoredCopy final : public KeyCopy {
 public:
  // All must outlive it.
  StoredCopy(KeyStore& store, EpochKeys epochs, const Secret& root)
      : store_(store), epochs_(std::move(epochs)), root_(root) {}

  KeyMark Mark() override { return store_.Mark(); }
  Result<Hash> EpochsHash() override;
  Result<Bytes> RootProof() override;
  bool IsUnderOurRoot(std::string_view proof) override;
  Result<void> EachEpochFile(const Each& each) override;
  Result<void> EachRow(const Each& each) override;
  Result<void> Apply(const KeyChange& change) override;
  Result<void> Replace(const AllKeys& keys) override;

 private:
  KeyStore& store_;
  EpochKeys epochs_;
  const Secret& root_;
};

}  // namespace jalon::eventstore
