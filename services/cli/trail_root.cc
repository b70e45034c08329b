// jalon trail root: the root log's checkpoint, and that it goes on from one that was kept.
#include "services/cli/trail_root.h"

#include <memory>
#include <utility>
#include <vector>

#include "eventstore/trail/tlog_witness.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/note_files.h"
#include "services/cli/root_since.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using trail::v1::CosignedCheckpoint;
using trail::v1::GetRootCheckpointRequest;
using trail::v1::GetRootCheckpointResponse;
using trail::v1::GetRootConsistencyProofRequest;
using trail::v1::GetRootConsistencyProofResponse;
using trail::v1::SignedCheckpoint;

struct RootWish {
  GetRootCheckpointRequest request;
  std::string path;
  std::string since;
  std::vector<trail::VerifierKey> keys;
  bool cosigned = false;
};

void SayCosigned(const CosignedCheckpoint& cosigned, Output& output) {
  std::string who;
  for (const auto& by : cosigned.cosignatures()) {
    if (!who.empty()) who += ", ";
    who += Printable(by.witness()) + " " + TimeText(by.seen_at());
  }
  const uint64_t size = cosigned.checkpoint().size();
  const std::string at = CountText(size, output.language);
  output.err << (cosigned.quorum_met()
                     ? output.Say({"Witnesses have signed it at {} entries: {}\n",
                                   "Des témoins l'ont signé à {} entrées : {}\n"},
                                  at, who)
                     : output.Say({"Too few witnesses have signed it yet, at {} entries: {}\n",
                                   "Trop peu de témoins l'ont encore signé, à {} entrées : {}\n"},
                                  at, who));
}

ExitCode Show(const SinceFlaw& flaw, Output& output) {
  output.err << "jalon: " << Printable(flaw.words) << '\n';
  return flaw.code;
}

// The proof that the checkpoint goes on from what was kept, with it, as a witness is sent it.
ExitCode SaveSince(Session& session, const RootWish& wish,
                   const GetRootCheckpointResponse& response) {
  Output& output = session.output();
  const auto kept = ReadCheckpoint(wish.since, output.language);
  if (!kept) return ShowFailure(kept.error(), output);
  const SignedCheckpoint& newest = response.checkpoint();
  const RootKeys keys{.given = wish.keys, .printed = newest.verifier_key()};
  auto both = OpenBoth(*kept, wish.since, newest.note(), keys, output.language);
  if (both && wish.cosigned) {
    const SignedCheckpoint& cosigned = response.cosigned().checkpoint();
    if (both->kept.size > cosigned.size()) {
      output.err << output.Say(
          {"jalon: what witnesses signed last is older than the file: ask them with 'jalon trail "
           "witness', or leave --cosigned out\n",
           "jalon : ce que des témoins ont signé en dernier est plus ancien que le fichier : "
           "demandez-leur avec « jalon trail witness », ou retirez --cosigned\n"});
      return ExitCode::kNotFound;
    }
    both = OpenBoth(*kept, wish.since, cosigned.note(), keys, output.language);
  }
  if (!both) return Show(both.error(), output);
  GetRootConsistencyProofRequest request;
  request.set_old_size(both->kept.size);
  request.set_size(both->now.size);
  GetRootConsistencyProofResponse proof;
  const Result<client::Reply> reply = session.Ask(&request, &proof);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  if (const auto flaw = CheckGoesOn(proof, &*both, output.language)) return Show(*flaw, output);
  output.err << output.Say(
      {"It goes on from the {} entries of {}.\n", "Il continue depuis les {} entrées de {}.\n"},
      CountText(both->kept.size, output.language), wish.since);
  const SignedCheckpoint& shown = wish.cosigned ? response.cosigned().checkpoint() : newest;
  return SaveNote(trail::FormatAddCheckpoint({.old_size = both->kept.size,
                                              .hashes = std::move(both->hashes),
                                              .checkpoint = shown.note()}),
                  wish.path, output);
}

ExitCode GetRoot(Session& session, RootWish* wish) {
  GetRootCheckpointResponse response;
  Output& output = session.output();
  const Result<client::Reply> reply = session.Ask(&wish->request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  if (wish->cosigned && !response.has_cosigned()) {
    output.err << output.Say(
        {"jalon: no witness has signed it yet, that this node knows of: jalon trail witness\n",
         "jalon : aucun témoin ne l'a encore signé, que ce nœud sache : jalon trail witness\n"});
    return ExitCode::kNotFound;
  }
  const auto& checkpoint =
      wish->cosigned ? response.cosigned().checkpoint() : response.checkpoint();
  if (!wish->since.empty()) return SaveSince(session, *wish, response);
  if (output.IsJson()) output.out << ToJson(response, true) << '\n';
  if (output.IsJson() && wish->path.empty()) return ExitCode::kOk;
  const ExitCode saved = SaveNote(checkpoint.note(), wish->path, output);
  if (saved != ExitCode::kOk || output.IsJson()) return saved;
  SayVerifier(checkpoint.verifier_key(), output);
  if (response.has_cosigned()) SayCosigned(response.cosigned(), output);
  return saved;
}

}  // namespace

Verb RootVerb() {
  const auto wish = std::make_shared<RootWish>();
  return {"root",
          {"Get the signed checkpoint of the root log, the log of all trails: keep it too",
           "Obtenir le point de contrôle signé du journal racine, celui de tous les registres : "
           "gardez-le aussi"},
          {OutField(&wish->path),
           Flag("--cosigned",
                {"the newest that witnesses have signed, with their lines",
                 "le plus récent que des témoins ont signé, avec leurs lignes"},
                [wish] { wish->cosigned = true; }),
           Text("--since", "FILE",
                {"check that it goes on from a checkpoint that you kept, and get the proof of that "
                 "with it, as a witness is sent it (C2SP tlog-witness)",
                 "vérifier qu'il continue depuis un point de contrôle que vous avez gardé, et en "
                 "obtenir la preuve avec lui, telle qu'un témoin la reçoit (C2SP tlog-witness)"},
                &wish->since),
           RootKeyField("--key", &wish->keys),
           Count("--old-size",
                 {"with the proof that it goes on from this size (JSON)",
                  "avec la preuve qu'il continue depuis cette taille (JSON)"},
                 UINT32_MAX, [wish](uint32_t size) { wish->request.set_old_size(size); })},
          [wish](Session& session) { return GetRoot(session, wish.get()); }};
}

}  // namespace jalon::cli
