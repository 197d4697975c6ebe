//===- TreeExpressions.cpp - Trees of expressions -------------------------===//
#include "lib/Frontend/Parse/TreeBuilder.h"

#include <cmath>

using namespace moe;
using namespace moe::parsing;
using namespace moe::ast;
using antlrcpp::Any;
using grammar::MoeParser;

static BinaryOp binaryOpOf(size_t token) {
  switch (token) {
  case MoeParser::CARET:
    return BinaryOp::Pow;
  case MoeParser::STAR:
    return BinaryOp::Mul;
  case MoeParser::SLASH:
    return BinaryOp::Div;
  case MoeParser::PLUS:
    return BinaryOp::Add;
  case MoeParser::MINUS:
    return BinaryOp::Sub;
  case MoeParser::EQ:
    return BinaryOp::Eq;
  case MoeParser::NE:
    return BinaryOp::Ne;
  case MoeParser::LT:
    return BinaryOp::Lt;
  case MoeParser::LE:
    return BinaryOp::Le;
  case MoeParser::GT:
    return BinaryOp::Gt;
  case MoeParser::GE:
    return BinaryOp::Ge;
  case MoeParser::AND:
  case MoeParser::AMPERSAND:
    return BinaryOp::And;
  default:
    return BinaryOp::Or;
  }
}

static bool isComparison(BinaryOp op) {
  return op >= BinaryOp::Eq && op <= BinaryOp::Ge;
}

ExprPtr TreeBuilder::expr(antlr4::ParserRuleContext *context) {
  if (!context || context->exception)
    return nullptr;
  if (depth == maxExpressionDepth) {
    sink.error(places.of(*context), "this expression is too long or nests too "
                                    "deeply")
        .suggest("give a part of it a name");
    return nullptr;
  }
  // Wrappers without a node of their own do not count.
  bool counts = context->getRuleIndex() == MoeParser::RuleOperation ||
                context->getRuleIndex() == MoeParser::RuleExpression;
  depth += counts;
  exprResult = nullptr;
  context->accept(this);
  depth -= counts;
  return std::move(exprResult);
}

ExprPtr TreeBuilder::binary(BinaryOp op, ExprPtr lhs, SourceRange opRange,
                            ExprPtr rhs) {
  if (!lhs || !rhs)
    return nullptr;
  auto node = std::make_unique<BinaryExpr>(spanning(lhs->range, rhs->range));
  node->op = op;
  node->opRange = opRange;
  node->lhs = std::move(lhs);
  node->rhs = std::move(rhs);
  return node;
}

template <typename Contexts>
ExprPtr
TreeBuilder::chain(BinaryOp op, const Contexts &operands,
                   const std::vector<antlr4::tree::TerminalNode *> &ops) {
  if (operands.empty() || operands.size() != ops.size() + 1)
    return nullptr;
  if (ops.size() > maxExpressionDepth) {
    sink.error(places.of(*ops[maxExpressionDepth]->getSymbol()),
               "this expression is too long")
        .suggest("give a part of it a name");
    return nullptr;
  }
  ExprPtr result = expr(operands.front());
  for (size_t i = 0; i != ops.size() && result; ++i)
    result = binary(op, std::move(result), places.of(*ops[i]->getSymbol()),
                    expr(operands[i + 1]));
  return result;
}

Any TreeBuilder::visitLambda(MoeParser::LambdaContext *context) {
  auto node = make<LambdaExpr>(context);
  bool named = identifiers(context->name(), node->parameters);
  node->body = expr(context->expression());
  return giveExpr(named && node->body ? std::move(node) : nullptr);
}

Any TreeBuilder::visitChoice(MoeParser::ChoiceContext *context) {
  auto node = make<IfExpr>(context);
  node->condition = expr(context->pipeline());
  node->thenValue = expr(context->thenValue());
  node->elseValue = expr(context->expression());
  bool whole = node->condition && node->thenValue && node->elseValue;
  return giveExpr(whole ? std::move(node) : nullptr);
}

Any TreeBuilder::visitThenValue(MoeParser::ThenValueContext *context) {
  if (context->choice())
    return giveExpr(expr(context->choice()));
  return giveExpr(chain(BinaryOp::Pipe, context->masked(), context->PIPE()));
}

