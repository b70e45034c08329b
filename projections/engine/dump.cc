#include "projections/engine/dump.h"

namespace jalon::projections {
namespace {

// Hashed in pieces of this size, so that a view need not fit in memory.
constexpr size_t kPieceBytes = 1024 * 1024;

void AppendSized(std::string_view bytes, std::string* out) {
  const uint64_t size = bytes.size();
  for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(size >> shift));
  out->append(bytes);
}

}  // namespace

Result<AsOf> DumpView(const Publication& publication, Partition partition, std::string_view view,
                      const StoreSnapshot::Visit& visit) {
  JALON_ASSIGN_OR_RETURN(const ReadView rows, publication.Read(partition, Bytes()));
  JALON_RETURN_IF_ERROR(rows.Scan(view, "", "", [&](std::string_view key, std::string_view value) {
    return key.empty() || visit(key, value);  // the empty one is a generation's checkpoint
  }));
  return rows.as_of();
}

Result<ViewDigest> DigestView(const Publication& publication, Partition partition,
                              std::string_view view) {
  ViewDigest digest;
  std::string piece;
  const auto fold_in = [&] {
    digest.hash = Sha256({jalon::View(digest.hash), piece});
    piece.clear();
  };
  const Result<AsOf> as_of =
      DumpView(publication, partition, view, [&](std::string_view key, std::string_view value) {
        AppendSized(key, &piece);
        AppendSized(value, &piece);
        ++digest.rows;
        if (piece.size() >= kPieceBytes) fold_in();
        return true;
      });
  if (!as_of) return std::unexpected(as_of.error());
  fold_in();
  digest.as_of = *as_of;
  return digest;
}

}  // namespace jalon::projections
