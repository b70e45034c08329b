// A student's record on its way to another school: a document
// (proto/jalon/person/v1/transfer.proto), as JSON sealed to that school's public key, and a signed
// note beside it.
//
//     jalon.transfer/1                                   the text that is signed (C2SP signed-note)
//     transfer 0f1e…                                     its id, 16 bytes in hexadecimal
//     from CFP-NORD                                      the school that issued it, by code
//     to CFP-SUD                                         the school that it is for
//     expires 2027-01-31                                 the last day on which it may be imported
//     sha256 9c1f…                                       of the sealed file, in hexadecimal
//
// The key that signs is the deployment's, under a name of its own, "<deployment>/transfer". The
// signature covers the text alone, and no text of this form can be read as a log's checkpoint,
// whose second line is a number.
//
// The file is a sealed box (X25519, XSalsa20-Poly1305): whoever holds it without the school's key
// reads nothing. Thread safety: any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "eventstore/base/hash.h"
#include "eventstore/base/ids.h"
#include "eventstore/trail/key.h"
#include "eventstore/vault/secret.h"
#include "jalon/person/v1/transfer.pb.h"

namespace jalon::transfer {

inline constexpr std::string_view kFormat = "jalon.person.v1.TransferDocument/1";
inline constexpr size_t kTransferIdBytes = 16;
inline constexpr size_t kKeyBytes = 32;
inline constexpr size_t kFileBytesMax = 196'608;  // as IssuedTransfer.file says
inline constexpr size_t kNoteBytesMax = 4'096;    // as IssuedTransfer.note says

// What the note says.
struct Notice {
  Bytes transfer_id = {};           // 16 bytes
  std::string issuing_school = {};  // codes, normalised
  std::string receiving_school = {};
  uint32_t expires_on = 0;  // yyyymmdd
  Hash file_sha256{};

  bool operator==(const Notice&) const = default;
};

// The text that is signed, and back; none for any other spelling of one.
std::string FormatNotice(const Notice& notice);
std::optional<Notice> ParseNotice(std::string_view text);

// The name of the key that signs the transfers of a deployment (16 bytes), and whether a name is
// one of that form.
std::string IssuerName(std::string_view deployment);
bool IsIssuerName(std::string_view name);

// What a school is sealed to, and opens with.
struct SchoolKey {
  Bytes public_key;  // 32 bytes
  eventstore::Secret secret;
};
// The pair that a secret of the school's key store makes.
SchoolKey SchoolKeyOf(const eventstore::Secret& seed);

// Why OpenTransfer does not take a document.
struct Unsound {
  // It would be taken if it told less. Otherwise something is missing, is not what its field may
  // hold, or contradicts what else is told: no record of a student says that.
  bool too_much = false;
  // What and where, for an operator: "stays[1]: ends before it starts". Nothing that is told.
  std::string what = {};
};
// None: it takes the document beside that notice. Where there is too much and something is wrong,
// what is wrong.
std::optional<Unsound> WhyUnsound(const person::v1::TransferDocument& document,
                                  const Notice& notice);

// The document, sealed to the key of 32 bytes. None if it is no key that anything can be sealed to.
std::optional<std::string> SealDocument(const person::v1::TransferDocument& document,
                                        std::string_view public_key);

// Verifies the note by the keys of trusted issuers, and opens the file with the school's key. If it
// is not what one of them signed for this school (16 bytes), the cause that people are told:
// NOTE_MALFORMED, NOTE_ALTERED, ISSUER_UNKNOWN, FILE_ALTERED, OTHER_SCHOOL, OWN_SCHOOL: no issuer
// speaks as this school; NOT_SEALED_FOR_SCHOOL, DOCUMENT_MALFORMED. Whether it is expired, or tells
// of days to come, is not looked at.
std::expected<person::v1::CheckedTransfer, std::string_view> OpenTransfer(
    const person::v1::IssuedTransfer& issued, std::span<const trail::VerifierKey> issuers,
    std::string_view school_id, const SchoolKey& key);

}  // namespace jalon::transfer
