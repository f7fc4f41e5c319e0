// Reads Python pickles without Python. A pickle is a program for a small stack machine, and the
// real machine may call anything. This one builds plain data only (None, booleans, numbers,
// strings, bytes, lists, tuples, dicts) and calls the few functions of a vocabulary, which
// are written here and only put values together. Every other name, and what would come of it, is an
// Opaque value that remembers the name and nothing else.
//
// Protocols 2 to 5. Format: the comments of CPython's Lib/pickletools.py.
// Bounded: no recursion, at no depth; memory in proportion to the file (Budget); every length is
// compared with what the file still holds before anything is allocated.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/pickle_value.h"

namespace trine::io::pickle {

// A name that a pickle may ask for. `call` is null where it only stands for itself. Calls throw
// Error with a clause ("it ..."); the reader adds which file and which byte.
struct Callable {
  std::string_view module, name;
  Value* (*call)(Store& store, const List& arguments);
};

// What a pickle may contain beside plain data.
struct Vocabulary {
  std::vector<std::span<const Callable>> callables;
  // Gives a persistent id (PyTorch's storages) its meaning; null where there are none.
  Value* (*persistent)(Store& store, const Value& id);
};

// NumPy arrays and scalars, dicts of other names, and what NumPy's and Python's picklers need
// besides.
const Vocabulary& numpy_vocabulary();

class Document {
 public:
  Document(std::unique_ptr<Store> store, const Value& root, std::size_t length)
      : store_(std::move(store)), root_(&root), length_(length) {}

  // Lives as long as the document; arrays taken from it live on their own.
  const Value& root() const { return *root_; }

  const Store& store() const { return *store_; }
  std::size_t length() const { return length_; }  // of the pickle, in bytes

 private:
  std::unique_ptr<Store> store_;
  const Value* root_;
  std::size_t length_;
};

// Large arrays are views into `bytes`, copied only where their byte order or layout differs.
// Throws Error: "`name` is not a `kind` that can be read: at byte N ...". What follows the
// pickle's end is not looked at.
Document read(const SharedBytes& bytes, std::string_view name, std::string_view kind = "pickle",
              const Vocabulary& vocabulary = numpy_vocabulary());

// The same for a pickle that is part of another format: errors are clauses ("at byte N it ...").
Document parse(const SharedBytes& bytes, const Vocabulary& vocabulary);

}  // namespace trine::io::pickle
