// The outcome of runs that differ in their seed alone: a row for each seed, then mean and standard
// deviation (of a sample: n - 1) where there are at least two.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "dmd/metrics/named_values.h"

namespace dmd {

struct SeedResult {
  std::uint64_t seed = 0;
  NamedValues values;
};

// The functions below throw trine::Error if there are no results or if two name other values.

// results.csv, with numbers that read back exactly.
void write_results(const std::filesystem::path& file, std::span<const SeedResult> results);

// Aligned text with 4 decimals.
std::string results_text(std::span<const SeedResult> results);

// Of each value over the seeds: its mean, and its standard deviation of a sample, 0 of one seed.
NamedValues mean_of(std::span<const SeedResult> results);
NamedValues deviation_of(std::span<const SeedResult> results);

}  // namespace dmd
