#include "dmd/report/results.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "dmd/report/csv.h"
#include "engine/error.h"
#include "engine/io/atomic_file.h"

namespace dmd {
namespace {

using Format = std::string (*)(double);

std::string four_decimals(double value) { return fmt::format("{:.4f}", value); }

// Means and deviations carry rounding beyond these.
std::string six_digits(double value) { return fmt::format("{:.6g}", value); }

double mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  const double center = mean(values);
  double squares = 0;
  for (double value : values) squares += (value - center) * (value - center);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

bool same_names(const NamedValues& a, const NamedValues& b) {
  return std::ranges::equal(a, b, {}, &NamedValues::value_type::first,
                            &NamedValues::value_type::first);
}

void check(std::span<const SeedResult> results) {
  if (results.empty()) trine::fail("results: there is no run to report");
  for (const SeedResult& result : results) {
    if (!same_names(result.values, results.front().values)) {
      trine::fail("results: seeds {} and {} measured different things", results.front().seed,
                  result.seed);
    }
  }
}

using SumUp = double (*)(std::span<const double>);

// Each value, summed up over the seeds.
NamedValues over_seeds(std::span<const SeedResult> results, SumUp sum_up) {
  check(results);
  NamedValues sums;
  for (std::size_t c = 0; c < results.front().values.size(); ++c) {
    std::vector<double> column;
    for (const SeedResult& result : results) column.push_back(result.values[c].second);
    sums.emplace_back(results.front().values[c].first, sum_up(column));
  }
  return sums;
}

std::vector<std::string> summary(std::string name, const NamedValues& sums, Format format) {
  std::vector<std::string> row{std::move(name)};
  for (const auto& [value, sum] : sums) row.push_back(format(sum));
  return row;
}

Table results_table(std::span<const SeedResult> results, Format format, Format of_summaries) {
  check(results);
  Table table{.columns = {"seed"}, .rows = {}};
  for (const auto& [name, value] : results.front().values) table.columns.push_back(name);
  for (const SeedResult& result : results) {
    std::vector<std::string> row{std::to_string(result.seed)};
    for (const auto& [name, value] : result.values) row.push_back(format(value));
    table.rows.push_back(std::move(row));
  }
  if (results.size() > 1) {
    table.rows.push_back(summary("mean", mean_of(results), of_summaries));
    table.rows.push_back(summary("std", deviation_of(results), of_summaries));
  }
  return table;
}

}  // namespace

NamedValues mean_of(std::span<const SeedResult> results) { return over_seeds(results, mean); }

NamedValues deviation_of(std::span<const SeedResult> results) {
  return over_seeds(results, [](std::span<const double> values) {
    return values.size() < 2 ? 0.0 : standard_deviation(values);
  });
}

void write_results(const std::filesystem::path& file, std::span<const SeedResult> results) {
  trine::io::write_file(file, to_csv(results_table(results, shortest, six_digits)));
}

std::string results_text(std::span<const SeedResult> results) {
  return aligned(results_table(results, four_decimals, four_decimals));
}

}  // namespace dmd
