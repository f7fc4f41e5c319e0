// Failures on demand: the n-th call of an entry point returns a given result and does nothing.
#pragma once

#include <map>
#include <string>

#include <cuda.h>

namespace trine::stand_in {

class Faults {
 public:
  // `call` counts from 1, beginning now.
  void add(const std::string& entry, int call, CUresult result) { next_[entry] = {call, result}; }
  // The same as text, "cuInit:1:100"; empty text adds nothing.
  void add(const std::string& text);
  void clear() { next_.clear(); }

  // Counts a call; what it is to return instead of doing its work, or success.
  CUresult count(const std::string& entry);

 private:
  struct Fault {
    int calls_left = 0;
    CUresult result = CUDA_SUCCESS;
  };
  std::map<std::string, Fault> next_;
};

}  // namespace trine::stand_in
