//===- CacheKey.h - what an entry of the cache depends on ------*- C++ -*-===//
#pragma once

#include "lib/Conversion/KernelToCPU/KernelToCPU.h"

#include <cstdint>
#include <string>
#include <vector>

namespace moe {

/// A hash of this build of moec, of the processor, and of what is added. Strings go in with their lengths, so that no two sequences look alike.
class CacheKey {
public:
  CacheKey(const std::string &kind, const CPUTarget &target);
  ~CacheKey();
  CacheKey(const CacheKey &) = delete;
  CacheKey &operator=(const CacheKey &) = delete;

  void add(const std::string &text);
  void add(uint64_t number);
  void add(const std::vector<std::string> &texts);
  uint64_t get() const;

private:
  void addBuild();

  struct State;
  State *state;
};

} // namespace moe
