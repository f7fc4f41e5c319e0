#include "backends/session.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "engine/error.h"

namespace trine {
namespace {

template <class Entries>
const auto& find_named(const Entries& entries, std::string_view name, std::string_view what,
                       const Plan& plan) {
  std::vector<std::string_view> names;
  for (const auto& entry : entries) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  fail("program '{}' has no {} named '{}'; it has {}", plan.name, what, name,
       fmt::join(names, ", "));
}

}  // namespace

void Executable::feed(std::string_view name, std::span<const float> values) {
  feed_bytes(name, DType::f32, static_cast<std::int64_t>(values.size()), std::as_bytes(values));
}

void Executable::feed(std::string_view name, std::span<const std::int32_t> values) {
  feed_bytes(name, DType::i32, static_cast<std::int64_t>(values.size()), std::as_bytes(values));
}

void Executable::feed_bytes(std::string_view name, DType dtype, std::int64_t n,
                            std::span<const std::byte> bytes) {
  const Feed& feed = find_named(plan_->feeds, name, "input", *plan_);
  const Type& type = feed.operand.type;
  if (type.dtype != dtype || count(type.shape) != n)
    fail("program '{}': the input '{}' is {} and {} values of {} were given", plan_->name, name,
         to_string(type), n, name_of(dtype));
  program_->write(feed, bytes);
}

std::vector<float> Executable::fetch(std::string_view name) const {
  const Fetch& wanted = find_named(plan_->fetches, name, "fetched value", *plan_);
  if (wanted.operand.type.dtype != DType::f32)
    fail("program '{}': '{}' is {}, and f32 was asked for", plan_->name, name,
         to_string(wanted.operand.type));
  std::vector<float> values(static_cast<std::size_t>(count(wanted.operand.type.shape)));
  program_->read(wanted, std::as_writable_bytes(std::span(values)));
  return values;
}

const Type& Executable::fetch_type(std::string_view name) const {
  return find_named(plan_->fetches, name, "fetched value", *plan_).operand.type;
}

float Executable::fetch_scalar(std::string_view name) const {
  const std::vector<float> values = fetch(name);
  if (values.size() != 1)
    fail("program '{}': '{}' has {} values and one was asked for", plan_->name, name,
         values.size());
  return values.front();
}

void Session::create_state(const std::string& name, std::int64_t elements) {
  const std::int64_t bytes = elements * static_cast<std::int64_t>(sizeof(float));
  std::unique_ptr<DeviceBuffer>& buffer = states_[name];
  if (buffer && buffer->bytes() != bytes)
    fail("create_state: '{}' exists with {} bytes, and {} were asked for", name, buffer->bytes(),
         bytes);
  if (!buffer) buffer = backend_->allocate(bytes);
}

DeviceBuffer& Session::find_state(const std::string& name) const {
  const auto found = states_.find(name);
  if (found == states_.end())
    fail("there is no state named '{}'; call create_state() before compiling", name);
  return *found->second;
}

void Session::write_state(const std::string& name, std::int64_t first_element,
                          std::span<const float> values) {
  find_state(name).upload(first_element * static_cast<std::int64_t>(sizeof(float)),
                          std::as_bytes(values));
}

std::vector<float> Session::read_state(const std::string& name, std::int64_t first_element,
                                       std::int64_t n) const {
  std::vector<float> values(static_cast<std::size_t>(n));
  find_state(name).download(first_element * static_cast<std::int64_t>(sizeof(float)),
                            std::as_writable_bytes(std::span(values)));
  return values;
}

Executable Session::compile(const Graph& graph, std::string name, const PassObserver& observe) {
  auto plan = std::make_shared<const Plan>(compile_plan(graph, std::move(name), passes_, observe));
  auto bind = [&](const Buffer& wanted) -> DeviceBuffer& {
    DeviceBuffer& state = find_state(wanted.name);
    if (state.bytes() < wanted.bytes)
      fail("program '{}' uses {} bytes of the state '{}', which has {}", plan->name, wanted.bytes,
           wanted.name, state.bytes());
    return state;
  };
  auto program = backend_->compile(plan, bind, options_);
  return {std::move(plan), std::move(program)};
}

}  // namespace trine
