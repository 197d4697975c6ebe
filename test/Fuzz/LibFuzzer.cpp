//===- LibFuzzer.cpp - moe-fuzzer: the targets under libFuzzer -------------===//
//
//   moe-fuzzer TARGET [libFuzzer's arguments]
//
//===----------------------------------------------------------------------===//
#include "test/Fuzz/Mutate.h"
#include "test/Fuzz/Target.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

using namespace moe::fuzz;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

static const Target *target = nullptr;

/// Takes the target's name off the command line.
extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv) {
  target = *argc > 1 ? findTarget((*argv)[1]) : nullptr;
  if (!target) {
    std::fprintf(stderr, "usage: moe-fuzzer TARGET ..., one of those that moe-fuzz list names\n");
    std::exit(2);
  }
  std::copy(*argv + 2, *argv + *argc, *argv + 1);
  --*argc;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Outcome outcome = target->run({reinterpret_cast<const char *>(data), size});
  if (outcome.complaint.empty())
    return 0;
  std::fprintf(stderr, "%s\n", outcome.complaint.c_str());
  std::abort();
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize, unsigned number) {
  if (!target->isMoe || number % 2)
    return LLVMFuzzerMutate(data, size, maxSize);
  std::string text(reinterpret_cast<const char *>(data), size), mutant = mutateWords(text, text, number);
  size = std::min(maxSize, mutant.size());
  std::copy_n(mutant.data(), size, data);
  return size;
}
