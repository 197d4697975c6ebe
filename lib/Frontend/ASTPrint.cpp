//===- ASTPrint.cpp - The tree as text ------------------------------------===//
#include "lib/Frontend/AST.h"

#include <ostream>
#include <sstream>

using namespace moe;
using namespace moe::ast;

namespace {

/// How tightly an expression binds; the order of the rules in Moe.g4.
enum Level {
  Loosest, ///< lambda, if
  Pipe,
  Else,
  Where,
  Or,
  And,
  Not,
  Compare,
  Sum,
  Reduce,
  Product,
  Negate,
  Power,
  Quiet,
  Tightest,
};

struct BinaryInfo {
  const char *spelling;
  Level level, lhs, rhs;
};

BinaryInfo infoOf(BinaryOp op) {
  switch (op) {
  case BinaryOp::Pipe:
    return {" |> ", Pipe, Pipe, Else};
  case BinaryOp::Else:
    return {" else ", Else, Else, Where};
  case BinaryOp::Where:
    return {" where ", Where, Where, Or};
  case BinaryOp::Or:
    return {" or ", Or, Or, And};
  case BinaryOp::And:
    return {" and ", And, And, Not};
  case BinaryOp::Eq:
    return {" == ", Compare, Sum, Sum};
  case BinaryOp::Ne:
    return {" != ", Compare, Sum, Sum};
  case BinaryOp::Lt:
    return {" < ", Compare, Sum, Sum};
  case BinaryOp::Le:
    return {" <= ", Compare, Sum, Sum};
  case BinaryOp::Gt:
    return {" > ", Compare, Sum, Sum};
  case BinaryOp::Ge:
    return {" >= ", Compare, Sum, Sum};
  case BinaryOp::Add:
    return {" + ", Sum, Sum, Reduce};
  case BinaryOp::Sub:
    return {" - ", Sum, Sum, Reduce};
  case BinaryOp::Mul:
    return {" * ", Product, Product, Negate};
  case BinaryOp::Div:
    return {" / ", Product, Product, Negate};
  case BinaryOp::Pow:
    return {"^", Power, Quiet, Power};
  }
  return {"", Loosest, Loosest, Loosest};
}

Level levelOf(const Expr &expr) {
  switch (expr.kind) {
  case Expr::Kind::Lambda:
  case Expr::Kind::If:
    return Loosest;
  case Expr::Kind::Binary:
    return infoOf(static_cast<const BinaryExpr &>(expr).op).level;
  case Expr::Kind::Unary:
    return static_cast<const UnaryExpr &>(expr).op == UnaryOp::Neg ? Negate
                                                                   : Not;
  case Expr::Kind::Reduce:
    return Reduce;
  case Expr::Kind::Quiet:
    return Quiet;
  default:
    return Tightest;
  }
}

class Printer {
public:
  Printer(std::ostream &os, unsigned indent = 0) : os(os), indent(indent) {}

  void file(const File &file);
  void expr(const Expr &expr, Level least = Loosest);
  void type(const Type &type);

private:
  template <typename Range, typename Each>
  void list(const Range &range, Each each) {
    bool first = true;
    for (const auto &element : range) {
      if (!first)
        os << ", ";
      first = false;
      each(element);
    }
  }
  void names(const std::vector<Identifier> &names) {
    list(names, [&](const Identifier &name) { os << name.text; });
  }
  void path(const std::vector<Identifier> &path) {
    for (size_t i = 0; i != path.size(); ++i)
      os << (i ? "." : "") << path[i].text;
  }
  void newLine() { os << '\n' << std::string(indent * 2, ' '); }

  void bare(const Expr &expr);
  void binary(const BinaryExpr &expr);
  void call(const CallExpr &expr);
  void index(const IndexExpr &expr);
  void lambda(const LambdaExpr &expr);
  void choice(const IfExpr &expr);
  void each(const EachExpr &expr);
  void reduce(const ReduceExpr &expr);
  void record(const RecordExpr &expr);
  void string(const std::string &value);

  void dim(const Dim &dim);
  void ascribed(const TypePtr &typeOrNull);

  void stmt(const Stmt &stmt);
  void storage(const StorageStmt &stmt);
  void conditional(const IfStmt &stmt);
  void block(const Block &block);

  void definition(const Definition &definition);
  void parameters(const std::vector<Parameter> &parameters);
  void settings(const Settings &settings);

