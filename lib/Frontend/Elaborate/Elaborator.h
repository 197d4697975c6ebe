//===- Elaborator.h - runs definitions at compile time ---------*- C++ -*-===//
//
// The elaborator interprets a model: compile-time values are computed, `if` and `repeat` are decided, definitions are entered, and what
// is left are the tensor ops of one straight-line program. It runs once for each program of the model (train, eval, decode), with one
// tree of instances, so that all of them give the same parameters the same names.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Frontend/Elaborate/Elaborate.h"
#include "lib/Frontend/Elaborate/Emitter.h"
#include "lib/Frontend/Elaborate/Program.h"
#include "lib/Frontend/Elaborate/Settings.h"
#include "lib/Frontend/Elaborate/Value.h"
#include "lib/Support/Diagnostics.h"

#include <deque>

namespace moe::frontend {

/// Arguments of a builtin, bound to the names of its signature.
struct BuiltinCall {
  const ast::Expr &site;
  EnvPtr env;
  std::map<std::string, BoundArgument> arguments;
  std::vector<Value> rest; ///< of a variadic parameter
  std::shared_ptr<Instance> instance;

  const Value &operator[](const char *name) const { return arguments.at(name).value; }
  bool has(const char *name) const { return arguments.count(name); }
};

/// Whether the type is that one word, such as `axis`.
bool isNamed(const ast::Type *type, const char *name);

class Elaborator {
public:
  Elaborator(const ast::File &file, const Settings &settings, mlir::MLIRContext &context, DiagnosticSink &sink);

  /// One program of the model with the given rows and positions; with `rules` also each momentum rule that it applies, by itself.
  void elaborateModel(mlir::ModuleOp module, Mode mode, int64_t rows, int64_t context, std::vector<RuleProgram> *rules = nullptr);
  /// The optimiser and the `after step` blocks, after the training program.
  void elaborateUpdate(mlir::ModuleOp module);
  std::optional<std::string> readPrecision();
  /// The settings as JSON, for `moe.settings`.
  std::string settingsJson();
  /// Reads `freeze` of the `train` block: the parameters that have no gradient.
  bool readFrozen();
  /// Reports a pattern of `freeze` that no parameter matches. After the training program.
  void checkFrozen();
  /// A whole number of at least 1 from the `train` block.
  std::optional<int64_t> setting(const char *key);

  //===--- Services of the parts -------------------------------------------===//

  Emitter emit;
  Program *program = nullptr;
  SourceRange current;     ///< place of errors that the emitter finds
  SourceRange returnRange; ///< of the last `return`
  DiagnosticSink &sink;

  Poison error(SourceRange range, std::string message);
  /// The same with notes and a suggestion to fill in. An error inside the standard library says where the file uses it.
  Diagnostic &diagnose(SourceRange range, std::string message);
  /// Adds the innermost call in the file, not in the library, of what is being elaborated.
  Diagnostic &noteUse(Diagnostic &d);
  /// Null when there is none.
  const SourceRange *innermostOwnUse() const;
  mlir::Location location(SourceRange range);
  /// The range; for one of the standard library the innermost call in the file.
  SourceRange ownPlace(SourceRange range) const;
  /// Makes `range` the place of the next ops and of the emitter's errors.
  void at(SourceRange range) {
    emit.loc = location(range);
    current = range;
  }
  bool training() const { return program && program->mode == Mode::Train; }
  bool quiet() const { return quietDepth != 0; }
  /// Counts towards the limit on unrolled size.
  bool spend(SourceRange range);

  /// A scope inside another one; `round` is added to the rounds around it.
  EnvPtr makeScope(const EnvPtr &parent, const std::string &round = "");
  /// The outermost scope of a definition.
  EnvPtr makeScope(const FramePtr &frame);
  FramePtr makeFrame(std::shared_ptr<Instance> instance);

  // Expressions.cpp
  Value eval(const ast::Expr &expr, const EnvPtr &env);
  std::optional<Tensor> evalTensor(const ast::Expr &expr, const EnvPtr &env);
  std::optional<Number> evalNumber(const ast::Expr &expr, const EnvPtr &env, const char *what);
  Value read(const CellPtr &cell, const EnvPtr &env);
  /// A compile-time integer under that name, or nothing.
  std::optional<int64_t> lookupDim(const std::string &name, const EnvPtr &env);
  std::optional<Value> lookup(const std::string &name, const EnvPtr &env);
  const ast::Definition *findDefinition(const std::string &name);
  /// Names that could stand at a place, for suggestions.
  std::vector<std::string> visibleNames(const EnvPtr &env);

  // Operators.cpp
  Value oneMinusPower(const ast::BinaryExpr &expr, const EnvPtr &env);
  Value unaryOp(ast::UnaryOp op, const Value &x, SourceRange range);
  Value binaryOp(ast::BinaryOp op, const Value &a, const Value &b, SourceRange range);
  /// Applies an elementwise function of one number, at compile time or as an op.
  template <typename Op>
  Value elementwise(const Value &x, double (*fold)(double), SourceRange range);
  std::optional<Tensor> toTensor(const Value &value, SourceRange range, const Tensor *like = nullptr);
  /// Reports a value that may be absent somewhere.
  bool requirePresent(const Tensor &x, SourceRange range);
  /// Both operands with one element type.
  bool promote(Tensor &a, Tensor &b);

