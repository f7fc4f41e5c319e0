#include "backends/cpu/operands.h"

#include <algorithm>

#include "engine/error.h"

namespace trine::cpu {

std::vector<TileOperand> tile_operands(const BuildContext& build,
                                       std::span<const Operand> operands) {
  std::vector<TileOperand> result;
  for (const Operand& operand : operands)
    result.push_back({build.address(operand), operand.type.dtype, operand.strides});
  return result;
}

Epilogue Epilogue::none(const BuildContext& build, const Member& member) {
  return Epilogue(build.address(member.outputs[0]));
}

Epilogue::Epilogue(BuildContext& build, const Step& step, const Member& member)
    : landing_(build.address(member.outputs[0])) {
  if (step.body.empty()) return;
  // The raw result waits in the memory of a stored value until its tile is evaluated: elements are
  // read and written at the same place, and stores come after all reads of a tile. Where the raw
  // result is stored too, it waits there, since another value's store would come before its own.
  const auto stored = std::find(step.body.outputs.begin(), step.body.outputs.end(), 0);
  const std::ptrdiff_t place =
      stored == step.body.outputs.end() ? 0 : stored - step.body.outputs.begin();
  const Operand& first = member.outputs[static_cast<std::size_t>(place)];
  landing_ = build.address(first);
  // That memory must not be an operand as well (a state updated in place): then the result waits
  // elsewhere.
  bool in_use = !is_dense(first) || first.type.dtype != DType::f32;
  for (std::size_t k = static_cast<std::size_t>(step.op_inputs); k < member.inputs.size(); ++k)
    in_use = in_use || build.address(member.inputs[k]) == landing_;
  if (in_use) landing_ = build.keep(count(first.type.shape));
  std::vector<TileOperand> inputs = {
      {landing_, DType::f32, dense_strides(member.outputs[0].type.shape)}};
  for (const TileOperand& extra : tile_operands(
           build, std::span(member.inputs).subspan(static_cast<std::size_t>(step.op_inputs))))
    inputs.push_back(extra);
  tiles_ = std::make_shared<const Tiles>(build.kernels(), step.body, member.scalars,
                                         member.outputs[0].type.shape, std::move(inputs),
                                         tile_operands(build, member.outputs));
  build.need_scratch(tiles_->scratch());
}

}  // namespace trine::cpu
