#include "dmd/models/mult/keys.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/error.h"

namespace dmd {
namespace {

// The keys that hold the width in the program's source and the flags of its command line.
const std::array<std::pair<std::string_view, Value>, 12> kStandards{{
    {"dst_feature_dim", std::int64_t{30}},
    {"nheads", std::int64_t{5}},
    {"nlevels", std::int64_t{5}},
    {"conv1d_kernel_size_l", std::int64_t{1}},
    {"conv1d_kernel_size_a", std::int64_t{1}},
    {"conv1d_kernel_size_v", std::int64_t{1}},
    {"attn_dropout", 0.1},
    {"attn_dropout_a", 0.0},
    {"attn_dropout_v", 0.0},
    {"relu_dropout", 0.1},
    {"embed_dropout", 0.25},
    {"res_dropout", 0.1},
}};

Key& key_of(std::vector<Key>& keys, std::string_view name) {
  return *std::ranges::find(keys, name, &Key::name);
}

constexpr std::string_view kNoPart = "none";

constexpr auto kEmotionOutputs = static_cast<std::int64_t>(2 * kEmotions.size());

}  // namespace

std::vector<Key> mult_keys() {
  std::vector<Key> keys = transformer_keys();
  for (const auto& [name, standard] : kStandards) key_of(keys, name).standard = standard;
  key_of(keys, "embed_dropout").meaning = "dropout of the text features and transformer inputs";
  keys.push_back({.name = "out_dropout",
                  .standard = 0.0,
                  .range = kRate,
                  .choices = {},
                  .meaning = "dropout inside the output head"});
  keys.push_back({.name = "attn_mask",
                  .standard = true,
                  .range = {},
                  .choices = {},
                  .meaning = "let a time step attend to earlier ones alone"});
  keys.push_back({.name = "partial",
                  .standard = std::string(kNoPart),
                  .range = {},
                  .choices = {kNoPart, "l", "a", "v"},
                  .meaning = "predict from what this modality asks of the others: none (all three "
                             "ask), l, a or v"});
  return keys;
}

MultOptions mult_options(const Config& config) {
  const Settings& keys = config.settings;
  MultOptions options{.branches = transformer_branches(config), .only = {}};
  options.branches.causal = keys.flag("attn_mask");
  options.branches.output_dropout = keys.real("out_dropout");
  // The program drops text features out at the rate of transformer inputs.
  options.branches.text_dropout = options.branches.embed_dropout;
  for (const Modality m : kModalities)
    if (keys.text("partial") == letter_of(m)) options.only = m;
  return options;
}

std::vector<Key> mult_foreign_keys() {
  std::vector<Key> keys;
  for (const std::string_view name : {"lonly", "aonly", "vonly"})
    keys.push_back({.name = name,
                    .standard = false,
                    .range = {},
                    .choices = {},
                    .meaning = "predict from what this modality asks of the others"});
  keys.push_back({.name = "output_dim",
                  .standard = std::int64_t{1},
                  .range = kSize,
                  .choices = {},
                  .meaning = "numbers that the model answers: 1, or 8 for emotion"});
  return keys;
}

// The program tells its tasks by the number of outputs. Its partial modes are three flags, of which
// all are the same as none.
void adopt_mult_keys(const Settings& theirs, Config& ours) {
  const std::int64_t outputs = theirs.whole("output_dim");
  if (outputs != 1 && outputs != kEmotionOutputs)
    trine::fail("output_dim = {} is neither 1, for sentiment, nor {}, for emotion", outputs,
                kEmotionOutputs);
  if (outputs == kEmotionOutputs) ours.task = Task::emotion;
  std::vector<std::string> set;
  for (const Modality m : kModalities)
    if (theirs.flag(named("{}only", m))) set.emplace_back(letter_of(m));
  if (set.size() == 2)
    trine::fail("{}only and {}only are both set: a partial mode has one target", set[0], set[1]);
  if (set.size() == 1) ours.settings.set("partial", set[0]);
}

}  // namespace dmd
