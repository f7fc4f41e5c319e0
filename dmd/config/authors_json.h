// Configuration files of the authors' programs (DMD, MMSA and what descends from it), made into
// objects of our keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace dmd {

// What those programs keep in one file: {"datasetCommonParams": {...}, "MODEL": {"commonParams":
// {...}, "datasetParams": {"DATA SET": {...}}}, ...}.
bool is_nested(const nlohmann::ordered_json& object);

// The keys of one model and one data set of a nested file, with "model" among them. `model` is the
// one that is wanted where there are several, `data_set` likewise; empty: the only one. Throws
// trine::Error, which begins with `where`, with what there is and how to name it.
nlohmann::ordered_json chosen_part(const nlohmann::ordered_json& nested, std::string_view where,
                                   std::string_view model, std::string_view data_set);

// Respells keys that pack or name things otherwise: `lens`, `dst_feature_dim_nheads`. Throws
// trine::Error where a value is of another form, or contradicts the key of ours beside it.
nlohmann::ordered_json in_our_keys(const nlohmann::ordered_json& object, std::string_view where);

// What a key that only those programs have comes to here, as the end of a sentence that begins with
// the key; nullopt for any other key. Throws trine::Error for a value that asks for what there is
// not here.
std::optional<std::string> about_authors_key(std::string_view key,
                                             const nlohmann::ordered_json& value,
                                             std::string_view where);

}  // namespace dmd
