//===- Call.h - the border between C++ and C --------------------*- C++ -*-===//
//
// Every function of moe.h is a body inside `call`: it reports by throwing Failure, and nothing that is thrown gets past it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe-c/moe.h"
#include "moe/Runtime.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace moe::capi {

struct Failure : std::runtime_error {
  Failure(moe_status status, const std::string &message) : std::runtime_error(message), status(status) {}
  moe_status status;
};

/// Throws when the status is a failure; whoever calls knows whom to blame.
inline void require(const Status &status, moe_status blame) {
  if (!status)
    throw Failure(status.isMachines ? MOE_RUN : blame, status.error);
}

/// Remembers the message of this thread.
moe_status fail(moe_status status, const char *message) noexcept;
/// Turns the exception that is being handled into a status.
moe_status failWithCurrent() noexcept;

template <typename Body>
moe_status call(Body &&body) noexcept {
  try {
    body();
    return MOE_OK;
  } catch (...) {
    return failWithCurrent();
  }
}

//===-- Arguments ------------------------------------------------------------------===//

/// Throws MOE_USAGE for NULL.
template <typename T>
T &need(T *pointer, const char *name) {
  if (!pointer)
    throw Failure(MOE_USAGE, std::string(name) + " is NULL");
  return *pointer;
}
inline std::string needText(const char *text, const char *name) { return &need(text, name); }

/// Zeroes the places for results that are there. Where a function has several, this comes first: a failure leaves nothing in any of them.
template <typename... T>
void clearResults(T *...into) {
  ((into ? void(*into = T()) : void()), ...);
}

/// Where a result goes; zero until there is one.
template <typename T>
T &needResult(T *into, const char *name) {
  need(into, name) = T();
  return *into;
}

/// Throws MOE_USAGE unless 0 <= value < count.
inline void requireIndex(uint64_t value, uint64_t count, const char *name) {
  if (value >= count)
    throw Failure(MOE_USAGE, std::string(name) + " is " + std::to_string(value) + ", there are " + std::to_string(count));
}

/// Throws MOE_USAGE unless the structure has the size that its header says. Both directions are checked before anything of it is read.
template <typename T>
void requireSize(const T &structure, const char *name) {
  if (structure.struct_size != sizeof(T))
    throw Failure(MOE_USAGE, std::string(name) + ".struct_size is " + std::to_string(structure.struct_size) + ", expected " +
                                 std::to_string(sizeof(T)) + ": start from the INIT macro of the structure");
}

/// The options that were given, or the defaults.
template <typename T>
T readOptions(const T *given, const T &defaults, const char *name) {
  if (!given)
    return defaults;
  requireSize(*given, name);
  return *given;
}

/// A number of an options structure where -1 is "the file's".
template <typename T, typename Given>
std::optional<T> readNumber(Given value, const char *name) {
  if (value < -1)
    throw Failure(MOE_USAGE, std::string("options.") + name + " is " + std::to_string(value) + ", expected -1 or more");
  return value < 0 ? std::nullopt : std::optional<T>(static_cast<T>(value));
}

/// A structure for results, zero but for its size.
template <typename T>
T &needStructure(T *into, const char *name) {
  requireSize(need(into, name), name);
  *into = T();
  into->struct_size = sizeof(T);
  return *into;
}

/// Memory for the caller, which frees it with moe_free.
char *copyForCaller(const std::string &text);
int32_t *copyForCaller(const std::vector<int32_t> &ids);

} // namespace moe::capi
