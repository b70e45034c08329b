#include "services/cli/session.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>

#include "eventstore/base/hash.h"
#include "jalon/type/v1/vector_as_of.pb.h"
#include "services/cli/read_file.h"
#include "services/cli/text.h"
#include "services/client/request_id.h"

namespace jalon::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr uint64_t kTokenFileBytesMax = 64 * 1024;
constexpr uint32_t kDeadlineMs = 10'000;  // of a call, unless --deadline says another
constexpr uint32_t kPageRows = 500;       // the most that the contract allows

// The message in the field of that name; null where the type has none.
Message* Part(Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? nullptr : message.GetReflection()->MutableMessage(&message, field);
}

// How many rows a list's answer has: those of its repeated field of messages.
size_t RowsOf(const Message& response) {
  const auto& type = *response.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (!type.field(i)->is_repeated()) continue;
    return static_cast<size_t>(response.GetReflection()->FieldSize(response, type.field(i)));
  }
  return 0;
}

// How current an answer over all schools is; null: it is about one school.
type::v1::VectorAsOf* VectorOf(Message& response) {
  const FieldDescriptor* field = response.GetDescriptor()->FindFieldByName("as_of");
  if (field == nullptr || field->message_type() != type::v1::VectorAsOf::descriptor()) {
    return nullptr;
  }
  return static_cast<type::v1::VectorAsOf*>(Part(response, "as_of"));
}

// Of pages that were put together: the next one begins in the partition that the last one ended in.
void KeepLatest(type::v1::VectorAsOf* as_of) {
  std::map<uint32_t, uint64_t> latest;
  for (const auto& told : as_of->partitions()) {
    uint64_t& seq = latest[told.partition()];
    seq = std::max(seq, told.seq());
  }
  as_of->clear_partitions();
  for (const auto& [partition, seq] : latest) {
    type::v1::PartitionSeq* told = as_of->add_partitions();
    told->set_partition(partition);
    told->set_seq(seq);
  }
}

Result<std::string> ReadToken(const std::string& path, Language language) {
  Result<std::string> token = ReadFile(path, kTokenFileBytesMax, language);
  if (!token) {
    return Fail(Code::kUnauthenticated, "UNAUTHENTICATED", "--token-file " + token.error().message);
  }
  token->erase(token->find_last_not_of(" \t\r\n") + 1);
  if (token->empty()) {
    return Fail(Code::kUnauthenticated, "UNAUTHENTICATED",
                Say(language,
                    {"--token-file {}: there is no token in it; jalon token issue prints one",
                     "--token-file {} : aucun jeton ne s'y trouve; jalon token issue en "
                     "affiche un"},
                    path));
  }
  return token;
}

// gRPC ends the program over a header with anything else in it, and prints the header.
bool MayBeAToken(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return '!' <= c && c <= '~'; });
}

// What is said on the command line beats what the environment says.
bool FileIsNamed(const Globals& globals) {
  const char* token = std::getenv("JALON_TOKEN");
  const char* file = std::getenv("JALON_TOKEN_FILE");
  return !globals.token_file.empty() && token != nullptr && globals.token == token &&
         (file == nullptr || globals.token_file != file);
}

}  // namespace

Result<client::Options> Session::CallOptions() const {
  client::Options options{.token = globals_.token,
                          .language = output_.language == Language::kFrench ? "fr" : "en",
                          .deadline_ms = globals_.deadline_ms.value_or(kDeadlineMs)};
  if ((options.token.empty() && !globals_.token_file.empty()) || FileIsNamed(globals_)) {
    JALON_ASSIGN_OR_RETURN(options.token, ReadToken(globals_.token_file, output_.language));
  }
  return options;
}

Result<client::Client*> Session::Server() {
  if (!client_) {
    JALON_ASSIGN_OR_RETURN(client::Options options, CallOptions());
    if (!MayBeAToken(options.token)) {
      return Fail(Code::kUnauthenticated, "UNAUTHENTICATED",
                  Say(output_.language,
                      {"the token has a space or another character that no token has: give one "
                       "token, as jalon token issue prints it",
                       "le jeton a une espace ou un autre caractère qu'aucun jeton n'a : donnez un "
                       "jeton, tel que jalon token issue l'affiche"}));
    }
    client_.emplace(globals_.server, std::move(options));
  }
  return &*client_;
}

