#include "eventstore/writer/writer_testing.h"

#include <utility>

namespace jalon::eventstore::testing {

WriterOptions WriterTest::Options() const {
  WriterOptions options;
  options.partition = kPartition;
  options.node = "node-a";
  options.address = "node-a.example:7000";
  return options;
}

void WriterTest::Start(WriterOptions options) {
  writer_.reset();
  writer_ = std::make_unique<Writer>(std::move(options), log_, store_, application_, clock_,
                                     [this] { return random_(); });
}

void WriterTest::Crash(size_t writes_kept) {
  writer_.reset();
  store_.Crash(writes_kept);
}

void WriterTest::Run(Micros time) {
  const Micros end = clock_.Monotonic() + time;
  while (true) {
    Settle();
    if (clock_.Monotonic() >= end) return;
    clock_.Advance(std::min<Micros>(std::chrono::milliseconds(10), end - clock_.Monotonic()));
  }
}

void WriterTest::Settle() {
  std::optional<Offset> head;
  while (head != log_.Head(kPartition).value()) {
    head = log_.Head(kPartition).value();
    while (writer_ && writer_->Step()) {
    }
    while (other_ && other_->Step()) {
    }
    log_.Step();
  }
}

Writer& WriterTest::StartOther() {
  WriterOptions options = Options();
  options.node = "node-b";
  options.address = "node-b.example:7000";
  other_ = std::make_unique<Writer>(std::move(options), log_, other_store_, application_, clock_,
                                    [this] { return random_(); });
  return *other_;
}

SentPtr WriterTest::Send(std::string request_id, std::vector<CounterChange> changes) {
  return SendTo(*writer_, std::move(request_id), std::move(changes));
}

SentPtr WriterTest::SendTo(Writer& writer, std::string request_id,
                           std::vector<CounterChange> changes) {
  auto sent = std::make_shared<Sent>();
  sent->request_id = request_id;
  const auto done = [sent](Outcome outcome) {
    EXPECT_FALSE(sent->answered()) << "a submission is answered once";
    sent->outcome = std::move(outcome);
  };
  EXPECT_TRUE(writer.Submit(MakeSubmission(std::move(request_id), std::move(changes), done)));
  return sent;
}

std::map<uint64_t, log::v1::Record> WriterTest::Counted(ChainHead* head) {
  ChainHead own;
  if (head == nullptr) head = &own;
  std::map<uint64_t, log::v1::Record> records;
  for (const StoredEntry& entry : ReadAll(log_, kPartition, Offset{0})) {
    const auto frame = ReadFrame(*entry.bytes);
    if (!frame) {
      ADD_FAILURE() << frame.error().message;
      break;
    }
    if (Classify(*head, entry.offset, *frame, *entry.bytes) != Fate::kCounted) continue;
    if (frame->kind != EntryFrame::Kind::kRecord) continue;
    EXPECT_TRUE(records[head->seq.value].ParseFromArray(frame->body.data(),
                                                        static_cast<int>(frame->body.size())));
  }
  return records;
}

std::vector<StoredRow> WriterTest::StoredRows() {
  return store_.Scan(kPartition, std::string_view("\0", 1), "\xff", SIZE_MAX).value();
}

}  // namespace jalon::eventstore::testing
