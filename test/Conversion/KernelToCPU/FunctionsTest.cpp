//===- FunctionsTest.cpp - elementary functions over all of f32 -------------===//
#include "dialects/kernel/IR/KernelDialect.h"
#include "lib/JIT/CodeGen.h"
#include "lib/JIT/LoadedCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Parser/Parser.h"

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace moe;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity(), notANumber = std::numeric_limits<float>::quiet_NaN();
constexpr float smallest = std::numeric_limits<float>::min();

/// A compiled `math` op over a row of `count` numbers.
class Function {
public:
  static constexpr int64_t count = 4096 + 5; // whole vectors and a tail

  explicit Function(const std::string &name) : context(MLIRContext::Threading::DISABLED) {
    context.loadDialect<kernel::KernelDialect, arith::ArithDialect, func::FuncDialect, math::MathDialect>();
    std::string row = "tensor<" + std::to_string(count) + "xf32>", identity = "affine_map<(d) -> (d)>";
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
        "func.func @f(%x: " + row + ") -> " + row + " { %y = kernel.row (%x : " + row + ") attributes {extents = array<i64: " +
            std::to_string(count) + ">, row_rank = 0, maps = [" + identity + ", " + identity + "]} { ^bb0(%a: f32): %b = math." + name +
            " %a : f32 kernel.yield %b : f32 } -> (" + row + ") return %y : " + row + " }",
        &context);
    REQUIRE(module);
    CPUTarget target = CPUTarget::host();
    KernelCache cache;
    OwningOpRef<ModuleOp> kernels = ModuleOp::create(module->getLoc());
    kernel::RowOp op = *(*module->getOps<func::FuncOp>().begin()).getOps<kernel::RowOp>().begin();
    FailureOr<CPUKernel> kernel = emitKernel(op, target, cache, *kernels);
    REQUIRE(succeeded(kernel));
    FailureOr<std::string> object = generateCode(*kernels, target, CodeForm::object);
    REQUIRE(succeeded(object));
    REQUIRE(LoadedCode::load(*object, code).ok());
    executable.kernels.push_back({kernel->symbol, nullptr});
    REQUIRE(code->resolve(executable).ok());
    blocks = kernel->blocks;
  }

  std::vector<float> operator()(std::vector<float> x) const {
    size_t wanted = x.size();
    x.resize(count);
    std::vector<float> y(count);
    void *args[] = {x.data(), y.data()};
    executable.kernels[0].function(args, 0, blocks);
    y.resize(wanted);
    return y;
  }

private:
  MLIRContext context;
  std::unique_ptr<LoadedCode> code;
  Executable executable;
  int64_t blocks = 0;
};

/// The error of `have` relative to `want`; 0 for the same NaN, infinity or zero, and for 0 where no normal number is near.
double getError(double want, float have) {
  if (std::isnan(want) || std::isnan(have))
    return std::isnan(want) && std::isnan(have) ? 0 : infinity;
  float rounded = static_cast<float>(want);
  if (rounded == have || (have == 0 && std::fabs(want) < smallest))
    return 0;
  return std::fabs(want - have) / std::max(std::fabs(want), double(smallest)); // below, the distance of numbers stays the same
}

/// The largest error over bit patterns a constant distance apart: all signs and exponents, NaN among them.
double getLargestError(const Function &function, double (*reference)(double)) {
  constexpr uint64_t distance = 4093;
  double largest = 0;
  for (uint64_t first = 0; first < (uint64_t(1) << 32); first += distance * Function::count) {
    std::vector<float> x(Function::count);
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = std::bit_cast<float>(static_cast<uint32_t>(first + i * distance));
    std::vector<float> y = function(x);
    for (size_t i = 0; i < x.size(); ++i)
      largest = std::max(largest, getError(reference(x[i]), y[i]));
  }
  return largest;
}

void checkValues(const Function &function, const std::vector<std::pair<float, float>> &cases) {
  for (auto [x, expected] : cases) {
    CAPTURE(x);
    float y = function({x})[0];
    CHECK((std::isnan(expected) ? std::isnan(y) : y == expected && std::signbit(y) == std::signbit(expected)));
  }
}

} // namespace

TEST_CASE("exp") {
  Function function("exp");
  CHECK(getLargestError(function, [](double x) { return std::exp(x); }) <= 1.0e-7);
  checkValues(function, {{0, 1}, {-0.0f, 1}, {-1000, 0}, {-infinity, 0}, {89, infinity}, {infinity, infinity}, {notANumber, notANumber}});
  // The last numbers before it overflows and before it is 0.
  CHECK(getError(std::exp(0x1.62e42ep6), function({0x1.62e42ep6f})[0]) <= 1.0e-7);
  CHECK(getError(std::exp(-0x1.5d589ep6), function({-0x1.5d589ep6f})[0]) <= 1.0e-7);
  checkValues(function, {{0x1.62e430p6f, infinity}, {-0x1.5d58a0p6f, 0}});
}

TEST_CASE("log") {
  Function function("log");
  CHECK(getLargestError(function, [](double x) { return std::log(x); }) <= 1.0e-7);
  checkValues(function, {{0, -infinity}, {-0.0f, -infinity}, {1, 0}, {infinity, infinity}, {-1, notANumber}, {-1e-44f, notANumber}, {-infinity, notANumber}, {notANumber, notANumber}});
  float least = std::numeric_limits<float>::denorm_min();
  CHECK(getError(std::log(double(least)), function({least})[0]) <= 1.0e-7);
}

TEST_CASE("tanh") {
  Function function("tanh");
  CHECK(getLargestError(function, [](double x) { return std::tanh(x); }) <= 2.0e-7);
  checkValues(function, {{0, 0}, {-0.0f, -0.0f}, {20, 1}, {-20, -1}, {infinity, 1}, {-infinity, -1}, {notANumber, notANumber}, {1e-40f, 1e-40f}});
}

TEST_CASE("erf") {
  Function function("erf");
  CHECK(getLargestError(function, [](double x) { return std::erf(x); }) <= 1.0e-7);
  checkValues(function, {{0, 0}, {-0.0f, -0.0f}, {4, 1}, {-5, -1}, {infinity, 1}, {-infinity, -1}, {notANumber, notANumber}});
}

TEST_CASE("a value does not depend on its place") {
  for (const char *name : {"exp", "log", "tanh", "erf"}) {
    CAPTURE(name);
    Function function(name);
    for (float x : {0.3f, 1.7f, 3.1f}) {
      std::vector<float> y = function(std::vector<float>(Function::count, x));
      CHECK(std::all_of(y.begin(), y.end(), [&](float value) { return value == y[0]; }));
    }
  }
}
