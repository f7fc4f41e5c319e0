#include "dmd/report/history.h"

#include <utility>

#include "engine/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/mapped_file.h"

namespace dmd {

History::History(std::filesystem::path file) : file_(std::move(file)) {}

History History::resumed(std::filesystem::path file, std::size_t epochs) {
  History history(std::move(file));
  if (epochs == 0) return history;

  const trine::io::SharedBytes bytes = trine::io::map_file(history.file_);
  Table table = parse_csv(trine::io::text_of(bytes.view), history.file_.string());
  if (table.rows.size() < epochs) {
    trine::fail(
        "{} has {} epochs, but the run to resume has finished {}: the file is not that of "
        "this run",
        history.file_.string(), table.rows.size(), epochs);
  }
  table.rows.resize(epochs);
  history.table_ = std::move(table);
  return history;
}

void History::add(const NamedValues& values, double seconds) {
  std::vector<std::string> columns, row;
  for (const auto& [name, value] : values) {
    columns.push_back(name);
    row.push_back(shortest(value));
  }
  columns.emplace_back("seconds");
  row.push_back(shortest(seconds));

  if (table_.columns.empty()) table_.columns = columns;
  if (table_.columns != columns) {
    trine::fail("{} has other columns than this run measures: it is not that of this run",
                file_.string());
  }
  table_.rows.push_back(std::move(row));
  trine::io::write_file(file_, to_csv(table_));
}

}  // namespace dmd
