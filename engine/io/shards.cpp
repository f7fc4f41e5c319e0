#include "engine/io/shards.h"

#include <utility>

#include "engine/io/context.h"
#include "engine/io/json_text.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_file.h"

namespace trine::io {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Not a question of links: caches keep the files of a folder elsewhere and link to them.
bool leaves_folder(const fs::path& file) {
  const fs::path normal = file.lexically_normal();
  return file.is_absolute() || normal.empty() || *normal.begin() == ".." ||
         !normal.has_filename() || normal == ".";
}

NamedArrays read_shard(const fs::path& file) {
  if (file.extension() == ".safetensors") return read_safetensors(file).arrays;
  return read_torch_file(file).arrays;
}

void check_tensors(const NamedArrays& arrays, const std::set<std::string>& expected,
                   const fs::path& file, const fs::path& index) {
  std::set<std::string_view> there;
  for (const NamedArray& entry : arrays) {
    if (!expected.contains(entry.name))
      fail("{} holds '{}', which {} does not list there: they are not of one model, get both again",
           file.string(), printable(entry.name), index.string());
    there.insert(entry.name);
  }
  for (const std::string& name : expected)
    if (!there.contains(name))
      fail("{} has no '{}', which {} lists there: they are not of one model, get both again",
           file.string(), printable(name), index.string());
}

}  // namespace

ShardIndex parse_shard_index(std::string_view text, std::string_view name) {
  const json object = parsed_json(text, name);
  return explaining(name, "index of weights", [&] {
    const auto map = object.find("weight_map");
    if (!object.is_object() || map == object.end() || !map->is_object() || map->empty())
      fail("it has no weight_map, an object of tensors and the files that hold them");
    ShardIndex index;
    for (const auto& [tensor, file] : map->items()) {
      if (!file.is_string()) fail("its weight_map gives no file for '{}'", printable(tensor));
      const auto& path = file.get_ref<const std::string&>();
      if (leaves_folder(path))
        fail(
            "its weight_map gives the file '{}' for '{}', and files of its own folder are expected",
            printable(path), printable(tensor));
      index[path].insert(tensor);
    }
    return index;
  });
}

NamedArrays read_shards(const fs::path& index) {
  const SharedBytes bytes = map_file(index);
  NamedArrays all;
  for (const auto& [name, tensors] : parse_shard_index(text_of(bytes.view), index.string())) {
    const fs::path file = index.parent_path() / name;
    if (!fs::exists(file))
      fail("{} lists {}, which is not beside it: get the whole folder", index.string(),
           printable(name));
    NamedArrays arrays = read_shard(file);
    check_tensors(arrays, tensors, file, index);
    all.insert(all.end(), std::make_move_iterator(arrays.begin()),
               std::make_move_iterator(arrays.end()));
  }
  return all;
}

}  // namespace trine::io
