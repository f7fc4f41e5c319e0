#include "engine/io/torch_file.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include <fmt/ranges.h>

#include "engine/io/context.h"
#include "engine/io/mapped_file.h"
#include "engine/io/torch_document.h"
#include "engine/io/torch_legacy.h"
#include "engine/io/utf8.h"

namespace trine::io {
namespace {

using pickle::Dict;
using pickle::List;
using pickle::TensorView;
using pickle::Value;

constexpr std::string_view kKind = "checkpoint";

// ---- Where the state dict is ----

// A tensor or an array of more than a single number: a loss or a step stands beside models too.
bool is_weight(const Value& value) {
  if (const auto* view = value.as<TensorView>()) return !view->shape.empty();
  const auto* array = value.as<Array>();
  return array != nullptr && array->rank() > 0;
}

bool is_tensor(const Value& value) {
  return value.as<TensorView>() != nullptr || value.as<Array>() != nullptr;
}

struct Entry {
  std::string name;
  const Value* value;
};

// The collections within one, with their names.
std::vector<Entry> collections_in(const Value& value) {
  std::vector<Entry> out;
  const auto add = [&](std::string name, const Value* item) {
    if (item->as<Dict>() != nullptr || item->as<List>() != nullptr)
      out.push_back({std::move(name), item});
  };
  if (const auto* dict = value.as<Dict>()) {
    for (const auto& [key, item] : dict->items) add(text_in(*key).value_or(describe(*key)), item);
  } else if (const auto* list = value.as<List>()) {
    for (std::size_t i = 0; i < list->items.size(); ++i)
      add(fmt::format("item {}", i), list->items[i]);
  }
  return out;
}

template <class Is>
bool holds(const Value& value, Is is) {
  const auto* dict = value.as<Dict>();
  return dict != nullptr &&
         std::ranges::any_of(dict->items, [&](const auto& item) { return is(*item.second); });
}

constexpr std::array<std::string_view, 6> kUsualNames{"state_dict", "model_state_dict", "model",
                                                      "net",        "network",          "module"};

// A few levels: deeper nothing that is kept is a model, and a pickle may hold itself.
constexpr int kMostLevels = 4;

const Dict* find_state_dict(const Value& root, int levels = kMostLevels);

const Dict* under_usual_name(const Value& root, int levels) {
  const auto* dict = root.as<Dict>();
  for (const std::string_view name : kUsualNames) {
    const Value* value = dict != nullptr ? dict->find(name) : nullptr;
    const Dict* found = value != nullptr ? find_state_dict(*value, levels - 1) : nullptr;
    if (found != nullptr) return found;
  }
  return nullptr;
}

// nullptr where there is none.
const Dict* find_state_dict(const Value& root, int levels) {
  if (levels == 0) return nullptr;
  if (const Dict* found = under_usual_name(root, levels)) return found;
  if (holds(root, is_weight)) return root.as<Dict>();

  std::vector<std::string> names;
  const Dict* only = nullptr;
  for (const Entry& entry : collections_in(root)) {
    if (!holds(*entry.value, is_weight)) continue;
    names.push_back(entry.name);
    only = entry.value->as<Dict>();
  }
  if (names.size() > 1) {
    fail(
        "it holds several state dicts ({}), and it is not clear which is the model: save that one "
        "alone",
        printable(fmt::format("{}", fmt::join(names, ", ")), 200));
  }
  if (only != nullptr) return only;
  return holds(root, is_tensor) ? root.as<Dict>() : nullptr;
}

const Dict& state_dict_in(const Value& root) {
  if (root.as<Dict>() == nullptr && root.as<List>() == nullptr) {
    fail("it holds {}, and a state dict is expected: save model.state_dict()", describe(root));
  }
  const Dict* found = find_state_dict(root);
  if (found == nullptr)
    fail("it holds no state dict: neither it nor a dict in it maps names to tensors");
  return *found;
}

// ---- What it holds ----

TorchFile arrays_of(const Dict& state, TensorReader& tensors) {
  TorchFile out;
  std::unordered_set<std::string> names;
  for (const auto& [key, value] : state.items) {
    const std::string name = text_in(*key).value_or(describe(*key));
    if (!names.insert(name).second) fail("it names {} twice", printable(name));
    if (const auto* array = value->as<Array>()) {
      out.arrays.push_back({name, *array});
      continue;
    }
    const auto* view = value->as<TensorView>();
    if (view == nullptr) {
      out.skipped.push_back(name);
      continue;
    }
    try {
      out.arrays.push_back({name, tensors.array_of(*view)});
    } catch (const Error& error) {
      fail("of the tensor {}, {}", printable(name), error.what());
    }
  }
  return out;
}

// Wrappers name what they wrap: nn.DataParallel, torch.compile, and MMSA's AMIO.
void take_prefixes_off(NamedArrays& arrays) {
  constexpr std::array<std::string_view, 3> kPrefixes{"module.", "_orig_mod.", "Model."};
  const auto common = [&] {
    return std::ranges::find_if(kPrefixes, [&](std::string_view prefix) {
      return !arrays.empty() && std::ranges::all_of(arrays, [prefix](const NamedArray& entry) {
        return entry.name.size() > prefix.size() && entry.name.starts_with(prefix);
      });
    });
  };
  for (auto prefix = common(); prefix != kPrefixes.end(); prefix = common()) {
    for (NamedArray& entry : arrays) entry.name.erase(0, prefix->size());
  }
}

bool has_torch_name(std::string_view name) {
  return name.ends_with(".pth") || name.ends_with(".pt");
}

// A zip archive begins with PK.
bool has_torch_bytes(ByteView bytes) {
  return text_of(bytes).starts_with("PK") || is_torch_legacy(bytes);
}

}  // namespace

TorchFile parse_torch_file(const SharedBytes& bytes, std::string_view name) {
  const TorchDocument document = read_torch_document(bytes, name, kKind);
  return explaining(name, kKind, [&] {
    TorchFile file = arrays_of(state_dict_in(document.root()), *document.tensors);
    take_prefixes_off(file.arrays);
    return file;
  });
}

TorchFile read_torch_file(const std::filesystem::path& path) {
  return parse_torch_file(map_file(path), path.string());
}

bool is_torch_file(const std::filesystem::path& path) {
  return has_torch_name(path.string()) || has_torch_bytes(map_file(path).view);
}

bool is_torch_file(std::string_view name, ByteView bytes) {
  return has_torch_name(name) || has_torch_bytes(bytes);
}

}  // namespace trine::io
