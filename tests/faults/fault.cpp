#include "tests/faults/fault.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "tests/support/temporary_folder.h"

namespace faults {
namespace {

How with(int error) { return {.text = std::to_string(error), .error = error}; }

How from_then_on(int error) { return {.text = fmt::format("on:{}", error), .error = error}; }

How interrupted() { return {.text = std::to_string(EINTR)}; }

const How kShort{.text = "short"};
const How kKill{.text = "kill", .kills = true};

}  // namespace

const std::vector<How>& failures_of(std::string_view kind) {
  static const std::map<std::string_view, std::vector<How>> kFailures{
      {"open",
       {with(EMFILE), with(EIO), interrupted(), with(ENOSPC), with(EACCES), from_then_on(EMFILE),
        kKill}},
      {"copy", {with(EMFILE), kKill}},  // of a descriptor
      {"read", {with(EIO), interrupted(), kShort, kKill}},
      {"write",
       {with(ENOSPC), kShort, with(EIO), interrupted(), with(EDQUOT), from_then_on(ENOSPC), kKill}},
      {"fsync", {with(EIO), interrupted(), with(ENOSPC), kKill}},
      {"close", {with(EIO), interrupted(), with(ENOSPC), kKill}},
      {"rename", {with(EIO), with(ENOSPC), with(EACCES), kKill}},
      {"mmap", {with(ENOMEM), with(EAGAIN), kKill}},
      {"mkdir", {with(ENOSPC), with(EACCES), kKill}},
      {"rmdir", {with(EIO), kKill}},
      {"unlink", {with(EACCES), with(EIO), kKill}},
      {"opendir", {with(EMFILE), with(EACCES), kKill}},
      {"stat", {with(EIO), with(EACCES), kKill}},
      {"flock", {with(EIO), interrupted(), with(ENOLCK), kKill}},
      {"thread", {with(EAGAIN), kKill}},
  };
  return kFailures.at(kind);
}

std::string describe(const Fault& fault) {
  return fmt::format("{} number {} failing with {}, on {}", fault.call.kind, fault.nth,
                     fault.how.text, fault.call.path);
}

Environment environment_of(const std::filesystem::path& folder, const std::filesystem::path& log,
                           const Fault* fault) {
  Environment all;
  all["LD_PRELOAD"] = fmt::format("{}/faults/libfail_calls.so", TRINE_BINARY_DIR);
  all["FAIL_CALLS_UNDER"] = folder.string();
  all["FAIL_CALLS_LOG"] = log.string();
  if (fault)
    all["FAIL_CALLS"] = fmt::format("{}:{}:{}", fault->call.kind, fault->nth, fault->how.text);
  return all;
}

Log read_log(const std::filesystem::path& file) {
  Log log;
  std::istringstream lines(trine::contents_of(file));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("! ")) {
      log.failed = true;
      continue;
    }
    const std::size_t space = line.find(' ');
    const Call call{.kind = line.substr(0, space), .path = line.substr(space + 1)};
    if (call.kind == "allocations")
      log.allocations = std::stoll(call.path);
    else
      log.calls.push_back(call);
  }
  return log;
}

bool takes_all() {
  const char* text = std::getenv("TRINE_FAULTS");
  return text && std::string_view(text) == "all";
}

}  // namespace faults
