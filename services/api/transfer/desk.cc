#include "services/api/transfer/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include "eventstore/base/random.h"
#include "eventstore/signer/elsewhere.h"
#include "services/domain/reason.h"

namespace jalon::transfer {
namespace {

using domain::Reason;
using domain::Refusals;
using eventstore::KeyFound;

std::vector<eventstore::KeyWanted> Wanted(bool create) { return {{Bytes(kKeyHolder), create}}; }

std::unexpected<Error> Unavailable() {
  return Fail(Code::kUnavailable, "VAULT_UNAVAILABLE",
              "the keys of transfers cannot be reached just now; ask again");
}

std::unexpected<Error> TooLarge() {
  return Fail(Code::kResourceExhausted, "TOO_LARGE",
              "there is more to tell of the student than a transfer holds");
}

// The caller has said nothing that could be wrong: what is recorded is, or how it is told here. It
// is one student's, so the node goes on: it is no DATA_LOSS, at which it would stop.
std::unexpected<Error> Contradiction(const person::v1::TransferDocument& document,
                                     std::string_view what) {
  return Fail(Code::kInternal, "INTERNAL",
              fmt::format("a transfer of {} contradicts itself and was not issued: {}; run 'jalon "
                          "log verify', and rebuild the views if it finds nothing",
                          document.issuing_school(), what));
}

}  // namespace

Issuers Desk::OwnKeys() const {
  const std::string name = IssuerName(parts_.deployment);
  Issuers keys;
  const auto add = [&](const trail::PublicKey& key) {
    trail::VerifierKey verifier = trail::MakeVerifierKey(name, trail::KeyType::kLog, key);
    if (std::ranges::find(keys, verifier) == keys.end()) keys.push_back(std::move(verifier));
  };
  const auto add_held = [&] {
    if (parts_.signer == nullptr) return;
    const eventstore::SigningKeys& held = parts_.signer->keys();
    add(held.now.PublicKey());
    if (held.before) add(held.before->PublicKey());
  };
  const bool signs_here = parts_.signer != nullptr && parts_.signer->MaySign();
  if (signs_here) add_held();
  const auto claim = parts_.claims == nullptr ? std::nullopt : parts_.claims->Last();
  if (claim) {
    add(claim->key);
    if (claim->previous_key) add(*claim->previous_key);
  }
  // The log's word counts: a key that lost the seat may have leaked.
  if (!signs_here && !claim) add_held();
  return keys;
}

Issuers Desk::Trusted() const {
  Issuers trusted = OwnKeys();
  trusted.insert(trusted.end(), parts_.issuers.begin(), parts_.issuers.end());
  return trusted;
}

Result<SchoolKey> Desk::KeyOf(const Bytes& school_id) const {
  const auto asked = std::make_shared<std::promise<Result<std::vector<KeyFound>>>>();
  auto answered = asked->get_future();
  parts_.vault.PersonKeys(school_id, Wanted(true), [asked](Result<std::vector<KeyFound>> found) {
    asked->set_value(std::move(found));
  });
  JALON_ASSIGN_OR_RETURN(const std::vector<KeyFound> found, answered.get());
  if (found.size() != 1 || found.front().key == nullptr) return Unavailable();
  return SchoolKeyOf(found.front().key->secret);
}

std::string Desk::IssuerKey() const {
  const Issuers own = OwnKeys();
  return own.empty() ? "" : trail::FormatVerifierKey(own.front());
}

Result<Desk::Issued> Desk::Issue(ToIssue wanted) const {
  if (parts_.signer == nullptr) return eventstore::SignerElsewhere();
  Issued issued{.transfer_id = RandomBytes(kTransferIdBytes), .note = {}, .file = {}};
  person::v1::TransferDocument& document = wanted.document;
  document.set_format(std::string(kFormat));
  document.set_transfer_id(ToHex(issued.transfer_id));
  std::optional<std::string> file = SealDocument(document, wanted.receiving_key);
  if (!file) {
    return Fail(Code::kInvalidArgument, "FIELD_INVALID",
                "receiving_key: nothing can be sealed to it; ask the other school for its key "
                "again: jalon school transfer-key");
  }
  const Notice notice{.transfer_id = issued.transfer_id,
                      .issuing_school = document.issuing_school(),
                      .receiving_school = wanted.receiving_school,
                      .expires_on = wanted.expires_on,
                      .file_sha256 = Sha256(*file)};
  // What nobody could import is not issued.
  if (const auto unsound = WhyUnsound(document, notice)) {
    return unsound->too_much ? TooLarge() : Contradiction(document, unsound->what);
  }
  if (file->size() > kFileBytesMax) return TooLarge();
  Result<std::string> note =
      parts_.signer->SignTransfer(FormatNotice(notice), IssuerName(parts_.deployment));
  if (!note) return eventstore::NotSigned(std::move(note).error());
  issued.note = *std::move(note);
  issued.file = *std::move(file);
  return issued;
}

void Desk::Open(const Bytes& school_id, person::v1::IssuedTransfer issued, Done done) const {
  parts_.vault.PersonKeys(
      school_id, Wanted(false),
      [this, school_id, issued = std::move(issued),
       done = std::move(done)](const Result<std::vector<KeyFound>>& found) {
        if (!found || found->size() != 1) {
          return done(std::unexpected(Refusals().Add(Reason::VAULT_UNAVAILABLE)));
        }
        // A school that never told its key is sealed nothing; what else is wrong is told first.
        const eventstore::PersonKeyPtr& key = found->front().key;
        const SchoolKey opens =
            SchoolKeyOf(key == nullptr ? eventstore::Secret::Random() : key->secret.Clone());
        auto opened = OpenTransfer(issued, Trusted(), school_id, opens);
        if (opened) return done(*std::move(opened));
        done(std::unexpected(Refusals().Add(domain::Violation{
            .reason = Reason::TRANSFER_SIGNATURE_INVALID, .cause = std::string(opened.error())})));
      });
}

}  // namespace jalon::transfer
