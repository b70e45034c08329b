// jalon trail witness: has witnesses sign the root log's checkpoint (C2SP tlog-witness), and hands
// in what they signed. Where one was shown more meanwhile, those asked before it are asked once
// more.
#include <google/protobuf/repeated_ptr_field.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/base/hash.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/note.h"
#include "eventstore/trail/policy.h"
#include "eventstore/trail/tlog_witness.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/http.h"
#include "services/cli/read_file.h"
#include "services/cli/root_since.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/cli/trail_root.h"

namespace jalon::cli {
namespace {

using trail::v1::AddRootCosignaturesRequest;
using trail::v1::AddRootCosignaturesResponse;
using trail::v1::GetRootCheckpointRequest;
using trail::v1::GetRootCheckpointResponse;
using trail::v1::GetRootConsistencyProofRequest;
using trail::v1::GetRootConsistencyProofResponse;
using trail::v1::SignedCheckpoint;

// How often a witness may say that it has seen another size: others ask it too.
constexpr int kTriesMax = 5;

constexpr std::string_view kOtherHistory = "WITNESS_SAW_ANOTHER_HISTORY";

constexpr long kSigned = 200;
constexpr long kBadRequest = 400;
constexpr long kUnknownKey = 403;
constexpr long kUnknownLog = 404;
constexpr long kOtherSize = 409;
constexpr long kNotConsistent = 422;
constexpr long kNoSize = 0;  // it answers kOtherSize, and no size that helps

struct WitnessWish {
  google::protobuf::RepeatedPtrField<std::string> urls;
  std::string policy;
  std::string certificates;
};

// Why a witness has not signed, and what to do.
Error WhyNot(const std::string& url, const SignedCheckpoint& checkpoint, long status,
             Language language) {
  switch (status) {
    case kUnknownLog:
      return {Code::kNotFound,
              "WITNESS_KNOWS_NO_SUCH_LOG",
              Say(language,
                  {"{}: the witness does not know this log (404): give whoever runs it the "
                   "verifier key {}",
                   "{} : le témoin ne connaît pas ce journal (404) : donnez à qui le tient la clé "
                   "de vérification {}"},
                  url, checkpoint.verifier_key()),
              {}};
    case kUnknownKey:
      return {Code::kPermissionDenied,
              "WITNESS_TRUSTS_OTHER_KEY",
              Say(language,
                  {"{}: the witness does not trust the key that signed this (403): give whoever "
                   "runs it the verifier key {}",
                   "{} : le témoin ne se fie pas à la clé qui a signé ceci (403) : donnez à qui le "
                   "tient la clé de vérification {}"},
                  url, checkpoint.verifier_key()),
              {}};
    case kNotConsistent:
    case kOtherSize:  // and no other size: at the checkpoint's own it has another root
      return {Code::kDataLoss,
              std::string(kOtherHistory),
              Say(language,
                  {"{}: FORK ALARM: the witness says that it has seen another history of {} ({}). "
                   "Keep its checkpoint and this one, they are the evidence, and find out which is "
                   "true",
                   "{} : ALARME DE BIFURCATION : le témoin dit avoir vu une autre histoire de {} "
                   "({}). Gardez son point de contrôle et celui-ci, ils en sont la preuve, et "
                   "cherchez lequel est vrai"},
                  url, checkpoint.origin(), status),
              {}};
    case kBadRequest:
      return {Code::kInvalidArgument,
              "WITNESS_REFUSED",
              Say(language,
                  {"{}: the witness could not read what it was sent (400): is it one of C2SP "
                   "tlog-witness, and is the address that of its prefix?",
                   "{} : le témoin n'a pu lire ce qui lui a été envoyé (400) : est-ce un témoin "
                   "C2SP tlog-witness, et l'adresse est-elle celle de son préfixe?"},
                  url),
              {}};
    case kNoSize:
      return {
          Code::kUnavailable,
          "WITNESS_REFUSED",
          Say(language,
              {"{}: the witness answers 409 without the size that it has seen: try again later, "
               "or ask whoever runs it",
               "{} : le témoin répond 409 sans la taille qu'il a vue : réessayez plus tard, ou "
               "demandez à qui le tient"},
              url),
          {}};
    default:
      return {Code::kUnavailable,
              "WITNESS_REFUSED",
              Say(language,
                  {"{}: the witness answers {}: try again later, or ask whoever runs it",
                   "{} : le témoin répond {} : réessayez plus tard, ou demandez à qui le tient"},
                  url, status),
              {}};
  }
}

std::unexpected<Error> SeenMore(const std::string& url, uint64_t seen,
                                const SignedCheckpoint& checkpoint, Language language) {
  return Fail(Code::kDataLoss, "WITNESS_SAW_MORE",
              Say(language,
                  {"{}: the witness says that it has seen {} at {} entries, and here it has {}: "
                   "ask the node that is up to date; if there is none, entries were lost or taken "
                   "out",
                   "{} : le témoin dit avoir vu {} à {} entrées, et ici il en a {} : demandez au "
                   "nœud qui est à jour; s'il n'y en a pas, des entrées ont été perdues ou "
                   "retirées"},
                  url, checkpoint.origin(), seen, checkpoint.size()));
}

Result<SignedCheckpoint> RootCheckpoint(Session& session) {
  GetRootCheckpointRequest request;
  GetRootCheckpointResponse response;
  JALON_ASSIGN_OR_RETURN(const client::Reply reply, session.Ask(&request, &response));
  if (!reply.ok) return std::unexpected(reply.error);
  return std::move(*response.mutable_checkpoint());
}

// Checked here first: a node whose own proof fails is no ground for a witness's alarm.
Result<trail::Proof> ProofFrom(Session& session, uint64_t old_size,
                               const SignedCheckpoint& checkpoint) {
  GetRootConsistencyProofRequest request;
  request.set_old_size(old_size);
  request.set_size(checkpoint.size());
  GetRootConsistencyProofResponse response;
  JALON_ASSIGN_OR_RETURN(const client::Reply reply, session.Ask(&request, &response));
  if (!reply.ok) return std::unexpected(reply.error);
  auto hashes = HashesOf(response);
  const bool has_roots =
      response.old_root().size() == sizeof(Hash) && checkpoint.root().size() == sizeof(Hash);
  if (hashes && has_roots &&
      trail::VerifyConsistency(old_size, HashFrom(response.old_root()), checkpoint.size(),
                               HashFrom(checkpoint.root()), *hashes)) {
    return *std::move(hashes);
  }
  return Fail(
      Code::kInternal, "PROOF_FAILS",
      Say(session.output().language,
          {"the node's proof that {} goes on from {} entries does not hold: no witness was "
           "sent it; ask again, or another node",
           "la preuve du nœud que {} continue depuis {} entrées ne tient pas : elle n'a été "
           "envoyée à aucun témoin; redemandez, ou à un autre nœud"},
          checkpoint.origin(), old_size));
}

// What a witness of that prefix answers: its signature lines. Where it has seen more than the
// checkpoint, as somebody else may have shown it meanwhile, a newer one takes its place.
Result<std::string> Ask(Session& session, const std::string& url, const WitnessWish& wish,
                        SignedCheckpoint* checkpoint) {
  const Language language = session.output().language;
  trail::AddCheckpoint sent{.old_size = 0, .hashes = {}, .checkpoint = checkpoint->note()};
  for (int tries = 0; tries < kTriesMax; ++tries) {
    JALON_ASSIGN_OR_RETURN(HttpAnswer answer, Post({.prefix = url,
                                                    .path = "add-checkpoint",
                                                    .body = trail::FormatAddCheckpoint(sent),
                                                    .certificates = wish.certificates},
                                                   language));
    if (answer.status == kSigned) return std::move(answer.body);
    if (answer.status != kOtherSize) {
      return std::unexpected(WhyNot(url, *checkpoint, answer.status, language));
    }
    if (answer.body.ends_with('\n')) answer.body.pop_back();
    const auto seen = trail::ParseDecimal(answer.body);
    if (!seen || *seen == sent.old_size) {
      const bool is_alarm = sent.old_size == checkpoint->size();
      return std::unexpected(WhyNot(url, *checkpoint, is_alarm ? kOtherSize : kNoSize, language));
    }
    if (*seen > checkpoint->size()) {
      JALON_ASSIGN_OR_RETURN(SignedCheckpoint newer, RootCheckpoint(session));
      if (*seen > newer.size()) return SeenMore(url, *seen, newer, language);
      *checkpoint = std::move(newer);
      sent.checkpoint = checkpoint->note();
    }
    sent.old_size = *seen;
    JALON_ASSIGN_OR_RETURN(sent.hashes, ProofFrom(session, *seen, *checkpoint));
  }
  return std::unexpected(WhyNot(url, *checkpoint, kNoSize, language));
}

// That a witness of the policy is among them, before they are handed in.
Result<void> CheckBy(const trail::Policy& policy, const std::string& url, const std::string& lines,
                     const SignedCheckpoint& checkpoint, Language language) {
  const auto note = trail::ParseNote(checkpoint.note());
  const auto whole = trail::ParseNote(checkpoint.note() + lines);
  if (note && whole && whole->text == note->text &&
      trail::OpenNote(*whole, policy.witnesses).has_value()) {
    return {};
  }
  return Fail(Code::kInternal, "WITNESS_UNKNOWN",
              Say(language,
                  {"{}: what it answered is no signature of a witness of the policy: is this the "
                   "witness's address, and its key in the policy?",
                   "{} : ce qu'il a répondu n'est la signature d'aucun témoin de la politique : "
                   "est-ce l'adresse du témoin, et sa clé est-elle dans la politique?"},
                  url));
}

Result<std::optional<trail::Policy>> ReadPolicy(const std::string& path, Language language) {
  if (path.empty()) return std::nullopt;
  JALON_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, trail::kPolicyBytesMax, language));
  auto policy = trail::ParsePolicy(bytes);
  if (policy) return *std::move(policy);
  return Fail(Code::kInvalidArgument, "POLICY_UNREADABLE",
              Say(language,
                  {"{}: line {} is none of a policy (C2SP tlog-policy)",
                   "{} : la ligne {} n'est pas d'une politique (C2SP tlog-policy)"},
                  path, policy.error().line));
}

