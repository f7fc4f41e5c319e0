# Tests that take two seconds or more, or a second many times over, by the folder that they are in:
# patterns of GoogleTest. They have the label `slow`, all others `fast` (`ctest -L fast`). Times are
# those of `ctest --preset default` on two cores; who adds a test of two seconds adds it here.
set(slow_cli Precision.BelongsToTheRunAndIsKeptOnResuming Bench.SaysThePrecisionAndTheSizeOfAStep)
set(slow_cuda CudaEmulation.EverySampleInEveryMode Tf32Training.*)
set(slow_cuda_driver CudaConformance.* CudaFailures.AtAnyCallLeaveNothingBehind CudaTraining.*)
set(slow_cuda_sanitizer CudaSanitizer.*)
set(slow_faults Allocations.* EveryCall.* Killed.* TwoProcesses.*)
set(slow_formats Mutation.* PickleHostile.CopiesAreBounded)
set(slow_golden Devices/GoldenOn.* *Golden.NumbersThatAreWrongAreNoticed*)
set(slow_onnx OnnxModels.* OnnxOps.*)
set(slow_ops Conformance.HoldsAtEveryLevelOfTheProcessor Devices/Conformance.*)
set(slow_vulkan VulkanConformance.* VulkanLimits.ManyMoreWorkGroups* VulkanLoss.* VulkanTraining.*)
