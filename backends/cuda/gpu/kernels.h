// Finds the functions of launches: in the embedded fatbins, or generated and compiled by NVRTC.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/cuda/generated_source.h"
#include "backends/cuda/gpu/context.h"

namespace trine::cuda {

class Compiler;

class Kernels {
 public:
  explicit Kernels(std::shared_ptr<Context> context);

  // One function for each launch. Generated sources that are new are compiled side by side.
  std::vector<CUfunction> find(std::span<const Launch> launches);

 private:
  void compile_missing(std::span<const Launch> launches);
  CUfunction embedded(const std::string& file, const std::string& name);

  std::shared_ptr<Context> context_;
  int architecture_;
  const Compiler* compiler_ = nullptr;  // null: expressions are interpreted
  std::map<std::string, Module> fatbins_;
  struct Generated {
    Module module;
    CUfunction function = nullptr;
  };
  std::map<GeneratedSource, Generated> generated_;
};

}  // namespace trine::cuda