// Beside whatever else is said.
void Tell(const Error& error, Output& output) {
  output.err << "jalon: " << Printable(error.message) << " (" << error.reason << ")\n";
}

void ShowKept(const AddRootCosignaturesResponse& response, Output& output) {
  const auto& cosigned = response.cosigned();
  Table table({{output.Say({"witness", "témoin"})}, {output.Say({"signed", "a signé"})}});
  for (const auto& by : cosigned.cosignatures()) table.Add({by.witness(), TimeText(by.seen_at())});
  output.out << table.Layout(output.width, output.colour_out);
  output.out << output.Say(
      {"The root log at {} entries. {}\n", "Le journal racine à {} entrées. {}\n"},
      CountText(cosigned.checkpoint().size(), output.language),
      output.Say(!response.kept()        ? Words{"Enough have signed a newer one.",
                                          "Assez en ont signé un plus récent."}
                 : cosigned.quorum_met() ? Words{"They are enough.", "Ils suffisent."}
                                         : Words{"More are needed.", "Il en faut d'autres."}));
}

// One witness's, and none together with another's: a line that is refused takes along what it came
// with.
Result<AddRootCosignaturesResponse> HandIn(Session& session, const SignedCheckpoint& checkpoint,
                                           std::string lines) {
  AddRootCosignaturesRequest request;
  request.set_checkpoint(checkpoint.note());
  request.set_cosignatures(std::move(lines));
  AddRootCosignaturesResponse response;
  JALON_ASSIGN_OR_RETURN(const client::Reply reply, session.Ask(&request, &response));
  if (!reply.ok) return std::unexpected(reply.error);
  return response;
}

