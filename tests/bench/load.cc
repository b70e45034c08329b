#include "tests/bench/load.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <chrono>

namespace jalon::bench {
namespace {

using Time = std::chrono::steady_clock;

// One call in flight; its slot is used again for the next.
struct Slot {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  Time::time_point sent;
  size_t call = 0;
};

std::string TextOf(grpc::ByteBuffer& buffer) {
  std::string text;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

double At(std::vector<double>& sorted, double quantile) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<size_t>(quantile * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

Measured Drive(const std::shared_ptr<grpc::Channel>& channel, const Load& load,
               std::span<const Call> calls) {
  Measured measured;
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  std::vector<std::string> bearers;
  for (const std::string& token : load.tokens) bearers.push_back("Bearer " + token);
  std::vector<Slot> slots(std::min<size_t>(load.in_flight, calls.size()));
  std::vector<double> latencies;
  latencies.reserve(calls.size());
  if (load.keep_replies) measured.replies.resize(calls.size());
  size_t next = 0;
  auto send = [&](Slot& slot) {
    slot.call = next++;
    const Call& call = calls[slot.call];
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    if (!bearers.empty()) slot.context->AddMetadata("authorization", bearers[call.token]);
    const grpc::Slice slice(call.request.data(), call.request.size(), grpc::Slice::STATIC_SLICE);
    slot.sent = Time::now();
    slot.reader = stub.PrepareUnaryCall(slot.context.get(), load.methods[call.method],
                                        grpc::ByteBuffer(&slice, 1), &queue);
    slot.reader->StartCall();
    slot.reader->Finish(&slot.response, &slot.status, &slot);
  };
  const auto start = Time::now();
  for (Slot& slot : slots) send(slot);
  void* tag = nullptr;
  bool ok = false;
  while (measured.answered < calls.size() && queue.Next(&tag, &ok)) {
    Slot& slot = *static_cast<Slot*>(tag);
    ++measured.answered;
    latencies.push_back(std::chrono::duration<double, std::micro>(Time::now() - slot.sent).count());
    if (!slot.status.ok() && measured.failed++ == 0) {
      measured.first_failure = slot.status.error_message();
    }
    measured.reply_bytes = slot.response.Length();
    if (load.keep_replies) measured.replies[slot.call] = TextOf(slot.response);
    if (next < calls.size()) send(slot);
  }
  measured.seconds = std::chrono::duration<double>(Time::now() - start).count();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  measured.per_second = static_cast<double>(measured.answered) / measured.seconds;
  std::sort(latencies.begin(), latencies.end());
  measured.p50_us = At(latencies, 0.50);
  measured.p99_us = At(latencies, 0.99);
  return measured;
}

}  // namespace jalon::bench
