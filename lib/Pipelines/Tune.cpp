//===- Tune.cpp - what is best on this machine ------------------------------===//
#include "lib/Pipelines/Tune.h"

#include "dialects/kernel/IR/KernelDialect.h"
#include "lib/JIT/CodeGen.h"
#include "lib/JIT/LoadedCode.h"
#include "lib/Pipelines/CacheKey.h"
#include "lib/Runtime/FileCache.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <chrono>
#include <limits>
#include <mutex>

using namespace moe;

namespace {

/// A linear layer and the gradient of its weights: rows of a that are contiguous along the sum, and rows that are neighbours. No extent is ragged for any candidate.
constexpr const char *products = R"(
func.func @products(%x: tensor<384x256xf32>, %w: tensor<256x384xf32>) -> (tensor<384x384xf32>, tensor<256x384xf32>) {
  %y = kernel.contract %x, %w {extents = array<i64: 384, 384, 256>, maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]}
    : tensor<384x256xf32>, tensor<256x384xf32> -> tensor<384x384xf32>
  %d = kernel.contract %x, %y {extents = array<i64: 256, 384, 384>, maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]}
    : tensor<384x256xf32>, tensor<384x384xf32> -> tensor<256x384xf32>
  return %y, %d : tensor<384x384xf32>, tensor<256x384xf32>
})";

/// The products, compiled with a tile.
class Trial {
public:
  explicit Trial(const CPUTarget &target) : target(target), context(mlir::MLIRContext::Threading::DISABLED) {}

  bool compile();
  /// The shortest time so far.
  double best = std::numeric_limits<double>::infinity();
  void run();

private:
  const CPUTarget target;
  mlir::MLIRContext context;
  Executable executable;
  std::vector<int64_t> blocks;
  std::unique_ptr<LoadedCode> code;
  std::vector<float> x = std::vector<float>(384 * 256, 0.5f), w = std::vector<float>(256 * 384, 0.25f), y = std::vector<float>(384 * 384), d = std::vector<float>(256 * 384);
};

bool Trial::compile() {
  context.loadDialect<kernel::KernelDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(products, &context);
  mlir::OwningOpRef<mlir::ModuleOp> kernels = mlir::ModuleOp::create(mlir::UnknownLoc::get(&context));
  KernelCache cache;
  for (mlir::Operation &op : module->lookupSymbol<mlir::func::FuncOp>("products").getBody().front().without_terminator()) {
    mlir::FailureOr<CPUKernel> kernel = emitKernel(&op, target, cache, *kernels);
    if (mlir::failed(kernel))
      return false;
    executable.kernels.push_back({kernel->symbol});
    blocks.push_back(kernel->blocks);
  }
  mlir::FailureOr<std::string> object = generateCode(*kernels, target, CodeForm::object);
  return mlir::succeeded(object) && LoadedCode::load(*object, code).ok() && code->resolve(executable).ok();
}

void Trial::run() {
  void *forward[] = {x.data(), w.data(), y.data()}, *gradient[] = {x.data(), y.data(), d.data()};
  auto begin = std::chrono::steady_clock::now();
  executable.kernels[0].function(forward, 0, blocks[0]);
  executable.kernels[1].function(gradient, 0, blocks[1]);
  best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

/// The fastest tile. One has to be clearly faster than the first to take its place.
CPUTile timeTiles(const CPUTarget &target) {
  constexpr double clearly = 0.97;
  constexpr int rounds = 20;
  std::vector<std::unique_ptr<Trial>> trials;
  for (CPUTile tile : target.getTileCandidates()) {
    CPUTarget tried = target;
    tried.tile = tile;
    trials.push_back(std::make_unique<Trial>(tried));
    if (!trials.back()->compile())
      return target.getTile();
  }
  for (int round = 0; round < rounds; ++round)
    for (auto &trial : trials)
      trial->run();
  size_t chosen = 0;
  for (size_t i = 1; i < trials.size(); ++i)
    if (trials[i]->best < trials[chosen]->best * (chosen == 0 ? clearly : 1))
      chosen = i;
  return target.getTileCandidates()[chosen];
}

/// The choices of tiles in the cache.
class Choices {
public:
  Choices(const CPUTarget &target, const CompileOptions &options) : target(target), files(options.cacheDir, options.cacheLimit), key(CacheKey("tile", target).get()) {}

  std::optional<CPUTile> load() const {
    std::optional<std::string> kept = files.load(key);
    if (!kept)
      return std::nullopt;
    for (CPUTile tile : target.getTileCandidates())
      if (*kept == write(tile))
        return tile;
    files.remove(key);
    return std::nullopt;
  }
  void store(CPUTile tile) const { files.store(key, write(tile)); }

private:
  static std::string write(CPUTile tile) { return std::to_string(tile.rows) + " " + std::to_string(tile.vectors); }

  const CPUTarget &target;
  FileCache files;
  uint64_t key;
};

/// The tile that the cache holds, or the fastest one, which it holds from now on.
CPUTile chooseTile(const CPUTarget &target, const CompileOptions &options) {
  Choices choices(target, options);
  if (std::optional<CPUTile> kept = choices.load())
    return *kept;
  CPUTile tile = timeTiles(target);
  if (std::optional<CPUTile> other = choices.load()) // another process was faster: programs of both are the same ones then
    return *other;
  choices.store(tile);
  return tile;
}

} // namespace

CPUTarget moe::getTunedHost(const CompileOptions &options) {
  static std::mutex mutex; // two at a time would disturb each other
  static std::optional<CPUTile> chosen;
  CPUTarget target = CPUTarget::host();
  std::lock_guard lock(mutex);
  if (!chosen && !options.cacheDir.empty())
    chosen = chooseTile(target, options);
  if (chosen)
    target.tile = *chosen;
  return target;
}

void moe::tune(const CompileOptions &options) { getTunedHost(options); }
