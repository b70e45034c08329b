// The keys of the writer's rows: school (16) ‖ kind (1) ‖ id.
//
// Example: company 0102030405060708 of a school is the school's 16 bytes, 05, 0102030405060708.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jalon::domain {

inline constexpr size_t kSchoolIdBytes = 16;
inline constexpr size_t kPersonIdBytes = 8;
inline constexpr size_t kStayIdBytes = 16;  // student_id ‖ 8 bytes

// Numbers are stored in keys: a number that is given up is not used again.
enum class RowKind : uint8_t {
  kSchool = 1,             // id: empty
  kPerson = 2,             // person_id (8)
  kProgramme = 3,          // code "/" language "/" version, as text
  kSequence = 4,           // sequence_id (8)
  kCompany = 5,            // company_id (8)
  kTrail = 6,              // company_id (8)
  kStudent = 7,            // student_id (8)
  kExternalId = 8,         // lookup_mac (32)
  kSite = 9,               // NEQ (10) ‖ hash of the site (8)
  kPlacement = 10,         // id: empty; in the system partition only
  kPlan = 11,              // digest of the training plan (32)
  kErasure = 12,           // person_id (8)
  kPublishedLog = 13,      // origin of a log, as text; in the system partition only
  kSignerClaim = 14,       // id: empty; in the system partition only
  kImportedTransfer = 20,  // transfer_id (16)
};

inline void SetRowKey(std::string_view school_id, RowKind kind, std::string_view id,
                      std::string* key) {
  key->clear();
  key->reserve(school_id.size() + 1 + id.size());
  key->append(school_id);
  key->push_back(static_cast<char>(kind));
  key->append(id);
}
inline std::string RowKey(std::string_view school_id, RowKind kind, std::string_view id) {
  std::string key;
  SetRowKey(school_id, kind, id, &key);
  return key;
}

// The student of a stay: the first half of its id.
inline std::string_view StudentOf(std::string_view stay_id) {
  return stay_id.substr(0, kPersonIdBytes);
}

}  // namespace jalon::domain
