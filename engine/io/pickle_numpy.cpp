#include "engine/io/pickle_numpy.h"

#include <array>
#include <charconv>

#include "engine/io/numpy_array.h"
#include "engine/io/utf8.h"

namespace trine::io::pickle {
namespace {

const Value& argument(const List& arguments, std::size_t index, std::string_view function) {
  if (index >= arguments.items.size()) {
    fail("it calls {} with {} arguments, and more are expected", function, arguments.items.size());
  }
  return *arguments.items[index];
}

template <class T>
const T& expect(const Value& value, std::string_view what) {
  const T* found = value.as<T>();
  if (found == nullptr) fail("{} is expected, and {} is given", what, describe(value));
  return *found;
}

Extents extents_from(const Value& value) {
  Extents out;
  for (const Value* extent : expect<List>(value, "the shape of an array").items) {
    out.push_back(expect<std::int64_t>(*extent, "an extent of an array"));
  }
  return out;
}

// '<', '>', '=' (as here), '|' (does not matter).
bool is_big_endian(std::string_view order) {
  if (order != "<" && order != ">" && order != "=" && order != "|") {
    fail("it gives a dtype the byte order '{}', which does not exist", printable(order));
  }
  return order == ">";
}

Value* opaque(Store& store, std::string what) {
  store.charge(what.size());
  return store.add(Opaque{std::move(what)});
}

Value* call_reconstruct(Store& store, const List& arguments) {
  // A class over ndarray, whose state is not an array's alone.
  if (const auto* other = argument(arguments, 0, "_reconstruct").as<Opaque>()) {
    return opaque(store, other->what);
  }
  const auto& type = expect<Global>(argument(arguments, 0, "_reconstruct"), "numpy.ndarray");
  if (type.callable->name != "ndarray") {
    fail("it makes an array of the type {}", describe(*arguments.items[0]));
  }
  return store.add(EmptyArray{});
}

// numpy.dtype('f4', False, True): a kind and a size. The byte order may stand in front, and comes
// again with the state.
Value* call_dtype(Store& store, const List& arguments) {
  if (const auto* other = argument(arguments, 0, "dtype").as<Opaque>()) {
    return opaque(store, "an array of " + other->what);
  }
  const auto& code = expect<std::string>(argument(arguments, 0, "dtype"), "the name of a dtype");
  std::string_view rest = code;
  NumpyType dtype;
  if (!rest.empty() && std::string_view("<>=|").find(rest[0]) != std::string_view::npos) {
    dtype.big_endian = is_big_endian(rest.substr(0, 1));
    rest.remove_prefix(1);
  }
  constexpr std::string_view kKinds = "buifcmMOSUV";
  const char kind = rest.empty() ? '\0' : rest[0];
  rest.remove_prefix(rest.empty() ? 0 : 1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), dtype.size);
  const bool whole = error == std::errc() && end == rest.data() + rest.size();
  constexpr std::int64_t kMostSize = 1 << 30;
  if (kKinds.find(kind) == std::string_view::npos || !whole || dtype.size < 0 ||
      dtype.size > kMostSize) {
    return opaque(store, fmt::format("an array of the dtype '{}'", printable(code)));
  }
  dtype.kind = kind;
  return store.add(dtype);
}

Value* call_scalar(Store& store, const List& arguments) {
  if (const auto* other = argument(arguments, 0, "scalar").as<Opaque>()) {
    return opaque(store, other->what);
  }
  const auto& dtype = expect<NumpyType>(argument(arguments, 0, "scalar"), "a dtype");
  const auto& bytes = expect<Bytes>(argument(arguments, 1, "scalar"), "the bytes of a number");
  return store.add(scalar_from_buffer(store, dtype, bytes.data));
}

// Protocol 5: _frombuffer(bytes, dtype, shape, 'C' or 'F').
Value* call_frombuffer(Store& store, const List& arguments) {
  constexpr std::string_view kName = "_frombuffer";
  if (const auto* other = argument(arguments, 1, kName).as<Opaque>()) {
    return opaque(store, other->what);
  }
  const auto& bytes = expect<Bytes>(argument(arguments, 0, kName), "the bytes of an array");
  const auto& dtype = expect<NumpyType>(argument(arguments, 1, kName), "a dtype");
  const auto& order = expect<std::string>(argument(arguments, 3, kName), "the order of an array");
  if (order != "C" && order != "F") fail("it gives an array the order '{}'", printable(order));
  return store.add(array_from_buffer(store, dtype, bytes.data,
                                     extents_from(argument(arguments, 2, kName)),
                                     order == "F" ? Order::column_major : Order::row_major));
}

// Protocol 2 has no bytes: Python writes them as text, one character a byte, and encodes that.
Value* call_encode(Store& store, const List& arguments) {
  const auto& text = expect<std::string>(argument(arguments, 0, "encode"), "a string");
  const auto& encoding = expect<std::string>(argument(arguments, 1, "encode"), "an encoding");
  if (encoding != "latin1" && encoding != "latin-1") {
    fail("it encodes a string as '{}', and only latin1 is known here", printable(encoding));
  }
  store.charge(text.size());
  std::vector<std::byte> bytes;
  bytes.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<char32_t> point = next_code_point(text, at);
    if (!point || *point > 0xff) fail("it encodes a string as latin1 that does not fit");
    bytes.push_back(static_cast<std::byte>(*point));
  }
  return store.add(Bytes{share(std::move(bytes))});
}

