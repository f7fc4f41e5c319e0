// One failure of one call, and how the preloaded library is told of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/process.h"

namespace faults {

// How a call fails. Some failures are none to a program that is written well: bytes taken in part,
// and calls that a signal interrupts.
struct How {
  std::string text;  // as the library reads it
  int error = 0;     // that the program should explain; 0 where it should go on as if nothing was
  bool kills = false;
};

// Those of a kind of call ("write"), the kill last.
const std::vector<How>& failures_of(std::string_view kind);

struct Call {
  std::string kind, path;
};

struct Fault {
  Call call;
  std::int64_t nth = 0;  // of its kind, from 1
  How how;
};

// "the 3rd write failing with 28, on /x/run/.last.safetensors.17-4.trine-tmp"
std::string describe(const Fault& fault);

// Counts the calls that concern files under `folder`, and makes that of `fault` fail, if there is
// one; what was done is written to `log`.
Environment environment_of(const std::filesystem::path& folder, const std::filesystem::path& log,
                           const Fault* fault = nullptr);

struct Log {
  std::vector<Call> calls;  // that passed
  bool failed = false;      // the fault came about
  std::int64_t allocations = 0;
};

// Reads what a program wrote.
Log read_log(const std::filesystem::path& log);

// The whole suite takes a draw of the calls; TRINE_FAULTS=all takes every call, in every way in
// which it may fail.
bool takes_all();

}  // namespace faults