Any TreeBuilder::visitPipeline(MoeParser::PipelineContext *context) {
  return giveExpr(chain(BinaryOp::Pipe, context->fallback(), context->PIPE()));
}

Any TreeBuilder::visitFallback(MoeParser::FallbackContext *context) {
  return giveExpr(chain(BinaryOp::Else, context->masked(), context->ELSE()));
}

Any TreeBuilder::visitMasked(MoeParser::MaskedContext *context) {
  return giveExpr(
      chain(BinaryOp::Where, context->operation(), context->WHERE()));
}

Any TreeBuilder::visitReference(MoeParser::ReferenceContext *context) {
  Identifier name = identifier(context->name());
  if (name.text.empty())
    return giveExpr(nullptr);
  auto node = make<NameExpr>(context);
  node->name = std::move(name.text);
  return giveExpr(std::move(node));
}

Any TreeBuilder::visitNumber(MoeParser::NumberContext *context) {
  auto node = make<NumberExpr>(context);
  node->spelling = std::string(node->range.getText());
  std::string digits;
  for (char c : node->spelling)
    if (c != '_')
      digits += c;
  node->isInteger = digits.find_first_of(".eE") == std::string::npos;
  node->value = std::strtod(digits.c_str(), nullptr);
  constexpr double firstInexact = 9007199254740992; // 2^53 + 1 reads as 2^53
  if (!std::isfinite(node->value))
    sink.error(node->range, "this number is too large");
  else if (node->isInteger && node->value >= firstInexact)
    sink.error(node->range, "integers are smaller than 2^53");
  return giveExpr(std::move(node));
}

Any TreeBuilder::visitString(MoeParser::StringContext *context) {
  auto node = make<StringExpr>(context);
  std::string_view text = node->range.getText();
  text.remove_prefix(1);
  if (!text.empty() && text.back() == '"')
    text.remove_suffix(1);
  for (size_t i = 0; i != text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      node->value += text[i];
      continue;
    }
    switch (text[++i]) {
    case 'n':
      node->value += '\n';
      break;
    case 't':
      node->value += '\t';
      break;
    case '"':
    case '\\':
      node->value += text[i];
      break;
    default:
      sink.error(node->range, "unknown escape in this string")
          .suggest("known are \\n, \\t, \\\" and \\\\");
      return giveExpr(std::move(node));
    }
  }
  return giveExpr(std::move(node));
}

Any TreeBuilder::visitTruth(MoeParser::TruthContext *context) {
  auto node = make<BoolExpr>(context);
  node->value = context->value->getType() == MoeParser::TRUE;
  return giveExpr(std::move(node));
}

Any TreeBuilder::visitParenthesis(MoeParser::ParenthesisContext *context) {
  auto contexts = context->expression();
  if (contexts.size() == 1) {
    // The place includes the parentheses, so that a caret marks them too.
    ExprPtr inner = expr(contexts.front());
    if (inner)
      inner->range = places.of(*context);
    return giveExpr(std::move(inner));
  }
  auto node = make<TupleExpr>(context);
  for (auto *element : contexts) {
    node->elements.push_back(expr(element));
    if (!node->elements.back())
      return giveExpr(nullptr);
  }
  return giveExpr(node->elements.empty() ? nullptr : std::move(node));
}

Any TreeBuilder::visitRecordValue(MoeParser::RecordValueContext *context) {
  auto node = make<RecordExpr>(context);
  for (auto *field : context->field()) {
    RecordExpr::Field out;
    out.name = identifier(field->name());
    if (out.name.text.empty() || !optionalExpr(field->expression(), out.value))
      return giveExpr(nullptr);
    node->fields.push_back(std::move(out));
  }
  return giveExpr(std::move(node));
}

Any TreeBuilder::visitEach(MoeParser::EachContext *context) {
  auto node = std::make_unique<EachExpr>(places.of(*context));
  node->axis = identifier(context->name());
  bool masked = optionalExpr(context->operation(), node->mask);
  std::optional<Block> body = block(context->block());
  if (node->axis.text.empty() || !masked || !body)
    return giveExpr(nullptr);
  node->body = std::make_unique<Block>(std::move(*body));
  return giveExpr(std::move(node));
}

