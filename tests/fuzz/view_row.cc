// Rows of views as a disk may give them back: decoded, or refused, and never anything else.
#include <cstring>

#include "eventstore/base/archive.h"
#include "projections/views/attitude_row.h"
#include "projections/views/catalogue_rows.h"
#include "projections/views/company_row.h"
#include "projections/views/erasure_row.h"
#include "projections/views/grants_row.h"
#include "projections/views/make_up_row.h"
#include "projections/views/person_record_row.h"
#include "projections/views/plan_row.h"
#include "projections/views/receipts_row.h"
#include "projections/views/root_log_row.h"
#include "projections/views/stay_index_row.h"
#include "projections/views/stay_row.h"
#include "projections/views/student_row.h"
#include "projections/views/trail_row.h"
#include "projections/views/tree_rows.h"
#include "projections/views/words_row.h"
#include "tests/fuzz/fuzz.h"

namespace jalon::fuzz {
namespace {

// What was read is written, and read again: the same.
template <typename Row>
void Read(std::string_view bytes) {
  Row row;
  if (!Decode(bytes, &row)) return;
  std::string once;
  Encode(row, &once);
  Row again;
  JALON_CHECK(Decode(std::string_view(once), &again));
  std::string twice;
  Encode(again, &twice);
  JALON_CHECK(once == twice);
}

template <typename... Rows>
void ReadNth(size_t nth, std::string_view bytes) {
  size_t i = 0;
  ((i++ == nth ? Read<Rows>(bytes) : void()), ...);
}

template <typename... Rows>
struct List {
  static constexpr size_t kCount = sizeof...(Rows);
  static void Read(size_t nth, std::string_view bytes) { ReadNth<Rows...>(nth % kCount, bytes); }
  static std::vector<std::string> Empty() {
    std::vector<std::string> seeds;
    ((seeds.push_back(Seed<Rows>(static_cast<char>(seeds.size())))), ...);
    return seeds;
  }
  template <typename Row>
  static std::string Seed(char nth) {
    std::string seed(1, nth);
    Encode(Row(), &seed);
    return seed;
  }
};

using Rows = List<projections::AttitudeRow, projections::SchoolRow, projections::ProgrammeRow,
                  projections::SequenceRow, projections::SequenceVersionRow,
                  projections::CompanyRow, projections::GrantsRow, projections::MakeUpRow,
                  projections::PlanRow, projections::StayIndexRow, projections::StayRow,
                  projections::StudentRow, projections::TreeRow, projections::TreeNodeRow,
                  projections::TrailEntryRow, projections::WordsRow, projections::PersonRecordRow,
                  projections::ErasureRow, projections::ReceiptsRow, projections::RootEntryRow>;

}  // namespace

// The first byte says of which kind.
void Run(std::string_view input) {
  if (!input.empty()) Rows::Read(static_cast<unsigned char>(input[0]), input.substr(1));
}

std::vector<std::string> Seeds() { return Rows::Empty(); }

}  // namespace jalon::fuzz
