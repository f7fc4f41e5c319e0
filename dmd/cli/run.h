// The command line of `dmd`, for its main() and those of programs with models of their own.
#pragma once

namespace dmd::cli {

// Parses the command line, runs the command and returns the exit status: 0, or 1 for a failed run,
// 2 for wrong usage, 130 for a run that was interrupted and saved. Errors go to standard error, a
// line each.
int run(int argc, const char* const* argv);

}  // namespace dmd::cli
