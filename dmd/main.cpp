#include "dmd/cli/run.h"

int main(int argc, char** argv) { return dmd::cli::run(argc, argv); }
