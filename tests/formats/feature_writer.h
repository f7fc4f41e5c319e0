// MMSA feature files with any fault one likes.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/formats/pickle_writer.h"

namespace formats {

using Write = std::function<void(PickleWriter&)>;  // writes one value
using Fields = std::map<std::string, Write>;

inline Write floats(std::vector<std::int64_t> shape, std::vector<float> values) {
  return [=](PickleWriter& writer) { writer.array("f4", shape, values); };
}

inline Write strings(std::vector<std::string> values) {
  return [=](PickleWriter& writer) {
    writer.mark();
    for (const std::string& value : values) writer.text(value);
    writer.list();
  };
}

// Two utterances: text (2, 3, 2), audio (2, 2, 1), vision (2, 1, 2).
inline Fields good_fields() {
  return {
      {"id", strings({"video$_$1", "video$_$2"})},
      {"raw_text", strings({"one", "two"})},
      {"text", floats({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})},
      {"audio", floats({2, 2, 1}, {1, 2, 3, 4})},
      {"vision", floats({2, 1, 2}, {-1, -2, -3, -4})},
      {"regression_labels", floats({2}, {-1.5f, 3})},
  };
}

struct FeatureFile {
  std::map<std::string, Fields> splits{
      {"train", good_fields()}, {"valid", good_fields()}, {"test", good_fields()}};

  std::string bytes() const {
    PickleWriter writer;
    writer.mark();
    for (const auto& [name, fields] : splits) {
      writer.text(name).mark();
      for (const auto& [field, write] : fields) write(writer.text(field));
      writer.dict();
    }
    return writer.dict().finish();
  }
};

}  // namespace formats
