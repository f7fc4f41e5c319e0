#include "dmd/verify/alternatives.h"

#include <algorithm>

#include "dmd/models/configuration.h"
#include "dmd/verify/measurement.h"
#include "engine/error.h"

namespace dmd {
namespace {

using trine::io::Array;

bool expects_of(const Fixture& fixture, const std::string& name) {
  return std::ranges::any_of(fixture.expected,
                             [&](const auto& entry) { return entry.name.starts_with(name + "."); });
}

void compare_if_expected(const Fixture& fixture, const std::string& name, double got,
                         GroupError& group) {
  if (const Array* expected = find(fixture.expected, name))
    group.compare(name, {{got}}, expected->to_f64());
}

// NAME.REST is what the evaluation says of forward.REST, but for the loss and the norm.
void compare_evaluation(const Fixture& fixture, const std::string& name,
                        const trine::Executable& evaluated, GroupError& group) {
  for (const auto& entry : fixture.expected) {
    if (!entry.name.starts_with(name + ".")) continue;
    const std::string rest = entry.name.substr(name.size() + 1);
    if (rest == "loss" || rest == "grad_norm") continue;
    group.compare(entry.name, fetched(evaluated, fmt::format("forward.{}", rest)),
                  entry.array.to_f64());
  }
}

// NAME.loss and NAME.grad_norm, both averaged over the pieces.
void compare_learning(const Fixture& fixture, const std::string& name, Measurement& model,
                      std::span<const FixtureBatch> pieces, VerifyReport& report) {
  const std::string loss_name = name + ".loss", norm_name = name + ".grad_norm";
  if (!find(fixture.expected, loss_name) && !find(fixture.expected, norm_name)) return;
  const auto count = static_cast<double>(pieces.size());
  double loss = 0;
  for (const FixtureBatch& piece : pieces) loss += model.learn(piece);
  compare_if_expected(fixture, loss_name, loss / count, report.loss);
  compare_if_expected(fixture, norm_name, model.gradient_norm() / count, report.grad);
}

// What no alternative claims would be compared with nothing.
void check_claimed(const Fixture& fixture, const std::vector<GoldenAlternative>& alternatives) {
  for (const auto& entry : fixture.expected)
    if (entry.name.starts_with("alt.") &&
        std::ranges::none_of(alternatives, [&](const GoldenAlternative& alternative) {
          return entry.name.starts_with(fmt::format("alt.{}.", alternative.name));
        }))
      trine::fail("the fixture expects '{}' of a configuration that the model {} does not name",
                  entry.name, fixture.config.model);
}

// The parameters of this configuration: it may have fewer, and some in another shape.
Checkpoint parameters_of(const Fixture& fixture, const GoldenAlternative& alternative,
                         const Config& config) {
  Checkpoint chosen{.file = fixture.parameters.file, .config = {}, .training = {}, .arrays = {}};
  const Declaration declared = declare(config);
  for (const trine::nn::Parameter& parameter : declared.store.parameters()) {
    const Array* own =
        find(fixture.replacements, fmt::format("{}.{}", alternative.name, parameter.name));
    const Array* array = own ? own : find(fixture.parameters.arrays, parameter.name);
    if (array) chosen.arrays.push_back({parameter.name, *array});
  }
  return chosen;
}

// `count` samples of a batch from `first` on.
FixtureBatch part(const FixtureBatch& batch, std::int64_t first, std::int64_t count) {
  const auto rows = [&](const std::vector<float>& values) {
    const std::int64_t row = static_cast<std::int64_t>(values.size()) / batch.size;
    const auto begin = values.begin() + first * row;
    return std::vector<float>(begin, begin + count * row);
  };
  FixtureBatch part{.size = count, .features = {}, .labels = rows(batch.labels)};
  for (const Modality m : kModalities) part.features[m] = rows(batch.features[m]);
  return part;
}

// Pieces of one size, the last perhaps smaller.
std::vector<FixtureBatch> cut(const FixtureBatch& batch, std::int64_t pieces) {
  const std::int64_t size = (batch.size + pieces - 1) / pieces;
  std::vector<FixtureBatch> all;
  for (std::int64_t first = 0; first < batch.size; first += size)
    all.push_back(part(batch, first, std::min(size, batch.size - first)));
  return all;
}

}  // namespace

void compare_alternatives(const Fixture& fixture, const trine::Session& session,
                          VerifyReport& report) {
  const std::span<const FixtureBatch> first = std::span(fixture.batches).first(1);
  const auto& alternatives = find_model(fixture.config.model).golden.alternatives;
  check_claimed(fixture, alternatives);
  for (const GoldenAlternative& alternative : alternatives) {
    const std::string name = fmt::format("alt.{}", alternative.name);
    if (!expects_of(fixture, name)) continue;
    const Config config = with_settings(fixture.config, alternative.settings);
    Measurement model(session, config, parameters_of(fixture, alternative, config));
    compare_evaluation(fixture, name, model.evaluate(first.front()), report.forward);
    compare_learning(fixture, name, model, first, report);
  }
}

void compare_pieces(const Fixture& fixture, const trine::Session& session, VerifyReport& report) {
  if (fixture.pieces == 1) return;
  Measurement model(session, fixture.config, fixture.parameters);
  compare_learning(fixture, "chunk", model, cut(fixture.batches.front(), fixture.pieces), report);
}

}  // namespace dmd
