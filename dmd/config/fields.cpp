#include "dmd/config/fields.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "dmd/config/spelling.h"
#include "engine/error.h"

namespace dmd {
namespace {

constexpr Range kAny{};
constexpr Range kSize{.low = 1, .high = 1'000'000};
constexpr Range kSizeOrData{.low = 0, .high = 1'000'000};
constexpr Range kRate{.low = 0, .high = 1, .high_excluded = true};
constexpr Range kShare{.low = 0, .high = 1, .low_excluded = true, .high_excluded = true};
constexpr Range kNotNegative{.low = 0};
constexpr Range kPositive{.low = 0, .low_excluded = true};

// The sinusoid of the position embedding divides by d/2 - 1, so a width below 4 has none.
constexpr Range kWidth{.low = 4, .high = 1'000'000};

constexpr std::array kFields{
    Field{"name", &Config::name, kAny, "a name for the configuration"},
    Field{"variant", &Config::variant, kAny,
          "where the authors' program and the paper part, follow reference or paper"},

    Field{"dst_feature_dim", &Config::dst_feature_dim, kWidth,
          "model width d, a multiple of nheads"},
    Field{"nheads", &Config::nheads, kSize, "attention heads"},
    Field{"nlevels", &Config::nlevels, kSize,
          "transformer layers (the memory ones have at least 3)"},
    Field{"conv1d_kernel_size_l", &Config::conv1d_kernel_size_l, kSize,
          "time steps that the text projection spans"},
    Field{"conv1d_kernel_size_a", &Config::conv1d_kernel_size_a, kSize,
          "time steps that the audio projection spans"},
    Field{"conv1d_kernel_size_v", &Config::conv1d_kernel_size_v, kSize,
          "time steps that the vision projection spans"},
    Field{"attn_dropout", &Config::attn_dropout, kRate, "dropout of attention weights over text"},
    Field{"attn_dropout_a", &Config::attn_dropout_a, kRate,
          "dropout of attention weights over audio"},
    Field{"attn_dropout_v", &Config::attn_dropout_v, kRate,
          "dropout of attention weights over vision"},
    Field{"relu_dropout", &Config::relu_dropout, kRate, "dropout inside the feed-forward layers"},
    Field{"embed_dropout", &Config::embed_dropout, kRate, "dropout of transformer inputs"},
    Field{"res_dropout", &Config::res_dropout, kRate, "dropout of residual branches"},
    Field{"output_dropout", &Config::output_dropout, kRate, "dropout inside the output heads"},
    Field{"text_dropout", &Config::text_dropout, kRate, "dropout of the text features"},
    Field{"feature_dims", &Config::feature_dims, kSizeOrData,
          "input widths l, a, v; 0 takes the data's"},
    Field{"seq_lens", &Config::seq_lens, kSizeOrData, "input lengths l, a, v; 0 takes the data's"},

    Field{"text_encoder", &Config::text_encoder, kAny,
          "what makes text features of text_bert: none, bert or roberta"},
    Field{"text_encoder_path", &Config::text_encoder_path, kAny,
          "the encoder's folder, as Hugging Face lays it out"},
    Field{"use_finetune", &Config::use_finetune, kAny,
          "train the encoder along; false computes its features once"},

    Field{"decoupling", &Config::decoupling, kAny,
          "split each modality into an irrelevant and an exclusive part"},
    Field{"homo_distillation", &Config::homo_distillation, kAny,
          "distil between the irrelevant parts"},
    Field{"hetero_distillation", &Config::hetero_distillation, kAny,
          "distil between the exclusive parts"},
    Field{"cross_attention", &Config::cross_attention, kAny,
          "let modalities attend to each other in the exclusive branch"},

    Field{"batch_size", &Config::batch_size, kSize, "utterances a batch"},
    Field{"learning_rate", &Config::learning_rate, kPositive, "Adam's step size at the start"},
    Field{"text_encoder_learning_rate", &Config::text_encoder_learning_rate, kNotNegative,
          "the encoder's step size at the start; 0 takes learning_rate"},
    Field{"grad_clip", &Config::grad_clip, kPositive,
          "largest magnitude of an entry of the accumulated gradient"},
    Field{"update_epochs", &Config::update_epochs, kSize, "batches an optimizer step"},
    Field{"patience", &Config::patience, kSizeOrData,
          "epochs without a better validation loss before the learning rate falls"},
    Field{"early_stop", &Config::early_stop, kSize,
          "epochs without a better validation loss before training ends"},
    Field{"factor", &Config::factor, kShare, "what the learning rate is then multiplied by"},
    Field{"epochs", &Config::epochs, kSize, "most epochs to train"},
    Field{"seed", &Config::seed, kAny, "seed of initial values, batch order and dropout"},
    Field{"passes", &Config::passes, kAny,
          "engine passes to run, comma-separated; empty runs the usual ones"},
    Field{"precision", &Config::precision, kAny,
          "what products round their operands to, f32 or, on CUDA devices, tf32"},
};

}  // namespace

bool Range::contains(double value) const {
  if (!std::isfinite(value)) return false;
  const bool above = low_excluded ? value > low : value >= low;
  const bool below = high_excluded ? value < high : value <= high;
  return above && below;
}

std::string Range::describe() const {
  if (std::isinf(low) && std::isinf(high)) return "";
  std::string from = fmt::format(" {} {}", low_excluded ? "above" : "from", low);
  if (std::isinf(high)) return from;
  return fmt::format("{} {} {}", from, high_excluded ? "to below" : "to", high);
}

std::span<const Field> fields() { return kFields; }

const Field& field_named(std::string_view name, std::string_view where) {
  const auto found = std::find_if(kFields.begin(), kFields.end(),
                                  [&](const Field& field) { return field.name == name; });
  if (found != kFields.end()) return *found;

  std::vector<std::string_view> names;
  for (const Field& field : kFields) names.push_back(field.name);
  trine::fail("{}: unknown configuration key '{}'{}", where, name, suggestion(name, names));
}

}  // namespace dmd
