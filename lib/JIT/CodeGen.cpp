//===- CodeGen.cpp - kernels to machine code --------------------------------===//
#include "lib/JIT/CodeGen.h"

#include "lib/JIT/LoadedCode.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace moe;

/// The order of the kernels' instructions is that of their source: registers are counted there. LLVM's scheduler would read ahead of the products of a tile what then
/// has no register.
static void keepInstructionOrder() {
  static bool isDone = [] {
    llvm::cl::Option *option = llvm::cl::getRegisteredOptions().lookup("enable-misched");
    return option && !option->addOccurrence(0, "enable-misched", "false");
  }();
  (void)isDone;
}

static std::unique_ptr<llvm::TargetMachine> createTargetMachine(const CPUTarget &target, std::string &error) {
  initializeTarget();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return nullptr;
  keepInstructionOrder();
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(triple, target.cpu, target.features, options, llvm::Reloc::PIC_,
                                                                           llvm::CodeModel::Small, llvm::CodeGenOptLevel::Aggressive));
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  // The kernels are written in vectors, with the unrolling they need.
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = tuning.LoopInterleaving = tuning.LoopVectorization = tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

static std::string getText(const llvm::Module &module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os, nullptr);
  return text;
}

static std::string emitFile(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, type))
    return "";
  passes.run(module);
  return std::string(bytes.begin(), bytes.end());
}

FailureOr<std::string> moe::generateCode(ModuleOp codeModule, const CPUTarget &target, CodeForm form) {
  registerBuiltinDialectTranslation(*codeModule.getContext());
  registerLLVMDialectTranslation(*codeModule.getContext());
  PassManager pm(codeModule.getContext());
  buildCPULoweringPipeline(pm);
  if (failed(pm.run(codeModule)))
    return failure();

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module = translateModuleToLLVMIR(codeModule, context, "kernels");
  if (!module)
    return codeModule.emitError("the kernels cannot be translated to LLVM IR");
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createTargetMachine(target, error);
  if (!machine)
    return codeModule.emitError("no code generator for this machine: ") << error;
  module->setTargetTriple(machine->getTargetTriple());
  module->setDataLayout(machine->createDataLayout());
  optimize(*module, *machine);
  switch (form) {
  case CodeForm::llvm:
    return getText(*module);
  case CodeForm::assembly:
    return emitFile(*module, *machine, llvm::CodeGenFileType::AssemblyFile);
  case CodeForm::object:
    return emitFile(*module, *machine, llvm::CodeGenFileType::ObjectFile);
  }
  llvm_unreachable("all forms are handled");
}