Result<std::unique_ptr<client::Feed>> Session::Feed() const {
  JALON_ASSIGN_OR_RETURN(client::Options options, CallOptions());
  return std::make_unique<client::Feed>(globals_.server, std::move(options));
}

Result<std::unique_ptr<client::TrailExports>> Session::TrailExports() const {
  JALON_ASSIGN_OR_RETURN(client::Options options, CallOptions());
  return std::make_unique<client::TrailExports>(globals_.server, std::move(options));
}

std::string Session::NewRequestId(Micros now) const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now);
  return client::NewRequestId(static_cast<uint64_t>(ms.count()));
}

Result<client::Reply> Session::Send(const Message& command, type::v1::CommandHeader* header) {
  const bool is_new = header->request_id().empty();
  if (is_new) header->set_request_id(NewRequestId(clock_.Wall()));
  if (header->school_id().empty()) header->set_school_id(globals_.school_id);
  JALON_ASSIGN_OR_RETURN(client::Client * server, Server());
  client::Reply reply = server->Command(command, *header);
  if (reply.ok || reply.error.reason != "REQUEST_ID_EXPIRED" || !is_new || globals_.data.empty()) {
    return reply;
  }
  admin::v1::GetLogStatusResponse status;
  if (!Operator().GetLogStatus(&status).ok) return reply;
  header->set_request_id(NewRequestId(Micros(status.now())));
  return server->Command(command, *header);
}

client::Admin Session::Operator() const {
  return client::Admin(globals_.data,
                       {.language = output_.language == Language::kFrench ? "fr" : "en",
                        .deadline_ms = globals_.deadline_ms});
}

client::VaultAdmin Session::VaultOperator() const {
  return client::VaultAdmin(globals_.data,
                            {.language = output_.language == Language::kFrench ? "fr" : "en",
                             .deadline_ms = globals_.deadline_ms});
}

Result<client::Reply> Session::Ask(Message* request, Message* response) {
  auto* header = dynamic_cast<type::v1::QueryHeader*>(Part(*request, "header"));
  if (header != nullptr) {
    const bool of_one_school = VectorOf(*response) == nullptr;
    if (of_one_school && header->school_id().empty()) header->set_school_id(globals_.school_id);
    if (globals_.after) *header->mutable_min_position() = *globals_.after;
  }
  auto* page = dynamic_cast<type::v1::PageRequest*>(Part(*request, "page"));
  if (page != nullptr && page->page_size() == 0) page->set_page_size(kPageRows);
  JALON_ASSIGN_OR_RETURN(client::Client * server, Server());
  for (;;) {
    const std::unique_ptr<Message> next(response->New());
    client::Reply reply = server->Query(*request, next.get());
    if (!reply.ok) return reply;
    if (page != nullptr) Part(*response, "page")->Clear();
    response->MergeFrom(*next);
    if (auto* as_of = VectorOf(*response)) KeepLatest(as_of);
    if (page == nullptr) return reply;
    const auto* info = dynamic_cast<type::v1::PageInfo*>(Part(*response, "page"));
    if (info == nullptr || info->next_page_token().empty() || RowsOf(*response) >= kRowsMax) {
      return reply;
    }
    page->set_page_token(info->next_page_token());
  }
}

std::string PositionText(const type::v1::Position& position) {
  return fmt::format("{}:{}:{}", ToHex(position.log_incarnation()), position.partition(),
                     position.seq());
}

std::optional<type::v1::Position> ParsePosition(std::string_view text) {
  const size_t first = text.find(':');
  const size_t second = text.rfind(':');
  if (first == second) return {};  // none or one
  std::string incarnation;
  const auto partition = ParseCount(text.substr(first + 1, second - first - 1), UINT32_MAX);
  const auto seq = ParseCount(text.substr(second + 1), UINT64_MAX);
  if (!FromHex(text.substr(0, first), &incarnation) || incarnation.size() != 16 || !partition ||
      !seq) {
    return {};
  }
  type::v1::Position position;
  position.set_log_incarnation(incarnation);
  position.set_partition(static_cast<uint32_t>(*partition));
  position.set_seq(*seq);
  return position;
}

}  // namespace jalon::cli
