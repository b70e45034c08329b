// How scenarios write programmes, credentials and modes.
#pragma once

#include <string>
#include <string_view>

#include "jalon/catalogue/v1/definition.pb.h"
#include "jalon/type/v1/training.pb.h"

namespace jalon::scenarios {

// "5830" is its English version 2026; "5830/2027" another one.
catalogue::v1::ProgrammeRef ProgrammeNamed(std::string_view text);

// "DEP". Throws StepFailed.
type::v1::ProgrammeType CredentialNamed(const std::string& text);

// "complete", "partial"; "" is unspecified. Throws StepFailed.
type::v1::DevelopmentMode ModeNamed(std::string_view text);

}  // namespace jalon::scenarios
