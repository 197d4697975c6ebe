//===- Value.h - what an expression of a .moe file elaborates to -*- C++ -*-===//
//
// Everything but tensors is known at compile time: numbers, dimensions, definitions, closures. A tensor is an SSA value of the program
// under construction.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Executable.h"
#include "lib/Frontend/AST.h"
#include "lib/Frontend/Elaborate/Tensor.h"

#include <map>
#include <set>
#include <variant>

namespace moe::frontend {

struct Builtin;
struct Callable;
struct Closure;
struct Env;
struct Frame;
struct Instance;
struct Record;
struct Reducer;
struct Tuple;
/// Scopes and frames refer to one another in circles (a closure is a name of the scope that it sees); the elaborator owns them all.
using EnvPtr = Env *;
using FramePtr = Frame *;

/// The value of something wrong that has been reported: whatever is made of it is wrong too, silently.
struct Poison {};
/// `none`.
struct NoneValue {};
struct Number {
  double value = 0;
  bool isInt = false;
};
/// The argument of an `axis` parameter: an axis by name.
struct AxisRef {
  std::string name;
};
/// `normal(s)`, `uniform(r)` or a constant, where a parameter starts.
struct InitValue {
  Initializer init;
};

/// A buffer with a life of its own: parameter, state, stream state, tally, optimiser state.
struct Cell {
  BindingKind kind;
  std::string name; ///< full path
  Axes axes;
  mlir::Type element;
  Initializer init;
  SourceRange declared;
  /// Set for the parameters of an expert: one slice an expert, read as one row a routed row.
  std::shared_ptr<const Routing> routing;
};
using CellPtr = std::shared_ptr<Cell>;

/// One parameter of the collection that an optimiser runs over.
struct ParamItem {
  CellPtr param;
};
struct Collection {
  std::vector<CellPtr> params;
};

struct Value {
  std::variant<Poison, NoneValue, Number, bool, std::string, AxisRef, InitValue, Tensor, std::shared_ptr<RowsOrElse>,
               std::shared_ptr<Tuple>, std::shared_ptr<Record>, std::shared_ptr<Closure>, std::shared_ptr<Callable>,
               std::shared_ptr<Reducer>, CellPtr, ParamItem, Collection>
      data;

  Value() = default;
  template <typename T, typename = std::enable_if_t<!std::is_same_v<std::decay_t<T>, Value>>>
  Value(T &&x) : data(std::forward<T>(x)) {}
  Value(const char *) = delete;

  template <typename T>
  const T *as() const {
    return std::get_if<T>(&data);
  }
  template <typename T>
  T *as() {
    return std::get_if<T>(&data);
  }
  bool isPoison() const { return as<Poison>(); }
};

struct Tuple {
  std::vector<Value> elements;
};

/// A carry. Its tensors have the axis names of the frame that declared it.
struct Record {
  std::map<std::string, Value> fields;
  Frame *frame = nullptr;
  SourceRange declared;
};

struct Closure {
  const ast::LambdaExpr *lambda;
  EnvPtr env;
};

/// An argument of a definition's first list, with the name that its value, as a dimension, has where it was written.
struct BoundArgument {
  Value value;
  std::string label;
  const Frame *frame = nullptr;
  SourceRange range;
};

/// A definition or builtin with some of its parameters bound; with an instance, when the instance that owns parameters is decided.
struct Callable {
  const ast::Definition *definition = nullptr;
  const Builtin *builtin = nullptr;
  std::map<std::string, BoundArgument> bound;
  std::shared_ptr<Instance> instance;
};

/// `sum(E)`, to be applied.
struct Reducer {
  std::string kind;
  std::vector<ast::Identifier> axes;
};

/// A use of a definition: owns parameters under its path. Uses inside its body are its children, so that running the body twice gives
/// the same children.
struct Instance {
  std::string path; ///< empty for the model itself, else with a final dot; decided when first called
  bool named = false;
  const void *site = nullptr; ///< the application that made it
  /// By place in the source and round of the enclosing `repeat`s.
  std::map<std::pair<const void *, std::string>, std::shared_ptr<Instance>> children;
  std::map<std::string, int> segments; ///< how often a segment was given out
  std::map<std::pair<const void *, std::string>, std::string> cellNames;
};

/// A named dimension with the place that fixed it.
struct DimInfo {
  int64_t extent;
  SourceRange origin;
};

/// One running definition.
struct Frame {
  const ast::Definition *definition = nullptr;
  std::shared_ptr<Instance> instance;
  FramePtr caller = nullptr;
  std::map<std::string, DimInfo> dims;
  /// Axes of the caller under this definition's names; `outer` has several when the name stands for merged axes.
  struct AxisBinding {
    std::string inner;
    Axes outer;
  };
  std::vector<AxisBinding> bindings;
  /// Set inside an `each`: the axis of the rows being computed.
  std::optional<Axis> rows;
  int depth = 0;
};

/// A scope of names.
struct Env {
  EnvPtr parent = nullptr; ///< null for the outermost scope of a definition
  FramePtr frame = nullptr;
  std::map<std::string, Value> names;
  std::string round; ///< of the enclosing repeats: "layers.3."
  /// Set on the scope of an `each` body: what is read through it becomes rows.
  std::optional<Axis> rows;
};

/// 16, 0.7, 1e-08: a number as a person writes it, for messages.
std::string format(double value);
/// "a tensor [N = 4, d = 8]", "the number 3", for messages.
std::string describe(const Value &value);

} // namespace moe::frontend
