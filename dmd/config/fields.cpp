#include "dmd/config/fields.h"

#include <algorithm>
#include <array>

namespace dmd {
namespace {

constexpr Range kShare{.low = 0, .high = 1, .low_excluded = true, .high_excluded = true};

constexpr std::array kFields{
    Field{"name", &Config::name, kAny, "a name for the configuration"},
    Field{"model", &Config::model, kAny, "the model; `dmd models` lists them"},

    Field{"modalities", &Config::modalities, kAny,
          "what the model reads: text, audio, vision or some of them"},
    Field{"feature_dims", &Config::feature_dims, kSizeOrZero,
          "input widths l, a, v; 0 takes the data's"},
    Field{"seq_lens", &Config::seq_lens, kSizeOrZero, "input lengths l, a, v; 0 takes the data's"},
    Field{"nonfinite", &Config::nonfinite, kAny,
          "what becomes of NaN, infinite or absurdly large features: refuse or zero"},

    Field{"task", &Config::task, kAny,
          "what is learnt: regression, classification or emotion (four of yes or no)"},
    Field{"classes", &Config::classes, kAny,
          "names of the classes in the order of logits; none takes the data's, sorted"},
    Field{"metrics", &Config::metrics, kAny,
          "what scores regression: mosi, sims (labels from -1 to 1), or mult (mosi and MulT's F1)"},

    Field{"text_encoder", &Config::text_encoder, kAny,
          "what makes text features of text_bert: none, bert or roberta"},
    Field{"text_encoder_path", &Config::text_encoder_path, kAny,
          "the encoder's folder, as Hugging Face lays it out"},
    Field{"use_finetune", &Config::use_finetune, kAny,
          "train the encoder along; false computes its features once"},

    Field{"batch_size", &Config::batch_size, kSize, "utterances per batch"},
    Field{"learning_rate", &Config::learning_rate, kPositive, "Adam's step size at the start"},
    Field{"text_encoder_learning_rate", &Config::text_encoder_learning_rate, kNotNegative,
          "the encoder's step size at the start; 0 takes learning_rate"},
    Field{
        "grad_clip", &Config::grad_clip, kPositive,
        "limit of the accumulated gradient: of each entry, or of the norm where the model says so"},
    Field{"update_epochs", &Config::update_epochs, kSize, "batches per optimizer step"},
    Field{"patience", &Config::patience, kSizeOrZero,
          "epochs without a better validation loss before the learning rate falls"},
    Field{"early_stop", &Config::early_stop, kSize,
          "epochs without a better validation loss before training ends"},
    Field{"factor", &Config::factor, kShare, "what the learning rate is then multiplied by"},
    Field{"epochs", &Config::epochs, kSize, "most epochs to train"},
    Field{"seed", &Config::seed, kAny, "seed of initial values, batch order and dropout"},
    Field{"init", &Config::init, kAny,
          "a checkpoint whose parameters a run starts from where name and shape are equal; empty "
          "draws all of them"},
    Field{"passes", &Config::passes, kAny,
          "engine passes to run, comma-separated; empty runs the usual ones"},
    Field{"precision", &Config::precision, kAny,
          "what products round their operands to, f32 or, on CUDA devices, tf32"},
};

}  // namespace

std::span<const Field> fields() { return kFields; }

const Field* find_field(std::string_view name) {
  const auto found = std::ranges::find(kFields, name, &Field::name);
  return found == kFields.end() ? nullptr : &*found;
}

}  // namespace dmd
