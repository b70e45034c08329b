#include "projections/views/school_catalogue.h"

#include "jalon/catalogue/v1/definition.pb.h"
#include "projections/engine/row_of.h"
#include "projections/views/payload.h"

namespace jalon::projections {
namespace {

using catalogue::v1::ProgrammeDefinition;
using catalogue::v1::ProgrammeRef;
using catalogue::v1::SequenceDefinition;
using event::v1::ActivitiesDefined;
using event::v1::PolicySet;
using event::v1::ProgrammeAdopted;
using event::v1::SchoolRegistered;
using event::v1::SequenceDesigned;
using event::v1::SequencePublished;

constexpr char kSchool = 's';
constexpr char kProgramme = 'p';
constexpr char kSequence = 'q';
constexpr char kVersion = 'v';
constexpr size_t kSchoolBytes = 16;

Key KeyOfSequence(Key base, std::string_view sequence_id) {
  return base.Add(kSequence).Add(sequence_id);
}
Key KeyOfVersion(Key base, std::string_view sequence_id, uint32_t version) {
  return base.Add(kVersion).Add(sequence_id).AddBig32(version);
}

void FoldRegistered(const EventView& event, SchoolRow& school) {
  school.registered = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case SchoolRegistered::kCodeFieldNumber:
        school.code = field.bytes;
        break;
      case SchoolRegistered::kNameFieldNumber:
        school.name = field.bytes;
        break;
      case SchoolRegistered::kServiceCentreFieldNumber:
        school.service_centre = field.bytes;
        break;
      case SchoolRegistered::kRegionFieldNumber:
        school.region = field.bytes;
        break;
      default:
        break;
    }
  });
}

void FoldPolicy(const EventView& event, SchoolRow& school) {
  PolicyFacts policy;
  policy.set = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    switch (field.id) {
      case PolicySet::kSettingFieldNumber:
        policy.setting = field.bytes;
        ForEachField(field.bytes, [&](const wire::Field& inner) {
          if (inner.id == school::v1::PolicySetting::kKeyFieldNumber) policy.key = inner.bytes;
        });
        break;
      case PolicySet::kEffectiveOnFieldNumber:
        policy.effective_on = field.U32();
        break;
      case PolicySet::kPolicyVersionFieldNumber:
        policy.policy_version = field.U32();
        break;
      default:
        break;
    }
  });
  school.policy.push_back(std::move(policy));
}

ProgrammeName NameOf(std::string_view ref) {
  ProgrammeName name;
  ForEachField(ref, [&](const wire::Field& field) {
    if (field.id == ProgrammeRef::kCodeFieldNumber) name.code = field.bytes;
    if (field.id == ProgrammeRef::kLanguageFieldNumber) name.language = field.bytes;
    if (field.id == ProgrammeRef::kVersionFieldNumber) name.version = field.bytes;
  });
  return name;
}

void FoldAdopted(const EventView& event, ViewRows& rows) {
  ProgrammeRow programme;
  programme.adopted = FactOf(event);
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == ProgrammeAdopted::kProgrammeFieldNumber) programme.definition = field.bytes;
  });
  ForEachField(programme.definition, [&](const wire::Field& field) {
    if (field.id == ProgrammeDefinition::kRefFieldNumber) programme.programme = NameOf(field.bytes);
  });
  PutRow(rows, Key(event.tenant).Add(kProgramme).Add(event.aggregate), programme);
}

// What an event says of one version of a sequence.
struct VersionEvent {
  uint32_t number = 0;
  std::string_view definition;  // whole, where the event holds one
  std::vector<std::string_view> activities;
};
VersionEvent ReadVersion(const EventView& event) {
  static_assert(SequenceDesigned::kSequenceVersionFieldNumber == 1 &&
                ActivitiesDefined::kSequenceVersionFieldNumber == 1 &&
                SequencePublished::kSequenceVersionFieldNumber == 1);
  static_assert(SequenceDesigned::kDefinitionFieldNumber == 2 &&
                ActivitiesDefined::kActivitiesFieldNumber == 2 &&
                SequencePublished::kDefinitionFieldNumber == 2);
  VersionEvent version;
  ForEachField(event.payload, [&](const wire::Field& field) {
    if (field.id == 1) version.number = field.U32();
    if (field.id != 2) return;
    version.definition = field.bytes;
    version.activities.push_back(field.bytes);
  });
  return version;
}

// The definition with other activities: its own fields stand before them as they were written.
Bytes WithActivities(std::string_view definition, const std::vector<std::string_view>& activities) {
  SequenceDefinition parsed;
  parsed.ParseFromArray(definition.data(), static_cast<int>(definition.size()));
  parsed.clear_activities();
  for (const std::string_view activity : activities) {
    parsed.add_activities()->ParseFromArray(activity.data(), static_cast<int>(activity.size()));
  }
  return parsed.SerializeAsString();
}

