#include "services/cli/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <array>
#include <memory>
#include <string_view>

#include "eventstore/base/check.h"

namespace jalon::cli {
namespace {

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, Free>;
using Url = std::unique_ptr<CURLU, Free>;
using Headers = std::unique_ptr<curl_slist, Free>;

// A part of the URL as libcurl reads it; empty: it has none.
std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool IsThisMachine(const std::string& host) {
  std::array<unsigned char, 4> address{};
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) return address[0] == 127;
  return host == "localhost" || host == "[::1]";
}

std::unexpected<Error> NotAllowed(const std::string& prefix, Language language) {
  return Fail(Code::kInvalidArgument, "URL_NOT_ALLOWED",
              Say(language,
                  {"{}: expected an address such as https://witness.example/prefix, without user, "
                   "query or fragment; http:// only for this machine, such as "
                   "http://127.0.0.1:8080",
                   "{} : attendu une adresse comme https://witness.example/prefixe, sans usager, "
                   "requête ni fragment; http:// pour cette machine seulement, comme "
                   "http://127.0.0.1:8080"},
                  prefix));
}

// The URL below the prefix; null: the prefix may not be asked.
Url UrlOf(const HttpPost& post) {
  Url url(curl_url());
  JALON_CHECK(url != nullptr);
  if (curl_url_set(url.get(), CURLUPART_URL, post.prefix.c_str(), 0) != CURLUE_OK) return nullptr;
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  const bool is_safe =
      scheme == "https" || (scheme == "http" && IsThisMachine(PartOf(url.get(), CURLUPART_HOST)));
  if (!is_safe) return nullptr;
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (!PartOf(url.get(), part).empty()) return nullptr;
  }
  std::string path = PartOf(url.get(), CURLUPART_PATH);
  if (!path.ends_with('/')) path += '/';
  path += post.path;
  if (curl_url_set(url.get(), CURLUPART_PATH, path.c_str(), 0) != CURLUE_OK) return nullptr;
  return url;
}

struct Taken {
  std::string body;
  bool is_too_long = false;
};

size_t Take(const char* bytes, size_t one, size_t count, void* into) {
  auto& taken = *static_cast<Taken*>(into);
  const size_t size = one * count;
  taken.is_too_long = taken.body.size() + size > kHttpAnswerBytesMax;
  if (taken.is_too_long) return 0;  // which ends the call
  taken.body.append(bytes, size);
  return size;
}

}  // namespace

Result<HttpAnswer> Post(const HttpPost& post, Language language) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  JALON_CHECK(kStarted == CURLE_OK);
  const Url url = UrlOf(post);
  if (url == nullptr) return NotAllowed(post.prefix, language);
  const Handle handle(curl_easy_init());
  JALON_CHECK(handle != nullptr);
  CURL* curl = handle.get();
  // Without it libcurl asks first whether the body may come, and waits a second for the answer.
  const Headers headers(curl_slist_append(
      curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"), "Expect:"));
  Taken taken;
  std::array<char, CURL_ERROR_SIZE> why{};
  curl_easy_setopt(curl, CURLOPT_CURLU, url.get());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!post.certificates.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, post.certificates.c_str());
  }
  // What is meant for this machine goes through no proxy.
  if (IsThisMachine(PartOf(url.get(), CURLUPART_HOST))) {
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  }
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(kHttpConnectWithin.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(kHttpAnswerWithin.count()));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "jalon");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post.body.data());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taken);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why.data());
  const CURLcode done = curl_easy_perform(curl);
  if (done != CURLE_OK) {
    const std::string said =
        taken.is_too_long
            ? Say(language, {"it answers more than {} bytes", "il répond plus de {} octets"},
                  kHttpAnswerBytesMax)
        : why[0] != '\0' ? std::string(why.data())
                         : std::string(curl_easy_strerror(done));
    return Fail(Code::kUnavailable, "NOT_REACHED",
                Say(language,
                    {"{}: {}; check the address and the network, and try again",
                     "{} : {}; vérifiez l'adresse et le réseau, et réessayez"},
                    post.prefix, said));
  }
  HttpAnswer answer;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  answer.body = std::move(taken.body);
  return answer;
}

}  // namespace jalon::cli
