#include "services/api/export_start.h"

#include <string>

#include "eventstore/base/hash.h"
#include "eventstore/trail/checkpoint.h"
#include "eventstore/trail/tile.h"
#include "services/api/queries/access_note.h"

namespace jalon::api {

using node::v1::ExportBegun;
using trail::v1::ExportTrailRequest;
using trail::v1::ExportTrailResponse;

namespace {

// A few KiB: one piece.
void AddFile(const char* path, std::string bytes, ExportBegun* begun) {
  trail::v1::ExportedFile& file = *begun->add_responses()->mutable_file();
  file.set_path(path);
  file.set_bytes(std::move(bytes));
}

}  // namespace

// One export, until it has begun.
struct ExportStart::Beginning {
  const QueryMethod& method;
  const ExportTrailRequest& request;
  const Caller& caller;
  Done done;
  ExportTrailResponse first = {};  // the frame's

  trail::Checkpoint Signed() const {
    return {.origin = first.checkpoint().origin(),
            .size = first.checkpoint().size(),
            .root = HashFrom(first.checkpoint().root())};
  }
};

void ExportStart::Begin(const QueryMethod& method, const ExportTrailRequest& request,
                        const Caller& caller, Micros deadline, Done done) const {
  const auto beginning = std::make_shared<Beginning>(method, request, caller, std::move(done));
  parts_.frame.Ask(method, request, caller, deadline, &beginning->first,
                   [this, beginning](Result<void> asked) {
                     if (asked) return Publish(beginning);
                     beginning->done(std::unexpected(std::move(asked).error()));  // told already
                   });
}

void ExportStart::Publish(const std::shared_ptr<const Beginning>& beginning) const {
  parts_.publisher.Publish(beginning->Signed(), [this, beginning] {
    // Whoever calls this has other things to do.
    if (parts_.run([this, beginning] { beginning->done(Prove(*beginning)); })) return;
    auto full = Fail(Code::kResourceExhausted, "QUEUE_FULL",
                     "too many queries wait at once: try again a little later");
    Tell(*beginning, full.error());
    beginning->done(std::move(full));
  });
}

Result<ExportBegun> ExportStart::Prove(const Beginning& beginning) const {
  auto published = parts_.root_log.ProofOf(beginning.Signed(), beginning.request.since_root_size());
  if (!published) {
    Tell(beginning, published.error());
    return std::unexpected(std::move(published).error());
  }
  ExportBegun begun;
  *begun.add_responses() = beginning.first;
  if (!*published) return begun;  // it says what it says without the proof
  AddFile(trail::kRootProofFile, std::move((*published)->proof), &begun);
  if (auto& next = (*published)->next) AddFile(trail::kRootNextFile, *std::move(next), &begun);
  if (auto& consistency = (*published)->consistency) {
    AddFile(trail::kRootConsistencyFile, *std::move(consistency), &begun);
  }
  return begun;
}

void ExportStart::Tell(const Beginning& beginning, const Error& error) const {
  if (parts_.on_fault && IsFault(error)) parts_.on_fault(error);
  NoteRefusal(parts_.access,
              {.who = &beginning.caller.principal,
               .school_id = beginning.request.header().school_id(),
               .action = beginning.method.option->action(),
               .resource_id = beginning.request.company_id()},
              error);
}

}  // namespace jalon::api