bool TreeBuilder::arguments(
    const std::vector<MoeParser::ArgumentContext *> &contexts,
    std::vector<Argument> &out) {
  for (auto *context : contexts) {
    Argument argument;
    argument.range = places.of(*context);
    if (context->named || context->sampled) {
      argument.kind = context->named ? Argument::Kind::Named
                                     : Argument::Kind::Initializer;
      argument.name = identifier(context->member());
      if (argument.name.text.empty())
        return false;
    }
    argument.value = expr(context->expression());
    if (!argument.value)
      return false;
    out.push_back(std::move(argument));
  }
  return true;
}

Any TreeBuilder::visitCall(MoeParser::CallContext *context) {
  auto node = make<CallExpr>(context);
  node->callee = expr(context->operation());
  if (!node->callee)
    return giveExpr(nullptr);
  if (auto *list = context->arguments()) {
    if (list->exception || !arguments(list->before, node->arguments))
      return giveExpr(nullptr);
    if (!list->after.empty())
      node->arrow = node->arguments.size();
    if (!arguments(list->after, node->arguments))
      return giveExpr(nullptr);
  }
  return giveExpr(std::move(node));
}

Any TreeBuilder::visitIndex(MoeParser::IndexContext *context) {
  auto node = make<IndexExpr>(context);
  node->base = expr(context->operation());
  if (!node->base)
    return giveExpr(nullptr);
  for (auto *position : context->subscript()) {
    Subscript subscript;
    subscript.range = places.of(*position);
    subscript.isSlice = position->slice != nullptr;
    if (subscript.isSlice) {
      if (!optionalExpr(position->from, subscript.begin) ||
          !optionalExpr(position->to, subscript.end))
        return giveExpr(nullptr);
    } else {
      subscript.index = expr(position->expression(0));
      if (!subscript.index)
        return giveExpr(nullptr);
    }
    node->subscripts.push_back(std::move(subscript));
  }
  return giveExpr(std::move(node));
}

Any TreeBuilder::visitAccess(MoeParser::AccessContext *context) {
  auto node = make<FieldExpr>(context);
  node->base = expr(context->operation());
  node->field = identifier(context->member());
  bool whole = node->base && !node->field.text.empty();
  return giveExpr(whole ? std::move(node) : nullptr);
}

Any TreeBuilder::visitQuiet(MoeParser::QuietContext *context) {
  auto node = make<QuietExpr>(context);
  node->operand = expr(context->operation());
  return giveExpr(node->operand ? std::move(node) : nullptr);
}

Any TreeBuilder::visitBinary(MoeParser::BinaryContext *context) {
  BinaryOp op = binaryOpOf(context->op->getType());
  SourceRange opRange = places.of(*context->op);
  auto *first = dynamic_cast<MoeParser::BinaryContext *>(context->operation(0));
  if (isComparison(op) && first && isComparison(binaryOpOf(first->op->getType())))
    sink.error(opRange, "comparisons do not chain")
        .suggest("write 'a < b and b < c'");
  ExprPtr lhs = expr(context->operation(0));
  if (!lhs)
    return giveExpr(nullptr);
  return giveExpr(
      binary(op, std::move(lhs), opRange, expr(context->operation(1))));
}

Any TreeBuilder::unary(UnaryOp op, antlr4::ParserRuleContext *context,
                       MoeParser::OperationContext *operand) {
  auto node = make<UnaryExpr>(context);
  node->op = op;
  node->operand = expr(operand);
  return giveExpr(node->operand ? std::move(node) : nullptr);
}

Any TreeBuilder::visitNegate(MoeParser::NegateContext *context) {
  return unary(UnaryOp::Neg, context, context->operation());
}

Any TreeBuilder::visitNot(MoeParser::NotContext *context) {
  return unary(UnaryOp::Not, context, context->operation());
}

Any TreeBuilder::visitReduce(MoeParser::ReduceContext *context) {
  auto node = make<ReduceExpr>(context);
  SourceRange reducer = places.of(*context->REDUCER()->getSymbol());
  node->reducer = {std::string(reducer.getText()), reducer};
  bool whole = identifiers(context->name(), node->axes) &&
               optionalExpr(context->expression(), node->collection);
  node->body = whole ? expr(context->operation()) : nullptr;
  return giveExpr(node->body ? std::move(node) : nullptr);
}