  std::ostream &os;
  unsigned indent;
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

void Printer::expr(const Expr &expr, Level least) {
  bool parenthesise = levelOf(expr) < least;
  os << (parenthesise ? "(" : "");
  bare(expr);
  os << (parenthesise ? ")" : "");
}

void Printer::bare(const Expr &expr) {
  switch (expr.kind) {
  case Expr::Kind::Number:
    os << static_cast<const NumberExpr &>(expr).spelling;
    return;
  case Expr::Kind::String:
    return string(static_cast<const StringExpr &>(expr).value);
  case Expr::Kind::Bool:
    os << (static_cast<const BoolExpr &>(expr).value ? "true" : "false");
    return;
  case Expr::Kind::Name:
    os << static_cast<const NameExpr &>(expr).name;
    return;
  case Expr::Kind::Unary: {
    auto &unary = static_cast<const UnaryExpr &>(expr);
    bool negates = unary.op == UnaryOp::Neg;
    os << (negates ? "-" : "not ");
    return this->expr(*unary.operand, negates ? Negate : Not);
  }
  case Expr::Kind::Binary:
    return binary(static_cast<const BinaryExpr &>(expr));
  case Expr::Kind::Call:
    return call(static_cast<const CallExpr &>(expr));
  case Expr::Kind::Index:
    return index(static_cast<const IndexExpr &>(expr));
  case Expr::Kind::Field: {
    auto &field = static_cast<const FieldExpr &>(expr);
    this->expr(*field.base, Tightest);
    os << '.' << field.field.text;
    return;
  }
  case Expr::Kind::Tuple:
    os << '(';
    list(static_cast<const TupleExpr &>(expr).elements,
         [&](const ExprPtr &element) { this->expr(*element); });
    os << ')';
    return;
  case Expr::Kind::Record:
    return record(static_cast<const RecordExpr &>(expr));
  case Expr::Kind::Lambda:
    return lambda(static_cast<const LambdaExpr &>(expr));
  case Expr::Kind::If:
    return choice(static_cast<const IfExpr &>(expr));
  case Expr::Kind::Each:
    return each(static_cast<const EachExpr &>(expr));
  case Expr::Kind::Reduce:
    return reduce(static_cast<const ReduceExpr &>(expr));
  case Expr::Kind::Quiet:
    os << "quiet ";
    return this->expr(*static_cast<const QuietExpr &>(expr).operand, Quiet);
  }
}

void Printer::binary(const BinaryExpr &binary) {
  BinaryInfo info = infoOf(binary.op);
  expr(*binary.lhs, info.lhs);
  os << info.spelling;
  expr(*binary.rhs, info.rhs);
}

void Printer::call(const CallExpr &call) {
  expr(*call.callee, Tightest);
  os << '(';
  for (size_t i = 0; i != call.arguments.size(); ++i) {
    if (i != 0)
      os << (call.arrow && *call.arrow == i ? " -> " : ", ");
    const Argument &argument = call.arguments[i];
    if (argument.kind == Argument::Kind::Named)
      os << argument.name.text << '=';
    else if (argument.kind == Argument::Kind::Initializer)
      os << argument.name.text << " ~ ";
    expr(*argument.value);
  }
  os << ')';
}

void Printer::index(const IndexExpr &index) {
  expr(*index.base, Tightest);
  os << '[';
  list(index.subscripts, [&](const Subscript &subscript) {
    if (!subscript.isSlice)
      return expr(*subscript.index);
    if (subscript.begin)
      expr(*subscript.begin);
    os << ':';
    if (subscript.end)
      expr(*subscript.end);
  });
  os << ']';
}

void Printer::lambda(const LambdaExpr &lambda) {
  bool alone = lambda.parameters.size() == 1;
  os << (alone ? "" : "(");
  names(lambda.parameters);
  os << (alone ? " => " : ") => ");
  expr(*lambda.body);
}

void Printer::choice(const IfExpr &choice) {
  os << "if ";
  expr(*choice.condition, Pipe);
  os << " then ";
  // An `else` of its own there would be taken for the choice's.
  bool nested = choice.thenValue->kind == Expr::Kind::If;
  expr(*choice.thenValue, nested ? Loosest : Where);
  os << " else ";
  expr(*choice.elseValue);
}

void Printer::each(const EachExpr &each) {
  os << "each " << each.axis.text;
  if (each.mask) {
    os << " where ";
    expr(*each.mask, Or);
  }
  os << ' ';
  block(*each.body);
}

void Printer::reduce(const ReduceExpr &reduce) {
  os << reduce.reducer.text << '(';
  names(reduce.axes);
  if (reduce.collection) {
    os << " in ";
    expr(*reduce.collection);
  }
  os << ") ";
  expr(*reduce.body, Reduce);
}

void Printer::record(const RecordExpr &record) {
  os << '{';
  list(record.fields, [&](const RecordExpr::Field &field) {
    os << field.name.text;
    if (field.value) {
      os << '=';
      expr(*field.value);
    }
  });
  os << '}';
}

void Printer::string(const std::string &value) {
  os << '"';
  for (char c : value) {
    if (c == '\n')
      os << "\\n";
    else if (c == '\t')
      os << "\\t";
    else if (c == '"' || c == '\\')
      os << '\\' << c;
    else
      os << c;
  }
  os << '"';
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

void Printer::dim(const Dim &dim) {
  os << (dim.isPack ? "*" : "");
  expr(*dim.size, Or);
  os << (dim.isMasked ? "?" : "");
}

void Printer::type(const Type &type) {
  switch (type.kind) {
  case Type::Kind::Tensor: {
    auto &tensor = static_cast<const TensorType &>(type);
    os << tensor.element.text << '[';
    list(tensor.dims, [&](const Dim &each) { dim(each); });
    os << ']';
    return;
  }
  case Type::Kind::Named:
    return path(static_cast<const NamedType &>(type).path);
  case Type::Kind::Record:
    os << '{';
    list(static_cast<const RecordType &>(type).fields,
         [&](const RecordType::Field &field) {
           os << field.name.text;
           ascribed(field.type);
         });
    os << '}';
    return;
  case Type::Kind::Tuple:
    os << '(';
    list(static_cast<const TupleType &>(type).elements,
         [&](const TupleType::Element &element) {
           if (!element.name.text.empty())
             os << element.name.text << ": ";
           this->type(*element.type);
         });
    os << ')';
    return;
  case Type::Kind::Function: {
    auto &function = static_cast<const FunctionType &>(type);
    os << "fn(";
    list(function.parameters,
         [&](const TypePtr &parameter) { this->type(*parameter); });
    os << ") -> ";
    return this->type(*function.result);
  }
  case Type::Kind::Like:
    os << "like ";
    return expr(*static_cast<const LikeType &>(type).model);
  }
}

void Printer::ascribed(const TypePtr &typeOrNull) {
  if (!typeOrNull)
    return;
  os << ": ";
  type(*typeOrNull);
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

void Printer::block(const Block &block) {
  if (block.statements.empty()) {
    os << "{}";
    return;
  }
  os << '{';
  ++indent;
  for (const StmtPtr &each : block.statements) {
    newLine();
    stmt(*each);
  }
  --indent;
  newLine();
  os << '}';
}

void Printer::storage(const StorageStmt &storage) {
  using Storage = StorageStmt::Storage;
  switch (storage.storage) {
  case Storage::Param:
    os << "param ";
    break;
  case Storage::State:
    os << "state ";
    break;
  case Storage::StreamState:
    os << "stream state ";
    break;
  case Storage::Tally:
    os << "tally ";
    break;
  }
  os << storage.name.text;
  ascribed(storage.type);
  if (!storage.value)
    return;
  bool adds = storage.storage == Storage::Tally;
  os << (adds ? " += " : storage.isSampled ? " ~ " : " = ");
  expr(*storage.value);
}

void Printer::conditional(const IfStmt &conditional) {
  os << "if ";
  expr(*conditional.condition);
  os << ' ';
  block(conditional.thenBlock);
  if (!conditional.elseBlock)
    return;
  os << " else ";
  const std::vector<StmtPtr> &other = conditional.elseBlock->statements;
  if (other.size() == 1 && other.front()->kind == Stmt::Kind::If)
    return this->conditional(static_cast<const IfStmt &>(*other.front()));
  block(*conditional.elseBlock);
}

void Printer::stmt(const Stmt &stmt) {
  switch (stmt.kind) {
  case Stmt::Kind::Let: {
    auto &let = static_cast<const LetStmt &>(stmt);
    bool alone = let.targets.size() == 1;
    os << (alone ? "" : "(");
    names(let.targets);
    os << (alone ? " = " : ") = ");
    return expr(*let.value);
  }
  case Stmt::Kind::IndexedLet: {
    auto &let = static_cast<const IndexedLetStmt &>(stmt);
    os << let.target.text << '[';
    names(let.indices);
    os << "] = ";
    return expr(*let.value);
  }
  case Stmt::Kind::FieldLet: {
    auto &let = static_cast<const FieldLetStmt &>(stmt);
    os << let.base.text << '.' << let.field.text << " = ";
    return expr(*let.value);
  }
  case Stmt::Kind::Storage:
    return storage(static_cast<const StorageStmt &>(stmt));
  case Stmt::Kind::Update: {
    auto &update = static_cast<const UpdateStmt &>(stmt);
    os << update.target.text << " <- ";
    return expr(*update.value);
  }
  case Stmt::Kind::CarryDecl: {
    auto &carry = static_cast<const CarryDeclStmt &>(stmt);
    os << "carry " << carry.name.text;
    ascribed(carry.type);
    if (carry.value) {
      os << " = ";
      expr(*carry.value);
    }
    return;
  }
  case Stmt::Kind::Record: {
    auto &record = static_cast<const RecordStmt &>(stmt);
    os << (record.isAux ? "aux " : "probe ") << record.name.text << " = ";
    return expr(*record.value);
  }
  case Stmt::Kind::Assert: {
    auto &assertion = static_cast<const AssertStmt &>(stmt);
    os << "assert ";
    expr(*assertion.condition);
    if (assertion.message) {
      os << ", ";
      expr(*assertion.message);
    }
    return;
  }
  case Stmt::Kind::Repeat: {
    auto &repeat = static_cast<const RepeatStmt &>(stmt);
    os << "repeat ";
    if (!repeat.variable.text.empty())
      os << repeat.variable.text << " in ";
    expr(*repeat.count);
    os << ' ';
    return block(repeat.body);
  }
  case Stmt::Kind::EachIn: {
    auto &each = static_cast<const EachInStmt &>(stmt);
    os << "each " << each.variable.text << " in ";
    expr(*each.collection);
    os << ' ';
    return block(each.body);
  }
  case Stmt::Kind::AfterStep:
    os << "after step ";
    return block(static_cast<const AfterStepStmt &>(stmt).body);
  case Stmt::Kind::If:
    return conditional(static_cast<const IfStmt &>(stmt));
  case Stmt::Kind::Return:
    os << "return ";
    return expr(*static_cast<const ReturnStmt &>(stmt).value);
  case Stmt::Kind::Expr: {
    // A line that begins with '-' would continue the one before.
    std::ostringstream text;
    Printer(text, indent).expr(*static_cast<const ExprStmt &>(stmt).value);
    bool continues = text.str().front() == '-';
    os << (continues ? "(" : "") << text.str() << (continues ? ")" : "");
    return;
  }
  }
}

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

void Printer::parameters(const std::vector<Parameter> &parameters) {
  os << '(';
  list(parameters, [&](const Parameter &parameter) {
    os << (parameter.isCarry ? "carry " : "") << parameter.name.text;
    ascribed(parameter.type);
    if (parameter.defaultValue) {
      os << '=';
      expr(*parameter.defaultValue);
    }
  });
  os << ')';
}

void Printer::definition(const Definition &definition) {
  os << getKeyword(definition.kind) << ' ' << definition.name.text;
  if (!definition.parameters.empty())
    parameters(definition.parameters);
  parameters(definition.inputs);
  if (definition.result) {
    os << " -> ";
    type(*definition.result);
  }
  if (!definition.constraints.empty()) {
    os << " where ";
    list(definition.constraints,
         [&](const ExprPtr &constraint) { expr(*constraint, Or); });
  }
  os << ' ';
  block(definition.body);
  os << '\n';
}

void Printer::settings(const Settings &settings) {
  if (settings.name.text.empty())
    os << "train {";
  else
    os << "preset " << settings.name.text << " {";
  for (const Setting &setting : settings.settings) {
    os << "\n  ";
    path(setting.path);
    os << '=';
    ++indent;
    expr(*setting.value);
    --indent;
  }
  os << (settings.settings.empty() ? "}\n" : "\n}\n");
}

void Printer::file(const File &file) {
  for (const auto &each : file.definitions)
    definition(*each);
  for (const Settings &each : file.trainBlocks)
    settings(each);
  for (const Settings &each : file.presets)
    settings(each);
}

} // namespace

const char *ast::getKeyword(DefinitionKind kind) {
  switch (kind) {
  case DefinitionKind::Layer:
    return "layer";
  case DefinitionKind::Expert:
    return "expert";
  case DefinitionKind::Router:
    return "router";
  case DefinitionKind::Momentum:
    return "momentum";
  case DefinitionKind::Optimizer:
    return "optimizer";
  case DefinitionKind::Schedule:
    return "schedule";
  case DefinitionKind::Model:
    return "model";
  case DefinitionKind::Fn:
    return "fn";
  }
  return "";
}

void ast::print(const File &file, std::ostream &os) { Printer(os).file(file); }
void ast::print(const Expr &expr, std::ostream &os) { Printer(os).expr(expr); }
void ast::print(const Type &type, std::ostream &os) { Printer(os).type(type); }
