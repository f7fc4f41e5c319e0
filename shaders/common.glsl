// What every kernel shares: its bindings, the record of its member, and loads and stores.
//
// A launch covers all members of a step: gl_WorkGroupID.y is the member, and x counts work groups of
// one member, which kernels walk in strides of gl_NumWorkGroups.x so that a grid limit never bounds
// a size. A member's numbers (extents, strides, scalars) stand in its record of the table; an operand
// is a slot, the array element of `sources` or `targets` that holds it, and an offset in words.

const uint kSources = 10;  // as in backends/vulkan/bindings.h
const uint kTargets = 4;

layout(std430, set = 0, binding = 0) restrict readonly buffer Table { uint words[]; } table;
layout(std430, set = 0, binding = 1) restrict readonly buffer RunParams { uint words[]; } run_params;
layout(std430, set = 0, binding = 2) readonly buffer Source { uint words[]; } sources[kSources];
layout(std430, set = 0, binding = 3) writeonly buffer Target { uint words[]; } targets[kTargets];

layout(push_constant) uniform Launch {
  uint first_record;  // word of the table at which the record of member 0 begins
  uint record_words;
} launch;

uint record;  // word of the table at which this member's record begins

void select_member() { record = launch.first_record + gl_WorkGroupID.y * launch.record_words; }

uint field(uint at) { return table.words[record + at]; }
float float_field(uint at) { return uintBitsToFloat(field(at)); }

struct Operand {
  uint slot;
  uint offset;
};

Operand operand(uint at) { return Operand(field(at), field(at + 1)); }

uint load_word(Operand o, uint at) { return sources[o.slot].words[o.offset + at]; }
float load_float(Operand o, uint at) { return uintBitsToFloat(load_word(o, at)); }
void store_word(Operand o, uint at, uint value) { targets[o.slot].words[o.offset + at] = value; }
void store_float(Operand o, uint at, float value) { store_word(o, at, floatBitsToUint(value)); }

// Index spaces have six dimensions in records, the outer ones of extent one where fewer are needed.
const uint kDims = 6;

// Where element `index` of the row-major space with extents at field `extents` lies under the
// strides at field `strides`, looking only at the last `rank` dimensions. The outermost of them takes
// what is left: a division less.
uint locate(uint index, uint rank, uint extents, uint strides) {
  if (rank == 0) return 0;
  uint at = 0;
  const uint outermost = kDims - rank;
  for (uint d = kDims - 1; d > outermost; --d) {
    const uint extent = field(extents + d), rest = index / extent;
    at += (index - rest * extent) * field(strides + d);
    index = rest;
  }
  return at + index * field(strides + outermost);
}
