// dmd convert: foreign files made into safetensors.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dmd/cli/checks.h"
#include "dmd/cli/command.h"
#include "dmd/data/convert.h"

namespace dmd::cli {
namespace {

struct Options {
  std::string input, output;
  std::string nonfinite{name_of(Nonfinite::refuse)};
};

Exit convert_file(const Options& options) {
  if (!std::string_view(options.output).ends_with(".safetensors")) {
    throw UsageError(
        fmt::format("cannot convert to {}: its name should end in .safetensors", options.output));
  }
  const Conversion done =
      convert(options.input, options.output,
              options.nonfinite == name_of(Nonfinite::zero) ? Nonfinite::zero : Nonfinite::refuse);
  const bool is_checkpoint = done.kind == Conversion::Kind::checkpoint;
  note(fmt::format("wrote {} {} to {}", done.items, is_checkpoint ? "tensors" : "utterances",
                   options.output));
  for (const std::string& about : done.notes) note(fmt::format("{}: {}", options.input, about));
  if (!done.skipped.empty())
    note(fmt::format("left out, as they are not tensors: {}", fmt::join(done.skipped, ", ")));
  return Exit::success;
}

}  // namespace

void add_convert(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command =
      add_command(program, chosen, "convert",
                  "Turn a PyTorch checkpoint or a pickled feature file into safetensors",
                  "  dmd convert mosi.pkl mosi.safetensors", options, convert_file);
  command
      .add_option("input", options->input,
                  "A .pth checkpoint or a .pkl feature file; - for standard input")
      .required();
  command.add_option("output", options->output, "The .safetensors file to write").required();
  command
      .add_option("--nonfinite", options->nonfinite,
                  "What becomes of NaN, infinite or absurdly large features: refuse or zero")
      .check(one_of({"refuse", "zero"}))
      .show_default();
}

}  // namespace dmd::cli
