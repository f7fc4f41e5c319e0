#include "backends/cuda/gpu/compiler.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <nvrtc.h>

#include "backends/codegen/cache_file.h"
#include "backends/cuda/gpu/embedded.h"
#include "backends/cuda/gpu/library.h"
#include "engine/error.h"

namespace trine::cuda {
namespace {

// clang-format off
#define TRINE_NVRTC_FUNCTIONS(X) \
  X(nvrtcVersion) X(nvrtcGetErrorString) X(nvrtcCreateProgram) X(nvrtcDestroyProgram) \
  X(nvrtcCompileProgram) X(nvrtcAddNameExpression) X(nvrtcGetLoweredName) X(nvrtcGetCUBINSize) \
  X(nvrtcGetCUBIN) X(nvrtcGetProgramLogSize) X(nvrtcGetProgramLog) \
  X(nvrtcGetNumSupportedArchs) X(nvrtcGetSupportedArchs)
// clang-format on

struct Nvrtc {
#define TRINE_MEMBER(name) decltype(&::name) name = nullptr;
  TRINE_NVRTC_FUNCTIONS(TRINE_MEMBER)
#undef TRINE_MEMBER
  bool complete = false;

  Nvrtc() {
    const Library library({"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"});
    if (!library) return;
    complete = true;
#define TRINE_LOAD(name) complete = library.find(#name, name) && complete;
    TRINE_NVRTC_FUNCTIONS(TRINE_LOAD)
#undef TRINE_LOAD
  }

  void check(nvrtcResult result, const char* doing) const {
    if (result != NVRTC_SUCCESS)
      fail("cuda: NVRTC: {} failed: {}", doing, nvrtcGetErrorString(result));
  }
};

const Nvrtc& nvrtc() {
  static const Nvrtc functions;
  return functions;
}

// An NVRTC program, destroyed with the object.
class SourceProgram {
 public:
  explicit SourceProgram(const std::string& text) {
    std::vector<const char*> contents, names;
    for (const Embedded& file : embedded_sources()) {
      contents.push_back(file.content.data());
      names.push_back(file.name.data());
    }
    nvrtc().check(
        nvrtc().nvrtcCreateProgram(&program_, text.c_str(), "generated.cu",
                                   static_cast<int>(names.size()), contents.data(), names.data()),
        "creating a program");
  }
  ~SourceProgram() { nvrtc().nvrtcDestroyProgram(&program_); }
  SourceProgram(const SourceProgram&) = delete;
  SourceProgram& operator=(const SourceProgram&) = delete;

  nvrtcProgram get() const { return program_; }

  std::string log() const {
    std::size_t size = 0;
    nvrtc().nvrtcGetProgramLogSize(program_, &size);
    std::string text(size, '\0');
    if (size > 0) nvrtc().nvrtcGetProgramLog(program_, text.data());
    return text.c_str();
  }

 private:
  nvrtcProgram program_ = nullptr;
};

// Everything that the cubin depends on.
std::string cache_name(const GeneratedSource& source, int architecture,
                       const std::string& version) {
  std::string key =
      fmt::format("{}\n{}\n{}\n{}\n", version, architecture, source.kernel, source.text);
  for (const Embedded& file : embedded_sources()) key += file.content;
  const std::uint64_t forwards = hash_of(key);
  const std::uint64_t backwards = hash_of(std::string(key.rbegin(), key.rend()));
  return fmt::format("cuda-{:016x}{:016x}.cubin", forwards, backwards);
}

// In the cache the symbol stands before the cubin, with a zero between them.
std::vector<std::byte> pack(const CompiledKernel& kernel) {
  std::vector<std::byte> bytes(kernel.symbol.size() + 1 + kernel.cubin.size());
  std::memcpy(bytes.data(), kernel.symbol.c_str(), kernel.symbol.size() + 1);
  std::memcpy(bytes.data() + kernel.symbol.size() + 1, kernel.cubin.data(), kernel.cubin.size());
  return bytes;
}

std::optional<CompiledKernel> unpack(const std::vector<std::byte>& bytes) {
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const std::size_t length = strnlen(text, bytes.size());
  if (length == bytes.size()) return std::nullopt;
  return CompiledKernel{{bytes.begin() + static_cast<std::ptrdiff_t>(length) + 1, bytes.end()},
                        std::string(text, length)};
}

}  // namespace

Compiler::Compiler() {
  const Nvrtc& n = nvrtc();
  n.check(n.nvrtcVersion(&major_, &minor_), "asking for the version");
  int count = 0;
  n.check(n.nvrtcGetNumSupportedArchs(&count), "counting architectures");
  architectures_.resize(static_cast<std::size_t>(count));
  n.check(n.nvrtcGetSupportedArchs(architectures_.data()), "listing architectures");
}

const Compiler* Compiler::find(int architecture, std::string& why) {
  const char* wanted = std::getenv("TRINE_CUDA_NVRTC");
  if (wanted && std::string_view(wanted) == "0") {
    why = "switched off by TRINE_CUDA_NVRTC=0";
    return nullptr;
  }
  if (!nvrtc().complete) {
    why = "libnvrtc was not found; install the CUDA toolkit's NVRTC for faster kernels";
    return nullptr;
  }
  static const Compiler compiler;
  const std::vector<int>& known = compiler.architectures_;
  if (std::find(known.begin(), known.end(), architecture) == known.end()) {
    why = fmt::format(
        "NVRTC {} does not know compute capability {}.{}; install that of a CUDA toolkit for this "
        "GPU for faster kernels",
        compiler.version(), architecture / 10, architecture % 10);
    return nullptr;
  }
  return &compiler;
}

std::string Compiler::how_expressions_run(int architecture) {
  std::string why;
  const Compiler* compiler = find(architecture, why);
  return compiler ? fmt::format("compiled by NVRTC {}", compiler->version())
                  : fmt::format("interpreted: {}", why);
}

std::string Compiler::version() const { return fmt::format("{}.{}", major_, minor_); }

CompiledKernel Compiler::compile(const GeneratedSource& source, int architecture) const {
  const std::string name = cache_name(source, architecture, version());
  if (const auto cached = read_cached(name))
    if (auto kernel = unpack(*cached)) return *kernel;
  CompiledKernel kernel = compile_anew(source, architecture);
  write_cached(name, pack(kernel));
  return kernel;
}

CompiledKernel Compiler::compile_anew(const GeneratedSource& source, int architecture) const {
  const Nvrtc& n = nvrtc();
  const SourceProgram program(source.text);
  n.check(n.nvrtcAddNameExpression(program.get(), source.kernel.c_str()), "naming the kernel");
  const std::string target = fmt::format("--gpu-architecture=sm_{}", architecture);
  const char* options[] = {target.c_str(), "--std=c++17"};
  if (const nvrtcResult result = n.nvrtcCompileProgram(program.get(), 2, options);
      result != NVRTC_SUCCESS)
    fail("cuda: a generated kernel does not compile for sm_{}: {}\n{}", architecture,
         n.nvrtcGetErrorString(result), program.log());
  const char* symbol = nullptr;
  n.check(n.nvrtcGetLoweredName(program.get(), source.kernel.c_str(), &symbol),
          "finding the kernel");
  std::size_t size = 0;
  n.check(n.nvrtcGetCUBINSize(program.get(), &size), "reading the cubin's size");
  CompiledKernel kernel{std::vector<std::byte>(size), symbol};
  n.check(n.nvrtcGetCUBIN(program.get(), reinterpret_cast<char*>(kernel.cubin.data())),
          "reading the cubin");
  return kernel;
}

}  // namespace trine::cuda
