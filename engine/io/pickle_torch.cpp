#include "engine/io/pickle_torch.h"

#include <array>
#include <utility>

#include "engine/io/torch_legacy.h"

namespace trine::io::pickle {
namespace {

constexpr std::array<std::pair<std::string_view, ElementType>, 10> kStorages{{
    {"BoolStorage", ElementType::boolean},
    {"ByteStorage", ElementType::u8},
    {"CharStorage", ElementType::i8},
    {"ShortStorage", ElementType::i16},
    {"IntStorage", ElementType::i32},
    {"LongStorage", ElementType::i64},
    {"HalfStorage", ElementType::f16},
    {"BFloat16Storage", ElementType::bf16},
    {"FloatStorage", ElementType::f32},
    {"DoubleStorage", ElementType::f64},
}};

template <class T>
const T& part(const List& list, std::size_t index, std::string_view what) {
  const T* found = index < list.items.size() ? list.items[index]->as<T>() : nullptr;
  if (found == nullptr) fail("it describes a tensor without {}", what);
  return *found;
}

// Python 2 wrote str as bytes.
std::string text_part(const List& list, std::size_t index, std::string_view what) {
  const auto found = index < list.items.size() ? text_in(*list.items[index]) : std::nullopt;
  if (!found) fail("it describes a tensor without {}", what);
  return *found;
}

Extents extents_from(const List& list) {
  Extents out;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    out.push_back(part<std::int64_t>(list, i, "whole numbers as shape and strides"));
  }
  return out;
}

ElementType storage_type(const Global& global) {
  for (const auto& [name, type] : kStorages) {
    if (name == global.callable->name) return type;
  }
  fail("it names {}.{} as the type of a storage", global.callable->module, global.callable->name);
}

// ('storage', torch.FloatStorage, key, device, number of elements)
Value* load_storage(Store& store, const Value& id) {
  const auto* parts = id.as<List>();
  if (parts == nullptr || text_part(*parts, 0, "a storage") != "storage") {
    fail("it refers to {} outside its pickle, and only storages are found there", describe(id));
  }
  if (parts->items.size() > 1 && parts->items[1]->as<Opaque>() != nullptr) {
    return store.add(Opaque{"a storage of a type that is not read"});
  }
  Storage storage;
  storage.type = storage_type(part<Global>(*parts, 1, "the type of its storage"));
  storage.key = text_part(*parts, 2, "the key of its storage");
  storage.size = part<std::int64_t>(*parts, 4, "the size of its storage");
  constexpr std::size_t kView = 5;  // only in the old format
  if (parts->items.size() > kView && parts->items[kView]->as<None>() == nullptr) {
    fail("it holds a storage that is part of another one, as PyTorch wrote before 0.4");
  }
  if (storage.size < 0) fail("it has a storage of {} elements", storage.size);
  store.charge(storage.key.size());
  return store.add(std::move(storage));
}

// (bytes), a storage as torch.save wrote it before PyTorch 1.6: so storages stand in plain pickles.
// What the bytes hold may not hold such bytes again: nesting would take stack.
Value* load_from_bytes(Store& store, const List& arguments) {
  const auto& bytes = part<Bytes>(arguments, 0, "the bytes of its storage");
  store.charge(bytes.data.size());  // reading them takes as much time, at each call
  return store.add(storage_from_legacy(bytes.data, saved_vocabulary()));
}

// (storage, offset, shape, strides[, requires_grad, hooks, metadata])
Value* rebuild_tensor(Store& store, const List& arguments) {
  if (!arguments.items.empty() && arguments.items[0]->as<Opaque>() != nullptr) {
    return store.add(Opaque{"a tensor over a storage that is not read"});
  }
  part<Storage>(arguments, 0, "a storage");
  TensorView view;
  view.storage = arguments.items[0];
  view.offset = part<std::int64_t>(arguments, 1, "an offset");
  view.shape = extents_from(part<List>(arguments, 2, "a shape"));
  view.strides = extents_from(part<List>(arguments, 3, "strides"));
  store.charge((view.shape.size() + view.strides.size()) * sizeof(view.shape[0]));
  return store.add(std::move(view));
}

// (tensor, requires_grad, hooks)
Value* rebuild_parameter(Store& store, const List& arguments) {
  if (!arguments.items.empty() && arguments.items[0]->as<Opaque>() != nullptr) {
    return store.add(Opaque{"a tensor over a storage that is not read"});
  }
  return store.add(part<TensorView>(arguments, 0, "a tensor"));
}

constexpr Callable kFunctions[] = {
    {"torch._utils", "_rebuild_tensor", rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", rebuild_tensor},
    {"torch._utils", "_rebuild_parameter", rebuild_parameter},
};

constexpr Callable kInlineStorages[] = {{"torch.storage", "_load_from_bytes", load_from_bytes}};

std::array<Callable, kStorages.size()> storage_names() {
  std::array<Callable, kStorages.size()> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {"torch", kStorages[i].first, nullptr};
  return out;
}

}  // namespace

const Vocabulary& saved_vocabulary() {
  static const auto storages = storage_names();
  static const Vocabulary vocabulary = [] {
    Vocabulary out = numpy_vocabulary();
    out.callables.emplace_back(kFunctions);
    out.callables.emplace_back(storages);
    out.persistent = load_storage;
    return out;
  }();
  return vocabulary;
}

const Vocabulary& pickled_vocabulary() {
  static const Vocabulary vocabulary = [] {
    Vocabulary out = numpy_vocabulary();
    out.callables.emplace_back(kFunctions);
    out.callables.emplace_back(kInlineStorages);
    return out;
  }();
  return vocabulary;
}

}  // namespace trine::io::pickle
