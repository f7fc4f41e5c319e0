// The model of a fixture in other configurations, and on a batch in pieces.
#pragma once

#include "backends/session.h"
#include "dmd/verify/fixture.h"
#include "dmd/verify/verify.h"

namespace dmd {

// Compares alt.* with what Golden::alternatives of the model give, and chunk.* with the first batch
// in pieces. The session lends its device alone.
void compare_alternatives(const Fixture& fixture, const trine::Session& session,
                          VerifyReport& report);
void compare_pieces(const Fixture& fixture, const trine::Session& session, VerifyReport& report);

}  // namespace dmd