std::string CodeOf(std::string_view definition) {
  std::string code;
  ForEachField(definition, [&](const wire::Field& field) {
    if (field.id == SequenceDefinition::kCodeFieldNumber) code = field.bytes;
  });
  return code;
}

void FoldSequence(const EventView& event, ViewRows& rows) {
  const VersionEvent said = ReadVersion(event);
  auto& sequence = EditRow<SequenceRow>(rows, KeyOfSequence(Key(event.tenant), event.aggregate));
  sequence.sequence_id = SequenceId::Of(event.aggregate);
  if (event.type == EventBody::kSequencePublished) {
    sequence.published_version = said.number;
    sequence.draft_version = 0;
  } else {
    sequence.draft_version = said.number;
  }
  if (event.type != EventBody::kActivitiesDefined) sequence.code = CodeOf(said.definition);

  auto& version = EditRow<SequenceVersionRow>(
      rows, KeyOfVersion(Key(event.tenant), event.aggregate, said.number));
  version.sequence_id = SequenceId::Of(event.aggregate);
  version.sequence_version = said.number;
  version.published = event.type == EventBody::kSequencePublished;
  version.definition = event.type == EventBody::kActivitiesDefined
                           ? WithActivities(version.definition, said.activities)
                           : Bytes(said.definition);
  version.facts.push_back(FactOf(event));
}

class SchoolCatalogue final : public View {
 public:
  std::string_view Name() const override { return kSchoolCatalogue; }
  uint32_t Version() const override { return kSchoolCatalogueVersion; }

  bool Wants(uint32_t type) const override {
    switch (type) {
      case EventBody::kSchoolRegistered:
      case EventBody::kPolicySet:
      case EventBody::kProgrammeAdopted:
      case EventBody::kSequenceDesigned:
      case EventBody::kActivitiesDefined:
      case EventBody::kSequencePublished:
        return true;
      default:
        return false;
    }
  }

  void Fold(const EventView& event, ViewRows& rows) const override {
    if (event.tenant.size() != kSchoolBytes) return;  // no school's
    switch (event.type) {
      case EventBody::kSchoolRegistered:
        return FoldRegistered(event, School(event, rows));
      case EventBody::kPolicySet:
        return FoldPolicy(event, School(event, rows));
      case EventBody::kProgrammeAdopted:
        return FoldAdopted(event, rows);
      default:
        return FoldSequence(event, rows);
    }
  }

  std::unique_ptr<ViewRow> Make(std::string_view key) const override {
    switch (KindOf(key)) {
      case kSchool:
        return MakeRow<SchoolRow>();
      case kProgramme:
        return MakeRow<ProgrammeRow>();
      case kSequence:
        return MakeRow<SequenceRow>();
      default:
        return MakeRow<SequenceVersionRow>();
    }
  }
  std::unique_ptr<ViewRow> Decode(std::string_view key, std::string_view bytes) const override {
    switch (KindOf(key)) {
      case kSchool:
        return DecodeRow<SchoolRow>(bytes);
      case kProgramme:
        return DecodeRow<ProgrammeRow>(bytes);
      case kSequence:
        return DecodeRow<SequenceRow>(bytes);
      default:
        return DecodeRow<SequenceVersionRow>(bytes);
    }
  }

 private:
  static char KindOf(std::string_view key) {
    return key.size() > kSchoolBytes ? key[kSchoolBytes] : kVersion;
  }
  static SchoolRow& School(const EventView& event, ViewRows& rows) {
    return EditRow<SchoolRow>(rows, Key(event.tenant).Add(kSchool));
  }
};

}  // namespace

std::unique_ptr<const View> MakeSchoolCatalogue() { return std::make_unique<SchoolCatalogue>(); }

Key SchoolKey() { return Key().Add(kSchool); }
Key ProgrammeKey(const ProgrammeName& programme) {
  return ProgrammesPrefix(programme.code).Add(programme.language).Add('/').Add(programme.version);
}
Key SequenceKey(const SequenceId& sequence_id) { return KeyOfSequence(Key(), sequence_id.View()); }
Key SequenceVersionKey(const SequenceId& sequence_id, uint32_t sequence_version) {
  return KeyOfVersion(Key(), sequence_id.View(), sequence_version);
}
Key ProgrammesPrefix(std::string_view code) {
  Key key = Key().Add(kProgramme);
  return code.empty() ? key : key.Add(code).Add('/');
}
Key SequencesPrefix() { return Key().Add(kSequence); }
Key SequenceVersionsPrefix(const SequenceId& sequence_id) {
  return Key().Add(kVersion).Add(sequence_id.View());
}

}  // namespace jalon::projections
