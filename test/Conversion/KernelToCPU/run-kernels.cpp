//===- run-kernels.cpp - compiled kernels against their reference -----------===//
//
// moe-run-kernels FILE.mlir: compiles the functions of kernel ops in a module, runs each on made-up arguments and compares every result with
// the float64 reference. Three runs must agree in every bit: one thread, two threads, and blocks one at a time in reverse order between fences.
//
//===----------------------------------------------------------------------===//
#include "FencedRun.h"
#include "ProgramMemory.h"
#include "dialects/kernel/Reference/Evaluate.h"
#include "lib/JIT/CodeGen.h"
#include "lib/JIT/LoadedCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <cstring>
#include <ctime>
#include <limits>

using namespace mlir;
using namespace moe;

namespace {

namespace cl = llvm::cl;
cl::opt<std::string> inputFile(cl::Positional, cl::desc("FILE.mlir"), cl::init("-"));
cl::opt<double> tolerance("tolerance", cl::desc("largest error of a float, relative to its result's RMS"), cl::init(1e-5));
cl::opt<unsigned> lanes("lanes", cl::desc("write the code of a machine with so many f32 in a register; the host's by default"), cl::init(0));
cl::opt<bool> relative("relative", cl::desc("measure the error of each float against its own value instead"));
cl::opt<int64_t> profileRuns("profile", cl::desc("instead of comparing, give the time of the processor that each launch takes on one thread, the best of so many runs"), cl::init(0));

/// The host. With --lanes its instructions stand for registers that it may not have.
CPUTarget getTarget() {
  CPUTarget target = CPUTarget::host();
  if (lanes > 0) {
    target.vectorWidth = lanes;
    target.vectorRegisters = lanes >= 16 ? 32 : 16;
  }
  return target;
}

/// Makes every argument and result a named buffer of its own; a program has names already.
void nameBuffers(func::FuncOp function) {
  Builder b(function.getContext());
  auto name = [&](const char *prefix, unsigned i) {
    return b.getDictionaryAttr({b.getNamedAttr("kind", b.getStringAttr("tally")), b.getNamedAttr("name", b.getStringAttr(prefix + Twine(i)))});
  };
  if (function.getNumArguments() > 0 && function.getArgAttr(0, "moe.arg"))
    return;
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    function.setArgAttr(i, "moe.arg", name("argument ", i));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    function.setResultAttr(i, "moe.res", name("result ", i));
}

void write(const kernel::Array &array, Buffer &buffer) {
  for (int64_t i = 0; i < array.size(); ++i)
    switch (buffer.binding.type) {
    case DType::f32: buffer.as<float>()[i] = static_cast<float>(array.data[i]); break;
    case DType::i32: buffer.as<int32_t>()[i] = static_cast<int32_t>(array.data[i]); break;
    case DType::i1: buffer.as<uint8_t>()[i] = array.data[i] != 0; break;
    }
}

double read(const Buffer &buffer, int64_t i) {
  switch (buffer.binding.type) {
  case DType::f32: return buffer.as<float>()[i];
  case DType::i32: return buffer.as<int32_t>()[i];
  case DType::i1: return buffer.as<uint8_t>()[i];
  }
  return NAN;
}

/// The buffers of one run. All bytes that no argument fills are 0xff: NaN as a float, -1 as an integer, 255 as a bool.
BufferStore makeBuffers(const Program &program, ArrayRef<kernel::Array> arguments) {
  BufferStore store;
  (void)store.addShared(program);
  (void)store.addLocal(program);
  for (auto [i, binding] : llvm::enumerate(program.bindings)) {
    Buffer &buffer = *store.find(binding.kind, binding.name);
    if (i < arguments.size()) // the arguments' buffers come first
      write(arguments[i], buffer);
    else
      std::memset(buffer.memory.data(), 0xff, buffer.bytes());
  }
  return store;
}

bool equalBits(const Buffer &a, const Buffer &b) { return std::memcmp(a.memory.data(), b.memory.data(), a.bytes()) == 0; }

/// The largest difference over the reference's RMS (or, with --relative, over the value); exact types and infinities must agree exactly, which an infinite error says.
double getError(const kernel::Array &expected, const Buffer &found) {
  double largest = 0, squares = 0;
  int64_t finite = 0;
  for (int64_t i = 0; i < expected.size(); ++i) {
    double want = expected.data[i], have = read(found, i);
    if (found.binding.type == DType::f32 && std::fabs(want) > std::numeric_limits<float>::max())
      want = std::copysign(INFINITY, want); // it overflows
    bool equal = want == have || (std::isnan(want) && std::isnan(have));
    if (!std::isfinite(want) || found.binding.type != DType::f32) {
      if (!equal)
        return INFINITY;
      continue;
    }
    double difference = std::isnan(have) ? INFINITY : std::fabs(want - have);
    largest = std::max(largest, relative ? difference / std::max(std::fabs(want), double(std::numeric_limits<float>::min())) : difference);
    squares += want * want;
    ++finite;
  }
  return largest == 0 || relative ? largest : largest / std::sqrt(squares / static_cast<double>(finite));
}

double getRms(const kernel::Array &array) {
  double squares = 0;
  for (double value : array.data)
    squares += value * value;
  return std::sqrt(squares / static_cast<double>(array.size()));
}

/// A compiled module and what its functions should give.
class Test {
public:
  explicit Test(ModuleOp module) : module(module) {}

