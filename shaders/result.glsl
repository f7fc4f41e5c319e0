// Where the result of a structured kernel goes. The record's first two words are the output operand,
// which is dense. Of a step with an epilogue, text generated from its expression takes this place.

#ifdef EPILOGUE
#include "epilogue"
#else
void finish(uint element, float value) { store_float(operand(0), element, value); }
#endif
