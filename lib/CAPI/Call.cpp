//===- Call.cpp - the border between C++ and C ------------------*- C++ -*-===//
#include "lib/CAPI/Call.h"
#include "moe/Compiler.h"

#include <cstdlib>
#include <cstring>
#include <new>

using namespace moe;
using namespace moe::capi;

static std::string &lastError() {
  thread_local std::string message;
  return message;
}

moe_status capi::fail(moe_status status, const char *message) noexcept {
  try {
    lastError() = message;
  } catch (...) { // no memory for the sentence: what fits into the string's own bytes
    lastError().clear();
    lastError().append("out of memory", std::min<size_t>(13, lastError().capacity()));
  }
  return status;
}

moe_status capi::failWithCurrent() noexcept {
  try {
    throw;
  } catch (const Failure &failure) {
    return fail(failure.status, failure.what());
  } catch (const std::bad_alloc &) {
    return fail(MOE_RUN, "not enough memory");
  } catch (const std::length_error &) {
    return fail(MOE_RUN, "not enough memory");
  } catch (const std::exception &problem) {
    return fail(MOE_BUG, problem.what());
  } catch (...) {
    return fail(MOE_BUG, "an exception of an unknown type");
  }
}

template <typename T>
static T *copyBytes(const T *from, size_t count, size_t extra) {
  auto *memory = static_cast<T *>(std::calloc(count + extra, sizeof(T)));
  if (!memory)
    throw std::bad_alloc();
  if (count)
    std::memcpy(memory, from, count * sizeof(T));
  return memory;
}

char *capi::copyForCaller(const std::string &text) { return copyBytes(text.data(), text.size(), 1); }
int32_t *capi::copyForCaller(const std::vector<int32_t> &ids) { return copyBytes(ids.data(), ids.size(), 1); }

//===-- moe.h ----------------------------------------------------------------------===//

const char *moe_last_error(void) { return lastError().c_str(); }
uint32_t moe_abi_version(void) { return MOE_ABI_VERSION; }
void moe_free(void *memory) { std::free(memory); }

const char *moe_version(void) {
  static const std::string version = getVersions().at("moec");
  return version.c_str();
}
