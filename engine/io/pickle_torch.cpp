#include "engine/io/pickle_torch.h"

#include <array>
#include <utility>

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
  if (parts == nullptr || part<std::string>(*parts, 0, "a storage") != "storage") {
    fail("it refers to {} outside its pickle, and only storages are found there", describe(id));
  }
  Storage storage;
  storage.type = storage_type(part<Global>(*parts, 1, "the type of its storage"));
  storage.key = part<std::string>(*parts, 2, "the key of its storage");
  storage.size = part<std::int64_t>(*parts, 4, "the size of its storage");
  if (storage.size < 0) fail("it has a storage of {} elements", storage.size);
  store.charge(storage.key.size());
  return store.add(std::move(storage));
}

// (storage, offset, shape, strides, requires_grad, hooks[, metadata])
Value* rebuild_tensor(Store& store, const List& arguments) {
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
  return store.add(part<TensorView>(arguments, 0, "a tensor"));
}

constexpr Callable kFunctions[] = {
    {"torch._utils", "_rebuild_tensor_v2", rebuild_tensor},
    {"torch._utils", "_rebuild_parameter", rebuild_parameter},
};

std::array<Callable, kStorages.size()> storage_names() {
  std::array<Callable, kStorages.size()> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {"torch", kStorages[i].first, nullptr};
  return out;
}

}  // namespace

const Vocabulary& torch_vocabulary() {
  static const auto storages = storage_names();
  static const Vocabulary vocabulary = [] {
    Vocabulary out = numpy_vocabulary();
    out.allowed = "tensors, NumPy arrays, numbers, strings, lists and dicts";
    out.callables.emplace_back(kFunctions);
    out.callables.emplace_back(storages);
    out.persistent = load_storage;
    return out;
  }();
  return vocabulary;
}

}  // namespace trine::io::pickle
