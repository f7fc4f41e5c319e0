#include "tests/cuda_driver/driver/faults.h"

#include <sstream>

namespace trine::stand_in {

void Faults::add(const std::string& text) {
  std::istringstream parts(text);
  std::string entry;
  int call = 0, result = 0;
  char colon = 0;
  if (std::getline(parts, entry, ':') && parts >> call >> colon >> result)
    add(entry, call, static_cast<CUresult>(result));
}

CUresult Faults::count(const std::string& entry) {
  const auto fault = next_.find(entry);
  if (fault == next_.end() || --fault->second.calls_left > 0) return CUDA_SUCCESS;
  const CUresult result = fault->second.result;
  next_.erase(fault);
  return result;
}

}  // namespace trine::stand_in