  // Dims.cpp
  /// The axis that a dimension expression denotes; nothing (and no error) when a name in it is not known yet.
  std::optional<Axis> evalDim(const ast::Expr &expr, const EnvPtr &env);
  std::optional<Axes> evalAxes(const ast::TensorType &type, const EnvPtr &env);
  /// Fixes the unknown name in `expr` so that it equals `extent`, or checks it.
  bool unify(const ast::Expr &expr, int64_t extent, const EnvPtr &env, SourceRange origin);
  /// Notes where the names in a dimension expression got their extents.
  static void noteOrigin(Diagnostic &d, const ast::Expr &expr, const EnvPtr &env);
  bool checkConstraint(const ast::Expr &expr, const EnvPtr &env);
  /// The name of the axis that `name` denotes here (an `axis` parameter stands for another).
  std::string axisName(const std::string &name, const EnvPtr &env);
  /// The position in `x` of the axis called `name`, or -1 and an error.
  int findAxis(const Tensor &x, const std::string &name, const EnvPtr &env, SourceRange range);
  static std::string text(const ast::Expr &expr);
  static std::string text(const ast::Type &type);

  // Calls.cpp, Frames.cpp
  Value evalCall(const ast::CallExpr &call, const EnvPtr &env);
  bool refuseReducerCall(const ast::CallExpr &call);
  Value evalPipe(const ast::BinaryExpr &pipe, const EnvPtr &env);
  /// `x |> split(d -> n, c)`, `x |> merge(n, c -> d)`.
  Value evalLayout(const ast::CallExpr &call, const Value &x, const EnvPtr &env);
  /// Calls a callable, closure or reducer with values.
  Value apply(const Value &callee, std::vector<Value> arguments, const ast::Expr &site, const EnvPtr &env);
  Value enter(const Callable &callable, std::map<std::string, BoundArgument> inputs, const ast::Expr &site, const EnvPtr &env);
  std::shared_ptr<Instance> instanceAt(const void *site, const EnvPtr &env);
  std::string pathOf(const EnvPtr &env) const;
  /// Decides the path of an instance, once: the caller's path, then `segment` (with a number when it is taken).
  void nameInstance(Instance &instance, std::string segment, const EnvPtr &env);
  /// The rows that are being computed, inside an `each`.
  const Axis *currentRows(const EnvPtr &env) const;
  Value exportValue(const Value &value, Frame &frame);
  Value importValue(const Value &value, Frame &frame);
  Value moveBetween(const Value &value, Frame *from, Frame *to);

  // Reductions.cpp
  static bool isReducer(const std::string &name);
  Value reduce(const std::string &kind, llvm::ArrayRef<ast::Identifier> axes, const Value &x, const EnvPtr &env, SourceRange range);
  Value evalReduce(const ast::ReduceExpr &expr, const EnvPtr &env);
  Value sumOfProduct(const ast::BinaryExpr &product, llvm::ArrayRef<ast::Identifier> axes, const EnvPtr &env, SourceRange range);

  // IndexNotation.cpp
  bool isIndexed(const ast::Expr &expr);
  Value evalIndexed(const ast::Expr &value, const std::vector<ast::Identifier> *indices, const EnvPtr &env, SourceRange range);
  Value evalSlice(const ast::IndexExpr &expr, const EnvPtr &env);

  // Statements.cpp
  /// Runs statements; gives the value of `return`, or of a last expression when `wantsValue`.
  std::optional<Value> exec(const ast::Block &block, const EnvPtr &env, bool wantsValue);
  Value evalEach(const ast::EachExpr &each, const EnvPtr &env);
  CellPtr declare(const ast::StorageStmt &stmt, const EnvPtr &env);
  /// Ends the run where one of the ids, which the call takes under that name, is not in 0 ... count - 1. Quiet code too: it would read what is not there.
  void requireIds(const Tensor &ids, int64_t count, const char *name, const BuiltinCall &call);
  std::optional<Initializer> evalInit(const ast::Expr &expr, bool sampled, const EnvPtr &env);
  /// A parameter of that full name; inside an `each`, one an expert.
  CellPtr declareParam(std::string name, Axes axes, Initializer init, const EnvPtr &env, SourceRange range);

  // Builtins.cpp
  const Builtin *findBuiltin(const std::string &name);
  Value callBuiltin(const Builtin &builtin, BuiltinCall &call);

  const ast::File &file;
  const Settings &settings;
  std::vector<CellPtr> params; ///< of the training program, in order of first use
  int64_t modelRows = 0;
  /// A linear that makes the value of `name = ...` is called by that name.
  std::map<const void *, std::string> bindingNames;

private:
  std::deque<Env> scopes;
  std::deque<Frame> frames;

