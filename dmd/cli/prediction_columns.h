// The columns of a file of predictions.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "dmd/cli/command.h"
#include "dmd/config/config.h"
#include "dmd/data/dataset.h"
#include "dmd/runtime/predictions.h"

namespace dmd::cli {

// A column of the file: numbers, of which NaN is none, or texts, of which "" is none.
struct FileColumn {
  std::string name;
  std::variant<std::vector<float>, std::vector<std::string>> values;
};

using FileColumns = std::vector<FileColumn>;

// In their order: the label, the prediction, then the other outputs.
FileColumns columns_of(const Predictions& predictions, const Split& split, const Config& config);

// The prediction of one of several seeds: "prediction_seed_1111", and of emotions each of them.
FileColumns columns_of_seed(const Predictions& predictions, const Split& split,
                            const Config& config, std::uint64_t seed);

// A label that there is not is an empty cell, and null in JSON.
std::string cell_of(const FileColumn& column, std::size_t row);
Json json_of(const FileColumn& column, std::size_t row);

}  // namespace dmd::cli
