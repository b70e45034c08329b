#include "eventstore/log/ancestry.h"

#include <fmt/format.h>

#include "eventstore/base/hash.h"
#include "eventstore/log/classify.h"

namespace jalon::eventstore {
namespace {

using log::v1::Genesis;

std::unexpected<Error> Unfinished(Partition partition, uint64_t entries, uint64_t wanted) {
  return Fail(
      Code::kFailedPrecondition, "COPY_UNFINISHED",
      fmt::format("partition {} has {} of the {} entries of the log that this is a copy of: "
                  "run the same 'jalon log copy' again, which goes on where it ended",
                  partition.value, entries, wanted));
}

// What is copied ends with an entry behind which the chain is at the value that the genesis says.
Result<void> CheckWhole(Log& log, Partition partition, const log::v1::Ancestor& source) {
  JALON_ASSIGN_OR_RETURN(const Offset head, log.Head(partition));
  if (head.value < source.entries()) {
    return Unfinished(partition, head.value, source.entries());
  }
  ChainHead end;
  end.seq = Seq{source.seq()};
  end.hash = HashFrom(source.hash());
  end.offset = Offset{source.entries() - 1};
  return CheckAnchor(log, partition, end);
}

std::unexpected<Error> OfAnother(Partition partition) {
  return Fail(Code::kDataLoss, "LOG_CORRUPT",
              fmt::format("partition {} is a copy of another log than partition 0; make the copy "
                          "anew",
                          partition.value));
}

}  // namespace

Result<Ancestry> Ancestry::Read(Log& log, const Birth& birth) {
  Ancestry ancestry;
  JALON_ASSIGN_OR_RETURN(const Genesis first, ReadGenesis(log, Partition{0}));
  if (first.ancestors().empty()) return ancestry;
  ancestry.log_incarnation_ = birth.log_incarnation;
  for (uint32_t p = 0; p < birth.Partitions(); ++p) {
    JALON_ASSIGN_OR_RETURN(const Offset head, log.Head(Partition{p}));
    if (head.value == 0) return Unfinished(Partition{p}, 0, 1);
    JALON_ASSIGN_OR_RETURN(const Genesis genesis, ReadGenesis(log, Partition{p}));
    if (genesis.ancestors_size() != first.ancestors_size()) return OfAnother(Partition{p});
    for (int i = 0; i < first.ancestors_size(); ++i) {
      const Bytes& incarnation = first.ancestors(i).log_incarnation();
      if (genesis.ancestors(i).log_incarnation() != incarnation) return OfAnother(Partition{p});
      ancestry.copied_[incarnation].push_back(Seq{genesis.ancestors(i).seq()});
    }
    JALON_RETURN_IF_ERROR(
        CheckWhole(log, Partition{p}, genesis.ancestors(genesis.ancestors_size() - 1)));
  }
  return ancestry;
}

bool Ancestry::Holds(std::string_view log_incarnation, Partition partition, Seq seq) const {
  const auto found = copied_.find(log_incarnation);
  return found != copied_.end() && partition.value < found->second.size() &&
         seq <= found->second[partition.value];
}

}  // namespace jalon::eventstore