  std::optional<Value> execOne(const ast::Stmt &stmt, const EnvPtr &env, bool wantsValue);
  void assign(const ast::Identifier &name, Value value, const EnvPtr &env);
  void nameLinear(const ast::Identifier &target, const ast::Expr &value, const EnvPtr &env);
  void update(const ast::UpdateStmt &stmt, const EnvPtr &env);
  void declareCarry(const ast::CarryDeclStmt &stmt, const EnvPtr &env);
  /// Reports a buffer whose shape is not the same in every program.
  bool checkShape(const Cell &cell);
  std::string bufferName(const std::string &name, const void *site, const EnvPtr &env);
  std::string checkName(const EnvPtr &env, const std::string &what);
  std::optional<Tensor> fitTo(const Cell &cell, const std::string &name, Tensor x, SourceRange range);
  /// With ElaborateOptions::record: gives the value as a probe of @eval, if it is a tensor that is present everywhere and its path matches.
  void recordNamed(const std::string &name, const Value &value, const EnvPtr &env);
  std::string recordedName(const std::string &path);
  bool onceOnly(const void *site, const EnvPtr &env, SourceRange range);
  void record(const ast::RecordStmt &stmt, const EnvPtr &env);
  void assertThat(const ast::AssertStmt &stmt, const EnvPtr &env);
  std::optional<Value> execRepeat(const ast::RepeatStmt &stmt, const EnvPtr &env);
  std::optional<Value> execEachIn(const ast::EachInStmt &stmt, const EnvPtr &env);
  bool bindParameters(const Callable &callable, const EnvPtr &env, const ast::Expr &site);
  bool bindInput(const ast::Parameter &input, const BoundArgument &argument, const EnvPtr &env);
  std::optional<Tensor> bindTensor(const ast::TensorType &type, Tensor x, const ast::Parameter &input, SourceRange range,
                                   const EnvPtr &env);
  std::optional<Tensor> checkTensor(const ast::TensorType &type, Tensor x, const EnvPtr &env, SourceRange range);
  Tensor exportTensor(Tensor x, Frame &frame);
  Tensor importTensor(Tensor x, Frame &frame);
  Value checkResult(const ast::Type &type, Value value, const EnvPtr &env, SourceRange range);
  std::optional<std::map<std::string, BoundArgument>> bindArguments(llvm::ArrayRef<ast::Argument> arguments,
                                                                    std::vector<Value> extra, const Callable &callable, bool inputs,
                                                                    const std::optional<Value> &first, const ast::Expr &site,
                                                                    const EnvPtr &env);
  /// Binds the first list (`configure`) or calls; `first` is the value of the first argument if it is known already.
  Value applyCallable(const Callable &callable, bool configure, const std::optional<Value> &first,
                      llvm::ArrayRef<ast::Argument> arguments, std::vector<Value> extra, const ast::Expr &site, const EnvPtr &env);
  Value applyArguments(const Value &callee, llvm::ArrayRef<ast::Argument> arguments, std::vector<Value> extra, const ast::Expr &site,
                       const EnvPtr &env);
  Value callClosure(const Closure &closure, std::vector<Value> arguments, const ast::Expr &site, const EnvPtr &env);
  bool needsParameters(const Callable &callable);
  /// A momentum rule being applied by the model, not by another rule.
  struct RuleUse {
    Callable callable;
    std::map<std::string, BoundArgument> inputs;
    const ast::Expr *site;
    EnvPtr env;
    std::vector<std::pair<std::string, double>> numbers;
  };
  std::vector<SourceRange> uses; ///< the calls of definitions that are being elaborated, outermost first
  std::vector<RuleUse> ruleUses; ///< of the program under construction
  // Rules.cpp: while the program is not finished, since finishing drops values that a use still has.
  std::vector<RuleProgram> elaborateRules(mlir::ModuleOp module);
  void elaborateRule(const RuleUse &use, RuleProgram &rule);

  struct AfterStep {
    const ast::AfterStepStmt *stmt;
    EnvPtr env;
  };
  std::vector<AfterStep> afterSteps;
  std::vector<CellPtr> tallies;

  // Of the program under construction.
  std::map<std::tuple<const void *, std::string, const Frame *>, std::shared_ptr<const Routing>> routings;
  std::set<std::pair<const void *, std::string>> effects;
  std::map<std::string, int> checks;
  std::set<std::pair<const void *, int64_t>> checkedIds; ///< with what they have to be less than
  std::map<std::string, int> recorded; ///< probes by path
  std::vector<Tensor> losses; ///< auxiliary

  std::map<std::string, const ast::Definition *> definitions;
  std::shared_ptr<Instance> root = std::make_shared<Instance>();
  std::set<std::string> names; ///< taken by buffers, per kind
  struct BufferShape {
    Axes axes;
    Mode mode;
    SourceRange declared;
  };
  std::map<std::pair<BindingKind, std::string>, BufferShape> shapes; ///< of buffers, as their first use has them

  int quietDepth = 0;
  int exprDepth = 0;
  int64_t spent = 0;
  std::string frozen;               ///< patterns of parameters without gradient
  std::set<std::string> frozenNames; ///< those that match
  bool foldZero = false; ///< inside `aux`: zero times anything is nothing
};

} // namespace moe::frontend
