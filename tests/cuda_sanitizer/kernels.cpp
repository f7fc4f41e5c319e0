// Every kernel of cuda/ once more, instrumented. This object defines what the library's own table
// of kernels would, so the linker leaves that one out.
#include "cuda/emulation/kernels.cpp"