Value* call_bytes(Store& store, const List& arguments) {
  if (!arguments.items.empty()) fail("it calls bytes with arguments, and only b'' is made so");
  return store.add(Bytes{});
}

// OrderedDict() or OrderedDict([(key, value), ...]).
Value* call_ordered_dict(Store& store, const List& arguments) {
  Dict dict;
  if (!arguments.items.empty()) {
    const auto& items = expect<List>(*arguments.items[0], "a list of pairs").items;
    store.charge(items.size() * sizeof(dict.items[0]));
    for (const Value* item : items) {
      const auto& pair = expect<List>(*item, "a pair of key and value").items;
      if (pair.size() != 2) fail("a pair of key and value has {} parts", pair.size());
      dict.items.emplace_back(pair[0], pair[1]);
    }
  }
  return store.add(std::move(dict));
}

// (what makes values of missing keys): never called, as all keys follow.
Value* call_default_dict(Store& store, const List&) { return store.add(Dict{}); }

Value* call_joblib_wrapper(Store& store, const List&) { return store.add(EmptyArray{.raw = true}); }

constexpr Callable kCallables[] = {
    {"numpy", "ndarray", nullptr},
    {"numpy", "dtype", call_dtype},
    {"numpy.core.multiarray", "_reconstruct", call_reconstruct},
    {"numpy._core.multiarray", "_reconstruct", call_reconstruct},
    {"numpy.core.multiarray", "scalar", call_scalar},
    {"numpy._core.multiarray", "scalar", call_scalar},
    {"numpy.core.numeric", "_frombuffer", call_frombuffer},
    {"numpy._core.numeric", "_frombuffer", call_frombuffer},
    {"_codecs", "encode", call_encode},
    {"__builtin__", "bytes", call_bytes},
    {"builtins", "bytes", call_bytes},
    {"collections", "OrderedDict", call_ordered_dict},
    {"collections", "defaultdict", call_default_dict},
    {"joblib.numpy_pickle", "NumpyArrayWrapper", call_joblib_wrapper},
};

// (version, byte order, subarray, field names, fields, size, alignment, flags[, metadata])
void set_dtype_state(NumpyType& dtype, const List& state) {
  constexpr std::size_t kFewest = 5;
  if (state.items.size() < kFewest) fail("it describes a dtype by {} values", state.items.size());
  for (std::size_t i = 2; i < kFewest; ++i) {
    if (state.items[i]->as<None>() == nullptr) dtype.kind = 'V';  // fields or subarrays
  }
  dtype.big_endian = is_big_endian(expect<std::string>(*state.items[1], "a byte order"));
}

