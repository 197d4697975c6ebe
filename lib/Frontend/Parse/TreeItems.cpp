//===- TreeItems.cpp - Trees of definitions and settings ------------------===//
#include "lib/Frontend/Parse/TreeBuilder.h"

using namespace moe;
using namespace moe::parsing;
using namespace moe::ast;
using antlrcpp::Any;
using grammar::MoeParser;

static DefinitionKind definitionKindOf(size_t token) {
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
