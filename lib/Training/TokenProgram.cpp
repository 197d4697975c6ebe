//===- TokenProgram.cpp - a program that reads token ids --------*- C++ -*-===//
#include "lib/Training/TokenProgram.h"

using namespace moe;

Status TokenProgram::prepare(const Executable &executable, const char *name) {
  if (Status status = requireProgram(executable, name, program); !status)
    return status;
  if (Status status = requireTokens(*program, rows, context); !status)
    return status;
  if (Status status = local.addLocal(*program); !status)
    return status;
  local.initialize(0);
  return Status::success();
}

int32_t *TokenProgram::getInput(const std::string &name) { return inputOrScratch(local, name, rows * context, unread[name]); }

Status DecodeProgram::prepare(const Executable &executable, BufferStore &parameters, ThreadPool &pool) {
  if (Status status = program.prepare(executable, "decode"); !status)
    return status;
  Buffer *result = program.getStore().find(BindingKind::logits, "logits");
  if (!result || result->binding.shape.size() != 3)
    return Status::failure("@decode does not give logits");
  logits = result->as<float>();
  width = result->binding.shape[2];
  tokens = program.getInput("tokens");
  runner = std::make_unique<Runner>(executable, program.get(), pool);
  return runner->bind({&program.getStore(), &parameters});
}
