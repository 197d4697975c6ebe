//===- Call.h - the border between C++ and C --------------------*- C++ -*-===//
//
// Every function of moe.h is a body inside `call`: it reports by throwing Failure, and nothing that is thrown gets past it.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe-c/moe.h"
#include "moe/Runtime.h"
#include "moe/Threads.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
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

/// The sizes that headers of this version of the interface have said. A structure grows at its end, and the old size stays here.
template <typename T>
inline constexpr std::array<size_t, 1> sizesOf = {sizeof(T)};
template <>
inline constexpr std::array<size_t, 2> sizesOf<moe_evaluation> = {offsetof(moe_evaluation, bits_per_byte), sizeof(moe_evaluation)};

/// Throws MOE_USAGE unless the structure has a size that its header says or said. Both directions are checked before anything of it is read.
template <typename T>
void requireSize(const T &structure, const char *name) {
  if (std::find(sizesOf<T>.begin(), sizesOf<T>.end(), structure.struct_size) == sizesOf<T>.end())
    throw Failure(MOE_USAGE, std::string(name) + ".struct_size is " + std::to_string(structure.struct_size) + ", expected " +
                                 std::to_string(sizeof(T)) + ": start from the INIT macro of the structure");
}

/// What was given, with defaults for what a host with an older header does not know.
template <typename T>
T readStructure(const T &given, const T &defaults, const char *name) {
  requireSize(given, name);
  T whole = defaults;
  std::memcpy(&whole, &given, given.struct_size);
  return whole;
}

/// The options that were given, or the defaults.
template <typename T>
T readOptions(const T *given, const T &defaults, const char *name) {
  return given ? readStructure(*given, defaults, name) : defaults;
}

/// A number of an options structure where -1 is "the file's".
template <typename T, typename Given>
std::optional<T> readNumber(Given value, const char *name, Given most = std::numeric_limits<Given>::max()) {
  if (value < -1)
    throw Failure(MOE_USAGE, std::string("options.") + name + " is " + std::to_string(value) + ", expected -1 or more");
  if (value > most)
    throw Failure(MOE_USAGE, std::string("options.") + name + " is " + std::to_string(value) + ", expected at most " + std::to_string(most));
  return value < 0 ? std::nullopt : std::optional<T>(static_cast<T>(value));
}

/// Where a structure of results goes; zero but for its size until there are some. A host with an older header gets the part that it knows.
template <typename T>
class StructureResult {
public:
  StructureResult(T *into, const char *name) : into(&need(into, name)) {
    requireSize(*into, name);
    give(T());
  }
  void give(T value) {
    value.struct_size = into->struct_size;
    std::memcpy(into, &value, value.struct_size);
  }

private:
  T *into;
};

/// The same for a result that may be NULL.
template <typename T>
std::optional<StructureResult<T>> takeStructure(T *into, const char *name) {
  return into ? std::make_optional<StructureResult<T>>(into, name) : std::nullopt;
}

/// Memory for the caller, which frees it with moe_free.
char *copyForCaller(const std::string &text);
int32_t *copyForCaller(const std::vector<int32_t> &ids);

} // namespace moe::capi