Objects objects_from(Store& store, const Value& contents, Extents shape) {
  const auto& items = expect<List>(contents, "the list of an array's objects").items;
  if (static_cast<std::uint64_t>(count(shape)) != items.size()) {
    fail("it holds an array of objects {} and gives {} for it", to_string(shape), items.size());
  }
  store.charge(items.size() * sizeof(items[0]));
  return {std::move(shape), items};  // in row-major order, whatever the array's own was
}

Value::Data array_from_state(Store& store, const List& state) {
  constexpr std::size_t kParts = 5;
  if (state.items.size() != kParts) {
    fail("it describes an array by {} values, and {} are expected", state.items.size(), kParts);
  }
  Extents shape = extents_from(*state.items[1]);
  if (const auto* other = state.items[2]->as<Opaque>()) {
    // NumPy writes what is no plain memory as a list of objects: the strings of a StringDType.
    const bool listed = state.items[4]->as<List>() != nullptr;
    if (listed) return objects_from(store, *state.items[4], std::move(shape));
    store.charge(other->what.size());
    return *other;
  }
  const auto& dtype = expect<NumpyType>(*state.items[2], "a dtype");
  const bool fortran = expect<bool>(*state.items[3], "whether an array is in Fortran order");
  const Value& contents = *state.items[4];
  if (dtype.kind == 'O') return objects_from(store, contents, std::move(shape));
  return array_from_buffer(store, dtype, expect<Bytes>(contents, "the bytes of an array").data,
                           std::move(shape), fortran ? Order::column_major : Order::row_major);
}

}  // namespace

const Vocabulary& numpy_vocabulary() {
  static const Vocabulary vocabulary{{kCallables}, nullptr};
  return vocabulary;
}

void set_joblib_state(Store& store, Value& target, const Value& state, ByteCursor& cursor,
                      const SharedBytes& file) {
  const auto& fields = expect<Dict>(state, "what joblib says of an array");
  const auto field = [&](std::string_view name) -> const Value& {
    const Value* found = fields.find(name);
    if (found == nullptr) fail("joblib says no {} of an array", name);
    return *found;
  };
  const auto* dtype = field("dtype").as<NumpyType>();
  Extents shape = extents_from(field("shape"));
  const auto bytes = dtype != nullptr ? buffer_bytes(*dtype, shape) : std::nullopt;
  if (!bytes) {
    fail(
        "it is written by joblib and holds an array that is neither of numbers nor of text: load "
        "it "
        "with joblib.load and save it with pickle.dump(data, file, protocol=4)");
  }
  const bool fortran = expect<std::string>(field("order"), "the order of an array") == "F";
  // Newer versions align the contents: a byte that says how many follow it to do so.
  const Value* alignment = fields.find("numpy_array_alignment_bytes");
  if (alignment != nullptr && alignment->as<None>() == nullptr) {
    cursor.take(cursor.little_endian<std::uint8_t>());
  }
  cursor.take(*bytes);
  const auto length = static_cast<std::size_t>(*bytes);
  target.data =
      array_from_buffer(store, *dtype, file.part(cursor.position() - length, length),
                        std::move(shape), fortran ? Order::column_major : Order::row_major);
}

void set_numpy_state(Store& store, Value& target, const Value& state) {
  const auto& parts = expect<List>(state, "the state of a NumPy object");
  if (auto* dtype = target.as<NumpyType>()) {
    set_dtype_state(*dtype, parts);
  } else if (target.as<EmptyArray>() != nullptr) {
    target.data = array_from_state(store, parts);
  } else {
    fail("it sets the state of {}, which has none", describe(target));
  }
}

}  // namespace trine::io::pickle
