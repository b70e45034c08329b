// The one codec through which sealed sections become clear again: rows keep them sealed, an answer
// opens what was asked for and no more.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/ids.h"
#include "eventstore/base/result.h"
#include "eventstore/vault/vault.h"

namespace google::protobuf {
class Message;
}

namespace jalon::api {

// The reason where a section does not open: one person's part of an answer, no fault of the whole.
inline constexpr std::string_view kUnreadableSection = "SEALED_UNREADABLE";

// The sections of one answer, which are opened together once it is put together: a vault that is
// far away is then asked a few times, and not person by person.
class Sections {
 public:
  // `sealed`: an encoded jalon.type.v1.Sealed; empty: nothing. Opener::OpenAll calls
  // `show(Clear&&)` if there is something and its person's key was not destroyed.
  template <typename Clear, typename Show>
  void Add(std::string sealed, Show show) {
    if (sealed.empty()) return;
    entries_.push_back({std::move(sealed), [show = std::move(show)](const std::string& bytes) {
                          Clear clear;
                          if (!clear.ParseFromString(bytes)) return false;
                          show(std::move(clear));
                          return true;
                        }});
  }

  // The same where only the descriptors know which message it is: one like `clear`, which outlives
  // the sections, is made and shown.
  using ShowAny = std::function<void(const google::protobuf::Message& clear)>;
  void AddAny(std::string sealed, const google::protobuf::Message& clear, ShowAny show);

 private:
  friend class Opener;
  struct Entry {
    std::string sealed;
    std::function<bool(const std::string& bytes)> show;  // false: they are not what was sealed
  };

  std::vector<Entry> entries_;
};

// Thread safety: any thread.
class Opener {
 public:
  // `vault` must outlive the opener; so must `opened`, into which goes whose sections it opened:
  // for the access log. Null: that is told to nobody.
  explicit Opener(eventstore::Vault& vault, std::set<Bytes>* opened = nullptr)
      : vault_(vault), opened_(opened) {}
  // The same, which tells whom it opened. Not for several threads at once.
  Opener Telling(std::set<Bytes>* opened) const { return Opener(vault_, opened); }

  // Opens sections of that school and shows each, in the order in which they were added. The vault
  // is asked for each person once, for eventstore::kPersonsPerCallMax of them in a call. A
  // destroyed key is no error. UNAVAILABLE VAULT_UNAVAILABLE: keys cannot be reached; nothing was
  // shown. DATA_LOSS: the bytes of a section are not what was sealed there.
  Result<void> OpenAll(std::string_view school_id, const Sections& sections) const;

  // Says that the answer tells of that person what leaves the server for elsewhere, though no
  // section was opened for it: it has an entry in the access log all the same.
  void Tell(const Bytes& person_id) const {
    if (opened_ != nullptr) opened_->insert(person_id);
  }

  // What became of a person's key. UNAVAILABLE VAULT_UNAVAILABLE.
  Result<eventstore::KeyErasure> ErasureOf(std::string_view school_id,
                                           std::string_view person_id) const;

 private:
  eventstore::Vault& vault_;
  std::set<Bytes>* const opened_;
};

}  // namespace jalon::api
