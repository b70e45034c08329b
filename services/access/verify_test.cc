// What the check of a chain finds: every kind of tampering, and the first entry at fault.
#include "services/access/verify.h"

#include "services/access/access_testing.h"

namespace jalon::access {
namespace {

constexpr uint64_t kEntries = 9;  // with the one of the start

class VerifyTest : public AccessTest {
 protected:
  VerifyTest() {
    bounds_.segment_bytes_max = 300;  // several files
    EXPECT_EQ(Open(), "");
    for (uint64_t i = 1; i < kEntries; ++i) {
      EXPECT_EQ(Record(Opened('b', static_cast<char>('a' + i))), "");
    }
    Close();
    for (const uint64_t first : Segments()) {
      const std::string bytes = Read(Segment(first));
      for (size_t at = 0; at < bytes.size();) {
        const auto stored = ReadEntry(bytes, at);
        frames_.push_back(bytes.substr(at, stored->end - at));
        hashes_.push_back(stored->hash);
        at = stored->end;
      }
    }
    EXPECT_EQ(frames_.size(), kEntries);
  }

  std::vector<uint64_t> Segments() const {
    return SegmentsIn(folder_).value_or(std::vector<uint64_t>());
  }
  // Writes the entries as they are now, into the same files.
  void Put(const std::vector<std::string>& frames) {
    const auto segments = Segments();
    size_t next = 0;
    for (size_t i = 0; i < segments.size(); ++i) {
      const size_t end = i + 1 < segments.size()
                             ? std::min<size_t>(frames.size(), segments[i + 1] - 1)
                             : frames.size();
      std::string bytes;
      while (next < end) bytes += frames[next++];
      Write(Segment(segments[i]), bytes);
    }
  }
  // "intact" or "altered 3": what it finds.
  std::string Found(const std::optional<Link>& kept = {}) {
    const auto verified = Verify(folder_, kept);
    if (!verified) return verified.error().reason;
    switch (verified->finding) {
      case Finding::kIntact:
        return "intact";
      case Finding::kAltered:
        return "altered " + std::to_string(verified->seq);
      case Finding::kMissing:
        return "missing " + std::to_string(verified->seq);
      case Finding::kUnreadable:
        return "unreadable " + std::to_string(verified->seq);
    }
    return "";
  }
  Link LinkOf(uint64_t seq) { return {seq, hashes_[seq - 1]}; }

  std::vector<std::string> frames_;
  std::vector<Hash> hashes_;
};

TEST_F(VerifyTest, WhatNobodyTouchedIsIntact) {
  EXPECT_GT(Segments().size(), 2u);
  const auto verified = Verify(folder_);
  ASSERT_TRUE(verified);
  EXPECT_EQ(Found(), "intact");
  EXPECT_EQ(verified->entries, kEntries);
  EXPECT_EQ(verified->last, LinkOf(kEntries));
  EXPECT_EQ(verified->latest_at, clock_.Wall().count());
}

TEST_F(VerifyTest, EveryBitThatIsFlippedIsFoundInItsEntry) {
  for (size_t entry = 0; entry < frames_.size(); ++entry) {
    for (size_t byte = 0; byte < frames_[entry].size(); ++byte) {
      auto frames = frames_;
      frames[entry][byte] = static_cast<char>(frames[entry][byte] ^ (1 << byte % 8));
      Put(frames);
      EXPECT_EQ(Found(), "unreadable " + std::to_string(entry + 1)) << "byte " << byte;
    }
  }
  Put(frames_);
  EXPECT_EQ(Found(), "intact");
}

TEST_F(VerifyTest, WhatIsDroppedIsFound) {
  for (size_t entry = 0; entry < frames_.size(); ++entry) {
    auto frames = frames_;
    frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(entry));
    Put(frames);
    EXPECT_EQ(Found(), "missing " + std::to_string(entry + 1));
  }
}

TEST_F(VerifyTest, WhatIsSwappedIsFound) {
  for (size_t entry = 0; entry + 1 < frames_.size(); ++entry) {
    auto frames = frames_;
    std::swap(frames[entry], frames[entry + 1]);
    Put(frames);
    EXPECT_EQ(Found(), "missing " + std::to_string(entry + 1));
  }
}

TEST_F(VerifyTest, AFileThatIsGoneIsFound) {
  for (const uint64_t first : Segments()) {
    const std::string bytes = Read(Segment(first));
    std::filesystem::remove(Segment(first));
    EXPECT_EQ(Found(), "missing " + std::to_string(first));
    Write(Segment(first), bytes);
  }
}

TEST_F(VerifyTest, AnotherPersonInAnEntryIsFound) {
  for (size_t entry = 0; entry < frames_.size(); ++entry) {
    auto frames = frames_;
    auto stored = ReadEntry(frames[entry], 0);
    stored->entry.set_person_id(std::string(8, 'z'));
    frames[entry].clear();
    AppendEntry(stored->entry, &frames[entry]);
    Put(frames);
    EXPECT_EQ(Found(), "altered " + std::to_string(entry + 1));
  }
}

TEST_F(VerifyTest, AnEntryThatNamesAnotherBeforeItIsFound) {
  for (size_t entry = 0; entry < frames_.size(); ++entry) {
    auto frames = frames_;
    auto stored = ReadEntry(frames[entry], 0);
    stored->entry.set_previous(std::string(32, 'z'));
    frames[entry].clear();
    AppendEntry(stored->entry, &frames[entry]);
    Put(frames);
    EXPECT_EQ(Found(), "altered " + std::to_string(entry + 1));
  }
}

// Whoever may write can chain all anew: what was kept elsewhere says so.
TEST_F(VerifyTest, AHeadThatWasKeptExposesAChainMadeAnew) {
  std::vector<std::string> frames;
  Link last{.seq = 0, .hash = {}};
  for (const std::string& frame : frames_) {
    v1::AccessEntry entry = ReadEntry(frame, 0)->entry;
    if (entry.seq() == 5) continue;  // the one that is to vanish
    entry.set_seq(last.seq + 1);
    entry.set_previous(std::string(View(last.hash)));
    last = {entry.seq(), AppendEntry(entry, &frames.emplace_back())};
  }
  for (const uint64_t first : Segments()) std::filesystem::remove(Segment(first));
  std::string bytes;
  for (const std::string& frame : frames) bytes += frame;
  Write(Segment(1), bytes);
  Write(ChainPath(folder_), ChainText({.first = {.seq = 1, .hash = {}}, .head = last}));
  EXPECT_EQ(Found(), "intact") << "a chain alone says no more";
  EXPECT_EQ(Found(LinkOf(7)), "altered 7");
  EXPECT_EQ(Found(LinkOf(kEntries)), "missing " + std::to_string(kEntries));
  EXPECT_EQ(Found(LinkOf(3)), "intact") << "before it nothing was changed";
}

TEST_F(VerifyTest, AKeptHeadThatWasDroppedSaysNothing) {
  bounds_.bytes_max = 600;
  ASSERT_EQ(Open(), "");
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Record(Opened('b', 'x')), "");
  Close();
  const auto verified = Verify(folder_, LinkOf(2));
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->finding, Finding::kIntact);
  EXPECT_TRUE(verified->kept_is_older);
}

TEST_F(VerifyTest, WhatIsNoAccessLogIsSaidToBeNone) {
  folder_ += "/elsewhere";
  EXPECT_EQ(Found(), "NOT_FOUND");
}

}  // namespace
}  // namespace jalon::access
