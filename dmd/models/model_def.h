// The one definition of a model: its keys and presets, what it computes and names, how it trains,
// and how the files of other programs hold it stand together. A model is a folder beside this file
// with a model.cpp that defines `std::vector<const ModelDef*> NAME_models()`; the build finds it by
// the folder's name. Training, history, predictions, checkpoints, verification, export and the
// command line ask the definition and know no model. docs/add-a-model.md shows how to write one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dmd/config/config.h"
#include "dmd/config/settings.h"
#include "dmd/data/input_sizes.h"
#include "dmd/models/inputs.h"
#include "engine/nn/capture.h"

namespace dmd {

// A term of the training loss: a scalar.
struct Loss {
  std::string name;
  trine::Tensor value;
};

enum class OutputKind {
  prediction,      // (B, answer width): what the model answers
  head,            // (B, answer width): what a part of the model would answer alone
  edges,           // (B, E): how much one modality learns from another, a number for each edge
  representation,  // (B, ...): features, for those who look inside; computed only where asked for
};

std::string_view name_of(OutputKind kind);

// What is known of an output before anything is computed.
struct OutputInfo {
  std::string name;  // in programs, reports and exported models
  OutputKind kind = OutputKind::head;
  std::string meaning;  // for people
  // Names in reports of the numbers of a row; empty: the output's own name, and where answers have
  // several numbers those of the task, which capturing puts here. Not of representations.
  std::vector<std::string> columns;
  // A prefix of parameter names: a checkpoint that holds none of them leaves the output out.
  std::string needs;
};

struct Output {
  OutputInfo info;
  trine::Tensor value;
};

// An output of one column, or a representation, that needs no parameters but the model's own.
Output named_output(std::string name, OutputKind kind, std::string meaning, trine::Tensor value);

// What a model computes from a batch. The first loss is the total, the sum that is trained on, and
// the first output the prediction. The names and their order depend on the configuration alone.
struct Captured {
  std::vector<Loss> losses;
  std::vector<Output> outputs;
};

// A configuration that ships with a model.
struct Preset {
  std::string_view name;
  std::string_view meaning;
  std::vector<std::string> settings;  // "key=value", what differs from the defaults
  InputSizes standard;  // the sizes of the data set it is named after, for work without data
};

// Parameters that learn at a rate of their own.
struct ParameterGroup {
  std::string prefix;  // of their names
  double rate = 1.0;   // times the learning rate; 0: they are stored and never trained
};

// How gradients are kept small before an optimizer step, to the key grad_clip.
enum class Clipping {
  value,  // each entry of the accumulated gradient is limited to [-grad_clip, grad_clip]
  norm,   // all of them together are scaled so that their Euclidean norm is at most grad_clip
};

// The model in files of other programs: configurations, and PyTorch state dicts under the same
// parameter names.
struct ForeignForm {
  // Keys of its configurations that others of ours stand for, at its defaults, and what puts them
  // into ours; called where a configuration has one of them. Throws trine::Error where values do
  // not fit together.
  std::vector<Key> keys;
  void (*adopt)(const Settings& theirs, Config& ours) = nullptr;
  // File names without ".pth": NAME.pth beside the model's file holds parameters that are called
  // NAME.PARAMETER here. A file that is not there leaves them zero.
  std::vector<std::string_view> companions;
  // Endings of names that are no parameters, and that nothing is computed from.
  std::vector<std::string_view> buffers;
  // A parameter that no other model has: what a file is recognized by.
  std::string_view telltale;
};

// The same model in another configuration, on the first batch.
struct GoldenAlternative {
  // The fixture expects of it alt.NAME.loss, alt.NAME.grad_norm, and alt.NAME.X where `capture`
  // fetches forward.X. Its parameters are those of model.pth, but where partial.pth holds a
  // NAME.PARAMETER.
  std::string_view name;
  std::vector<std::string> settings;  // "key=value", what differs from the fixture's configuration
};

// What golden numbers of another program are compared with: dmd/verify.
struct Golden {
  // Captures an evaluation whose fetches carry the names and shapes of a fixture's expected values.
  // Null: the model has no golden numbers.
  void (*capture)(trine::nn::Capture&, const Config&, const Inputs&) = nullptr;
  // The losses that are the columns of its training curve.
  std::vector<std::string_view> curve;
  std::vector<GoldenAlternative> alternatives;  // those that a fixture may hold numbers of
  // The file of a fixture, without its ending, that holds what to expect of the configuration.
  // Null: "expected".
  std::string_view (*expected)(const Config&) = nullptr;
};

struct ModelDef {
  std::string_view name;                // of its folder and of --model
  std::string_view title;               // a line for people
  std::string_view paper;               // authors, title, place, year
  std::vector<std::string_view> tasks;  // names of those that it learns: dmd/config/task.h

  std::vector<Key> keys;
  std::vector<Preset> presets;
  // What keys alone cannot say: throws trine::Error where values do not fit together. Null:
  // nothing.
  void (*check)(const Config&) = nullptr;
  // The same of inputs; called with sizes that are known. Null: any serve.
  void (*check_inputs)(const Config&, const InputSizes&) = nullptr;

  // Captures the whole model. Parameters are declared on the way; dropout is drawn if the capture
  // trains. What a program does not fetch costs it nothing.
  Captured (*capture)(trine::nn::Capture&, const Config&, const Inputs&) = nullptr;

  // Null: all parameters learn at the learning rate. The first group whose prefix fits counts.
  std::vector<ParameterGroup> (*groups)(const Config&) = nullptr;
  Clipping clipping = Clipping::value;
  // Whether batches at the end of an epoch that are too few for an optimizer step make one all the
  // same; their gradient is dropped otherwise. Null: it is dropped.
  bool (*keeps_leftover)(const Config&) = nullptr;

  ForeignForm foreign;
  Golden golden;
};

}  // namespace dmd
