// dmd export: a checkpoint as an ONNX model, for programs that are not this one.

#include <fmt/format.h>

#include "dmd/cli/checks.h"
#include "dmd/cli/command.h"
#include "dmd/cli/saved_model.h"
#include "dmd/data/input_sizes.h"
#include "dmd/export/onnx.h"
#include "dmd/models/configuration.h"
#include "dmd/runtime/inference.h"
#include "dmd/text/encoder_input.h"

namespace dmd::cli {
namespace {

struct Options {
  ModelOptions model;
  std::string out;
  std::int64_t batch = 0;  // 0: any
};

// The sizes of one split are those of all.
const Split& first_split(const Dataset& data) {
  for (const char* name : kSplitNames)
    if (const Split& split = data.split(name); split.size() > 0) return split;
  return data.test;
}

Config sized_config(const Options& options, const Checkpoint& checkpoint) {
  const Config config = config_of(options.model, checkpoint);
  if (options.model.data.empty()) return config;
  Dataset data = load_new_videos(options.model.data, config);
  give_tokens(data, config, options.model.data, folder_of(checkpoint), note);
  return fitted_to(config, input_sizes(first_split(data), config));
}

Exit export_model(const Options& options) {
  if (!std::string_view(options.out).ends_with(".onnx"))
    throw UsageError(fmt::format("--out {}: the name should end in .onnx", options.out));
  const Checkpoint checkpoint = read_with_settings(options.model);
  const Config config = sized_config(options, checkpoint);
  const auto batch = options.batch > 0 ? std::optional(options.batch) : std::nullopt;
  const OnnxModel made = onnx_model(checkpoint, config, batch);
  write_model(options.out, made.model);
  note_left_out(checkpoint, declare(config).outputs);
  note(fmt::format("wrote {} operations and {} initializers to {}", made.model.operations.size(),
                   made.model.initializers.size(), options.out));
  return Exit::success;
}

}  // namespace

void add_export(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "export",
      "Write the model of a checkpoint as an ONNX file (operator set 17), with its text encoder if "
      "it has one; docs/data.md says what it reads and gives",
      "  dmd export --checkpoint runs/mosi --out mosi.onnx\n"
      "  dmd export --checkpoint mosi.pth --config mosi --data mosi.pkl --out mosi.onnx",
      options, export_model);
  add_checkpoint_options(command, options->model);
  add_data(command, options->model.data);
  command.option("--data").required(false).describe(
      "Feature file (or synthetic) that gives lengths and widths to a configuration without");
  command.add_option("--out", options->out, "File to write, NAME.onnx").required();
  command.add_option("--batch", options->batch, "Fix the batch size (default: any)")
      .check(whole_number(1, 1'000'000));
}

}  // namespace dmd::cli
