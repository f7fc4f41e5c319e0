// dmd conformance: every op against its double-precision reference, on a device of the user's.

#include <algorithm>
#include <iostream>
#include <map>

#include <fmt/format.h>

#include "backends/conformance/conformance.h"
#include "backends/registry.h"
#include "dmd/cli/checks.h"
#include "dmd/cli/command.h"
#include "dmd/report/progress.h"

namespace dmd::cli {
namespace {

using trine::ConformanceCase;

struct Options {
  std::string device, filter = "*", mode = "test";
  bool json = false;
};

trine::ConformanceOptions modes_of(const Options& options) {
  return {.filter = options.filter,
          .forward = options.mode != "grad",
          .support_only = options.mode == "support"};
}

// The cases of one op summed up.
struct OpResult {
  int cases = 0, failed = 0;
  double worst = 0;

  void add(const ConformanceCase& one) {
    ++cases;
    failed += one.passed ? 0 : 1;
    worst = std::max(worst, one.error);
  }
};

using OpResults = std::map<std::string, OpResult>;

OpResults by_op(const std::vector<ConformanceCase>& cases) {
  OpResults ops;
  for (const ConformanceCase& one : cases) ops[one.name.substr(0, one.name.find('/'))].add(one);
  return ops;
}

std::vector<ConformanceCase> failures_of(std::vector<ConformanceCase> cases) {
  std::erase_if(cases, [](const ConformanceCase& one) { return one.passed; });
  return cases;
}

std::string text_of(const OpResults& ops, const std::vector<ConformanceCase>& failures) {
  Table table{.columns = {"op", "cases", "failed", "error/tolerance"}, .rows = {}};
  int cases = 0;
  for (const auto& [op, result] : ops) {
    cases += result.cases;
    table.rows.push_back({op, std::to_string(result.cases), std::to_string(result.failed),
                          fmt::format("{:.3f}", result.worst)});
  }
  std::string text = aligned(table);
  for (const ConformanceCase& one : failures)
    text += fmt::format("failed: {}, {}: {}\n", one.name, one.what, one.message);
  return text + fmt::format("{} cases, {} failed\n", cases, failures.size());
}

Json json_of(const trine::DeviceInfo& device, const OpResults& ops,
             const std::vector<ConformanceCase>& failures) {
  Json table = Json::object(), list = Json::array();
  int cases = 0;
  for (const auto& [op, result] : ops) {
    cases += result.cases;
    table[op] = {{"cases", result.cases}, {"failed", result.failed}, {"error", result.worst}};
  }
  for (const ConformanceCase& one : failures)
    list.push_back({{"name", one.name}, {"what", one.what}, {"message", one.message}});
  return {{"device", cli::json_of(device)},
          {"passed", failures.empty()},
          {"cases", cases},
          {"failed", failures.size()},
          {"ops", table},
          {"failures", list}};
}

Exit check_device(const Options& options) {
  const auto open = [&] { return open_backend(options.device); };
  // A wrong name is one error here, and would be one a case below.
  const std::unique_ptr<trine::Backend> device = open();
  Progress progress(std::cerr, screen_of(stderr));
  const auto cases =
      trine::run_conformance(open, modes_of(options), [&](const ConformanceCase& one) {
        if (!one.passed) progress.line(fmt::format("failed: {}, {}", one.name, one.what));
      });
  if (cases.empty())
    throw UsageError(fmt::format("--filter {}: no op/sample has such a name", options.filter));

  const OpResults ops = by_op(cases);
  const auto failures = failures_of(cases);
  if (options.json) {
    print_json(json_of(device->info(), ops, failures));
  } else {
    print(text_of(ops, failures));
  }
  return failures.empty() ? Exit::success : Exit::failure;
}

}  // namespace

void add_conformance(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "conformance",
      "Compare every op on a device with its double-precision reference; exits 1 if one differs",
      "  dmd conformance --device cpu --filter 'softmax*'", options, check_device);
  add_device(command, options->device);
  command.add_option("--filter", options->filter, "Glob over op/sample, for example 'matmul/*'");
  command
      .add_option(
          "--mode", options->mode,
          "test: values and gradients; grad: gradients alone; support: compile both, run nothing")
      .check(one_of({"test", "grad", "support"}))
      .show_default();
  add_json(command, options->json);
}

}  // namespace dmd::cli
