#include "eventstore/peer/certificates.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "eventstore/peer/x509.h"

namespace jalon::eventstore {
namespace {

constexpr size_t kFileBytesMax = 64 * 1024;  // a chain of a few certificates

Result<std::string> ReadWhole(const std::string& path, int file) {
  std::string text(kFileBytesMax + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return Fail(Code::kInternal, "CERTIFICATES_UNREADABLE",
                  fmt::format("{}: {}; check the disk", path, std::strerror(errno)));
    }
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kFileBytesMax) {
    WipeText(&text);
    return Fail(
        Code::kDataLoss, "CERTIFICATE_INVALID",
        fmt::format("{} is too large for what it should hold: put the right file there", path));
  }
  std::string whole = text.substr(0, size);
  WipeText(&text);
  return whole;
}

Result<std::string> ReadFileOf(const std::string& path, bool secret) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) {
    return Fail(Code::kNotFound, "CERTIFICATES_MISSING",
                fmt::format("{} is not there: make the folder with jalon cert issue, or put there "
                            "what your own authority signed",
                            path));
  }
  if (file < 0) {
    return Fail(Code::kInternal, "CERTIFICATES_UNREADABLE",
                fmt::format("{}: {}; make it readable by this user", path, std::strerror(errno)));
  }
  struct stat info{};
  const bool safe = !secret || (fstat(file, &info) == 0 && (info.st_mode & 077) == 0);
  Result<std::string> text =
      safe ? ReadWhole(path, file)
           : Fail(Code::kFailedPrecondition, "CERTIFICATE_KEY_UNSAFE",
                  fmt::format("{} may be read by others: chmod 600 it, and issue another one if "
                              "somebody may have done so",
                              path));
  close(file);
  return text;
}

Result<PeerIdentity> IdentityIn(const CertificateFacts& facts, const std::string& path) {
  Result<PeerIdentity> self = ParsePeerUri(facts.uris.size() == 1 ? facts.uris[0] : "");
  if (!self)
    return Fail(self.error().code, self.error().reason, path + ": " + self.error().message);
  return self;
}

Result<void> CheckTimes(const CertificateFacts& facts, const std::string& path, Micros now) {
  if (facts.validity.from <= now && now < facts.validity.until) return {};
  return Fail(Code::kFailedPrecondition, "CERTIFICATE_EXPIRED",
              fmt::format("{} is not valid now{}: issue another one, or set this machine's clock "
                          "right",
                          path, now < facts.validity.until ? "" : ", it has expired"));
}

Result<CertificateFacts> ReadFacts(std::string_view text, const std::string& path) {
  auto facts = ReadCertificate(text);
  if (!facts) {
    return Fail(facts.error().code, facts.error().reason,
                fmt::format("{}: {}; put the right file there", path, facts.error().message));
  }
  return facts;
}

}  // namespace

Certificates CertificatesIn(const std::string& folder) {
  return {.authority_path = folder + "/ca.crt",
          .certificate_path = folder + "/node.crt",
          .key_path = folder + "/node.key",
          .self = {}};
}

Result<std::string> ReadCertificateFile(const std::string& path) {
  return ReadFileOf(path, /*secret=*/false);
}

Result<std::string> ReadKeyFile(const std::string& path) {
  return ReadFileOf(path, /*secret=*/true);
}

Result<Certificates> LoadCertificates(const std::string& folder, const Clock& clock) {
  Certificates found = CertificatesIn(folder);
  JALON_ASSIGN_OR_RETURN(const std::string authority, ReadCertificateFile(found.authority_path));
  JALON_ASSIGN_OR_RETURN(const std::string certificate,
                         ReadCertificateFile(found.certificate_path));
  JALON_ASSIGN_OR_RETURN(std::string key, ReadKeyFile(found.key_path));
  const bool fits = IsKeyOf(key, certificate);
  WipeText(&key);
  JALON_ASSIGN_OR_RETURN(const CertificateFacts signer, ReadFacts(authority, found.authority_path));
  JALON_ASSIGN_OR_RETURN(const CertificateFacts facts,
                         ReadFacts(certificate, found.certificate_path));
  if (!fits) {
    return Fail(Code::kFailedPrecondition, "CERTIFICATE_KEY_OTHER",
                fmt::format("{} is not the key of {}: put the two there that belong together",
                            found.key_path, found.certificate_path));
  }
  if (!signer.is_authority || !IsSignedBy(certificate, authority)) {
    return Fail(Code::kFailedPrecondition, "CERTIFICATE_AUTHORITY_OTHER",
                fmt::format("{} did not sign {}: all processes of a deployment have certificates "
                            "of the same authority",
                            found.authority_path, found.certificate_path));
  }
  JALON_RETURN_IF_ERROR(CheckTimes(signer, found.authority_path, clock.Wall()));
  JALON_RETURN_IF_ERROR(CheckTimes(facts, found.certificate_path, clock.Wall()));
  JALON_ASSIGN_OR_RETURN(found.self, IdentityIn(facts, found.certificate_path));
  found.expires = facts.validity.until;
  return found;
}

}  // namespace jalon::eventstore
