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
using Wall = std::chrono::system_clock;

int64_t WallUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Wall::now().time_since_epoch())
      .count();
}

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

// When the calls are due, from the moment it is made.
class Pace {
 public:
  explicit Pace(double per_second) : per_second_(per_second) {}
  double Seconds() const { return std::chrono::duration<double>(Time::now() - start_).count(); }
  bool IsDue(size_t call) const { return per_second_ <= 0 || Seconds() >= DueAt(call); }
  Wall::time_point UntilDue(size_t call) const {
    return Wall::now() + std::chrono::duration_cast<Wall::duration>(
                             std::chrono::duration<double>(DueAt(call) - Seconds()));
  }

 private:
  double DueAt(size_t call) const { return static_cast<double>(call) / per_second_; }

  const double per_second_;
  const Time::time_point start_ = Time::now();
};

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
  if (load.keep_replies) {
    measured.replies.resize(calls.size());
    measured.replied_us.resize(calls.size());
  }
  size_t next = 0;
  auto send = [&](Slot& slot) {
    slot.call = next++;
    const Call& call = calls[slot.call];
    slot.context = std::make_unique<grpc::ClientContext>();
    slot.context->set_deadline(Wall::now() + std::chrono::seconds(10));
    if (!bearers.empty()) slot.context->AddMetadata("authorization", bearers[call.token]);
    const grpc::Slice slice(call.request.data(), call.request.size(), grpc::Slice::STATIC_SLICE);
    slot.sent = Time::now();
    slot.reader = stub.PrepareUnaryCall(slot.context.get(), load.methods[call.method],
                                        grpc::ByteBuffer(&slice, 1), &queue);
    slot.reader->StartCall();
    slot.reader->Finish(&slot.response, &slot.status, &slot);
  };
  std::vector<Slot*> idle;
  for (Slot& slot : slots) idle.push_back(&slot);
  const Pace pace(load.per_second);
  while (measured.answered < calls.size()) {
    while (next < calls.size() && !idle.empty() && pace.IsDue(next)) {
      send(*idle.back());
      idle.pop_back();
    }
    void* tag = nullptr;
    bool ok = false;
    const bool wait_for_pace = next < calls.size() && !idle.empty();
    if (wait_for_pace) {
      const auto got = queue.AsyncNext(&tag, &ok, pace.UntilDue(next));
      if (got == grpc::CompletionQueue::TIMEOUT) continue;
    } else {
      queue.Next(&tag, &ok);
    }
    Slot& slot = *static_cast<Slot*>(tag);
    ++measured.answered;
    latencies.push_back(std::chrono::duration<double, std::micro>(Time::now() - slot.sent).count());
    if (!slot.status.ok() && measured.failed++ == 0) {
      measured.first_failure = slot.status.error_message();
    }
    measured.reply_bytes = slot.response.Length();
    if (load.keep_replies) {
      measured.replied_us[slot.call] = WallUs();
      measured.replies[slot.call] = TextOf(slot.response);
    }
    idle.push_back(&slot);
  }
  measured.seconds = pace.Seconds();
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
  measured.per_second = static_cast<double>(measured.answered) / measured.seconds;
  std::sort(latencies.begin(), latencies.end());
  measured.p50_us = At(latencies, 0.50);
  measured.p99_us = At(latencies, 0.99);
  return measured;
}

}  // namespace jalon::bench