// Asks the witness, and hands in what it signed.
Result<AddRootCosignaturesResponse> Collect(Session& session, const std::string& url,
                                            const WitnessWish& wish,
                                            const std::optional<trail::Policy>& policy,
                                            SignedCheckpoint* checkpoint) {
  JALON_ASSIGN_OR_RETURN(std::string lines, Ask(session, url, wish, checkpoint));
  if (policy) {
    JALON_RETURN_IF_ERROR(CheckBy(*policy, url, lines, *checkpoint, session.output().language));
  }
  return HandIn(session, *checkpoint, std::move(lines));
}

// The gravest of what went wrong: an alarm, or else the first.
const Error& GravestOf(const std::vector<Error>& failed) {
  const auto alarm = std::ranges::find(failed, Code::kDataLoss, &Error::code);
  return alarm == failed.end() ? failed.front() : *alarm;
}

void ShowJson(const std::optional<AddRootCosignaturesResponse>& kept,
              const std::vector<Error>& failed, Output& output) {
  std::string list;
  for (const Error& error : failed) {
    if (!list.empty()) list += ',';
    list += JsonObject({{"reason", JsonText(error.reason)}, {"message", JsonText(error.message)}});
  }
  output.out << JsonObject({{"kept", kept ? ToJson(*kept, false) : "null"},
                            {"failures", '[' + list + ']'}})
             << '\n';
}

// Asks all witnesses, so that they sign the same checkpoint: a quorum is of one.
class Round {
 public:
  // What it comes to: what is kept of the newest that was handed in, and what went wrong.
  struct Gathered {
    std::optional<AddRootCosignaturesResponse> kept = {};
    std::vector<Error> failed = {};
  };

