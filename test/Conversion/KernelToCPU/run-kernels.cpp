//===- run-kernels.cpp - compiled kernels against their reference -----------===//
//
// moe-run-kernels FILE.mlir: compiles the functions of kernel ops in a module, runs each on made-up arguments and compares every result with
// the float64 reference: as written for vectors of 4, 8 and 16 floats, whatever the machine has. For each, three runs must agree in every bit: one thread,
// two threads, and blocks one at a time in reverse order between fences. --profile and --assembly are for whoever works on kernels.
//
//===----------------------------------------------------------------------===//
#include "FencedRun.h"
#include "ProgramMemory.h"
#include "dialects/kernel/Reference/Evaluate.h"
#include "lib/Conversion/Plan/Bindings.h"
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
cl::opt<bool> relative("relative", cl::desc("measure the error of each float against its own value instead"));
cl::opt<int64_t> profileRuns("profile", cl::desc("instead of comparing, give the time that each launch takes, the best of so many runs"), cl::init(0));
cl::opt<unsigned> profileThreads("profile-threads", cl::desc("of --profile; one is timed by its processor's clock"), cl::init(1));
cl::opt<bool> cold("cold", cl::desc("with --profile: nothing that a launch reads or writes is in a cache when it begins"));
cl::opt<bool> allTiles("all-tiles", cl::desc("compare with every tile that the registers hold, and code for more and more threads; the results must be the same bits"));
cl::opt<std::string> assembly("assembly", cl::desc("instead of comparing, print the code for this processor: haswell, skylake-avx512, znver4"));

/// Makes every argument and result a named buffer of its own. A program has names already, and results that overwrite arguments.
void nameBuffers(func::FuncOp function) {
  Builder b(function.getContext());
  auto name = [&](const char *prefix, unsigned i) {
    return b.getDictionaryAttr({b.getNamedAttr("kind", b.getStringAttr("tally")), b.getNamedAttr("name", b.getStringAttr(prefix + Twine(i)))});
  };
  if (function.getNumResults() > 0 && function.getResultAttr(0, "moe.res"))
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
    case DType::bf16: break; // no binding has it
    }
}

