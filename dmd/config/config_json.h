// Configurations as JSON, as settings and as help. The keys of the models come in through KeysOf:
// models/configuration.h hands them over, and checks what only a model can.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmd/config/config.h"

namespace dmd {

// A model's keys, and those of its authors' configurations that `adopt` puts into its own: the
// first are read from texts and settings, the others from texts alone. `adopt` is called where a
// text has one of them, and may be null where there are none.
struct ModelKeys {
  std::span<const Key> own, foreign;
  void (*adopt)(const Settings& theirs, Config& ours) = nullptr;
};

// A model's keys by its name. Throws trine::Error, which begins with `where`, if there is none.
using KeysOf = std::function<ModelKeys(std::string_view model, std::string_view where)>;

struct ConfigText {
  std::string_view text;
  std::string_view where;     // the file's name; it begins every error
  std::string_view model;     // of a text that names none, and wanted where there are several
  std::string_view data_set;  // wanted where there are several; empty: the only one
};

// Reads the JSON text of to_json(), in which any key may be missing (it keeps its default), a file
// of the authors' programs (authors_json.h), or the {"model": ..., "config": {...}} of a golden
// fixture, whose other top-level keys are not ours and are passed over. Keys that only the authors'
// programs have are passed over too, with a sentence for each in `notes`. Throws trine::Error for
// text that is not a JSON object, an unknown key, a value of another type or out of range.
Config parsed_config(const ConfigText& text, const KeysOf& keys_of,
                     std::vector<std::string>* notes = nullptr);

// Every key: name and model, the model's own, the others; then `text_model` where there is one: its
// sizes.
std::string to_json(const Config& config);

// Applies "key=value" settings in order.
Config applied(Config config, std::span<const std::string> settings);

// A line for each key: its name, its value in `defaults` and its meaning.
std::string describe_keys(const Config& defaults);

}  // namespace dmd
