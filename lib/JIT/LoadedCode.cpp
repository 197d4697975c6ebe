//===- LoadedCode.cpp - object code in this process -------------------------===//
#include "lib/JIT/LoadedCode.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

#include <mutex>

using namespace moe;

struct LoadedCode::Impl {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

LoadedCode::LoadedCode(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
LoadedCode::~LoadedCode() = default;

static Status toStatus(llvm::Error error) {
  return Status::failure("the kernels cannot be linked: " + llvm::toString(std::move(error)));
}

void moe::initializeTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

Status LoadedCode::load(const std::string &object, std::unique_ptr<LoadedCode> &code) {
  initializeTarget();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return toStatus(jit.takeError());
  char prefix = (*jit)->getDataLayout().getGlobalPrefix();
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(prefix);
  if (!process)
    return toStatus(process.takeError());
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  // A host may have loaded us where the functions of libm are not seen by the rest of the process.
  auto math = llvm::orc::DynamicLibrarySearchGenerator::Load("libm.so.6", prefix);
  if (!math)
    return toStatus(math.takeError());
  (*jit)->getMainJITDylib().addGenerator(std::move(*math));
  if (llvm::Error error = (*jit)->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object, "kernels")))
    return toStatus(std::move(error));
  auto impl = std::make_unique<Impl>();
  impl->jit = std::move(*jit);
  code.reset(new LoadedCode(std::move(impl)));
  return Status::success();
}

Status LoadedCode::resolve(Executable &executable) {
  for (Kernel &kernel : executable.kernels) {
    auto address = impl->jit->lookup(kernel.symbol);
    if (!address)
      return toStatus(address.takeError());
    kernel.function = address->toPtr<KernelFn>();
  }
  return Status::success();
}
