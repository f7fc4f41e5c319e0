#include "backends/cuda/gpu/kernels.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "backends/cuda/gpu/compiler.h"
#include "backends/cuda/gpu/embedded.h"
#include "engine/error.h"

namespace trine::cuda {
namespace {

Module load_module(const std::shared_ptr<Context>& context, const void* image) {
  CUmodule module = nullptr;
  const Driver& driver = context->use();
  driver.check(driver.cuModuleLoadData(&module, image), "loading kernels");
  return {context, module};
}

CUfunction function_of(const Context& context, const Module& module, const std::string& name) {
  CUfunction function = nullptr;
  const Driver& driver = context.use();
  driver.check(driver.cuModuleGetFunction(&function, module.get(), name.c_str()),
               "finding a kernel");
  return function;
}

// Compiles all sources on as many threads as the machine has; rethrows the first failure.
std::vector<CompiledKernel> compile_all(const Compiler& compiler,
                                        const std::vector<GeneratedSource>& sources,
                                        int architecture) {
  std::vector<CompiledKernel> kernels(sources.size());
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (std::size_t i = next++; i < sources.size(); i = next++)
      kernels[i] = compiler.compile(sources[i], architecture);
  };
  const std::size_t threads =
      std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), sources.size());
  std::vector<std::future<void>> workers;
  for (std::size_t t = 0; t < threads; ++t) workers.push_back(std::async(std::launch::async, work));
  for (auto& worker : workers) worker.get();
  return kernels;
}

}  // namespace

Kernels::Kernels(std::shared_ptr<Context> context)
    : context_(std::move(context)), architecture_(context_->architecture()) {
  std::string why;
  compiler_ = Compiler::find(architecture_, why);
}

std::vector<CUfunction> Kernels::find(std::span<const Launch> launches) {
  if (compiler_) compile_missing(launches);
  std::vector<CUfunction> functions;
  for (const Launch& launch : launches) {
    const std::string file(launch.file), name(launch.kernel);
    if (!launch.body)
      functions.push_back(embedded(file, name));
    else if (compiler_)
      functions.push_back(generated_.at(generate_source(launch)).function);
    else
      functions.push_back(embedded(file, name + "_interpreted"));
  }
  return functions;
}

void Kernels::compile_missing(std::span<const Launch> launches) {
  std::vector<GeneratedSource> missing;
  for (const Launch& launch : launches)
    if (launch.body)
      if (GeneratedSource source = generate_source(launch); !generated_.contains(source))
        missing.push_back(std::move(source));
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  const std::vector<CompiledKernel> kernels = compile_all(*compiler_, missing, architecture_);
  for (std::size_t i = 0; i < missing.size(); ++i) {
    Module module = load_module(context_, kernels[i].cubin.data());
    const CUfunction function = function_of(*context_, module, kernels[i].symbol);
    generated_[missing[i]] = {std::move(module), function};
  }
}

CUfunction Kernels::embedded(const std::string& file, const std::string& name) {
  auto module = fatbins_.find(file);
  if (module == fatbins_.end()) {
    const auto fatbins = embedded_fatbins();
    const auto image = std::find_if(fatbins.begin(), fatbins.end(),
                                    [&](const Embedded& e) { return e.name == file; });
    if (image == fatbins.end()) fail("cuda: this build holds no kernels of cuda/{}.cu", file);
    module = fatbins_.emplace(file, load_module(context_, image->content.data())).first;
  }
  return function_of(*context_, module->second, name);
}

}  // namespace trine::cuda
