#include "eventstore/vault/embedded/mirrored_store.h"

#include <utility>

namespace jalon::eventstore {
namespace {

class MirroredStore final : public KeyStore {
 public:
  MirroredStore(std::unique_ptr<KeyStore> store, Mirror& mirror)
      : store_(std::move(store)), mirror_(mirror) {}

  Result<std::optional<std::string>> Get(std::string_view row) override { return store_->Get(row); }
  Result<void> Write(const std::vector<std::pair<std::string, std::string>>& put,
                     const std::vector<std::string>& remove) override {
    KeyMark after = store_->Mark();
    ++after.writes;
    JALON_RETURN_IF_ERROR(mirror_.Write(after, put, remove));
    return store_->Write(put, remove);
  }
  Result<void> WriteAs(const KeyMark& mark,
                       const std::vector<std::pair<std::string, std::string>>& put,
                       const std::vector<std::string>& remove) override {
    JALON_RETURN_IF_ERROR(mirror_.Write(mark, put, remove));
    return store_->WriteAs(mark, put, remove);
  }
  Result<std::vector<std::string>> Rows(std::string_view first, std::string_view end) override {
    return store_->Rows(first, end);
  }
  Result<void> EachRow(
      std::string_view first,
      const std::function<bool(std::string_view, std::string_view)>& each) override {
    return store_->EachRow(first, each);
  }
  KeyMark Mark() override { return store_->Mark(); }
  Result<void> Forget(std::string_view first, std::string_view end) override {
    JALON_RETURN_IF_ERROR(mirror_.Forget(first, end));
    return store_->Forget(first, end);
  }

 private:
  const std::unique_ptr<KeyStore> store_;
  Mirror& mirror_;
};

}  // namespace

std::unique_ptr<KeyStore> MakeMirroredStore(std::unique_ptr<KeyStore> store, Mirror& mirror) {
  return std::make_unique<MirroredStore>(std::move(store), mirror);
}

}  // namespace jalon::eventstore
