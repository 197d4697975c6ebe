//===- Reference.cpp - what float64 says of a value -------------------------===//
#include "dialects/moe/IR/MoeDialect.h"
#include "dialects/moe/IR/Origins.h"
#include "dialects/moe/Reference/Reference.h"
#include "dialects/moe/Transforms/InlineMomentum.h"
#include "lib/Conversion/Plan/LocationText.h"
#include "lib/Pipelines/Compilation.h"

#include <cmath>

using namespace moe;
using mlir::func::FuncOp;

/// Scalar operations, roughly: each product of a sum is one, and so is each element of anything else.
static double countOperations(FuncOp function) {
  double count = 0;
  function.walk([&](mlir::Operation *op) {
    double ofOp = 0;
    for (mlir::Value value : op->getResults())
      if (auto type = mlir::dyn_cast<mlir::RankedTensorType>(value.getType()))
        ofOp += static_cast<double>(type.getNumElements());
    if (auto contract = mlir::dyn_cast<ContractOp>(op)) {
      ofOp = 1;
      for (int64_t extent : contract.getExtents())
        ofOp *= static_cast<double>(extent);
    } else if (auto product = mlir::dyn_cast<GroupedMatmulOp>(op)) {
      ofOp *= static_cast<double>(mlir::cast<mlir::RankedTensorType>(product.getX().getType()).getDimSize(1));
    } else if (auto product = mlir::dyn_cast<GroupedOuterOp>(op)) {
      auto a = mlir::cast<mlir::RankedTensorType>(product.getA().getType()), b = mlir::cast<mlir::RankedTensorType>(product.getB().getType());
      ofOp = static_cast<double>(a.getNumElements()) * static_cast<double>(b.getDimSize(1));
    }
    count += ofOp;
  });
  return count;
}

/// The op that `question` means: the one with its position, or, where the float64 program has come out a little different, the nearest that does the
/// same at the same place.
static mlir::Operation *findOp(FuncOp function, const ReferenceQuestion &question) {
  mlir::Operation *best = nullptr;
  int64_t bestDistance = 0;
  for (mlir::Operation &op : function.getBody().getOps()) {
    if (getOriginText(op.getLoc()) != question.name || getLocationText(op.getLoc()) != question.location)
      continue;
    int64_t distance = std::abs(static_cast<int64_t>(getOriginNumber(op.getLoc())) - static_cast<int64_t>(question.op));
    if (!best || distance < bestDistance) {
      best = &op;
      bestDistance = distance;
    }
  }
  return best;
}

static std::string getField(mlir::DictionaryAttr binding, llvm::StringRef field) {
  auto text = binding ? binding.getAs<mlir::StringAttr>(field) : mlir::StringAttr();
  return text ? text.str() : "";
}

/// The values of the function's arguments; failure when one is missing or has another size.
static mlir::FailureOr<llvm::SmallVector<reference::Value>> makeArguments(FuncOp function, const ReferenceQuestion &question) {
  llvm::SmallVector<reference::Value> values;
  for (mlir::BlockArgument argument : function.getArguments()) {
    auto binding = function.getArgAttrOfType<mlir::DictionaryAttr>(argument.getArgNumber(), argAttrName);
    std::string kind = getField(binding, "kind"), name = getField(binding, "name");
    auto given = llvm::find_if(question.buffers, [&](const auto &buffer) { return toString(buffer.kind) == kind && buffer.name == name; });
    auto type = mlir::cast<mlir::RankedTensorType>(argument.getType());
    if (given == question.buffers.end() || static_cast<int64_t>(given->values.size()) != type.getNumElements())
      return function.emitError() << "is not given " << kind << " '" << name << "'";
    reference::Value value;
    value.shape = type.getShape().vec();
    value.data = given->values;
    values.push_back(std::move(value));
  }
  return values;
}

/// Reads the answer off the op's result.
static void describe(const reference::Value &result, const ReferenceQuestion &question, ReferenceAnswer &answer) {
  answer.isFound = true;
  for (double value : result.data)
    if (std::isfinite(value))
      answer.largest = std::max(answer.largest, std::abs(value));
  int64_t position = 0;
  if (result.shape.size() != question.index.size())
    return;
  for (auto [extent, index] : llvm::zip_equal(result.shape, question.index)) {
    if (index >= extent)
      return;
    position = position * extent + index;
  }
  answer.value = result.data[position];
}

static bool ask(FuncOp function, const ReferenceQuestion &question, ReferenceAnswer &answer) {
  llvm::SmallVector<MomentumOp> rules(function.getOps<MomentumOp>());
  llvm::for_each(rules, inlineMomentum);
  markOrigins(function);
  if (question.begin && !question.begin(countOperations(function)))
    return true;
  mlir::FailureOr<llvm::SmallVector<reference::Value>> arguments = makeArguments(function, question);
  if (mlir::failed(arguments))
    return false;
  mlir::Operation *wanted = findOp(function, question);
  auto results = reference::evaluate(function, *arguments, [&](mlir::Operation &op, llvm::ArrayRef<reference::Value> values) {
    if (&op == wanted)
      describe(values.front(), question, answer);
  });
  if (mlir::failed(results))
    return false;
  answer.isEvaluated = true;
  for (auto [k, result] : llvm::enumerate(*results)) {
    auto binding = function.getResultAttrOfType<mlir::DictionaryAttr>(k, resAttrName);
    if (!llvm::all_of(result.data, [](double value) { return std::isfinite(value); }))
      answer.nonFinite.push_back(getField(binding, "kind") + " '" + getField(binding, "name") + "'");
  }
  return true;
}

std::optional<ReferenceAnswer> moe::askReference(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                                 const ReferenceQuestion &question, Diagnostics &diagnostics) {
  Compilation compilation(fileName, source, options);
  ReferenceAnswer answer;
  bool done = compilation.parse() && compilation.elaborate(/*f64=*/true) && compilation.runPasses(Phase::fused) &&
              compilation.runPhase(Phase::fused, [&] {
                auto function = compilation.getModule().lookupSymbol<FuncOp>(question.program);
                return function && ask(function, question, answer);
              });
  compilation.report(diagnostics);
  return done ? std::optional(std::move(answer)) : std::nullopt;
}
