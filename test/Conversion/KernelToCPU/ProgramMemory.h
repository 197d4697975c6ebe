//===- ProgramMemory.h - where a plan puts things --------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <cstring>

namespace moe {

/// The memory of a program as the plan lays it out.
class ProgramMemory {
public:
  ProgramMemory(const Executable &executable, const Program &program, BufferStore &store)
      : program(program), store(store), arena(program.arenaBytes), constants(executable.constants) {
    std::memset(arena.data(), 0xff, program.arenaBytes);
    for (const Binding &binding : program.bindings)
      if (binding.arenaOffset >= 0)
        store.find(binding.kind, binding.name)->memory = AlignedBytes::lend(arena.data() + binding.arenaOffset, binding.bytes());
  }

  std::byte *find(const BufferRef &ref) {
    switch (ref.space) {
    case BufferRef::Space::arena:
      return arena.data() + ref.offset;
    case BufferRef::Space::constant:
      return reinterpret_cast<std::byte *>(constants.data()) + ref.offset;
    case BufferRef::Space::binding:
      break;
    }
    const Binding &binding = program.bindings[ref.binding];
    return store.find(binding.kind, binding.name)->memory.data() + ref.offset;
  }

private:
  const Program &program;
  BufferStore &store;
  AlignedBytes arena;
  std::vector<uint8_t> constants;
};

} // namespace moe
