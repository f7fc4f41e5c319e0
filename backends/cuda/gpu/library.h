// A shared library opened at run time; closed with the process, since its code may still be in use.
#pragma once

#include <initializer_list>

#include <dlfcn.h>

namespace trine::cuda {

class Library {
 public:
  // Opens the first of the names that exists; `names` in order of preference.
  explicit Library(std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (!handle_) handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }

  explicit operator bool() const { return handle_ != nullptr; }

  // Sets `function` to the symbol; false if there is none.
  template <class Function>
  bool find(const char* symbol, Function& function) const {
    function = reinterpret_cast<Function>(dlsym(handle_, symbol));
    return function != nullptr;
  }

 private:
  void* handle_ = nullptr;
};

}  // namespace trine::cuda
