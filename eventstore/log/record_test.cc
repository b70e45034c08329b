#include "eventstore/log/record.h"

#include <gtest/gtest.h>

#include <vector>

#include "eventstore/log/classify.h"
#include "eventstore/log/log_testing.h"

namespace jalon::eventstore {
namespace {

using testing::ClaimedHead;
using testing::NextClaim;
using testing::NextRecord;
using testing::TestBirth;

// What a released log holds: if one of these must change, no older log can be read any more.
constexpr std::string_view kGoldenGenesis =
    "0a460a10636c75737465722d69642d31366279741210696e6361726e6174696f6e2d31366279180320402a1a"
    "6d75726d75723220262030783766666666666666206d6f64204e3001";
constexpr std::string_view kGoldenClaim =
    "1248080110011a103031323334353637383961626364656622066e6f64652d612a03613a3130ac023a200000"
    "000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kGoldenRecord =
    "1ae701080110021a20000000000000000000000000000000000000000000000000000000000000000020092a"
    "200000000000000000000000000000000000000000000000000000000000000000308080ef86d3c596033a10"
    "726571756573742d69642d313662797442206d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d"
    "6d6d6d6d6d6d4a1074656e616e742d6f662d31362d627974520c0a08706572736f6e2d3810025a1c0a107465"
    "6e616e742d6f662d31362d627974100a22016128095201706201726a19747474747474747474747474747474"
    "7474747474747474747472020801";

TEST(Encode, EqualsWhatEntrySerializesTo) {
  const ChainHead head = ClaimedHead();
  log::v1::Entry entry;
  *entry.mutable_genesis() = GenesisOf(TestBirth(), Partition{0});
  EXPECT_EQ(*EncodeGenesis(GenesisOf(TestBirth(), Partition{0})), entry.SerializeAsString());
  *entry.mutable_claim() = NextClaim(head);
  EXPECT_EQ(*EncodeClaim(NextClaim(head)), entry.SerializeAsString());
  for (const size_t size : {0, 100, 20'000, 400'000}) {
    const log::v1::Record record = NextRecord(head, std::string(size, 'x'));
    *entry.mutable_record() = record;
    EXPECT_EQ(*EncodeRecord(record), entry.SerializeAsString());
  }
}

TEST(Encode, GoldenBytesHoldForEver) {
  log::v1::Genesis genesis = GenesisOf(TestBirth(64), Partition{3});
  genesis.set_virtual_clock(true);
  EXPECT_EQ(ToHex(*EncodeGenesis(genesis)), kGoldenGenesis);
  log::v1::Claim claim = NextClaim(ChainHead{});
  claim.set_address("a:1");
  claim.set_base_seq(300);
  EXPECT_EQ(ToHex(*EncodeClaim(claim)), kGoldenClaim);
  log::v1::Record record = NextRecord(ChainHead{.epoch = Epoch{2}, .seq = Seq{8}}, "p");
  record.set_body_mac(std::string(32, 'm'));
  record.mutable_actor()->set_person("person-8");
  record.mutable_actor()->set_role(2);
  record.set_reply("r");
  record.set_trace(std::string(25, 't'));
  record.mutable_feature_level_raised()->set_level(1);
  EXPECT_EQ(ToHex(*EncodeRecord(record)), kGoldenRecord);
}

TEST(ReadFrame, FindsWhatCountingNeeds) {
  const ChainHead head = ClaimedHead();
  log::v1::Record record = NextRecord(head);
  record.mutable_feature_level_raised()->set_level(5);
  const Blob bytes = EncodeRecord(record);
  const EntryFrame frame = ReadFrame(*bytes).value();
  EXPECT_EQ(frame.kind, EntryFrame::Kind::kRecord);
  EXPECT_EQ(frame.level, 1u);
  EXPECT_EQ(frame.epoch, head.epoch);
  EXPECT_EQ(frame.epoch_id, View(head.epoch_id));
  EXPECT_EQ(frame.seq, head.seq.Next());
  EXPECT_EQ(frame.prev_hash, View(head.hash));
  EXPECT_EQ(frame.raises_level, 5u);
  EXPECT_EQ(frame.recorded_at, record.recorded_at());
  EXPECT_EQ(frame.body, record.SerializeAsString());

  const log::v1::Claim claim = NextClaim(head);
  const Blob claim_bytes = EncodeClaim(claim);
  const EntryFrame claim_frame = ReadFrame(*claim_bytes).value();
  EXPECT_EQ(claim_frame.kind, EntryFrame::Kind::kClaim);
  EXPECT_EQ(claim_frame.epoch.value, claim.epoch());
  EXPECT_EQ(claim_frame.nonce, claim.nonce());
  EXPECT_EQ(claim_frame.seq.value, claim.base_seq());
  EXPECT_EQ(claim_frame.prev_hash, claim.base_hash());
}

TEST(ReadFrame, RefusesWhatIsNoEntry) {
  const ChainHead head = ClaimedHead();
  const std::string good = *EncodeRecord(NextRecord(head));
  std::vector<std::string> bad = {"", "x", good + "\x1a", good + good, std::string("\x22\x00", 2)};
  log::v1::Record record = NextRecord(head);
  record.set_epoch_id("short");
  bad.push_back(*EncodeRecord(record));
  log::v1::Claim claim = NextClaim(head, "short nonce");
  bad.push_back(*EncodeClaim(claim));
  for (size_t size = 0; size < good.size(); ++size) bad.push_back(good.substr(0, size));
  for (const std::string& bytes : bad) {
    const Result<EntryFrame> frame = ReadFrame(bytes);
    ASSERT_FALSE(frame) << ToHex(bytes);
    EXPECT_EQ(frame.error().code, Code::kDataLoss);
    EXPECT_EQ(frame.error().reason, "LOG_CORRUPT");
  }
}

// Whatever ReadFrame accepts, protobuf reads alike: the two never tell different stories.
TEST(ReadFrame, AgreesWithProtobufOnDamagedBytes) {
  const std::string good = *EncodeRecord(NextRecord(ClaimedHead()));
  size_t accepted = 0;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const Result<EntryFrame> frame = ReadFrame(bytes);
    log::v1::Entry entry;
    if (!frame || frame->kind != EntryFrame::Kind::kRecord) continue;
    if (!entry.ParseFromString(bytes)) continue;  // stricter about what counting does not look at
    ++accepted;
    EXPECT_EQ(frame->seq.value, entry.record().seq());
    EXPECT_EQ(frame->epoch.value, entry.record().epoch());
    EXPECT_EQ(frame->prev_hash, entry.record().prev_hash());
    EXPECT_EQ(frame->recorded_at, entry.record().recorded_at());
  }
  EXPECT_GT(accepted, 500u);  // most flips hit a hash, an id or a number
}

}  // namespace
}  // namespace jalon::eventstore
