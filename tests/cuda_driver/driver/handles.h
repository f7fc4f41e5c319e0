// Live handles of one kind. A handle's value is never used twice, so that one which was destroyed,
// or was never given out, is known for what it is.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace trine::stand_in {

inline std::uintptr_t next_handle_value() {
  static std::uintptr_t last = 0x5D0000;
  return last += 16;
}

template <class Handle, class Object>
class Handles {
 public:
  Handle add(Object object) {
    const auto handle = reinterpret_cast<Handle>(next_handle_value());
    objects_.emplace(handle, std::make_unique<Object>(std::move(object)));
    return handle;
  }

  // Null unless the handle is live.
  Object* find(Handle handle) {
    const auto at = objects_.find(handle);
    return at == objects_.end() ? nullptr : at->second.get();
  }
  // The same, and of this context.
  Object* find(Handle handle, const void* context) {
    Object* object = find(handle);
    return object && object->context == context ? object : nullptr;
  }

  bool erase(Handle handle) { return objects_.erase(handle) != 0; }

  // Removes all that the predicate names; how many they were.
  template <class Predicate>
  std::size_t erase_if(Predicate predicate) {
    return std::erase_if(objects_, [&](const auto& entry) { return predicate(*entry.second); });
  }

  template <class Visit>
  void for_each(Visit visit) {
    for (auto& [handle, object] : objects_) visit(*object);
  }

  std::size_t size() const { return objects_.size(); }

 private:
  std::map<Handle, std::unique_ptr<Object>> objects_;
};

}  // namespace trine::stand_in
