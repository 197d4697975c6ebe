//===- Names.cpp - the names of definitions that nobody uses --------------===//
#include "lib/Frontend/Elaborate/Names.h"

#include "lib/Frontend/Elaborate/Builtins.h"
#include "lib/Frontend/Elaborate/Walk.h"
#include "lib/Support/Names.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

namespace moe::frontend {

namespace {

/// Names of one definition, in the order in which they come into being. Blocks do not end a name's life: the elaborator, which knows the
/// branches that are taken, is strict; this check only finds what can never be right.
class NameChecker {
public:
  NameChecker(const std::map<std::string, const ast::Definition *> &definitions, DiagnosticSink &sink) : sink(sink) {
    std::vector<std::string> builtin;
    appendBuiltinNames(builtin);
    known.insert(builtin.begin(), builtin.end());
    for (const auto &entry : definitions)
      known.insert(entry.first);
  }

  void check(const ast::Definition &definition);

private:
  void parameters(const std::vector<ast::Parameter> &list);
  void type(const ast::Type *type);
  void block(const ast::Block &block);
  void statement(const ast::Stmt &stmt);
  void expression(const ast::Expr &expr);
  void call(const ast::CallExpr &expr);
  /// Names that stand for axes or indices, not values.
  void declareNames(const ast::Expr &expr);
  void name(const ast::NameExpr &expr);

