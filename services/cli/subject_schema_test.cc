#include "services/cli/subject_schema.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace jalon::cli {
namespace {

TEST(SubjectSchema, IsTheOneThatLiesBesideTheContract) {
  std::ostringstream kept;
  kept << std::ifstream(SUBJECT_SCHEMA, std::ios::binary).rdbuf();
  EXPECT_EQ(kept.str(), SubjectSchema()) << "run ./dev build subject_schema";
}

TEST(TransferSchema, IsTheOneThatLiesBesideTheContract) {
  std::ostringstream kept;
  kept << std::ifstream(TRANSFER_SCHEMA, std::ios::binary).rdbuf();
  EXPECT_EQ(kept.str(), TransferSchema()) << "run ./dev build subject_schema";
}

}  // namespace
}  // namespace jalon::cli
