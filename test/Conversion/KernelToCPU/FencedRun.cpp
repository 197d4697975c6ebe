//===- FencedRun.cpp - kernels between unreadable pages ---------------------===//
#include "FencedRun.h"

#include "ProgramMemory.h"

#include <cstring>
#include <map>
#include <sys/mman.h>
#include <unistd.h>

using namespace moe;

namespace {

/// Readable and writable bytes between two pages that are neither. Small buffers end at the fence, where mistakes of tails show.
class FencedBytes {
public:
  explicit FencedBytes(int64_t bytes) {
    int64_t page = sysconf(_SC_PAGESIZE);
    int64_t usable = (bytes + page - 1) / page * page;
    length = usable + 2 * page;
    base = static_cast<std::byte *>(mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base, page, PROT_NONE);
    mprotect(base + page + usable, page, PROT_NONE);
    start = base + page + usable - bytes;
  }
  ~FencedBytes() { munmap(base, length); }
  FencedBytes(const FencedBytes &) = delete;
  FencedBytes &operator=(const FencedBytes &) = delete;

  std::byte *data() const { return start; }

private:
  std::byte *base, *start;
  int64_t length;
};

} // namespace

void moe::runFenced(const Executable &executable, const Program &program, const plan::PlannedProgram &planned, BufferStore &store) {
  ProgramMemory memory(executable, program, store);
  for (size_t i = 0; i < program.launches.size(); ++i) {
    const Launch &launch = program.launches[i];
    const std::vector<int64_t> &bytes = planned.launches[i].bytes;
    std::map<std::byte *, std::unique_ptr<FencedBytes>> fenced; // arguments that share their bytes still do
    std::vector<void *> args;
    for (size_t k = 0; k < launch.args.size(); ++k) {
      std::byte *place = memory.find(launch.args[k]);
      std::unique_ptr<FencedBytes> &copy = fenced[place];
      if (!copy) {
        copy = std::make_unique<FencedBytes>(bytes[k]);
        std::memcpy(copy->data(), place, bytes[k]);
      }
      args.push_back(copy->data());
    }
    for (int64_t block = launch.blocks - 1; block >= 0; --block)
      executable.kernels[launch.kernel].function(args.data(), block, block + 1);
    for (size_t k = planned.launches[i].operands; k < launch.args.size(); ++k) {
      std::byte *place = memory.find(launch.args[k]);
      std::memcpy(place, fenced[place]->data(), bytes[k]);
    }
  }
}
