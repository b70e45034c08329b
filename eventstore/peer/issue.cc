#include "eventstore/peer/issue.h"

#include <fmt/format.h>

#include <filesystem>

#include "eventstore/base/durable_file.h"
#include "eventstore/peer/certificates.h"
#include "eventstore/peer/x509.h"

namespace jalon::eventstore {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAuthorityName = "Jalon development authority";

// A private key, wiped when it is no longer held.
class Key {
 public:
  explicit Key(std::string text) : text_(std::move(text)) {}
  ~Key() { WipeText(&text_); }
  Key(Key&& other) noexcept : text_(std::move(other.text_)) { other.text_.clear(); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  Key& operator=(Key&&) = delete;

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct Authority {
  std::string certificate;
  Key key;
  Micros expires;
  bool made;
};

Result<void> Wrote(const std::string& path, const std::error_code& failed) {
  if (!failed) return {};
  return Fail(Code::kInternal, "CERTIFICATE_NOT_WRITTEN",
              fmt::format("{}: {}; check that the folder is writable and that nobody else writes "
                          "there",
                          path, failed.message()));
}

Result<void> MakeFolder(const std::string& folder) {
  std::error_code failed;
  if (fs::create_directories(folder, failed)) {
    fs::permissions(folder, fs::perms::owner_all, failed);
  }
  return Wrote(folder, failed);
}

// The key in that file, made if there is none.
Result<Key> KeyIn(const std::string& path) {
  if (fs::exists(path)) {
    JALON_ASSIGN_OR_RETURN(std::string text, ReadKeyFile(path));
    return Key(std::move(text));
  }
  JALON_ASSIGN_OR_RETURN(std::string text, MakePrivateKey());
  Key key(std::move(text));
  JALON_RETURN_IF_ERROR(Wrote(path, CreateFileDurably(path, key.text())));
  return key;
}

// The certificate is written after its key: a key alone is what a crash left.
Result<Authority> AuthorityIn(const std::string& folder, Micros now) {
  JALON_RETURN_IF_ERROR(MakeFolder(folder));
  const std::string path = folder + "/ca.crt";
  const std::string key_path = folder + "/ca.key";
  if (fs::exists(path) && !fs::exists(key_path)) {
    return Fail(Code::kFailedPrecondition, "AUTHORITY_KEY_MISSING",
                fmt::format("{} is not there, but {} is: put the authority's key back, or begin a "
                            "new authority in another folder",
                            key_path, path));
  }
  JALON_ASSIGN_OR_RETURN(Key key, KeyIn(key_path));
  const bool made = !fs::exists(path);
  if (made) {
    const Validity validity{now - kClocksApartMax, now + std::chrono::days(kAuthorityDays)};
    JALON_ASSIGN_OR_RETURN(const std::string certificate,
                           MakeAuthority(key.text(), kAuthorityName, validity));
    JALON_RETURN_IF_ERROR(Wrote(path, CreateFileDurably(path, certificate)));
  }
  JALON_ASSIGN_OR_RETURN(std::string certificate, ReadCertificateFile(path));
  JALON_ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(certificate));
  if (!facts.is_authority || !IsKeyOf(key.text(), certificate)) {
    return Fail(Code::kFailedPrecondition, "CERTIFICATE_AUTHORITY_OTHER",
                fmt::format("{} and {} are no authority and its key: put back the two that belong "
                            "together",
                            path, key_path));
  }
  return Authority{std::move(certificate), std::move(key), facts.validity.until, made};
}

Result<void> CheckWish(const IssueWish& wish) {
  if (!IsPeerName(wish.who.name)) {
    return Fail(Code::kInvalidArgument, "PEER_NAME_INVALID",
                fmt::format("'{}' is no name of a process: 1 to 63 of a-z, 0-9 and '-', which "
                            "stands neither first nor last",
                            wish.who.name));
  }
  if (wish.days == 0 || wish.days > kCertificateDaysMax) {
    return Fail(Code::kInvalidArgument, "CERTIFICATE_DAYS_INVALID",
                fmt::format("a certificate is valid for 1 to {} days", kCertificateDaysMax));
  }
  for (const std::string& host : wish.hosts) {
    if (IsHost(host)) continue;
    return Fail(Code::kInvalidArgument, "HOST_INVALID",
                fmt::format("'{}' is neither the name of a host nor an address: give it without "
                            "port and brackets",
                            host));
  }
  return {};
}

Result<void> CheckNoneThere(const IssueWish& wish, const std::string& path) {
  if (!fs::exists(path)) return {};
  if (!wish.renew) {
    return Fail(
        Code::kAlreadyExists, "CERTIFICATE_EXISTS",
        fmt::format("{} is there already: give another folder, or --renew to replace it", path));
  }
  JALON_ASSIGN_OR_RETURN(const std::string certificate, ReadCertificateFile(path));
  JALON_ASSIGN_OR_RETURN(const CertificateFacts facts, ReadCertificate(certificate));
  if (facts.uris == std::vector<std::string>{wish.who.Uri()}) return {};
  return Fail(Code::kFailedPrecondition, "CERTIFICATE_IS_ANOTHER",
              fmt::format("{} is not of {}: renew it under its own kind and name, or give another "
                          "folder",
                          path, wish.who.Uri()));
}

// All peers know the same authority.
Result<void> PlaceAuthority(const std::string& path, const std::string& certificate) {
  if (!fs::exists(path)) return Wrote(path, CreateFileDurably(path, certificate));
  JALON_ASSIGN_OR_RETURN(const std::string there, ReadCertificateFile(path));
  if (there == certificate) return {};
  return Fail(Code::kFailedPrecondition, "CERTIFICATE_AUTHORITY_OTHER",
              fmt::format("{} is another authority: give the folder of that one, or another folder "
                          "for the certificate",
                          path));
}

}  // namespace

Result<Issued> IssueCertificate(const IssueWish& wish, const Clock& clock) {
  JALON_RETURN_IF_ERROR(CheckWish(wish));
  const Certificates files = CertificatesIn(wish.folder);
  JALON_RETURN_IF_ERROR(CheckNoneThere(wish, files.certificate_path));
  const Micros now = clock.Wall();
  const Micros until = now + std::chrono::days(wish.days);
  JALON_ASSIGN_OR_RETURN(const Authority authority, AuthorityIn(wish.authority_folder, now));
  if (authority.expires < until) {
    return Fail(Code::kFailedPrecondition, "AUTHORITY_EXPIRED",
                fmt::format("the authority in {} {}: begin a new one in another folder{}",
                            wish.authority_folder,
                            authority.expires <= now ? "has expired" : "expires before that",
                            authority.expires <= now ? "" : ", or give fewer days"));
  }
  JALON_RETURN_IF_ERROR(MakeFolder(wish.folder));
  JALON_RETURN_IF_ERROR(PlaceAuthority(files.authority_path, authority.certificate));
  JALON_ASSIGN_OR_RETURN(const Key key, KeyIn(files.key_path));
  JALON_ASSIGN_OR_RETURN(
      const std::string certificate,
      MakeCertificate(
          key.text(),
          {.who = wish.who, .hosts = wish.hosts, .validity = {now - kClocksApartMax, until}},
          authority.certificate, authority.key.text()));
  // Last: with it the folder is complete.
  JALON_RETURN_IF_ERROR(Wrote(files.certificate_path,
                              wish.renew ? WriteFileDurably(files.certificate_path, certificate)
                                         : CreateFileDurably(files.certificate_path, certificate)));
  return Issued{.authority_made = authority.made, .expires = until};
}

}  // namespace jalon::eventstore
