// Which file an error is about.
#pragma once

#include <string_view>
#include <utility>

#include "engine/error.h"
#include "engine/io/utf8.h"

namespace trine::io {

// Runs `read`, whose errors are clauses ("it ends too early"), and makes them sentences:
// "model.pth is not a checkpoint that can be read: it ends too early". Clauses may quote the file:
// what is long or unprintable there is kept from the terminal here, once for all readers.
template <class Read>
decltype(auto) explaining(std::string_view name, std::string_view kind, Read&& read) {
  constexpr std::size_t kLongest = 800;
  try {
    return std::forward<Read>(read)();
  } catch (const Error& error) {
    fail("{} is not a {} that can be read: {}", name, kind, printable(error.what(), kLongest));
  }
}

}  // namespace trine::io
