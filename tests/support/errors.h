// What a failing call says, for tests that pin the sentences users read.
#pragma once

#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "engine/error.h"

namespace trine {

// The message of the Error that `call` throws; a test failure and "" if it throws none.
template <class Call>
std::string error_of(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected an Error";
  return {};
}

}  // namespace trine

namespace dmd {

using trine::error_of;

}  // namespace dmd
