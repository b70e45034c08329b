#include "eventstore/peer/x509.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

namespace jalon::eventstore {
namespace {

constexpr int kSerialBits = 127;  // positive, and at most 20 bytes: RFC 5280, 4.1.2.2
constexpr size_t kHostBytesMax = 253;
constexpr size_t kLabelBytesMax = 63;

struct Free {
  void operator()(BIO* object) const { BIO_free(object); }
  void operator()(BIGNUM* object) const { BN_free(object); }
  void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
  void operator()(X509* object) const { X509_free(object); }
  void operator()(X509_EXTENSION* object) const { X509_EXTENSION_free(object); }
  void operator()(GENERAL_NAMES* object) const { GENERAL_NAMES_free(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

std::unexpected<Error> Failed(std::string_view what) {
  std::array<char, 256> words{};
  ERR_error_string_n(ERR_get_error(), words.data(), words.size());
  ERR_clear_error();
  return Fail(Code::kInternal, "CERTIFICATE_FAILED",
              fmt::format("{}: {}; check the installation of OpenSSL", what, words.data()));
}

Owned<BIO> Reading(std::string_view text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A key with a passphrase is none: nobody is there to type it.
int NoPassphrase(char*, int, int, void*) { return -1; }

Owned<EVP_PKEY> KeyOf(std::string_view pem) {
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  return key;
}

Owned<X509> CertificateOf(std::string_view pem) {
  Owned<X509> certificate(PEM_read_bio_X509(Reading(pem).get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  return certificate;
}

std::string Written(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

bool SetSerial(X509* certificate) {
  const Owned<BIGNUM> serial(BN_new());
  return serial != nullptr &&
         BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetTime(ASN1_TIME* into, Micros time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return ASN1_TIME_set(into, static_cast<time_t>(seconds)) != nullptr;
}

Micros TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::seconds(timegm(&parts));
}

bool AddExtension(X509* certificate, const X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, const_cast<X509*>(issuer), certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// A certificate without extensions and signature; null if OpenSSL fails.
Owned<X509> Begin(EVP_PKEY* key, std::string_view name, const Validity& validity) {
  Owned<X509> made(X509_new());
  const auto* text = reinterpret_cast<const unsigned char*>(name.data());
  const bool begun =
      made != nullptr && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
      SetSerial(made.get()) && SetTime(X509_getm_notBefore(made.get()), validity.from) &&
      SetTime(X509_getm_notAfter(made.get()), validity.until) &&
      X509_set_pubkey(made.get(), key) == 1 &&
      X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, MBSTRING_UTF8,
                                 text, static_cast<int>(name.size()), -1, 0) == 1;
  return begun ? std::move(made) : nullptr;
}

Result<std::string> SignAndWrite(X509* certificate, EVP_PKEY* key) {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  if (X509_sign(certificate, key, EVP_sha256()) == 0 ||
      PEM_write_bio_X509(memory.get(), certificate) != 1) {
    return Failed("the certificate is not signed");
  }
  return Written(memory.get());
}

bool IsAddress(const std::string& host) {
  std::array<unsigned char, 16> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

std::string AlternativeNames(const CertificateWish& wish) {
  std::string names = "URI:" + wish.who.Uri();
  for (const std::string& host : wish.hosts) {
    names += (IsAddress(host) ? ",IP:" : ",DNS:") + host;
  }
  return names;
}

}  // namespace

Result<std::string> MakePrivateKey() {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<BIO> memory(BIO_new(BIO_s_secmem()));  // wiped when it goes
  if (key == nullptr || PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0,
                                                      nullptr, nullptr) != 1) {
    return Failed("no key is made");
  }
  return Written(memory.get());
}

void WipeText(std::string* text) { OPENSSL_cleanse(text->data(), text->size()); }

Result<std::string> MakeAuthority(std::string_view key_text, std::string_view name,
                                  const Validity& validity) {
  const Owned<EVP_PKEY> key = KeyOf(key_text);
  if (key == nullptr) return Failed("the authority's key cannot be read");
  const Owned<X509> made = Begin(key.get(), name, validity);
  const bool complete =
      made != nullptr && X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) == 1 &&
      AddExtension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
      AddExtension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
      AddExtension(made.get(), made.get(), NID_subject_key_identifier, "hash");
  if (!complete) return Failed("the authority's certificate is not made");
  return SignAndWrite(made.get(), key.get());
}

Result<std::string> MakeCertificate(std::string_view key_text, const CertificateWish& wish,
                                    std::string_view authority_text,
                                    std::string_view authority_key_text) {
  const Owned<EVP_PKEY> key = KeyOf(key_text);
  const Owned<X509> authority = CertificateOf(authority_text);
  const Owned<EVP_PKEY> authority_key = KeyOf(authority_key_text);
  if (key == nullptr || authority == nullptr || authority_key == nullptr) {
    return Failed("a key or the authority cannot be read");
  }
  const Owned<X509> made = Begin(key.get(), wish.who.name, wish.validity);
  const auto add = [&](int kind, const std::string& value) {
    return AddExtension(made.get(), authority.get(), kind, value);
  };
  const bool complete =
      made != nullptr &&
      X509_set_issuer_name(made.get(), X509_get_subject_name(authority.get())) == 1 &&
      add(NID_basic_constraints, "critical,CA:FALSE") &&
      add(NID_key_usage, "critical,digitalSignature") &&
      add(NID_ext_key_usage, "serverAuth,clientAuth") && add(NID_subject_key_identifier, "hash") &&
      add(NID_authority_key_identifier, "keyid:always") &&
      add(NID_subject_alt_name, AlternativeNames(wish));
  if (!complete) return Failed("the certificate is not made");
  return SignAndWrite(made.get(), authority_key.get());
}

bool IsHost(std::string_view host) {
  if (IsAddress(std::string(host))) return true;
  if (host.empty() || host.size() > kHostBytesMax) return false;
  size_t label = 0;  // bytes of the one that is read
  char last = '.';
  for (const char c : host) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '.' ? last == '.' || last == '-' : !letter && (c != '-' || last == '.')) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > kLabelBytesMax) return false;
    last = c;
  }
  return last != '.' && last != '-';
}

Result<CertificateFacts> ReadCertificate(std::string_view text) {
  const Owned<X509> certificate = CertificateOf(text);
  if (certificate == nullptr) {
    return Fail(Code::kDataLoss, "CERTIFICATE_INVALID", "it is no certificate in PEM form");
  }
  CertificateFacts facts{.uris = {},
                         .validity = {TimeOf(X509_get0_notBefore(certificate.get())),
                                      TimeOf(X509_get0_notAfter(certificate.get()))},
                         .is_authority = X509_check_ca(certificate.get()) == 1};
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    facts.uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                            static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return facts;
}

bool IsKeyOf(std::string_view key_text, std::string_view certificate_text) {
  const Owned<EVP_PKEY> key = KeyOf(key_text);
  const Owned<X509> certificate = CertificateOf(certificate_text);
  const bool fits = key != nullptr && certificate != nullptr &&
                    X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return fits;
}

bool IsSignedBy(std::string_view certificate_text, std::string_view authority_text) {
  const Owned<X509> certificate = CertificateOf(certificate_text);
  const Owned<X509> authority = CertificateOf(authority_text);
  const bool is_signed = certificate != nullptr && authority != nullptr &&
                         X509_verify(certificate.get(), X509_get0_pubkey(authority.get())) == 1;
  ERR_clear_error();
  return is_signed;
}

}  // namespace jalon::eventstore
