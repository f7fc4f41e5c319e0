// dmd explain: what a checkpoint says of single utterances and why, for people.

#include <algorithm>

#include <fmt/format.h>

#include "dmd/cli/checks.h"
#include "dmd/cli/command.h"
#include "dmd/cli/saved_model.h"
#include "dmd/runtime/explanation.h"

namespace dmd::cli {
namespace {

struct Options {
  ModelOptions model;
  std::vector<std::string> ids;
  std::size_t count = 5;
};

// Rows of the utterances that are asked for, in the order of the file.
std::vector<std::size_t> chosen_rows(const Options& options, const Split& split) {
  for (const std::string& id : options.ids)
    if (std::ranges::find(split.ids, id) == split.ids.end())
      trine::fail("the {} split has no utterance '{}'", options.model.split, id);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < split.ids.size(); ++row) {
    const bool wanted = options.ids.empty()
                            ? row < options.count
                            : std::ranges::find(options.ids, split.ids[row]) != options.ids.end();
    if (wanted) rows.push_back(row);
  }
  return rows;
}

Exit explain(const Options& options) {
  SavedModel saved(options.model);
  const std::vector<std::size_t> rows = chosen_rows(options, saved.split());
  const Predictions predictions = predict(saved.model(), saved.split());
  const auto known = outputs_in(saved.checkpoint(), saved.model().declared().outputs);
  for (const std::size_t row : rows)
    print(explanation(predictions, known, saved.split(), row, saved.model().config()));
  return Exit::success;
}

}  // namespace

void add_explain(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command =
      add_command(program, chosen, "explain",
                  "Show what a checkpoint says of single utterances: the score on a gauge, or the "
                  "probability of "
                  "each class; what each head says alone, and the strongest edges",
                  "  dmd explain --checkpoint runs/mosi --data mosi.pkl --count 3\n"
                  "  dmd explain --checkpoint runs/mosi --data mosi.pkl --id 'video$_$12'",
                  options, explain);
  add_model_options(command, options->model);
  command.add_option("--count", options->count, "The first utterances of the split")
      .check(whole_number(1))
      .show_default();
  command.add_option("--id", options->ids, "The utterance of this id; may be given many times")
      .one_value_each_time();
}

}  // namespace dmd::cli
