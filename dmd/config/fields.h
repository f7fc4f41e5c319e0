// The table of configuration keys. Reading, writing, settings, checks and help all walk it, so a
// key is a member of Config and one row here.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "dmd/config/config.h"

namespace dmd {

// The numbers that a field may hold; a range of no limits says nothing.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
  bool high_excluded = false;

  bool contains(double value) const;
  std::string describe() const;  // " from 1 to 1000000", " above 0", ""
};

using Member = std::variant<std::string Config::*, Variant Config::*, TextEncoder Config::*,
                            trine::Precision Config::*, bool Config::*, double Config::*,
                            std::int64_t Config::*, std::uint64_t Config::*, SizeList Config::*>;

struct Field {
  std::string_view name;
  Member member;
  Range range;
  std::string_view meaning;
};

std::span<const Field> fields();

// Throws trine::Error with the nearest key; `where` begins the sentence.
const Field& field_named(std::string_view name, std::string_view where);

}  // namespace dmd
