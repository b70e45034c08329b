// How a year is made: the founding of schools and the placement of students, and then the stays.
// See year_testing.h.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "jalon/type/v1/aggregate.pb.h"
#include "jalon/type/v1/sealed.pb.h"
#include "projections/views/year_testing.h"

namespace google::protobuf {
class Message;
}

namespace jalon::projections::testing {

inline constexpr uint32_t kWeeks = 5;
inline constexpr uint32_t kMondays[kWeeks] = {20260907, 20260914, 20260921, 20260928, 20261005};
inline constexpr uint32_t kMonday = kMondays[0];
inline constexpr size_t kRowsMax = 100;
inline constexpr const char* kModules[] = {"850-568", "850-573"};

struct Student {
  uint32_t number;
  std::string id;       // 8 bytes
  std::string stay_id;  // 16 bytes
  uint32_t company;

  bool Every(uint32_t n) const { return number % n == 0; }
};
struct School {
  std::string id;
  std::string programme = "5830";
  std::string sequence_id;
  std::vector<std::string> companies;
  std::vector<std::string> tutors;
  std::string teacher;
  std::string coordinator;
  std::vector<Student> students;
  std::map<std::string, uint64_t> versions;  // by aggregate
  std::map<std::string, uint64_t> trails;    // by company
};

class YearMaker {
 public:
  YearMaker(const YearOptions& options, const EmitRecord& emit)
      : options_(options), emit_(emit), random_(options.seed) {}

  void Make();

 private:
  std::string RandomBytes(size_t size);
  // Words of so many bytes, as the vault seals them.
  type::v1::Sealed Seal(const Student& student, std::string_view path, size_t clear_bytes);

  template <typename Do>
  void ForEachSchool(Do action) {
    for (School& school : schools_) action(school);
  }
  template <typename Do>
  void ForEach(Do action) {
    for (School& school : schools_) {
      for (const Student& student : school.students) action(school, student);
    }
  }

  // Adds an event to the record in the making.
  log::v1::Event& Add(School& school, type::v1::AggregateKind kind, const std::string& aggregate,
                      const google::protobuf::Message& payload, uint32_t occurred_on,
                      const Student* student = nullptr);
  // The same about a stay, said by its company: a leaf of the company's trail.
  void Report(School& school, const Student& student, const google::protobuf::Message& payload,
              uint32_t occurred_on);
  void Emit(School& school);

  void Found(uint32_t number);
  void Publish(School& school);
  void Enrol(School& school);
  void Place(School& school);
  void Arrange(School& school);
  void Start(School& school, const Student& student);
  // What does not happen to most.
  void Except(School& school, const Student& student);
  void Work(School& school, const Student& student, uint32_t week);
  void End(School& school, const Student& student);
  void MakeUp(School& school, const Student& student);
  void Evaluate(School& school, const Student& student);

  // Calls `add` for every student of the school, and emits a record for each hundred.
  template <typename Do>
  void InBulk(School& school, Do add) {
    for (const Student& student : school.students) {
      add(student);
      if (record_.size() >= kRowsMax) Emit(school);
    }
    Emit(school);
  }

  const YearOptions options_;
  const EmitRecord& emit_;
  std::mt19937_64 random_;
  std::vector<School> schools_;
  std::vector<log::v1::Event> record_;
};

}  // namespace jalon::projections::testing
