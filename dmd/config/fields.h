// The table of the keys that every model's runs have. Reading, writing, settings, checks and help
// walk it, so a key is a member of Config and one row here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/config/range.h"

namespace dmd {

using Member =
    std::variant<std::string Config::*, TextEncoder Config::*, Nonfinite Config::*,
                 ModalitySet Config::*, trine::Precision Config::*, Task Config::*,
                 MetricSet Config::*, bool Config::*, double Config::*, std::int64_t Config::*,
                 std::uint64_t Config::*, SizeList Config::*, std::vector<std::string> Config::*>;

struct Field {
  std::string_view name;
  Member member;
  Range range;
  std::string_view meaning;
};

// `name` and `model` come first; files hold the model's keys behind them.
std::span<const Field> fields();

// nullptr where there is none.
const Field* find_field(std::string_view name);

}  // namespace dmd
