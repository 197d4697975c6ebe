//===- Walk.cpp - the parts of an expression ------------------------------===//
#include "lib/Frontend/Elaborate/Walk.h"

using namespace moe;
using namespace moe::ast;

void moe::frontend::forEachChild(const Expr &expr, llvm::function_ref<void(const Expr &)> visit) {
  auto maybe = [&](const ExprPtr &child) {
    if (child)
      visit(*child);
  };
  switch (expr.kind) {
  case Expr::Kind::Number:
  case Expr::Kind::String:
  case Expr::Kind::Bool:
  case Expr::Kind::Name: return;
  case Expr::Kind::Unary: return maybe(static_cast<const UnaryExpr &>(expr).operand);
  case Expr::Kind::Binary:
    maybe(static_cast<const BinaryExpr &>(expr).lhs);
    return maybe(static_cast<const BinaryExpr &>(expr).rhs);
  case Expr::Kind::Call:
    maybe(static_cast<const CallExpr &>(expr).callee);
    for (const Argument &argument : static_cast<const CallExpr &>(expr).arguments)
      maybe(argument.value);
    return;
  case Expr::Kind::Index:
    maybe(static_cast<const IndexExpr &>(expr).base);
    for (const Subscript &subscript : static_cast<const IndexExpr &>(expr).subscripts) {
      maybe(subscript.index);
      maybe(subscript.begin);
      maybe(subscript.end);
    }
    return;
  case Expr::Kind::Field: return maybe(static_cast<const FieldExpr &>(expr).base);
  case Expr::Kind::Tuple:
    for (const ExprPtr &element : static_cast<const TupleExpr &>(expr).elements)
      maybe(element);
    return;
  case Expr::Kind::Record:
    for (const RecordExpr::Field &field : static_cast<const RecordExpr &>(expr).fields)
      maybe(field.value);
    return;
  case Expr::Kind::Lambda: return maybe(static_cast<const LambdaExpr &>(expr).body);
  case Expr::Kind::If:
    maybe(static_cast<const IfExpr &>(expr).condition);
    maybe(static_cast<const IfExpr &>(expr).thenValue);
    return maybe(static_cast<const IfExpr &>(expr).elseValue);
  case Expr::Kind::Each: return maybe(static_cast<const EachExpr &>(expr).mask);
  case Expr::Kind::Reduce:
    maybe(static_cast<const ReduceExpr &>(expr).collection);
    return maybe(static_cast<const ReduceExpr &>(expr).body);
  case Expr::Kind::Quiet: return maybe(static_cast<const QuietExpr &>(expr).operand);
  }
}
