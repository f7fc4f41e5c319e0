// The fields of a split in a pickle, whose kinds differ from program to program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/io/torch_document.h"

namespace dmd {

// A field of a split, with its names for messages.
struct Field {
  std::string split, name;
  const trine::io::pickle::Value* value;

  // Throws trine::Error: "in train, audio holds ..., and `expected` expected".
  [[noreturn]] void refuse(const trine::io::pickle::Value& found, std::string_view expected) const;
};

// Lists, tuples, NumPy arrays and PyTorch tensors serve alike. Throws trine::Error with a clause
// that names the field.
class FieldReader {
 public:
  // `tensors` outlives the reader. What is copied stays in proportion to the file.
  FieldReader(trine::io::TensorReader& tensors, std::size_t file_bytes)
      : tensors_(tensors), budget_(trine::io::Budget::for_file(file_bytes)) {}

  // An array of numbers, or lists of them, stacked.
  trine::io::Array array(const Field& field);

  // One number per sample: an array (n), (n, 1) or (n, 1, 1), or a list of numbers or of texts of
  // numbers. None is NaN.
  std::vector<float> numbers(const Field& field);

  // Whether it holds an array (n, 4, 2), as IEMOCAP's labels are.
  bool holds_emotions(const Field& field);

  // The name of each sample's class: texts, or whole numbers of any type; (n), (n, 1) or (n, 1, 1).
  // What is none (None, NaN) is "".
  std::vector<std::string> classes(const Field& field);

  // One text a sample, of any scalar; what has parts, such as a tuple or the row of an array, is
  // joined by '_'.
  std::vector<std::string> ids(const Field& field);

  // Where a split has none: "train-0", "train-1", ..., as many as `samples` has rows.
  std::vector<std::string> made_ids(const std::string& split, const trine::io::Array& samples);

  // One text a sample. What is none (NaN, None, an object) is empty. No text at all where the field
  // is nothing like a list.
  std::vector<std::string> texts(const Field& field);

  void note(std::string about) { notes_.push_back(std::move(about)); }

  // What was repaired or left out on the way.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  using Value = trine::io::pickle::Value;
  using Values = std::vector<const Value*>;

  std::optional<trine::io::Array> as_array(const Value& value);
  trine::io::Array stacked(const Field& field);
  void stack(const Field& field, const Value& value, std::size_t depth, trine::io::Extents& shape,
             std::vector<double>& numbers);
  double number(const Field& field, const Value& value);
  std::string class_name(const Field& field, const Value& value);
  std::optional<std::string> scalar(const Value& value);
  std::string id(const Field& field, const Value& value);
  std::string joined(const Field& field, const Values& parts);
  std::vector<std::string> array_ids(const trine::io::Array& array);
  std::string text(const Value& value, std::int64_t& missing);
  void note_repairs(const Field& field);

  trine::io::TensorReader& tensors_;
  trine::io::Budget budget_;
  std::vector<std::string> notes_;
  std::int64_t repaired_ = 0;  // texts of the field at hand that were not UTF-8
};

}  // namespace dmd
