//===- TreeStatements.cpp - Trees of statements ---------------------------===//
#include "lib/Frontend/Parse/TreeBuilder.h"

using namespace moe;
using namespace moe::parsing;
using namespace moe::ast;
using antlrcpp::Any;
using grammar::MoeParser;

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
