#include "tests/scenarios/steps/names.h"

#include "tests/scenarios/runner/stage.h"

namespace jalon::scenarios {

catalogue::v1::ProgrammeRef ProgrammeNamed(std::string_view text) {
  const size_t slash = text.find('/');
  catalogue::v1::ProgrammeRef ref;
  ref.set_code(std::string(text.substr(0, slash)));
  ref.set_language("en");
  ref.set_version(slash == std::string_view::npos ? "2026" : std::string(text.substr(slash + 1)));
  return ref;
}

type::v1::ProgrammeType CredentialNamed(const std::string& text) {
  type::v1::ProgrammeType type = type::v1::PROGRAMME_TYPE_UNSPECIFIED;
  if (!type::v1::ProgrammeType_Parse("PROGRAMME_TYPE_" + text, &type)) {
    throw StepFailed{"no such credential: " + text};
  }
  return type;
}

type::v1::DevelopmentMode ModeNamed(std::string_view text) {
  if (text.empty()) return type::v1::DEVELOPMENT_MODE_UNSPECIFIED;
  if (text == "complete") return type::v1::DEVELOPMENT_MODE_COMPLETE;
  if (text == "partial") return type::v1::DEVELOPMENT_MODE_PARTIAL;
  throw StepFailed{"a mode is complete or partial"};
}

}  // namespace jalon::scenarios
