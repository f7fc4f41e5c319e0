#include "dmd/report/csv.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

std::string in_quotes(std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(cell);
  std::string text = "\"";
  for (char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

// Takes one text apart from front to back.
class Reader {
 public:
  Reader(std::string_view text, std::string_view where) : rest_(text), where_(where) {}

  bool at_end() const { return rest_.empty(); }

  std::vector<std::string> line() {
    std::vector<std::string> cells{cell()};
    while (skip(",")) cells.push_back(cell());
    if (!skip("\r\n") && !skip("\n") && !at_end())
      trine::fail("{}: line {} goes on after a closing quote", where_, number_);
    ++number_;
    return cells;
  }

 private:
  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  std::string cell() { return skip("\"") ? quoted_cell() : plain_cell(); }

  std::string plain_cell() {
    const std::size_t length = std::min(rest_.find_first_of(",\r\n"), rest_.size());
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }

  std::string quoted_cell() {
    std::string text;
    while (true) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos)
        trine::fail("{}: line {} opens a quote and never closes it", where_, number_);
      text += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!skip("\"")) return text;
      text += '"';  // a doubled quote stands for one
    }
  }

  std::string_view rest_, where_;
  std::size_t number_ = 1;
};

std::string padded(std::string_view cell, std::size_t width, bool left) {
  return left ? fmt::format("{:<{}}", cell, width) : fmt::format("{:>{}}", cell, width);
}

}  // namespace

std::string shortest(double value) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return std::string(digits.data(), end);
}

std::string csv_line(std::span<const std::string> cells) {
  std::string line;
  std::string_view separator;
  for (const std::string& cell : cells) {
    line += separator;
    line += in_quotes(cell);
    separator = ",";
  }
  return line + '\n';
}

std::string to_csv(const Table& table) {
  std::string text = csv_line(table.columns);
  for (const auto& row : table.rows) text += csv_line(row);
  return text;
}

Table parse_csv(std::string_view text, std::string_view where) {
  if (text.empty()) trine::fail("{} is empty: expected a line of column names", where);
  Reader reader(trine::io::without_byte_order_mark(text), where);
  Table table{.columns = reader.line(), .rows = {}};
  while (!reader.at_end()) {
    table.rows.push_back(reader.line());
    if (table.rows.back().size() != table.columns.size()) {
      trine::fail("{}: row {} has {} cells, its head names {} columns", where, table.rows.size(),
                  table.rows.back().size(), table.columns.size());
    }
  }
  return table;
}

std::string aligned(const Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& name : table.columns) widths.push_back(name.size());
  for (const auto& row : table.rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());

  const auto line = [&](std::span<const std::string> cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c)
      text += (c == 0 ? "" : "  ") + padded(cells[c], widths[c], /*left=*/c == 0);
    return text + '\n';
  };
  std::string text = line(table.columns);
  text += std::string(text.size() - 1, '-') + '\n';
  for (const auto& row : table.rows) text += line(row);
  return text;
}

}  // namespace dmd
