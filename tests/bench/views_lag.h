// How far the views are behind the log at the end of a load.
#pragma once

#include <optional>
#include <string>

namespace jalon::bench {

// Asks for the heads of the log, then waits until every view has reached them: seconds since the
// call. Called right after the last answer, that is how far behind the last of them ended. Nothing
// if the server does not answer or a view has stopped, which is said on stderr; also after a
// minute. `admin`: the operator's socket, as demo::Jalon::admin names it.
std::optional<double> SecondsUntilViewsFollow(const std::string& admin);

}  // namespace jalon::bench
