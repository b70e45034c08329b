// `jalon verify`: hands over to the program `jalon-verify`, which is installed beside it.
#pragma once

namespace jalon::cli {

// Becomes that program. Returns only where it cannot: an exit code, and says what to do.
int BecomeVerify(int argc, char** argv);

}  // namespace jalon::cli
