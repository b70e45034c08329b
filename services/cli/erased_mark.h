// What tables show beside whoever is erased.
#pragma once

#include <string>

#include "services/cli/output.h"

namespace jalon::cli {

// What stands behind somebody's id: " (erased)", or nothing.
inline std::string ErasedMark(bool erased, const Output& output) {
  return erased ? output.Say({" (erased)", " (détruit)"}) : std::string();
}

}  // namespace jalon::cli
