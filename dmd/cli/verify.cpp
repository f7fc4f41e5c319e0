// dmd verify: this program against the authors', on a folder of golden numbers.

#include <fmt/format.h>

#include "backends/session.h"
#include "dmd/cli/command.h"
#include "dmd/verify/verify.h"

namespace dmd::cli {
namespace {

struct Options {
  std::string fixture, device;
  std::vector<std::string> settings;
  bool json = false;
};

struct Group {
  const char* name;
  const GroupError VerifyReport::*error;
  double Tolerances::*tolerance;
};

constexpr Group kGroups[] = {
    {"forward", &VerifyReport::forward, &Tolerances::forward},
    {"loss", &VerifyReport::loss, &Tolerances::loss},
    {"grad", &VerifyReport::grad, &Tolerances::grad},
    {"train", &VerifyReport::train, &Tolerances::train},
};

Json json_of(const VerifyReport& report) {
  Json object = {{"passed", report.passed}};
  for (const Group& group : kGroups) object[group.name] = (report.*group.error).largest;
  if (!report.note.empty()) object["note"] = report.note;
  return object;
}

std::string text_of(const VerifyReport& report, const Tolerances& tolerances) {
  Table table{.columns = {"", "largest error", "tolerance", "of"}, .rows = {}};
  for (const Group& group : kGroups) {
    const GroupError& error = report.*group.error;
    table.rows.push_back({group.name, fmt::format("{:.2e}", error.largest),
                          fmt::format("{:.0e}", tolerances.*group.tolerance), error.worst});
  }
  const std::string note = report.note.empty() ? "" : report.note + "\n";
  return aligned(table) + note + (report.passed ? "passed\n" : "failed\n");
}

Exit verify_fixture(const Options& options) {
  const Tolerances tolerances;
  trine::Session session(open_backend(options.device));
  const VerifyReport report = verify(options.fixture, session, tolerances, options.settings);
  if (options.json) {
    print_json(json_of(report));
  } else {
    print(text_of(report, tolerances));
  }
  return report.passed ? Exit::success : Exit::failure;
}

}  // namespace

void add_verify(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "verify",
      "Compare activations, losses, gradients and a short training run "
      "with the numbers of a model's "
      "authors; exits 1 if they differ",
      "  dmd verify --fixture fixtures/dmd_small --device cpu", options, verify_fixture);
  command.add_option("--fixture", options->fixture, "Folder of golden numbers").required();
  command.add_option("--set", options->settings,
                     "key=value on top of the folder's config.json; may be given many times");
  add_device(command, options->device);
  add_json(command, options->json);
}

}  // namespace dmd::cli
