#include "services/node/streaming.h"

#include <utility>

namespace jalon::node {
namespace {

constexpr size_t kFeedThreads = 2;    // one may wait for the log
constexpr size_t kExportThreads = 1;  // exports share it, file by file

}  // namespace

Streaming::Streaming(const Parts& parts)
    : feed_threads_(kFeedThreads, api::kFeedStreamsMax),
      export_threads_(kExportThreads, api::kExportStreamsMax),
      feed_(
          {.clock = parts.folder.clock(),
           .real_clock = parts.real_clock,
           .tokens = parts.callers.tokens(),
           .placement = parts.placement,
           .views = parts.answering.views(),
           .log = parts.folder.log(),
           .birth = parts.folder.birth(),
           .run = [this](std::function<void()> work) { return feed_threads_.Run(std::move(work)); },
           .on_fault = parts.on_fault,
           .access = &parts.callers.access(),
           .own_writes = &parts.answering.writes()}),
      trails_(
          {.clock = parts.folder.clock(),
           .real_clock = parts.real_clock,
           .tokens = parts.callers.tokens(),
           .start = parts.answering.export_start(),
           .placement = parts.placement,
           .views = parts.answering.views(),
           .log = parts.folder.log(),
           .run =
               [this](std::function<void()> work) { return export_threads_.Run(std::move(work)); },
           .on_fault = parts.on_fault,
           .access = &parts.callers.access(),
           .remote = parts.remote}) {}

api::RawStreamHandler Streaming::HandlerOf(const api::StreamSpec& spec,
                                           const api::Queries& queries) {
  // An export begins like a query; the feed is the only other stream.
  const api::QueryMethod* begin = queries.FindByRequest(spec.request->GetDescriptor());
  return begin == nullptr ? feed_.HandlerOf(spec) : trails_.HandlerOf(spec, *begin);
}

void Streaming::EndAll() {
  feed_.EndStreams();
  trails_.EndStreams();
}

}  // namespace jalon::node
