// Tables as comma-separated text (RFC 4180) and as aligned columns for a terminal.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dmd {

// Every row has as many cells as there are columns.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  friend bool operator==(const Table&, const Table&) = default;
};

// The shortest decimal that reads back as the same double: "0.1", "1", "1e-05", "nan".
std::string shortest(double value);

// One line with its line feed. Cells that hold a comma, a quote or a line break are quoted.
std::string csv_line(std::span<const std::string> cells);

std::string to_csv(const Table& table);

// Reads what to_csv() writes; lines may also end in CR LF. `where` begins every error. Throws
// trine::Error for text without a head, a row of another length and an open quote.
Table parse_csv(std::string_view text, std::string_view where);

// A line a row under a ruled head; the first column stands on the left, the others on the right.
std::string aligned(const Table& table);

}  // namespace dmd
