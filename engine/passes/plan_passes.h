// The passes that make and change plans, in their order.
#pragma once

#include <string>
#include <vector>

#include "engine/passes/fusion.h"
#include "engine/plan.h"

namespace trine {

class Graph;

// Graph to plan: each node becomes a step over strided operands, views become layouts. One buffer
// per value, unscheduled, steps in dependency order.
Plan lower(const Graph& graph, std::string name);

// Merges elementwise steps into their users and into the structured steps before them, so that
// intermediate values never reach memory. Needs an unscheduled plan in dependency order. What is
// merged, as far as the device's kernels take it:
//   elementwise into elementwise over the same elements,
//   elementwise at the end of a structured step (epilogue),
//   elementwise in front of one (prologue).
void fuse(Plan& plan, const Fusion& fusion);

// For each step, the steps that must run before it: writers of what it reads, and readers of the
// states that it writes. Error when two steps write one element of a state.
std::vector<std::vector<int>> dependencies(const Plan& plan);

// Assigns each step a wave and sorts the steps by it. Steps of one wave do not depend on each
// other, so that one barrier per wave suffices, and there are as many waves as the longest chain of
// steps. A step that could run waits, while that makes nothing else late, until another of the same
// kernel must run, so that the two become one launch.
void schedule(Plan& plan);

// Steps of one wave that run the same kernel become one launch with a member table. Needs a
// scheduled plan. Members may differ in extents, places, scalars, and in those attributes that the
// op declares as member attributes.
void batch(Plan& plan);

// For each buffer of a scheduled plan, the value buffer that it may replace, or -1: an elementwise
// step reads an element of that value and writes the element of this one at the same place, and
// nothing reads that value in the same wave or later. Every backend loads the operands of an
// element before it stores the result.
std::vector<int> find_replacements(const Plan& plan);

// Gives every value a place in one workspace arena, reusing what is no longer needed. Needs a
// scheduled plan. A value lives from the wave that writes it to the last wave that reads it (to the
// end if it is fetched); values whose lives overlap never share bytes, but where
// find_replacements() says that one may replace the other. With `reuse` off each value has bytes of
// its own, which is for finding faults.
void place_values(Plan& plan, bool reuse = true);

}  // namespace trine