  LogicalResult compile();
  bool check(unsigned program);
  void profile(unsigned program);

  unsigned size() const { return expected.size(); }

private:
  Status run(unsigned program, BufferStore &store, ThreadPool &pool);

  ModuleOp module;
  std::vector<SmallVector<kernel::Array>> arguments, expected; ///< of each function
  plan::ModulePlan plan;
  Executable executable;
  std::unique_ptr<LoadedCode> code;
};

LogicalResult Test::compile() {
  for (auto function : module.getOps<func::FuncOp>()) {
    nameBuffers(function);
    arguments.emplace_back();
    for (BlockArgument argument : function.getArguments())
      arguments.back().push_back(kernel::makeArgument(argument, argument.getArgNumber()));
    if (profileRuns > 0) {
      expected.emplace_back();
      continue;
    }
    auto results = kernel::evaluate(function, arguments.back());
    if (failed(results))
      return failure();
    expected.push_back(std::move(*results));
  }
  CPUTarget target = getTarget();
  OwningOpRef<ModuleOp> kernels = ModuleOp::create(module.getLoc());
  KernelCache cache;
  auto planned = plan::planModule(module, [&](Operation *op) -> FailureOr<plan::KernelUse> {
    auto kernel = emitKernel(op, target, cache, *kernels);
    if (failed(kernel))
      return failure();
    return plan::KernelUse{kernel->symbol, kernel->blocks};
  });
  if (failed(planned) || failed(verify(*kernels)))
    return failure();
  plan = *planned;
  executable = std::move(*planned).toExecutable();
  auto object = generateCode(*kernels, target, CodeForm::object);
  if (failed(object))
    return failure();
  Status status = LoadedCode::load(*object, code);
  if (status)
    status = code->resolve(executable);
  return status ? success() : LogicalResult(module.emitError(status.error));
}

Status Test::run(unsigned program, BufferStore &store, ThreadPool &pool) {
  Runner runner(executable, executable.programs[program], pool);
  if (Status status = runner.bind({&store}); !status)
    return status;
  return runner.run();
}

bool Test::check(unsigned index) {
  const Program &program = executable.programs[index];
  ThreadPool one(1), two(2);
  BufferStore serial = makeBuffers(program, arguments[index]), parallel = makeBuffers(program, arguments[index]),
              fenced = makeBuffers(program, arguments[index]);
  Status status = run(index, serial, one);
  if (status)
    status = run(index, parallel, two);
  if (!status) {
    llvm::outs() << program.name << " failed: " << status.error << "\n";
    return false;
  }
  runFenced(executable, program, plan.programs[index], fenced);

  bool passed = true;
  for (auto [k, want] : llvm::enumerate(expected[index])) {
    std::string name = "result " + std::to_string(k);
    const Buffer &found = *serial.find(BindingKind::tally, name);
    double error = getError(want, found), rms = getRms(want);
    const char *verdict = !(error <= tolerance)                                             ? "WRONG"
                          : !equalBits(found, *parallel.find(BindingKind::tally, name))     ? "DEPENDS ON THREADS"
                          : !equalBits(found, *fenced.find(BindingKind::tally, name))       ? "DEPENDS ON THE ORDER OF BLOCKS"
                                                                                            : "ok";
    llvm::outs() << program.name << " #" << k << " [";
    llvm::interleaveComma(want.shape, llvm::outs());
    llvm::outs() << "] " << verdict << llvm::format(" rms %.4g error %.1e\n", rms, error);
    if (StringRef(verdict) == "WRONG")
      for (int64_t i = 0, shown = 0; i < want.size() && shown < 4; ++i)
        if (!(std::fabs(want.data[i] - read(found, i)) <= tolerance * rms) && ++shown)
          llvm::outs() << llvm::format("  at %d: %.9g, expected %.9g\n", static_cast<int>(i), read(found, i), want.data[i]);
    passed &= StringRef(verdict) == "ok";
  }
  llvm::outs().flush(); // the next function may end the process
  return passed;
}

/// Multiplications and additions of a product, 0 for other ops.
double getFlop(Operation *op) {
  auto size = [](Value value) { return static_cast<double>(cast<RankedTensorType>(value.getType()).getNumElements()); };
  if (auto contract = dyn_cast<kernel::ContractOp>(op)) {
    double points = 2;
    for (int64_t extent : contract.getExtents())
      points *= static_cast<double>(extent);
    return points;
  }
  if (auto grouped = dyn_cast<kernel::GroupedContractOp>(op))
    return 2 * size(grouped.getX()) * static_cast<double>(cast<RankedTensorType>(grouped.getY().getType()).getDimSize(1));
  if (auto outer = dyn_cast<kernel::GroupedOuterOp>(op))
    return 2 * size(outer.getA()) * static_cast<double>(cast<RankedTensorType>(outer.getB().getType()).getDimSize(1));
  return 0;
}

double getProcessorSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void Test::profile(unsigned index) {
  const Program &program = executable.programs[index];
  BufferStore store = makeBuffers(program, arguments[index]);
  ProgramMemory memory(executable, program, store);
  std::vector<double> best(program.launches.size(), INFINITY);
  for (int64_t run = 0; run < profileRuns; ++run)
    for (auto [launch, seconds] : llvm::zip_equal(program.launches, best)) {
      SmallVector<void *> args = llvm::map_to_vector(launch.args, [&](const BufferRef &ref) -> void * { return memory.find(ref); });
      double begin = getProcessorSeconds();
      executable.kernels[launch.kernel].function(args.data(), 0, launch.blocks);
      seconds = std::min(seconds, getProcessorSeconds() - begin);
    }

  SmallVector<Operation *> ops; // one a launch
  for (Operation &op : module.lookupSymbol<func::FuncOp>(program.name).getBody().front())
    if (!isa<kernel::ConstantOp, kernel::ViewOp, func::ReturnOp>(op))
      ops.push_back(&op);
  double total = 0;
  for (auto [i, launch] : llvm::enumerate(program.launches)) {
    double bytes = 0;
    for (int64_t argument : plan.programs[index].launches[i].bytes)
      bytes += static_cast<double>(argument);
    total += best[i];
    llvm::outs() << llvm::format("%10.1f us %6.1f GFLOP/s %6.1f GB/s %5d blocks ", best[i] * 1e6, getFlop(ops[i]) / best[i] * 1e-9,
                                 bytes / best[i] * 1e-9, static_cast<int>(launch.blocks))
                 << program.name << " " << executable.kernels[launch.kernel].symbol << " " << launch.location << "\n";
  }
  llvm::outs() << llvm::format("%10.1f us in all of ", total * 1e6) << program.name << "\n";
}

} // namespace

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "compares compiled kernels with their reference\n");
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<kernel::KernelDialect, arith::ArithDialect, func::FuncDialect, math::MathDialect>();
  auto sources = std::make_shared<llvm::SourceMgr>();
  std::string error;
  auto input = openInputFile(inputFile, &error);
  if (!input) {
    llvm::errs() << error << "\n";
    return 1;
  }
  sources->AddNewSourceBuffer(std::move(input), llvm::SMLoc());
  SourceMgrDiagnosticHandler handler(*sources, &context);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return 1;
  Test test(*module);
  if (failed(test.compile()))
    return 1;
  bool passed = true;
  for (unsigned i = 0; i < test.size(); ++i) {
    if (profileRuns > 0)
      test.profile(i);
    else
      passed &= test.check(i);
  }
  return passed ? 0 : 1;
}
