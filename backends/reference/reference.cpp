#include "backends/reference/reference.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "backends/cpu/cpu.h"
#include "backends/reference/interpret.h"
#include "engine/error.h"

namespace trine {
namespace {

// Every 4-byte element of a plan's buffer is one double here.
using Words = std::vector<double>;

std::size_t words_in(std::int64_t bytes) { return static_cast<std::size_t>(bytes / 4); }

void to_words(std::span<const std::byte> data, DType dtype, double* words) {
  for (std::size_t i = 0; i < data.size() / 4; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, data.data() + i * 4, 4);
    words[i] = dtype == DType::f32 ? static_cast<double>(std::bit_cast<float>(bits))
                                   : static_cast<double>(static_cast<std::int32_t>(bits));
  }
}

void from_words(const double* words, DType dtype, std::span<std::byte> data) {
  for (std::size_t i = 0; i < data.size() / 4; ++i) {
    const std::uint32_t bits =
        dtype == DType::f32 ? std::bit_cast<std::uint32_t>(static_cast<float>(words[i]))
                            : static_cast<std::uint32_t>(static_cast<std::int32_t>(words[i]));
    std::memcpy(data.data() + i * 4, &bits, 4);
  }
}

class ReferenceBuffer final : public DeviceBuffer {
 public:
  explicit ReferenceBuffer(std::int64_t bytes) : bytes_(bytes), words_(words_in(bytes)) {}
  std::int64_t bytes() const override { return bytes_; }
  void upload(std::int64_t first_byte, std::span<const std::byte> data) override {
    to_words(data, DType::f32, words_.data() + first_byte / 4);
  }
  void download(std::int64_t first_byte, std::span<std::byte> data) const override {
    from_words(words_.data() + first_byte / 4, DType::f32, data);
  }
  Words& words() { return words_; }

 private:
  std::int64_t bytes_;
  Words words_;
};

class ReferenceProgram final : public Program {
 public:
  ReferenceProgram(std::shared_ptr<const Plan> plan, const StateBinding& states, bool poison)
      : plan_(std::move(plan)), owned_(plan_->buffers.size()), poison_(poison) {
    for (std::size_t b = 0; b < owned_.size(); ++b) {
      const Buffer& buffer = plan_->buffers[b];
      if (buffer.kind == BufferKind::state) {
        buffers_.push_back(&dynamic_cast<ReferenceBuffer&>(states(buffer)).words());
      } else {
        owned_[b].resize(words_in(buffer.bytes));
        buffers_.push_back(&owned_[b]);
      }
    }
    for (const Literal& literal : plan_->literals)
      std::copy(literal.values->begin(), literal.values->end(), words(literal.operand));
  }

  void write(const Feed& feed, std::span<const std::byte> data) override {
    to_words(data, feed.operand.type.dtype, words(feed.operand));
  }

  void run(const RunParams& params) override {
    for (std::size_t b = 0; b < owned_.size(); ++b) {
      if (plan_->buffers[b].kind == BufferKind::step) {
        owned_[b][static_cast<int>(StepWord::step_as_float)] = params.step;
        owned_[b][static_cast<int>(StepWord::learning_rate)] = params.learning_rate;
      }
      if (plan_->buffers[b].kind == BufferKind::workspace && poison_)
        std::fill(owned_[b].begin(), owned_[b].end(), std::numeric_limits<double>::quiet_NaN());
    }
    for (const Step& step : plan_->steps)
      for (const Member& member : step.members) interpret(step, member, params, buffers_);
  }

  void read(const Fetch& fetch, std::span<std::byte> data) const override {
    from_words(words(fetch.operand), fetch.operand.type.dtype, data);
  }

  std::vector<LaunchTime> profile(const RunParams& params) override {
    run(params);
    return {};
  }

 private:
  double* words(const Operand& operand) const {
    return buffers_[static_cast<std::size_t>(operand.buffer)]->data() + operand.offset;
  }

  std::shared_ptr<const Plan> plan_;
  std::vector<Words> owned_;
  std::vector<Words*> buffers_;
  bool poison_;
};

class ReferenceBackend final : public Backend {
 public:
  DeviceInfo info() const override {
    return {"reference", "double-precision reference", "cpu", "plain loops", 0, {}};
  }

  std::string unsupported(const Step& step) const override {
    return step.op && !step.op->reference ? "the op has no reference" : "";
  }

  Fusion fusion() const override { return cpu_fusion(); }
  std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) override {
    return std::make_unique<ReferenceBuffer>(bytes);
  }

  std::unique_ptr<Program> compile(std::shared_ptr<const Plan> plan, const StateBinding& states,
                                   const CompileOptions& options) override {
    require_supported(*this, *plan);
    return std::make_unique<ReferenceProgram>(std::move(plan), states, options.check_memory);
  }
};

}  // namespace

std::unique_ptr<Backend> make_reference_backend() { return std::make_unique<ReferenceBackend>(); }

}  // namespace trine
