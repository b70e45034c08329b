// jalon trail root: the root log's checkpoint, and that it goes on from one that was kept.
#include "services/cli/trail_root.h"

#include <memory>

#include "eventstore/base/hash.h"
#include "eventstore/trail/tlog_witness.h"
#include "jalon/trail/v1/trail_service.pb.h"
#include "services/cli/answer.h"
#include "services/cli/note_files.h"
#include "services/cli/text.h"

namespace jalon::cli {
namespace {

using trail::v1::CosignedCheckpoint;
using trail::v1::GetRootCheckpointRequest;
using trail::v1::GetRootCheckpointResponse;
using trail::v1::GetRootConsistencyProofRequest;
using trail::v1::GetRootConsistencyProofResponse;

struct RootWish {
  GetRootCheckpointRequest request;
  std::string path;
  std::string since;
  bool cosigned = false;
};

void SayCosigned(const CosignedCheckpoint& cosigned, Output& output) {
  std::string who;
  for (const auto& by : cosigned.cosignatures()) {
    if (!who.empty()) who += ", ";
    who += Printable(by.witness()) + " " + TimeText(by.seen_at());
  }
  const uint64_t size = cosigned.checkpoint().size();
  output.err << output.Say({"Witnesses have signed it at {} entries: {}\n",
                            "Des témoins l'ont signé à {} entrées : {}\n"},
                           CountText(size, output.language), who);
}

// What is wrong with what was kept, against the log as it is; kOk: it goes on from there.
ExitCode CheckSince(const trail::Checkpoint& kept, const GetRootConsistencyProofResponse& now,
                    const trail::Proof& hashes, Output& output) {
  if (kept.origin != now.origin()) {
    output.err << output.Say(
        {"jalon: the file is of {}, and this is {}: name the one that you kept of this log\n",
         "jalon : le fichier est de {}, et ceci est {} : nommez celui que vous avez gardé de ce "
         "journal\n"},
        Printable(kept.origin), Printable(now.origin()));
    return ExitCode::kWrongOrigin;
  }
  const bool goes_on =
      View(kept.root) == now.old_root() && now.root().size() == sizeof(Hash) &&
      trail::VerifyConsistency(kept.size, kept.root, now.size(), HashFrom(now.root()), hashes);
  if (goes_on) return ExitCode::kOk;
  output.err << output.Say(
      {"jalon: FORKED: the root log does not begin with the {} entries that the file was signed "
       "for. Keep the file, and what you get without --since: they are the evidence\n",
       "jalon : BIFURQUÉ : le journal racine ne commence pas par les {} entrées pour lesquelles le "
       "fichier a été signé. Gardez le fichier, et ce que vous obtenez sans --since : ils en sont "
       "la preuve\n"},
      kept.size);
  return ExitCode::kForked;
}

// The proof that the checkpoint goes on from what was kept, with it, as a witness is sent it.
ExitCode SaveSince(Session& session, const RootWish& wish,
                   const trail::v1::SignedCheckpoint& checkpoint) {
  Output& output = session.output();
  const auto kept = ReadCheckpoint(wish.since, output.language);
  if (!kept) return ShowFailure(kept.error(), output);
  if (kept->size > checkpoint.size()) {
    output.err << output.Say(
        {"jalon: TRUNCATED: the file was signed for {} entries, and the root log has {}. Keep the "
         "file, and what you get without --since: they are the evidence\n",
         "jalon : TRONQUÉ : le fichier a été signé pour {} entrées, et le journal racine en a {}. "
         "Gardez le fichier, et ce que vous obtenez sans --since : ils en sont la preuve\n"},
        kept->size, checkpoint.size());
    return ExitCode::kTruncated;
  }
  GetRootConsistencyProofRequest request;
  request.set_old_size(kept->size);
  request.set_size(checkpoint.size());
  GetRootConsistencyProofResponse response;
  const Result<client::Reply> reply = session.Ask(&request, &response);
  if (!reply) return ShowFailure(reply.error(), output);
  if (!reply->ok) return ShowFailure(*reply, nullptr, output);
  trail::AddCheckpoint proof{.old_size = kept->size, .hashes = {}, .checkpoint = checkpoint.note()};
  for (const std::string& hash : response.hashes()) {
    if (hash.size() == sizeof(Hash)) proof.hashes.push_back(HashFrom(hash));
  }
  if (const ExitCode wrong = CheckSince(*kept, response, proof.hashes, output);
      wrong != ExitCode::kOk) {
    return wrong;
  }
  output.err << output.Say(
      {"It goes on from the {} entries of {}.\n", "Il continue depuis les {} entrées de {}.\n"},
      CountText(kept->size, output.language), wish.since);
  return SaveNote(trail::FormatAddCheckpoint(proof), wish.path, output);
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
  if (!wish->since.empty()) return SaveSince(session, *wish, checkpoint);
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
           Count("--old-size",
                 {"with the proof that it goes on from this size (JSON)",
                  "avec la preuve qu'il continue depuis cette taille (JSON)"},
                 UINT32_MAX, [wish](uint32_t size) { wish->request.set_old_size(size); })},
          [wish](Session& session) { return GetRoot(session, wish.get()); }};
}

}  // namespace jalon::cli