  DiagnosticSink &sink;
  std::set<std::string> known;
};

} // namespace

void NameChecker::name(const ast::NameExpr &expr) {
  if (known.count(expr.name))
    return;
  Diagnostic &d = sink.error(expr.range, "unknown name '" + expr.name + "'");
  if (std::string near = nearestName(expr.name, {known.begin(), known.end()}); !near.empty())
    d.suggest("did you mean '" + near + "'?");
  known.insert(expr.name); // said once
}

void NameChecker::declareNames(const ast::Expr &expr) {
  if (expr.kind == ast::Expr::Kind::Name)
    known.insert(static_cast<const ast::NameExpr &>(expr).name);
  forEachChild(expr, [&](const ast::Expr &child) { declareNames(child); });
}

void NameChecker::type(const ast::Type *type) {
  if (!type)
    return;
  switch (type->kind) {
  case ast::Type::Kind::Tensor:
    for (const ast::Dim &dim : static_cast<const ast::TensorType *>(type)->dims)
      declareNames(*dim.size);
    return;
  case ast::Type::Kind::Tuple:
    for (const auto &element : static_cast<const ast::TupleType *>(type)->elements)
      this->type(element.type.get());
    return;
  case ast::Type::Kind::Record:
    for (const auto &field : static_cast<const ast::RecordType *>(type)->fields)
      this->type(field.type.get());
    return;
  case ast::Type::Kind::Like: return expression(*static_cast<const ast::LikeType *>(type)->model);
  case ast::Type::Kind::Named:
  case ast::Type::Kind::Function: return;
  }
}

void NameChecker::parameters(const std::vector<ast::Parameter> &list) {
  for (const ast::Parameter &parameter : list) {
    if (parameter.defaultValue)
      expression(*parameter.defaultValue);
    known.insert(parameter.name.text);
    type(parameter.type.get());
  }
}

void NameChecker::check(const ast::Definition &definition) {
  parameters(definition.parameters);
  parameters(definition.inputs);
  type(definition.result.get());
  for (const ast::ExprPtr &constraint : definition.constraints)
    declareNames(*constraint);
  block(definition.body);
}

void NameChecker::block(const ast::Block &block) {
  for (const ast::StmtPtr &stmt : block.statements)
    statement(*stmt);
}

void NameChecker::statement(const ast::Stmt &stmt) {
  using Kind = ast::Stmt::Kind;
  switch (stmt.kind) {
  case Kind::Let: {
    auto &let = static_cast<const ast::LetStmt &>(stmt);
    expression(*let.value);
    for (const ast::Identifier &target : let.targets)
      known.insert(target.text);
    return;
  }
  case Kind::IndexedLet: {
    auto &let = static_cast<const ast::IndexedLetStmt &>(stmt);
    for (const ast::Identifier &index : let.indices)
      known.insert(index.text);
    expression(*let.value);
    known.insert(let.target.text);
    return;
  }
  case Kind::FieldLet: {
    auto &let = static_cast<const ast::FieldLetStmt &>(stmt);
    return expression(*let.value);
  }
  case Kind::Storage: {
    auto &storage = static_cast<const ast::StorageStmt &>(stmt);
    type(storage.type.get());
    if (storage.value)
      expression(*storage.value);
    known.insert(storage.name.text);
    return;
  }
  case Kind::Update: return expression(*static_cast<const ast::UpdateStmt &>(stmt).value);
  case Kind::CarryDecl: known.insert(static_cast<const ast::CarryDeclStmt &>(stmt).name.text); return;
  case Kind::Record: return expression(*static_cast<const ast::RecordStmt &>(stmt).value);
  case Kind::Assert: return expression(*static_cast<const ast::AssertStmt &>(stmt).condition);
  case Kind::Repeat: {
    auto &repeat = static_cast<const ast::RepeatStmt &>(stmt);
    expression(*repeat.count);
    known.insert(repeat.variable.text);
    return block(repeat.body);
  }
  case Kind::EachIn: {
    auto &each = static_cast<const ast::EachInStmt &>(stmt);
    expression(*each.collection);
    known.insert(each.variable.text);
    return block(each.body);
  }
  case Kind::AfterStep: return block(static_cast<const ast::AfterStepStmt &>(stmt).body);
  case Kind::If: {
    auto &branch = static_cast<const ast::IfStmt &>(stmt);
    expression(*branch.condition);
    block(branch.thenBlock);
    if (branch.elseBlock)
      block(*branch.elseBlock);
    return;
  }
  case Kind::Return: return expression(*static_cast<const ast::ReturnStmt &>(stmt).value);
  case Kind::Expr: return expression(*static_cast<const ast::ExprStmt &>(stmt).value);
  }
}

void NameChecker::call(const ast::CallExpr &expr) {
  const ast::Expr *callee = expr.callee.get();
  std::string name = callee->kind == ast::Expr::Kind::Name ? static_cast<const ast::NameExpr *>(callee)->name : "";
  expression(*callee);
  bool axes = expr.arrow || name == "sum" || name == "mean" || name == "max" || name == "min" || name == "position";
  for (const ast::Argument &argument : expr.arguments)
    // A bare name may be an axis, which no statement has to declare.
    if (axes || (argument.kind == ast::Argument::Kind::Named && argument.name.text == "axis") ||
        (argument.value->kind == ast::Expr::Kind::Name && &argument != &expr.arguments.front() && !name.empty() &&
         static_cast<const ast::NameExpr &>(*argument.value).name.size() <= 2))
      declareNames(*argument.value);
    else
      expression(*argument.value);
}

void NameChecker::expression(const ast::Expr &expr) {
  switch (expr.kind) {
  case ast::Expr::Kind::Name: return name(static_cast<const ast::NameExpr &>(expr));
  case ast::Expr::Kind::Call: return call(static_cast<const ast::CallExpr &>(expr));
  case ast::Expr::Kind::Lambda:
    for (const ast::Identifier &parameter : static_cast<const ast::LambdaExpr &>(expr).parameters)
      known.insert(parameter.text);
    return expression(*static_cast<const ast::LambdaExpr &>(expr).body);
  case ast::Expr::Kind::Index:
    expression(*static_cast<const ast::IndexExpr &>(expr).base);
    for (const ast::Subscript &subscript : static_cast<const ast::IndexExpr &>(expr).subscripts)
      if (subscript.index)
        declareNames(*subscript.index);
    return;
  case ast::Expr::Kind::Each: {
    auto &each = static_cast<const ast::EachExpr &>(expr);
    if (each.mask)
      expression(*each.mask);
    return block(*each.body);
  }
  case ast::Expr::Kind::Reduce: {
    auto &reduce = static_cast<const ast::ReduceExpr &>(expr);
    if (reduce.collection)
      expression(*reduce.collection);
    for (const ast::Identifier &axis : reduce.axes)
      known.insert(axis.text);
    return expression(*reduce.body);
  }
  default: forEachChild(expr, [&](const ast::Expr &child) { expression(child); });
  }
}

void checkNames(const ast::File &file, const std::map<std::string, const ast::Definition *> &definitions,
                               DiagnosticSink &sink) {
  for (const auto &definition : file.definitions)
    NameChecker(definitions, sink).check(*definition);
}

} // namespace moe::frontend
