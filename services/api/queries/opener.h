// The one codec through which sealed sections become clear again: rows keep them sealed, an answer
// opens what was asked for and no more.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string_view>

#include "eventstore/base/result.h"
#include "eventstore/vault/vault.h"

namespace jalon::api {

// Thread safety: any thread.
// The reason where a section does not open: one person's part of an answer, no fault of the whole.
inline constexpr std::string_view kUnreadableSection = "SEALED_UNREADABLE";

class Opener {
 public:
  // `vault` must outlive the opener.
  explicit Opener(eventstore::Vault& vault) : vault_(vault) {}

  // Opens `sealed`, an encoded jalon.type.v1.Sealed of that school, into `clear`. False, and
  // `clear` stays empty: there is nothing, or the person's key is destroyed; neither is an error.
  // UNAVAILABLE VAULT_UNAVAILABLE: keys cannot be reached. DATA_LOSS: the bytes are not what was
  // sealed there.
  Result<bool> Open(std::string_view school_id, std::string_view sealed,
                    google::protobuf::MessageLite* clear) const;

 private:
  eventstore::Vault& vault_;
};

}  // namespace jalon::api
