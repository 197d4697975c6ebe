//===- UpdateCheck.cpp - what an update would make --------------*- C++ -*-===//
#include "lib/Training/UpdateCheck.h"

#include "lib/Training/Programs.h"

using namespace moe;

std::vector<Buffer *> moe::updatedBuffers(BufferStore &shared) {
  std::vector<Buffer *> buffers;
  for (BindingKind kind : {BindingKind::param, BindingKind::state, BindingKind::opt, BindingKind::tally})
    for (Buffer *buffer : shared.all(kind))
      buffers.push_back(buffer);
  return buffers;
}

Status UpdateCheck::makeRunner(const Executable &executable, std::unique_ptr<Runner> &made) {
  const Program *program = nullptr;
  if (Status status = requireProgram(executable, programName.data(), program); !status)
    return status;
  made = std::make_unique<Runner>(executable, *program, *pool);
  return made->bind({local, shared, &own});
}

Status UpdateCheck::prepare(const Executable &executable, BufferStore &ofUpdate, BufferStore &ofModel, ThreadPool &threads) {
  local = &ofUpdate;
  shared = &ofModel;
  pool = &threads;
  const Program *program = nullptr;
  if (Status status = requireProgram(executable, programName.data(), program); !status)
    return status;
  if (Status status = own.addLocal(*program); !status)
    return status;
  return makeRunner(executable, runner);
}

Status UpdateCheck::run(const std::function<Status(const Snapshot &)> &update) {
  Status found = runner->run();
  if (found)
    return found;
  // Only now is a copy of everything worth its memory: the update is made to fail where it can be looked at.
  Snapshot before;
  before.watch(updatedBuffers(*shared));
  before.take(*pool);
  Status status = update(before);
  before.restore(*pool);
  return status ? found : status;
}
