#include "dmd/verify/fixture.h"

#include <string>

#include <nlohmann/json.hpp>

#include "dmd/models/configuration.h"
#include "dmd/models/registry.h"
#include "engine/error.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_file.h"
#include "engine/optim/adam.h"

namespace dmd {
namespace {

using nlohmann::json;
using trine::io::Array;
using trine::io::NamedArrays;

const char* clip_key(const Config& config) {
  return find_model(config.model).clipping == Clipping::norm ? "clip_norm" : "clip_value";
}

// The part of config.json that is not the model's configuration.
void read_training(const std::filesystem::path& file, Fixture& fixture, std::int64_t& batches) {
  const trine::io::SharedBytes bytes = trine::io::map_file(file);
  try {
    const json text = json::parse(trine::io::text_of(bytes.view));
    fixture.batch_size = text.at("batch_size").get<std::int64_t>();
    fixture.steps = text.at("steps").get<std::int64_t>();
    fixture.config.learning_rate = text.at("lr").get<double>();
    fixture.config.grad_clip = text.at(clip_key(fixture.config)).get<double>();
    fixture.pieces = text.value("batch_chunk", std::int64_t{1});
    // A rate that the model has a key for stands beside `lr`.
    for (const Key& key : fixture.config.settings.keys())
      if (const auto found = text.find(key.name); found != text.end() && found->is_number())
        fixture.config.settings.set(key.name, found->get<double>());
    batches = text.at("batches").get<std::int64_t>();
    const trine::optim::AdamOptions ours;
    if (text.at("adam") != json{ours.beta1, ours.beta2, ours.epsilon})
      trine::fail("{}: Adam was run with {}, and this program trains with [{}, {}, {}]",
                  file.string(), text.at("adam").dump(), ours.beta1, ours.beta2, ours.epsilon);
  } catch (const json::exception& error) {
    trine::fail("{} is not the configuration of a fixture: {}", file.string(), error.what());
  }
}

const Array& require(const NamedArrays& arrays, const std::string& name,
                     const std::filesystem::path& file) {
  const Array* found = find(arrays, name);
  if (!found) trine::fail("{} holds no '{}'", file.string(), name);
  return *found;
}

std::vector<FixtureBatch> read_batches(const std::filesystem::path& file, std::int64_t count) {
  const NamedArrays arrays = trine::io::read_safetensors(file).arrays;
  std::vector<FixtureBatch> batches(static_cast<std::size_t>(count));
  for (std::size_t b = 0; b < batches.size(); ++b) {
    for (const Modality m : kModalities)
      batches[b].features[m] =
          require(arrays, fmt::format("batch{}.{}", b, name_of(m)), file).to_f32();
    const Array& labels = require(arrays, fmt::format("batch{}.labels", b), file);
    batches[b].size = labels.shape().at(0);
    batches[b].labels = labels.to_f32();
  }
  return batches;
}

}  // namespace

const Array& Fixture::expect(std::string_view name) const {
  const Array* found = find(expected, name);
  if (!found) trine::fail("the fixture does not say what to expect of '{}'", name);
  return *found;
}

Fixture read_fixture(const std::filesystem::path& folder, std::span<const std::string> settings) {
  Fixture fixture;
  fixture.config = with_settings(without_dropout(read_config(folder / "config.json")), settings);
  std::int64_t batches = 0;
  read_training(folder / "config.json", fixture, batches);
  fixture.batches = read_batches(folder / "inputs.safetensors", batches);
  fixture.parameters = read_checkpoint(folder / "model.pth");
  if (std::filesystem::exists(folder / "partial.pth"))
    fixture.replacements = trine::io::read_torch_file(folder / "partial.pth").arrays;
  const Golden& golden = find_model(fixture.config.model).golden;
  const std::string_view stem = golden.expected ? golden.expected(fixture.config) : "expected";
  fixture.expected =
      trine::io::read_safetensors(folder / fmt::format("{}.safetensors", stem)).arrays;
  return fixture;
}

}  // namespace dmd
