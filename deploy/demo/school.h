// One school of the demonstration: its people, companies and students, as the commands' answers
// named them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/demo/sequences.h"
#include "services/client/client.h"

namespace jalon::demo {

struct Person {
  std::string id;  // 8 bytes
  client::Client client;
};

struct Company {
  std::string id;  // 8 bytes
  Person signatory;
  Person tutor;
};

struct Student {
  std::string id;       // 8 bytes
  std::string stay_id;  // 16 bytes
  uint32_t number = 0;  // in its programme, from 0: decides what happens to the student
  size_t company = 0;
};

// The students of one programme and the sequence they follow.
struct Cohort {
  SequencePlan plan;
  std::string sequence_id;  // 8 bytes
  std::string id;           // cohort, 8 bytes
  std::vector<Student> students;
};

struct School {
  std::string code;
  std::string name;
  std::string id;          // 16 bytes
  uint32_t partition = 0;  // where its records are
  Person coordinator;
  Person teacher;
  std::vector<Company> companies;
  std::vector<Cohort> cohorts;
};

// What happens in a stay, from the student's number alone: so that the demonstration knows every
// answer in advance.
inline bool LeavesA3Silent(const Student& student) { return student.number % 5 == 0; }
inline bool DoesA2Partly(const Student& student) { return student.number % 7 == 0; }
inline bool TutorNeverReports(const Student& student) { return student.number % 11 == 0; }
inline bool IsObserved(const Student& student) { return student.number % 6 == 0; }
inline bool MakesUpLate(const Student& student) { return student.number % 10 == 0; }
inline bool FailsFirst(const Student& student) { return student.number % 13 == 0; }

}  // namespace jalon::demo
