//===- TreeBuilder.cpp - From ANTLR's parse tree to ours ------------------===//
#include "lib/Frontend/Parse/TreeBuilder.h"

#include "MoeBaseVisitor.h"

#include <cmath>

using namespace moe;
using namespace moe::parsing;
using namespace moe::ast;
using antlr4::Token;
using antlrcpp::Any;
using grammar::MoeParser;

namespace {

BinaryOp binaryOpOf(size_t token) {
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

bool isComparison(BinaryOp op) {
  return op >= BinaryOp::Eq && op <= BinaryOp::Ge;
}

/// Visits build into the member of their category: ANTLR's Any cannot hold a
/// unique_ptr. A null member afterwards means that the parser had given up on
/// something inside.
class TreeBuilder : public grammar::MoeBaseVisitor {
public:
  TreeBuilder(const Places &places, DiagnosticSink &sink)
      : places(places), sink(sink) {}

  std::unique_ptr<File> file(const std::vector<MoeParser::ItemContext *> &items);
  ExprPtr expr(antlr4::ParserRuleContext *context);

private:
  //===--- Leaves ---------------------------------------------------------===//

  /// Empty where the parser found no name.
  Identifier identifier(antlr4::ParserRuleContext *context) {
    if (!context || context->exception || context->children.empty())
      return {};
    SourceRange range = places.of(*context->start);
    return {std::string(range.getText()), range};
  }

  template <typename Contexts>
  bool identifiers(const Contexts &contexts, std::vector<Identifier> &names) {
    for (auto *context : contexts) {
      names.push_back(identifier(context));
      if (names.back().text.empty())
        return false;
    }
    return true;
  }

  template <typename NodeT>
  std::unique_ptr<NodeT> make(antlr4::ParserRuleContext *context) {
    return std::make_unique<NodeT>(places.of(*context));
  }

  //===--- Expressions ----------------------------------------------------===//

  /// For parts that may be left out: false only if one is there and broken.
  bool optionalExpr(antlr4::ParserRuleContext *context, ExprPtr &out) {
    out = context ? expr(context) : nullptr;
    return !context || out;
  }

  ExprPtr binary(BinaryOp op, ExprPtr lhs, SourceRange opRange, ExprPtr rhs);

  /// `a op b op c`, to the left.
  template <typename Contexts>
  ExprPtr chain(BinaryOp op, const Contexts &operands,
                const std::vector<antlr4::tree::TerminalNode *> &ops);

  Any visitLambda(MoeParser::LambdaContext *context) override;
  Any visitChoice(MoeParser::ChoiceContext *context) override;
  Any visitThenValue(MoeParser::ThenValueContext *context) override;
  Any visitPipeline(MoeParser::PipelineContext *context) override;
  Any visitFallback(MoeParser::FallbackContext *context) override;
  Any visitMasked(MoeParser::MaskedContext *context) override;
  Any visitReference(MoeParser::ReferenceContext *context) override;
  Any visitNumber(MoeParser::NumberContext *context) override;
  Any visitString(MoeParser::StringContext *context) override;
  Any visitTruth(MoeParser::TruthContext *context) override;
  Any visitParenthesis(MoeParser::ParenthesisContext *context) override;
  Any visitRecordValue(MoeParser::RecordValueContext *context) override;
  Any visitEach(MoeParser::EachContext *context) override;
  Any visitCall(MoeParser::CallContext *context) override;
  Any visitIndex(MoeParser::IndexContext *context) override;
  Any visitAccess(MoeParser::AccessContext *context) override;
  Any visitQuiet(MoeParser::QuietContext *context) override;
  Any visitBinary(MoeParser::BinaryContext *context) override;
  Any visitNegate(MoeParser::NegateContext *context) override;
  Any visitNot(MoeParser::NotContext *context) override;
  Any visitReduce(MoeParser::ReduceContext *context) override;

  Any unary(UnaryOp op, antlr4::ParserRuleContext *context,
            MoeParser::OperationContext *operand);
  bool arguments(const std::vector<MoeParser::ArgumentContext *> &contexts,
                 std::vector<Argument> &out);

  //===--- Types ----------------------------------------------------------===//

  TypePtr type(MoeParser::TypeContext *context);
  bool optionalType(MoeParser::TypeContext *context, TypePtr &out) {
    out = type(context);
    return !context || out;
  }

  Any visitTensorType(MoeParser::TensorTypeContext *context) override;
  Any visitNamedType(MoeParser::NamedTypeContext *context) override;
  Any visitRecordType(MoeParser::RecordTypeContext *context) override;
  Any visitTupleType(MoeParser::TupleTypeContext *context) override;
  Any visitFunctionType(MoeParser::FunctionTypeContext *context) override;
  Any visitLikeType(MoeParser::LikeTypeContext *context) override;

  //===--- Statements -----------------------------------------------------===//

  std::optional<Block> block(MoeParser::BlockContext *context);

  Any visitLet(MoeParser::LetContext *context) override;
  Any visitIndexedLet(MoeParser::IndexedLetContext *context) override;
  Any visitFieldLet(MoeParser::FieldLetContext *context) override;
  Any visitParam(MoeParser::ParamContext *context) override;
  Any visitState(MoeParser::StateContext *context) override;
  Any visitTally(MoeParser::TallyContext *context) override;
  Any visitUpdate(MoeParser::UpdateContext *context) override;
  Any visitCarryDecl(MoeParser::CarryDeclContext *context) override;
  Any visitRecord(MoeParser::RecordContext *context) override;
  Any visitAssert(MoeParser::AssertContext *context) override;
  Any visitRepeat(MoeParser::RepeatContext *context) override;
  Any visitEachIn(MoeParser::EachInContext *context) override;
  Any visitAfterStep(MoeParser::AfterStepContext *context) override;
  Any visitConditional(MoeParser::ConditionalContext *context) override;
  Any visitReturn(MoeParser::ReturnContext *context) override;
  Any visitBare(MoeParser::BareContext *context) override;

  template <typename Context>
  Any storage(Context *context, StorageStmt::Storage kind, bool isSampled);

  //===--- Items ----------------------------------------------------------===//

  std::unique_ptr<Definition> definition(MoeParser::DefinitionContext *context);
  bool parameters(MoeParser::ParameterListContext *context,
                  std::vector<Parameter> &out);
  bool settings(MoeParser::SettingsContext *context, Settings &out);

  Any giveExpr(ExprPtr expr) {
    exprResult = std::move(expr);
    return {};
  }
  Any giveType(TypePtr type) {
    typeResult = std::move(type);
    return {};
  }
  Any giveStmt(StmtPtr stmt) {
    stmtResult = std::move(stmt);
    return {};
  }

  const Places &places;
  DiagnosticSink &sink;
  ExprPtr exprResult;
  TypePtr typeResult;
  StmtPtr stmtResult;
  size_t depth = 0;
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

TypePtr TreeBuilder::type(MoeParser::TypeContext *context) {
  if (!context || context->exception)
    return nullptr;
  typeResult = nullptr;
  context->accept(this);
  return std::move(typeResult);
}

Any TreeBuilder::visitTensorType(MoeParser::TensorTypeContext *context) {
  auto node = make<TensorType>(context);
  if (context->element)
    node->element = identifier(context->element);
  for (auto *position : context->dim()) {
    Dim dim;
    dim.range = places.of(*position);
    dim.isPack = position->pack != nullptr;
    dim.isMasked = position->absent != nullptr;
    if (dim.isPack) {
      Identifier name = identifier(position->name());
      if (name.text.empty())
        return giveType(nullptr);
      auto reference = std::make_unique<NameExpr>(name.range);
      reference->name = std::move(name.text);
      dim.size = std::move(reference);
    } else {
      dim.size = expr(position->operation());
    }
    if (!dim.size)
      return giveType(nullptr);
    node->dims.push_back(std::move(dim));
  }
  return giveType(std::move(node));
}

Any TreeBuilder::visitNamedType(MoeParser::NamedTypeContext *context) {
  auto node = make<NamedType>(context);
  node->path.push_back(identifier(context->name()));
  bool whole = !node->path.front().text.empty() &&
               identifiers(context->member(), node->path);
  return giveType(whole ? std::move(node) : nullptr);
}

Any TreeBuilder::visitRecordType(MoeParser::RecordTypeContext *context) {
  auto node = make<RecordType>(context);
  for (auto *field : context->fieldType()) {
    RecordType::Field out;
    out.name = identifier(field->name());
    if (out.name.text.empty() || !optionalType(field->type(), out.type))
      return giveType(nullptr);
    node->fields.push_back(std::move(out));
  }
  return giveType(std::move(node));
}

Any TreeBuilder::visitTupleType(MoeParser::TupleTypeContext *context) {
  auto node = make<TupleType>(context);
  for (auto *element : context->elementType()) {
    TupleType::Element out;
    if (element->name())
      out.name = identifier(element->name());
    out.type = type(element->type());
    if (!out.type)
      return giveType(nullptr);
    node->elements.push_back(std::move(out));
  }
  return giveType(std::move(node));
}

Any TreeBuilder::visitFunctionType(MoeParser::FunctionTypeContext *context) {
  auto node = make<FunctionType>(context);
  auto types = context->type();
  if (types.empty())
    return giveType(nullptr);
  for (auto *each : types) {
    TypePtr built = type(each);
    if (!built)
      return giveType(nullptr);
    node->parameters.push_back(std::move(built));
  }
  node->result = std::move(node->parameters.back());
  node->parameters.pop_back();
  return giveType(std::move(node));
}

Any TreeBuilder::visitLikeType(MoeParser::LikeTypeContext *context) {
  auto node = make<LikeType>(context);
  Identifier name = identifier(context->name());
  std::vector<Identifier> members;
  if (name.text.empty() || !identifiers(context->member(), members))
    return giveType(nullptr);
  auto reference = std::make_unique<NameExpr>(name.range);
  reference->name = std::move(name.text);
  node->model = std::move(reference);
  for (Identifier &member : members) {
    auto field =
        std::make_unique<FieldExpr>(spanning(node->model->range, member.range));
    field->base = std::move(node->model);
    field->field = std::move(member);
    node->model = std::move(field);
  }
  return giveType(std::move(node));
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

std::optional<Block> TreeBuilder::block(MoeParser::BlockContext *context) {
  if (!context)
    return std::nullopt;
  Block out;
  out.range = places.of(*context);
  for (auto *line : context->line()) {
    if (line->exception)
      continue;
    stmtResult = nullptr;
    line->statement()->accept(this);
    if (stmtResult)
      out.statements.push_back(std::move(stmtResult));
  }
  return out;
}

Any TreeBuilder::visitLet(MoeParser::LetContext *context) {
  auto node = make<LetStmt>(context);
  bool named = identifiers(context->name(), node->targets);
  node->value = expr(context->expression());
  return giveStmt(named && node->value ? std::move(node) : nullptr);
}

Any TreeBuilder::visitIndexedLet(MoeParser::IndexedLetContext *context) {
  auto node = make<IndexedLetStmt>(context);
  std::vector<Identifier> names;
  bool named = identifiers(context->name(), names);
  node->value = expr(context->expression());
  if (!named || !node->value)
    return giveStmt(nullptr);
  node->target = std::move(names.front());
  node->indices.assign(std::make_move_iterator(names.begin() + 1),
                       std::make_move_iterator(names.end()));
  return giveStmt(std::move(node));
}

Any TreeBuilder::visitFieldLet(MoeParser::FieldLetContext *context) {
  auto node = make<FieldLetStmt>(context);
  node->base = identifier(context->name());
  node->field = identifier(context->member());
  node->value = expr(context->expression());
  bool whole =
      !node->base.text.empty() && !node->field.text.empty() && node->value;
  return giveStmt(whole ? std::move(node) : nullptr);
}

template <typename Context>
Any TreeBuilder::storage(Context *context, StorageStmt::Storage kind,
                         bool isSampled) {
  auto node = make<StorageStmt>(context);
  node->storage = kind;
  node->isSampled = isSampled;
  node->name = identifier(context->name());
  bool whole = !node->name.text.empty() &&
               optionalType(context->type(), node->type) &&
               optionalExpr(context->expression(), node->value);
  return giveStmt(whole ? std::move(node) : nullptr);
}

Any TreeBuilder::visitParam(MoeParser::ParamContext *context) {
  return storage(context, StorageStmt::Storage::Param,
                 context->sampled != nullptr);
}

Any TreeBuilder::visitState(MoeParser::StateContext *context) {
  return storage(context,
                 context->stream ? StorageStmt::Storage::StreamState
                                 : StorageStmt::Storage::State,
                 false);
}

Any TreeBuilder::visitTally(MoeParser::TallyContext *context) {
  return storage(context, StorageStmt::Storage::Tally, false);
}

Any TreeBuilder::visitUpdate(MoeParser::UpdateContext *context) {
  auto node = make<UpdateStmt>(context);
  node->target = identifier(context->name());
  node->value = expr(context->expression());
  bool whole = !node->target.text.empty() && node->value;
  return giveStmt(whole ? std::move(node) : nullptr);
}

Any TreeBuilder::visitCarryDecl(MoeParser::CarryDeclContext *context) {
  auto node = make<CarryDeclStmt>(context);
  node->name = identifier(context->name());
  node->type = type(context->type());
  bool whole = !node->name.text.empty() && node->type &&
               optionalExpr(context->expression(), node->value);
  return giveStmt(whole ? std::move(node) : nullptr);
}

Any TreeBuilder::visitRecord(MoeParser::RecordContext *context) {
  auto node = make<RecordStmt>(context);
  node->isAux = context->word && context->word->getType() == MoeParser::AUX;
  node->name = identifier(context->name());
  node->value = expr(context->expression());
  bool whole = !node->name.text.empty() && node->value;
  return giveStmt(whole ? std::move(node) : nullptr);
}

Any TreeBuilder::visitAssert(MoeParser::AssertContext *context) {
  auto node = make<AssertStmt>(context);
  node->condition = expr(context->condition);
  if (!node->condition)
    return giveStmt(nullptr);
  if (context->message) {
    node->message = expr(context->message);
    if (!node->message)
      return giveStmt(nullptr);
    if (node->message->kind != Expr::Kind::String) {
      sink.error(node->message->range, "the text of an assertion stands in quotes");
      return giveStmt(nullptr);
    }
  }
  return giveStmt(std::move(node));
}

Any TreeBuilder::visitRepeat(MoeParser::RepeatContext *context) {
  auto node = make<RepeatStmt>(context);
  if (context->name())
    node->variable = identifier(context->name());
  node->count = expr(context->expression());
  std::optional<Block> body = block(context->block());
  if (!node->count || !body)
    return giveStmt(nullptr);
  node->body = std::move(*body);
  return giveStmt(std::move(node));
}

Any TreeBuilder::visitEachIn(MoeParser::EachInContext *context) {
  auto node = make<EachInStmt>(context);
  node->variable = identifier(context->name());
  node->collection = expr(context->expression());
  std::optional<Block> body = block(context->block());
  if (node->variable.text.empty() || !node->collection || !body)
    return giveStmt(nullptr);
  node->body = std::move(*body);
  return giveStmt(std::move(node));
}

Any TreeBuilder::visitAfterStep(MoeParser::AfterStepContext *context) {
  auto node = make<AfterStepStmt>(context);
  std::optional<Block> body = block(context->block());
  if (!body)
    return giveStmt(nullptr);
  node->body = std::move(*body);
  return giveStmt(std::move(node));
}

Any TreeBuilder::visitConditional(MoeParser::ConditionalContext *context) {
  auto node = make<IfStmt>(context);
  node->condition = expr(context->expression());
  std::optional<Block> thenBlock = block(context->thenBlock);
  if (context->exception || !node->condition || !thenBlock)
    return giveStmt(nullptr);
  node->thenBlock = std::move(*thenBlock);
  if (auto *next = context->conditional()) {
    visitConditional(next);
    if (!stmtResult)
      return {};
    Block elseBlock;
    elseBlock.range = stmtResult->range;
    elseBlock.statements.push_back(std::move(stmtResult));
    node->elseBlock = std::move(elseBlock);
  } else if (context->elseBlock) {
    node->elseBlock = block(context->elseBlock);
  }
  return giveStmt(std::move(node));
}

Any TreeBuilder::visitReturn(MoeParser::ReturnContext *context) {
  auto node = make<ReturnStmt>(context);
  node->value = expr(context->expression());
  return giveStmt(node->value ? std::move(node) : nullptr);
}

Any TreeBuilder::visitBare(MoeParser::BareContext *context) {
  auto node = make<ExprStmt>(context);
  node->value = expr(context->expression());
  return giveStmt(node->value ? std::move(node) : nullptr);
}

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

DefinitionKind definitionKindOf(size_t token) {
  switch (token) {
  case MoeParser::LAYER:
    return DefinitionKind::Layer;
  case MoeParser::EXPERT:
    return DefinitionKind::Expert;
  case MoeParser::ROUTER:
    return DefinitionKind::Router;
  case MoeParser::MOMENTUM:
    return DefinitionKind::Momentum;
  case MoeParser::OPTIMIZER:
    return DefinitionKind::Optimizer;
  case MoeParser::SCHEDULE:
    return DefinitionKind::Schedule;
  case MoeParser::MODEL:
    return DefinitionKind::Model;
  default:
    return DefinitionKind::Fn;
  }
}

bool TreeBuilder::parameters(MoeParser::ParameterListContext *context,
                             std::vector<Parameter> &out) {
  if (context->exception)
    return false;
  for (auto *each : context->parameter()) {
    Parameter parameter;
    parameter.range = places.of(*each);
    parameter.isCarry = each->carry != nullptr;
    parameter.name = identifier(each->name());
    if (parameter.name.text.empty() ||
        !optionalType(each->type(), parameter.type) ||
        !optionalExpr(each->expression(), parameter.defaultValue))
      return false;
    out.push_back(std::move(parameter));
  }
  return true;
}

std::unique_ptr<Definition>
TreeBuilder::definition(MoeParser::DefinitionContext *context) {
  if (context->exception || context->lists.empty())
    return nullptr;
  auto node = std::make_unique<Definition>();
  node->kind = definitionKindOf(context->kind->getType());
  node->range = places.of(*context);
  node->name = identifier(context->name());
  if (node->name.text.empty() ||
      !optionalType(context->type(), node->result))
    return nullptr;
  // One list alone is the inputs.
  if (context->lists.size() == 2 &&
      !parameters(context->lists.front(), node->parameters))
    return nullptr;
  if (!parameters(context->lists.back(), node->inputs))
    return nullptr;
  if (auto *constraints = context->constraints())
    for (auto *constraint : constraints->operation())
      if (ExprPtr built = expr(constraint))
        node->constraints.push_back(std::move(built));

  node->headRange = node->range;
  if (auto *braces = context->block()) {
    node->body = *block(braces);
    node->headRange.end = places.behind(*braces->start).begin;
  } else if (auto *value = context->expression()) {
    auto result = make<ReturnStmt>(value);
    result->value = expr(value);
    if (!result->value)
      return nullptr;
    node->headRange.end = result->range.begin;
    node->body.range = result->range;
    node->body.statements.push_back(std::move(result));
  } else {
    return nullptr;
  }
  return node;
}

bool TreeBuilder::settings(MoeParser::SettingsContext *context, Settings &out) {
  if (!context)
    return false;
  for (auto *each : context->setting()) {
    Setting setting;
    if (each->exception || !identifiers(each->member(), setting.path))
      continue;
    setting.value = expr(each->expression());
    if (!setting.value)
      continue;
    setting.range = spanning(setting.path.front().range, setting.value->range);
    out.settings.push_back(std::move(setting));
  }
  return true;
}

std::unique_ptr<File>
TreeBuilder::file(const std::vector<MoeParser::ItemContext *> &items) {
  auto out = std::make_unique<File>();
  out->source = &places.getFile();
  for (auto *item : items) {
    if (auto *each = item->definition()) {
      if (auto built = definition(each))
        out->definitions.push_back(std::move(built));
    } else if (auto *train = item->train()) {
      Settings built;
      built.range = places.of(*train);
      if (settings(train->settings(), built))
        out->trainBlocks.push_back(std::move(built));
    } else if (auto *preset = item->preset()) {
      Settings built;
      built.range = places.of(*preset);
      built.name = identifier(preset->name());
      if (!built.name.text.empty() && settings(preset->settings(), built))
        out->presets.push_back(std::move(built));
    }
  }
  return out;
}

} // namespace

std::unique_ptr<File>
parsing::buildFile(const std::vector<MoeParser::ItemContext *> &items,
                   const Places &places, DiagnosticSink &sink) {
  return TreeBuilder(places, sink).file(items);
}

ExprPtr parsing::buildExpression(MoeParser::ExpressionContext *expression,
                                 const Places &places, DiagnosticSink &sink) {
  return TreeBuilder(places, sink).expr(expression);
}
