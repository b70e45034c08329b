// jalon feed: the public feed, as a small consumer reads it.
#include <fmt/format.h>

#include <fstream>
#include <memory>

#include "eventstore/base/hash.h"
#include "jalon/feed/v1/feed_event.pb.h"
#include "jalon/feed/v1/feed_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/json.h"
#include "services/cli/nouns.h"
#include "services/cli/text.h"
#include "services/client/feed.h"
#include "services/domain/school_code.h"

namespace jalon::cli {
namespace {

using feed::v1::FeedEvent;
using feed::v1::WatchedEvent;
using feed::v1::WatchEventsRequest;
using feed::v1::WatchEventsResponse;

constexpr size_t kSchoolIdBytes = 16;
constexpr size_t kSequenceDigits = 36;

struct Wish {
  WatchEventsRequest request;
  std::string sequence;  // of every school asked for
};

Bytes SchoolOf(const std::string& text) {
  Bytes id;
  return FromHex(text, &id) && id.size() == kSchoolIdBytes ? id : domain::SchoolIdOf(text);
}

bool IsSequence(const std::string& text) {
  return text.size() == kSequenceDigits &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

// One line: the attributes as CloudEvents' JSON names them, and the data decoded.
std::string JsonOf(const WatchedEvent& event) {
  FeedEvent data;
  const bool decoded = data.ParseFromString(event.data());
  return JsonObject({{"id", JsonText(event.id())},
                     {"source", JsonText(event.source())},
                     {"type", JsonText(event.type())},
                     {"time", JsonText(event.time())},
                     {"recordedtime", JsonText(event.recordedtime())},
                     {"sequence", JsonText(event.sequence())},
                     {"partitionkey", JsonText(event.partitionkey())},
                     {"dataschema", JsonText(event.dataschema())},
                     {"traceparent", JsonText(event.traceparent())},
                     {"data", decoded ? ToJson(data, false) : "null"}});
}

// "2026-10-02  activity-completed  of 3f…".
std::string LineOf(const WatchedEvent& event) {
  FeedEvent data;
  data.ParseFromString(event.data());
  std::string type = event.type();  // "ca.jalon.activity-completed.v1"
  if (type.starts_with("ca.jalon.")) type = type.substr(9);
  return fmt::format("{}  {}  {}  {}", DayText(data.occurred_on()), event.sequence(), Pad(type, 34),
                     ToHex(data.subject_id()));
}

void ShowBatch(const WatchEventsResponse& batch, Output& output) {
  for (const WatchedEvent& event : batch.events()) {
    output.out << (output.IsJson() ? JsonOf(event) : LineOf(event)) << '\n';
  }
  if (output.IsJson()) {
    output.out << JsonObject({{"position", JsonText(ToHex(batch.position()))}}) << '\n';
  }
  output.out.flush();  // whoever reads the pipe has it now
}

ExitCode WatchFeed(Session& session, const Wish& wish) {
  Output& output = session.output();
  WatchEventsRequest request = wish.request;
  const Bytes& own = session.globals().school_id;
  if (request.school_ids().empty() && !own.empty()) request.add_school_ids(own);
  for (const Bytes& school : request.school_ids()) {
    if (wish.sequence.empty()) break;
    auto* after = request.add_after();
    after->set_school_id(school);
    after->set_sequence(wish.sequence);
  }
  if (!wish.sequence.empty() && request.after().empty()) {
    output.err << output.Say(
        {"jalon: a sequence is one of a school: name the school\n",
         "jalon: un numéro de séquence est celui d'une école : nommez l'école\n"});
    return ExitCode::kUsage;
  }
  const auto server = session.Feed();
  if (!server) return ShowFailure(server.error(), output);
  std::string position;
  const client::Reply reply = (*server)->Watch(
      request,
      [&](const WatchEventsResponse& batch) {
        position = batch.position();
        ShowBatch(batch, output);
        return !output.out.fail();
      },
      session.globals().deadline_ms.has_value());
  if (!position.empty() && !output.IsJson()) {
    output.err << output.Say({"To go on from here: --after {}\n", "Pour continuer : --after {}\n"},
                             ToHex(position));
  }
  return reply.ok ? ExitCode::kOk : ShowFailure(reply, nullptr, output);
}

ExitCode WriteDescriptors(Session& session, const std::string& path,
                          const std::string& descriptors) {
  Output& output = session.output();
  if (path.empty()) {
    output.out << descriptors;
    return ExitCode::kOk;
  }
  std::ofstream file(path, std::ios::binary);
  file << descriptors;
  if (file.flush().good()) return ExitCode::kOk;
  output.err << output.Say({"jalon: {} cannot be written\n", "jalon: {} ne peut pas être écrit\n"},
                           path);
  return ExitCode::kNotWritten;
}

Field AfterField(const std::shared_ptr<Wish>& wish) {
  return {.name = "--after",
          .value = "POSITION|SEQUENCE",
          .help = {"go on after this position, or this event of the school; else from the first "
                   "event on",
                   "continuer après cette position, ou cet événement de l'école; sinon depuis le "
                   "premier événement"},
          .read =
              [wish](const std::string& text) {
                if (IsSequence(text)) {
                  wish->sequence = text;
                  return true;
                }
                return FromHex(text, wish->request.mutable_after_position());
              },
          .expects = Words{"expected: a position or a sequence as the feed gave it",
                           "attendu : une position ou une séquence telle que le fil l'a donnée"}};
}

}  // namespace

Noun FeedNoun(const Wiring& wiring) {
  const auto wish = std::make_shared<Wish>();
  const auto path = std::make_shared<std::string>();
  Field schools{.name = "SCHOOL",
                .value = "CODE|ID",
                .help = {"these schools; else that of --school or of the credential",
                         "ces écoles; sinon celle de --school ou de l'accréditation"},
                .read =
                    [wish](const std::string& text) {
                      wish->request.add_school_ids(SchoolOf(text));
                      return true;
                    },
                .many = true};
  Noun noun{"feed",
            {"the public feed: pseudonymous events for analysts",
             "le fil public : des événements pseudonymes pour l'analyse"},
            {{"watch",
              {"Print events as they are recorded", "Afficher les événements au fur et à mesure"},
              {schools, AfterField(wish),
               Flag("--until-now",
                    {"end once all that is recorded now was printed",
                     "terminer quand tout ce qui est consigné maintenant est affiché"},
                    [wish] { wish->request.set_until_now(true); })},
              [wish](Session& session) { return WatchFeed(session, *wish); }}}};
  if (wiring.feed_descriptors) {
    noun.verbs.push_back(
        {"descriptors",
         {"Write the descriptors that decode it (a FileDescriptorSet), to a file or standard "
          "output",
          "Écrire les descripteurs qui le décodent (un FileDescriptorSet), dans un fichier ou sur "
          "la sortie standard"},
         {Text("FILE", "FILE", {"the file", "le fichier"}, path.get())},
         [path, descriptors = wiring.feed_descriptors](Session& session) {
           return WriteDescriptors(session, *path, descriptors());
         }});
  }
  return noun;
}

}  // namespace jalon::cli