  Round(Session& session, const WitnessWish& wish, const std::optional<trail::Policy>& policy,
        SignedCheckpoint checkpoint)
      : session_(session), wish_(wish), policy_(policy), checkpoint_(std::move(checkpoint)) {
    for (const std::string& url : wish.urls) witnesses_.push_back({.url = url});
  }

  void AskAll() {
    for (Witness& witness : witnesses_) Ask(witness);
    // A later one may have been shown more meanwhile, and signed a newer checkpoint than those who
    // were asked before it. They are asked once more, and no more often: others may go on showing.
    const auto is_behind = [this](const Witness& witness) {
      return witness.signed_size && *witness.signed_size < checkpoint_.size() && !witness.again;
    };
    for (;;) {
      const auto behind = std::ranges::find_if(witnesses_, is_behind);
      if (behind == witnesses_.end()) return;
      behind->again = true;
      Ask(*behind);
    }
  }

  const Gathered& gathered() const { return gathered_; }

 private:
  struct Witness {
    const std::string& url;
    std::optional<uint64_t> signed_size = {};  // of the last that was handed in
    bool again = false;                        // it was asked once more
  };

  // One that fails does not keep the others from being asked.
  void Ask(Witness& witness) {
    Output& output = session_.output();
    auto collected = Collect(session_, witness.url, wish_, policy_, &checkpoint_);
    if (collected) {
      witness.signed_size = checkpoint_.size();
      gathered_.kept = *std::move(collected);
      return;
    }
    const Error& failed = gathered_.failed.emplace_back(std::move(collected).error());
    Tell(failed, output);
    if (failed.reason != kOtherHistory) return;
    output.err << output.Say({"What it was sent:\n", "Ce qui lui a été envoyé :\n"})
               << checkpoint_.note();
  }

  Session& session_;
  const WitnessWish& wish_;
  const std::optional<trail::Policy>& policy_;
  SignedCheckpoint checkpoint_;  // the newest that was asked for
  std::vector<Witness> witnesses_;
  Gathered gathered_;
};

ExitCode Witness(Session& session, const WitnessWish& wish) {
  Output& output = session.output();
  const auto policy = ReadPolicy(wish.policy, output.language);
  if (!policy) return ShowFailure(policy.error(), output);
  auto checkpoint = RootCheckpoint(session);
  if (!checkpoint) return ShowFailure(checkpoint.error(), output);
  if (checkpoint->size() == 0) {
    output.err << output.Say(
        {"jalon: nothing is in the root log yet: it grows with each export, and every few "
         "minutes\n",
         "jalon : rien n'est encore au journal racine : il croît à chaque exportation, et toutes "
         "les quelques minutes\n"});
    return ExitCode::kRefused;
  }
  Round round(session, wish, *policy, *std::move(checkpoint));
  round.AskAll();
  const auto& [kept, failed] = round.gathered();
  if (output.IsJson()) {
    ShowJson(kept, failed, output);
  } else if (kept) {
    ShowKept(*kept, output);
  }
  return failed.empty() ? ExitCode::kOk : ExitCodeOf(GravestOf(failed).code, false);
}

}  // namespace

Verb WitnessVerb() {
  const auto wish = std::make_shared<WitnessWish>();
  return {"witness",
          {"Have witnesses sign the root log (C2SP tlog-witness), and hand in what they signed; "
           "name all at once, so that they sign the same checkpoint",
           "Faire signer le journal racine par des témoins (C2SP tlog-witness), et remettre ce "
           "qu'ils ont signé; nommez-les ensemble, pour qu'ils signent le même point de contrôle"},
          {Texts("--witness-url", "URL",
                 {"the witness's prefix, https://witness.example/prefix; again for more. http:// "
                  "only for this "
                  "machine",
                  "le préfixe du témoin, https://witness.example/prefixe; à répéter. http:// pour "
                  "cette machine "
                  "seulement"},
                 &wish->urls)
               .Required(),
           Text("--policy", "FILE",
                {"refuse what no witness of this policy signed (C2SP tlog-policy)",
                 "refuser ce qu'aucun témoin de cette politique n'a signé (C2SP tlog-policy)"},
                &wish->policy),
           Text("--witness-ca", "FILE",
                {"the certificates by which witnesses are known; else those of the system",
                 "les certificats auxquels les témoins sont reconnus; sinon ceux du système"},
                &wish->certificates)},
          [wish](Session& session) { return Witness(session, *wish); }};
}

}  // namespace jalon::cli
