#include "projections/views/erasures.h"

#include "projections/engine/row_of.h"
#include "projections/views/erasure_row.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using event::v1::ErasureRequested;
using event::v1::LegalHoldPlaced;
using event::v1::PersonKeyDestroyed;

void FoldHold(const EventView& event, ErasureRow& erasure) {
  erasure.placed = FactOf(event);
  erasure.hold_actor = event.actor;
  erasure.basis = privacy::v1::LEGAL_HOLD_BASIS_UNSPECIFIED;
  erasure.document_ref.clear();
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == LegalHoldPlaced::kBasisFieldNumber) {
      erasure.basis = EnumOf<privacy::v1::LegalHoldBasis>(field);
    } else if (field.id == LegalHoldPlaced::kDocumentRefFieldNumber) {
      erasure.document_ref = field.bytes;
    }
  });
}

void FoldRelease(ErasureRow& erasure) {
  erasure.placed = {};
  erasure.hold_actor.clear();
  erasure.basis = privacy::v1::LEGAL_HOLD_BASIS_UNSPECIFIED;
  erasure.document_ref.clear();
}

void FoldRequest(const EventView& event, ErasureRow& erasure) {
  erasure.requested = FactOf(event);
  erasure.request_actor = event.actor;
  erasure.request_expires_on = 0;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == ErasureRequested::kExpiresOnFieldNumber) {
      erasure.request_expires_on = field.U32();
    }
  });
}

void FoldErased(const EventView& event, ErasureRow& erasure) {
  erasure.erased = FactOf(event);
  erasure.erasure_actor = event.actor;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == PersonKeyDestroyed::kKeptUntilOnFieldNumber) {
      erasure.kept_until_on = field.U32();
    }
  });
}

class Erasures final : public View {
 public:
  std::string_view Name() const override { return kErasures; }
  uint32_t Version() const override { return kErasuresVersion; }

  bool Wants(uint32_t type) const override {
    return type >= EventBody::kLegalHoldPlaced && type <= EventBody::kPersonKeyDestroyed;
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    auto& erasure = EditRow<ErasureRow>(rows, Key(event.tenant).Add(event.aggregate));
    switch (event.type) {
      case EventBody::kLegalHoldPlaced:
        return FoldHold(event, erasure);
      case EventBody::kLegalHoldReleased:
        return FoldRelease(erasure);
      case EventBody::kErasureRequested:
        return FoldRequest(event, erasure);
      default:
        return FoldErased(event, erasure);
    }
  }

  std::unique_ptr<ViewRow> Make(std::string_view) const override { return MakeRow<ErasureRow>(); }
  std::unique_ptr<ViewRow> Decode(std::string_view, std::string_view bytes) const override {
    return DecodeRow<ErasureRow>(bytes);
  }
};

}  // namespace

std::unique_ptr<const View> MakeErasures() { return std::make_unique<Erasures>(); }

Key ErasureKey(const PersonId& person_id) { return Key().Add(person_id.View()); }

}  // namespace jalon::projections
