// The program `jalon`.
#include "services/cli/cli.h"

int main(int argc, char** argv) { return jalon::cli::Main(argc, argv, jalon::cli::Wiring{}); }
