// `jalon serve`: runs a node until it is told to end.
#pragma once

namespace jalon::node {

// argv[0] is "serve". Returns the exit code: 0 after SIGTERM or SIGINT; 1 if the server could not
// start or go on; 2 for arguments that are wrong.
int Serve(int argc, char** argv);

}  // namespace jalon::node
