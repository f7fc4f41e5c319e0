// What a pickle holds, as a tree that can be looked at: nothing in it can act.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/io/array.h"

namespace trine::io::pickle {

struct Value;
struct Callable;  // pickle.h

struct None {};

// Python's bytes, and the str of Python 2.
struct Bytes {
  SharedBytes data;
};

struct List {
  enum class Kind : std::uint8_t { list, tuple };
  Kind kind = Kind::list;
  std::vector<const Value*> items;
};

// In the order of the file. A key that comes twice is kept twice; the later one counts.
struct Dict {
  std::vector<std::pair<const Value*, const Value*>> items;

  const Value* find(std::string_view key) const;  // nullptr where absent
};

// A NumPy array whose elements are values: of dtype object, U or S. Row-major.
struct Objects {
  Extents shape;
  std::vector<const Value*> items;
};

// A NumPy dtype. kind and size as NumPy writes them ('f' and 4 for "f4"); of 'U', size counts
// characters.
struct NumpyType {
  char kind = 'f';
  std::int64_t size = 4;
  bool big_endian = false;
};

// A NumPy array that has been asked for and whose contents have not come yet.
struct EmptyArray {
  bool raw = false;  // they follow its state in the file, outside of all opcodes (joblib)
};

// A piece of memory, outside the pickle or (then with bytes) in it, and a tensor as a window on it
// (PyTorch).
struct Storage {
  ElementType type = ElementType::f32;
  std::string key;
  std::int64_t size = 0;                     // elements
  std::shared_ptr<const SharedBytes> bytes;  // null where `key` says where they are
};
struct TensorView {
  const Value* storage = nullptr;  // holds a Storage
  std::int64_t offset = 0;         // strides and offset count elements
  Extents shape, strides;
};

// Something that is not built: an object, what a function outside the vocabulary would have given,
// a set, an array of a dtype that is neither numbers nor text. Nothing was called for it. It is
// passed over unless somebody needs it, and can then say what it is.
struct Opaque {
  std::string what;  // "an object made by pandas.Series"
};

// Something named, such as a function: it can be asked for, and does nothing by itself.
struct Global {
  const Callable* callable = nullptr;
};

struct Value {
  using Data = std::variant<None, bool, std::int64_t, double, std::string, Bytes, List, Dict, Array,
                            Objects, NumpyType, EmptyArray, Storage, TensorView, Opaque, Global>;
  Data data;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&data);
  }
};

// "a list of 3 items", "the string 'abc'", "an array f32 (3, 4)": for messages.
std::string describe(const Value& value);

// Text of a string, or of bytes that are UTF-8; nullopt where the value is neither. A string of
// Python that is not UTF-8 (lone surrogates) comes as bytes.
std::optional<std::string> text_in(const Value& value);

// Owns every value of one pickle, in a row. Values point at each other freely, in cycles too, and
// still go away one by one: no depth of nesting can exhaust the stack.
class Store {
 public:
  explicit Store(std::size_t file_bytes) : budget_(Budget::for_file(file_bytes)) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Value* add(Value::Data data) {
    budget_.charge(sizeof(Value));
    return &values_.emplace_back(Value{std::move(data)});
  }
  template <class T, class Visit>
  void each(Visit&& visit) const {
    for (const Value& value : values_) {
      if (const T* found = value.as<T>()) visit(*found);
    }
  }

  // To be called before memory in proportion to something that the pickle names is taken.
  void charge(std::size_t bytes) { budget_.charge(bytes); }

 private:
  std::deque<Value> values_;
  Budget budget_;
};

}  // namespace trine::io::pickle
