// Values of configuration keys as JSON and as the text of a setting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "backends/precision.h"
#include "dmd/config/config.h"
#include "dmd/config/encoder_config.h"

namespace dmd {

// take() stores a JSON value of the right type and says whether it was one.
bool take(const nlohmann::ordered_json& json, std::string& into);
bool take(const nlohmann::ordered_json& json, TextEncoder& into);
bool take(const nlohmann::ordered_json& json, Nonfinite& into);
bool take(const nlohmann::ordered_json& json, ModalitySet& into);
bool take(const nlohmann::ordered_json& json, trine::Precision& into);
bool take(const nlohmann::ordered_json& json, Task& into);
bool take(const nlohmann::ordered_json& json, MetricSet& into);
bool take(const nlohmann::ordered_json& json, bool& into);
bool take(const nlohmann::ordered_json& json, double& into);
bool take(const nlohmann::ordered_json& json, std::uint64_t& into);
bool take(const nlohmann::ordered_json& json, std::int64_t& into);
bool take(const nlohmann::ordered_json& json, SizeList& into);
bool take(const nlohmann::ordered_json& json, std::vector<double>& into);
bool take(const nlohmann::ordered_json& json, std::vector<std::string>& into);

// What the text of a setting stands for where a value like `like` is wanted; text that fits no
// number stays text, for take() to refuse. Numbers may be written without a leading zero, lists
// without brackets.
nlohmann::ordered_json json_of_text(std::string_view text, const std::string& like);
nlohmann::ordered_json json_of_text(std::string_view text, TextEncoder like);
nlohmann::ordered_json json_of_text(std::string_view text, Nonfinite like);
nlohmann::ordered_json json_of_text(std::string_view text, const ModalitySet& like);
nlohmann::ordered_json json_of_text(std::string_view text, trine::Precision like);
nlohmann::ordered_json json_of_text(std::string_view text, Task like);
nlohmann::ordered_json json_of_text(std::string_view text, MetricSet like);
nlohmann::ordered_json json_of_text(std::string_view text, bool like);
nlohmann::ordered_json json_of_text(std::string_view text, double like);
nlohmann::ordered_json json_of_text(std::string_view text, std::uint64_t like);
nlohmann::ordered_json json_of_text(std::string_view text, std::int64_t like);
nlohmann::ordered_json json_of_text(std::string_view text, const SizeList& like);
nlohmann::ordered_json json_of_text(std::string_view text, const std::vector<double>& like);
nlohmann::ordered_json json_of_text(std::string_view text, const std::vector<std::string>& like);

}  // namespace dmd
