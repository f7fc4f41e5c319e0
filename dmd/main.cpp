#include "dmd/cli/program.h"

int main(int argc, char** argv) { return dmd::cli::run(argc, argv); }
