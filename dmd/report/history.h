// history.csv: what every epoch of a run measured, a row each. Numbers are written so that they
// read back exactly; `seconds`, the one column in which equal runs may differ, comes last. The file
// is replaced as a whole after each epoch, so it is complete whenever the program ends.
#pragma once

#include <cstddef>
#include <filesystem>

#include "dmd/metrics/named_values.h"
#include "dmd/report/csv.h"

namespace dmd {

class History {
 public:
  // A new history; `file` is written with its first row.
  explicit History(std::filesystem::path file);

  // Goes on with the first `epochs` rows of an existing file, which later rows of a run that was
  // stopped between two saves do not belong to. Throws trine::Error if it has fewer.
  static History resumed(std::filesystem::path file, std::size_t epochs);

  // Writes one more row. The first row names the columns; throws trine::Error if a later one names
  // others, or if the file cannot be written.
  void add(const NamedValues& values, double seconds);

  std::size_t epochs() const { return table_.rows.size(); }
  const Table& table() const { return table_; }

 private:
  std::filesystem::path file_;
  Table table_;
};

}  // namespace dmd
