//===- TreeTypes.cpp - Trees of types -------------------------------------===//
#include "lib/Frontend/Parse/TreeBuilder.h"

using namespace moe;
using namespace moe::parsing;
using namespace moe::ast;
using antlrcpp::Any;
using grammar::MoeParser;

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