double read(const Buffer &buffer, int64_t i) {
  switch (buffer.binding.type) {
  case DType::f32: return buffer.as<float>()[i];
  case DType::i32: return buffer.as<int32_t>()[i];
  case DType::i1: return buffer.as<uint8_t>()[i];
  case DType::bf16: break; // no binding has it
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

/// Every function's arguments, and what it should give in which buffers.
struct Expectation {
  std::vector<SmallVector<kernel::Array>> arguments, results;
  std::vector<plan::Bindings> bindings;

  LogicalResult evaluate(ModuleOp module) {
    for (auto function : module.getOps<func::FuncOp>()) {
      nameBuffers(function);
      FailureOr<plan::Bindings> named = plan::readBindings(function);
      if (failed(named))
        return failure();
      bindings.push_back(std::move(*named));
      arguments.emplace_back();
      if (!assembly.empty())
        continue;
      for (BlockArgument argument : function.getArguments())
        arguments.back().push_back(kernel::makeArgument(argument, argument.getArgNumber()));
      if (profileRuns > 0)
        continue;
      auto values = kernel::evaluate(function, arguments.back());
      if (failed(values))
        return failure();
      results.push_back(std::move(*values));
    }
    return success();
  }
};

/// A result of a function, compared.
struct Verdict {
  const char *text = "ok";
  double error = 0;
  std::string details;
  std::string bytes; ///< that were computed

  bool passed() const { return StringRef(text) == "ok"; }
};

/// A module compiled for one target.
class Compiled {
public:
  Compiled(ModuleOp original, const Expectation &expectation) : module(original.clone()), expectation(expectation) {}

  LogicalResult compile(const CPUTarget &target);
  LogicalResult printAssembly(const CPUTarget &target);
  /// One verdict a result.
  SmallVector<Verdict> check(unsigned program);
  void profile(unsigned program);

private:
  FailureOr<OwningOpRef<ModuleOp>> emitKernels(const CPUTarget &target);
  Status run(unsigned program, BufferStore &store, ThreadPool &pool);

  OwningOpRef<ModuleOp> module;
  const Expectation &expectation;
  plan::ModulePlan plan;
  Executable executable;
  std::unique_ptr<LoadedCode> code;
};

/// The code of all launches, and the plan.
FailureOr<OwningOpRef<ModuleOp>> Compiled::emitKernels(const CPUTarget &target) {
  OwningOpRef<ModuleOp> kernels = ModuleOp::create(module->getLoc());
  KernelCache cache;
  auto planned = plan::planModule(*module, [&](Operation *op) -> FailureOr<plan::KernelUse> {
    auto kernel = emitKernel(op, target, cache, *kernels);
    if (failed(kernel))
      return failure();
    return plan::KernelUse{kernel->symbol, kernel->blocks, kernel->workspace};
  });
  if (failed(planned) || failed(verify(*kernels)))
    return failure();
  plan = std::move(*planned);
  return kernels;
}

LogicalResult Compiled::printAssembly(const CPUTarget &target) {
  auto kernels = emitKernels(target);
  auto text = failed(kernels) ? FailureOr<std::string>() : generateCode(**kernels, target, CodeForm::assembly);
  if (failed(text))
    return failure();
  llvm::outs() << *text;
  return success();
}

LogicalResult Compiled::compile(const CPUTarget &target) {
  auto kernels = emitKernels(target);
  if (failed(kernels))
    return failure();
  executable = plan::ModulePlan(plan).toExecutable();
  auto object = generateCode(**kernels, target, CodeForm::object);
  if (failed(object))
    return failure();
  Status status = LoadedCode::load(*object, code);
  if (status)
    status = code->resolve(executable);
  return status ? success() : LogicalResult(module->emitError(status.error));
}

Status Compiled::run(unsigned program, BufferStore &store, ThreadPool &pool) {
  Runner runner(executable, executable.programs[program], pool);
  if (Status status = runner.bind({&store}); !status)
    return status;
  return runner.run();
}

std::string describeWrong(const kernel::Array &want, const Buffer &found, double rms) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (int64_t i = 0, shown = 0; i < want.size() && shown < 4; ++i)
    if (!(std::fabs(want.data[i] - read(found, i)) <= tolerance * rms) && ++shown)
      os << llvm::format("  at %d: %.9g, expected %.9g\n", static_cast<int>(i), read(found, i), want.data[i]);
  return text;
}

SmallVector<Verdict> Compiled::check(unsigned index) {
  const Program &program = executable.programs[index];
  ThreadPool one(1), two(2);
  auto makeStore = [&] { return makeBuffers(program, expectation.arguments[index]); };
  BufferStore serial = makeStore(), parallel = makeStore(), fenced = makeStore();
  Status status = run(index, serial, one);
  if (status)
    status = run(index, parallel, two);
  if (status)
    runFenced(executable, program, plan.programs[index], fenced);

  SmallVector<Verdict> verdicts;
  for (auto [k, want] : llvm::enumerate(expectation.results[index])) {
    Verdict verdict;
    const plan::Bindings &bindings = expectation.bindings[index];
    const Binding &binding = bindings.all[bindings.ofResult[k]];
    auto find = [&](const BufferStore &store) -> const Buffer & { return *store.find(binding.kind, binding.name); };
    const Buffer &found = find(serial);
    verdict.error = getError(want, found);
    if (!status)
      verdict = {"FAILED", INFINITY, "  " + status.error + "\n", ""};
    else if (!(verdict.error <= tolerance))
      verdict = {"WRONG", verdict.error, describeWrong(want, found, getRms(want)), ""};
    else if (!equalBits(found, find(parallel)))
      verdict.text = "DEPENDS ON THREADS";
    else if (!equalBits(found, find(fenced)))
      verdict.text = "DEPENDS ON THE ORDER OF BLOCKS";
    verdict.bytes.assign(reinterpret_cast<const char *>(found.memory.data()), found.bytes());
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

double getSeconds() {
  timespec now;
  clock_gettime(profileThreads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Fills the caches with something else.
void evictCaches() {
  static std::vector<char> other(256 << 20);
  for (size_t i = 0; i < other.size(); i += 64)
    ++other[i];
}

void Compiled::profile(unsigned index) {
  const Program &program = executable.programs[index];
  BufferStore store = makeBuffers(program, expectation.arguments[index]);
  ProgramMemory memory(executable, program, store);
  ThreadPool pool(profileThreads);
  std::vector<double> best(program.launches.size(), INFINITY);
  for (int64_t run = 0; run < profileRuns; ++run)
    for (auto [launch, seconds] : llvm::zip_equal(program.launches, best)) {
      SmallVector<void *> args = llvm::map_to_vector(launch.args, [&](const BufferRef &ref) -> void * { return memory.find(ref); });
      if (cold)
        evictCaches();
      double begin = getSeconds();
      pool.launch(executable.kernels[launch.kernel].function, args.data(), launch.blocks);
      seconds = std::min(seconds, getSeconds() - begin);
    }

  double total = 0;
  for (auto [i, launch] : llvm::enumerate(program.launches)) {
    double bytes = 0;
    for (int64_t argument : plan.programs[index].launches[i].bytes)
      bytes += static_cast<double>(argument);
    total += best[i];
    llvm::outs() << llvm::format("%10.1f us %6.1f GFLOP/s %6.1f GB/s %5d blocks ", best[i] * 1e6, static_cast<double>(launch.flop) / best[i] * 1e-9,
                                 bytes / best[i] * 1e-9, static_cast<int>(launch.blocks))
                 << program.name << " " << executable.kernels[launch.kernel].symbol << " " << launch.location << "\n";
  }
  llvm::outs() << llvm::format("%10.1f us in all of ", total * 1e6) << program.name << "\n";
}

CPUTarget getTarget(unsigned lanes, bool usesBF16Dot) {
  CPUTarget target = CPUTarget::host();
  target.vectorWidth = lanes;
  target.vectorRegisters = lanes >= 16 ? 32 : 16;
  target.usesBF16Dot = usesBF16Dot;
  return target;
}

bool hasBF16(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        bool isOne = llvm::any_of(op->getResultTypes(), [](Type type) { return getElementTypeOrSelf(type).isBF16(); });
        return isOne ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// A machine of each width of vectors; of bf16 with and without dot products, as far as this machine has them. With --all-tiles, each with all its tiles, one after the
/// other, and each of these for four times as many threads as the one before.
std::vector<CPUTarget> getTargets(ModuleOp module) {
  std::vector<CPUTarget> targets;
  auto add = [&](CPUTarget target) {
    for (auto [i, tile] : llvm::enumerate(allTiles ? target.getTileCandidates() : target.getTileCandidates().take_front())) {
      target.tile = tile;
      if (allTiles)
        target.threads = 1 << 2 * i;
      targets.push_back(target);
    }
  };
  for (unsigned lanes : {4, 8, 16}) {
    add(getTarget(lanes, /*usesBF16Dot=*/false));
    if (hasBF16(module) && CPUTarget::host().hasBF16Dot)
      add(getTarget(lanes, /*usesBF16Dot=*/true));
  }
  return targets;
}

/// Whether the machines differ in nothing that results may depend on.
bool mustAgree(const CPUTarget &a, const CPUTarget &b) { return a.vectorWidth == b.vectorWidth && a.usesBF16Dot == b.usesBF16Dot; }

/// Checks all functions; prints a line a result, for the machine that did worst.
bool checkAll(ModuleOp module, const Expectation &expectation) {
  std::vector<std::unique_ptr<Compiled>> variants;
  std::vector<CPUTarget> targets = getTargets(module);
  for (const CPUTarget &target : targets) {
    variants.push_back(std::make_unique<Compiled>(module, expectation));
    if (failed(variants.back()->compile(target)))
      return false;
  }
  bool passed = true;
  for (auto [index, function] : llvm::enumerate(module.getOps<func::FuncOp>())) {
    SmallVector<SmallVector<Verdict>> verdicts;
    for (auto [v, variant] : llvm::enumerate(variants)) {
      verdicts.push_back(variant->check(index));
      if (v > 0 && mustAgree(targets[v - 1], targets[v]))
        for (auto [before, now] : llvm::zip_equal(verdicts[v - 1], verdicts[v]))
          if (now.passed() && before.bytes != now.bytes)
            now.text = "DEPENDS ON THE TILE OR THE BLOCKS";
    }
    for (auto [k, want] : llvm::enumerate(expectation.results[index])) {
      size_t worst = 0;
      for (size_t v = 1; v < variants.size(); ++v)
        if (verdicts[worst][k].passed() && (!verdicts[v][k].passed() || verdicts[v][k].error > verdicts[worst][k].error))
          worst = v;
      const Verdict &verdict = verdicts[worst][k];
      llvm::outs() << function.getName() << " #" << k << " [";
      llvm::interleaveComma(want.shape, llvm::outs());
      llvm::outs() << "] " << verdict.text << llvm::format(" rms %.4g error %.1e", getRms(want), verdict.error);
      if (!verdict.passed())
        llvm::outs() << " with " << targets[worst].describe();
      llvm::outs() << "\n" << verdict.details;
      passed &= verdict.passed();
    }
    llvm::outs().flush(); // the next function may end the process
  }
  return passed;
}

LogicalResult printAssembly(ModuleOp module, const Expectation &expectation) {
  CPUTarget target;
  target.cpu = assembly;
  target.vectorWidth = assembly == "haswell" ? 8 : 16;
  target.vectorRegisters = assembly == "haswell" ? 16 : 32;
  target.hasBF16Dot = target.usesBF16Dot = assembly == "znver4";
  return Compiled(module, expectation).printAssembly(target);
}

bool profileAll(ModuleOp module, const Expectation &expectation) {
  Compiled compiled(module, expectation);
  if (failed(compiled.compile(CPUTarget::host())))
    return false;
  for (size_t i = 0; i < expectation.arguments.size(); ++i)
    compiled.profile(i);
  return true;
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
  Expectation expectation;
  if (failed(expectation.evaluate(*module)))
    return 1;
  if (!assembly.empty())
    return failed(printAssembly(*module, expectation));
  return (profileRuns > 0 ? profileAll(*module, expectation) : checkAll(*module, expectation)) ? 0 : 1;
}
