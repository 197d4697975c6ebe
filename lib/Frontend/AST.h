//===- AST.h - The tree of a .moe file --------------------------*- C++ -*-===//
//
// Plain data. Every node carries its place; kinds work with llvm::isa, cast and
// dyn_cast. The tree says what was written, nothing is resolved: names stay
// text, `sum(E)(x)` is a call of a call, `inf` and `none` are names.
//
//===----------------------------------------------------------------------===//
#ifndef MOE_FRONTEND_AST_H
#define MOE_FRONTEND_AST_H

#include "lib/Support/Source.h"

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace moe::ast {

struct Identifier {
  std::string text;
  SourceRange range;
};

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

struct Expr {
  enum class Kind {
    Number,
    String,
    Bool,
    Name,
    Unary,
    Binary,
    Call,
    Index,
    Field,
    Tuple,
    Record,
    Lambda,
    If,
    Each,
    Reduce,
    Quiet,
  };

  const Kind kind;
  SourceRange range;

  virtual ~Expr() = default;

protected:
  Expr(Kind kind, SourceRange range) : kind(kind), range(range) {}
};
using ExprPtr = std::unique_ptr<Expr>;

/// Gives a node its kind and classof.
template <typename Base, typename Base::Kind K>
struct Node : Base {
  explicit Node(SourceRange range) : Base(K, range) {}
  static bool classof(const Base *node) { return node->kind == K; }
};

/// `80_000`, `.7`, `7e-4`. isInteger says it was written without point or
/// exponent; then the value is exact.
struct NumberExpr : Node<Expr, Expr::Kind::Number> {
  using Node::Node;
  double value = 0;
  bool isInteger = false;
  std::string spelling;
};

/// `"*.bias|*norm*"`, the value without quotes and escapes.
struct StringExpr : Node<Expr, Expr::Kind::String> {
  using Node::Node;
  std::string value;
};

/// `true`, `false`.
struct BoolExpr : Node<Expr, Expr::Kind::Bool> {
  using Node::Node;
  bool value = false;
};

struct NameExpr : Node<Expr, Expr::Kind::Name> {
  using Node::Node;
  std::string name;
};

enum class UnaryOp { Neg, Not };

struct UnaryExpr : Node<Expr, Expr::Kind::Unary> {
  using Node::Node;
  UnaryOp op = UnaryOp::Neg;
  ExprPtr operand;
};

enum class BinaryOp {
  Pipe,  ///< `x |> f(a)` is `f(a)(x)`
  Else,  ///< `y else D`: D where y is absent
  Where, ///< `x where m`: x, absent where m is false
  Or,    ///< `or`, `|`
  And,   ///< `and`, `&`
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  Add,
  Sub,
  Mul,
  Div,
  Pow,
};

struct BinaryExpr : Node<Expr, Expr::Kind::Binary> {
  using Node::Node;
  BinaryOp op = BinaryOp::Add;
  SourceRange opRange;
  ExprPtr lhs, rhs;
};

struct Argument {
  enum class Kind {
    Positional,  ///< `x`
    Named,       ///< `axis=T`
    Initializer, ///< `w ~ uniform(r)`
  };
  Kind kind = Kind::Positional;
  Identifier name; ///< empty when positional
  ExprPtr value;
  SourceRange range;
};

/// `f(x, axis=T, w ~ uniform(r))`; `split(d -> n,c)` has arrow = 1, the number
/// of arguments before `->`. `linear(E)(x)` is a call whose callee is a call.
struct CallExpr : Node<Expr, Expr::Kind::Call> {
  using Node::Node;
  ExprPtr callee;
  std::vector<Argument> arguments;
  std::optional<size_t> arrow;
};

/// One position of `x[i, a:b]`: an index (only `index` is set), or a slice whose
/// ends may be missing.
struct Subscript {
  bool isSlice = false;
  ExprPtr index;        ///< not for a slice
  ExprPtr begin, end;   ///< of a slice, null where left out
  SourceRange range;
};

struct IndexExpr : Node<Expr, Expr::Kind::Index> {
  using Node::Node;
  ExprPtr base;
  std::vector<Subscript> subscripts;
};

struct FieldExpr : Node<Expr, Expr::Kind::Field> {
  using Node::Node;
  ExprPtr base;
  Identifier field;
};

/// `(a, b)`, at least two elements.
struct TupleExpr : Node<Expr, Expr::Kind::Tuple> {
  using Node::Node;
  std::vector<ExprPtr> elements;
};

/// `{m, p=x}`; a field without value stands for the variable of its name.
struct RecordExpr : Node<Expr, Expr::Kind::Record> {
  using Node::Node;
  struct Field {
    Identifier name;
    ExprPtr value; ///< may be null
  };
  std::vector<Field> fields;
};

/// `x => body`, `(x, y) => body`.
struct LambdaExpr : Node<Expr, Expr::Kind::Lambda> {
  using Node::Node;
  std::vector<Identifier> parameters;
  ExprPtr body;
};

/// `if c then a else b`.
struct IfExpr : Node<Expr, Expr::Kind::If> {
  using Node::Node;
  ExprPtr condition, thenValue, elseValue;
};

struct Block;

/// `each E where on { body }`; the mask may be null.
struct EachExpr : Node<Expr, Expr::Kind::Each> {
  using Node::Node;
  EachExpr(SourceRange range);
  ~EachExpr() override;
  Identifier axis;
  ExprPtr mask;
  std::unique_ptr<Block> body;
};

/// `sum(c) q[b,c] * k[c]`: the body is the following product. Axes are names
/// of dimensions or indices; `sum(p in P) body` has one binder `p` in `axes`
/// and the collection `P`.
struct ReduceExpr : Node<Expr, Expr::Kind::Reduce> {
  using Node::Node;
  Identifier reducer;
  std::vector<Identifier> axes;
  ExprPtr collection; ///< null unless `in` was written
  ExprPtr body;
};

/// `quiet f(y)`: f without its effects on state, aux and probes.
struct QuietExpr : Node<Expr, Expr::Kind::Quiet> {
  using Node::Node;
  ExprPtr operand;
};

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

struct Type {
  enum class Kind { Tensor, Named, Record, Tuple, Function, Like };

  const Kind kind;
  SourceRange range;

  virtual ~Type() = default;

protected:
  Type(Kind kind, SourceRange range) : kind(kind), range(range) {}
};
using TypePtr = std::unique_ptr<Type>;

/// One position of `[N, E?, d/n, *S]`.
struct Dim {
  ExprPtr size;        ///< a name, a number or arithmetic of them; for a pack, its name
  bool isMasked = false; ///< `E?`
  bool isPack = false;   ///< `*S`: any number of dimensions
  SourceRange range;
};

/// `[N, d]`, `id[B, T]`, `bool[N, E]`.
struct TensorType : Node<Type, Type::Kind::Tensor> {
  using Node::Node;
  Identifier element; ///< empty text: floating point
  std::vector<Dim> dims;
};

/// `int`, `dim`, `schedule`, `params`, `router`; `R.carry` has two parts.
struct NamedType : Node<Type, Type::Kind::Named> {
  using Node::Node;
  std::vector<Identifier> path;
};

/// `{m, p: [N]}`; a field without type takes that of the context.
struct RecordType : Node<Type, Type::Kind::Record> {
  using Node::Node;
  struct Field {
    Identifier name;
    TypePtr type; ///< may be null
  };
  std::vector<Field> fields;
};

/// `(w: [N,E], on: bool[N,E])`; names may be empty.
struct TupleType : Node<Type, Type::Kind::Tuple> {
  using Node::Node;
  struct Element {
    Identifier name;
    TypePtr type;
  };
  std::vector<Element> elements;
};

/// `fn([*S]) -> [*S]`.
struct FunctionType : Node<Type, Type::Kind::Function> {
  using Node::Node;
  std::vector<TypePtr> parameters;
  TypePtr result;
};

/// `like p`.
struct LikeType : Node<Type, Type::Kind::Like> {
  using Node::Node;
  ExprPtr model;
};

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

struct Stmt {
  enum class Kind {
    Let,
    IndexedLet,
    FieldLet,
    Storage,
    Update,
    CarryDecl,
    Record,
    Assert,
    Repeat,
    EachIn,
    AfterStep,
    If,
    Return,
    Expr,
  };

  const Kind kind;
  SourceRange range;

  virtual ~Stmt() = default;

protected:
  Stmt(Kind kind, SourceRange range) : kind(kind), range(range) {}
};
using StmtPtr = std::unique_ptr<Stmt>;

struct Block {
  std::vector<StmtPtr> statements;
  SourceRange range; ///< braces included
};

/// `a = x`, `(w, on) = x`.
struct LetStmt : Node<Stmt, Stmt::Kind::Let> {
  using Node::Node;
  std::vector<Identifier> targets;
  ExprPtr value;
};

/// `s[b,n,t] = x`, index notation: defines `s` for all values of its indices.
struct IndexedLetStmt : Node<Stmt, Stmt::Kind::IndexedLet> {
  using Node::Node;
  Identifier target;
  std::vector<Identifier> indices;
  ExprPtr value;
};

/// `c.m = x`.
struct FieldLetStmt : Node<Stmt, Stmt::Kind::FieldLet> {
  using Node::Node;
  Identifier base, field;
  ExprPtr value;
};

/// Things with a life of their own.
struct StorageStmt : Node<Stmt, Stmt::Kind::Storage> {
  using Node::Node;
  enum class Storage {
    Param,       ///< `param x: T ~ normal(1)` or `= 0`
    State,       ///< `state x: T = 0`
    StreamState, ///< `stream state x: T = 0`
    Tally,       ///< `tally x: T += value`
  };
  Storage storage = Storage::Param;
  Identifier name;
  TypePtr type;             ///< null where left out
  bool isSampled = false;   ///< `~` rather than `=`
  ExprPtr value;            ///< initialiser, or what a tally adds; null where left out
};

/// `D <- x`.
struct UpdateStmt : Node<Stmt, Stmt::Kind::Update> {
  using Node::Node;
  Identifier target;
  ExprPtr value;
};

/// `carry c: R.carry = 0`.
struct CarryDeclStmt : Node<Stmt, Stmt::Kind::CarryDecl> {
  using Node::Node;
  Identifier name;
  TypePtr type;
  ExprPtr value; ///< null where left out
};

/// `aux balance = x`, `probe load = x`.
struct RecordStmt : Node<Stmt, Stmt::Kind::Record> {
  using Node::Node;
  bool isAux = false; ///< a loss; otherwise only recorded
  Identifier name;
  ExprPtr value;
};

/// `assert finite(x), "h blew up"`
struct AssertStmt : Node<Stmt, Stmt::Kind::Assert> {
  using Node::Node;
  ExprPtr condition;
  ExprPtr message; ///< a StringExpr, or null
};

/// `repeat i in L { }`; the variable's text is empty where left out.
struct RepeatStmt : Node<Stmt, Stmt::Kind::Repeat> {
  using Node::Node;
  Identifier variable;
  ExprPtr count;
  Block body;
};

/// `each p in P { }`.
struct EachInStmt : Node<Stmt, Stmt::Kind::EachIn> {
  using Node::Node;
  Identifier variable;
  ExprPtr collection;
  Block body;
};

/// `after step { }`.
struct AfterStepStmt : Node<Stmt, Stmt::Kind::AfterStep> {
  using Node::Node;
  Block body;
};

/// `if c { } else { }`; `else if` is a block holding one if.
struct IfStmt : Node<Stmt, Stmt::Kind::If> {
  using Node::Node;
  ExprPtr condition;
  Block thenBlock;
  std::optional<Block> elseBlock;
};

struct ReturnStmt : Node<Stmt, Stmt::Kind::Return> {
  using Node::Node;
  ExprPtr value;
};

/// A bare expression: the result, when it is a block's last statement.
struct ExprStmt : Node<Stmt, Stmt::Kind::Expr> {
  using Node::Node;
  ExprPtr value;
};

//===----------------------------------------------------------------------===//
// Definitions
//===----------------------------------------------------------------------===//

struct Parameter {
  Identifier name;
  TypePtr type;         ///< null where left out
  ExprPtr defaultValue; ///< null where left out
  bool isCarry = false; ///< `carry c: {m}`
  SourceRange range;
};

enum class DefinitionKind {
  Layer,
  Expert,
  Router,
  Momentum,
  Optimizer,
  Schedule,
  Model,
  Fn,
};

/// `layer`, `expert`, ...
const char *getKeyword(DefinitionKind kind);

/// `kind Name(parameters)(inputs) -> result where constraints { body }`.
/// Written with one list only, the list is `inputs`. `... = value` is a body
/// that returns the value.
struct Definition {
  DefinitionKind kind = DefinitionKind::Fn;
  Identifier name;
  std::vector<Parameter> parameters; ///< known at compile time
  std::vector<Parameter> inputs;
  TypePtr result; ///< null where left out
  std::vector<ExprPtr> constraints;
  Block body;
  SourceRange range;
  SourceRange headRange; ///< up to the body
};

/// `model.R = HeavyBall`.
struct Setting {
  std::vector<Identifier> path;
  ExprPtr value;
  SourceRange range;
};

/// `train { ... }` and `preset name { ... }`.
struct Settings {
  Identifier name; ///< of a preset; empty for train
  std::vector<Setting> settings;
  SourceRange range;
};

struct File {
  const SourceFile *source = nullptr;
  std::vector<std::unique_ptr<Definition>> definitions;
  std::vector<Settings> trainBlocks; ///< more than one is the checker's error
  std::vector<Settings> presets;
};

/// Writes the tree as source text in one canonical layout; parsing that text
/// gives the same tree.
void print(const File &file, std::ostream &os);
void print(const Expr &expr, std::ostream &os);
void print(const Type &type, std::ostream &os);

inline EachExpr::EachExpr(SourceRange range) : Node(range) {}
inline EachExpr::~EachExpr() = default;

} // namespace moe::ast

#endif // MOE_FRONTEND_AST_H
