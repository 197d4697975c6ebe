// The grammar of .moe files.
//
// It is generic: no router, rule, layer or optimiser is named here. Four things
// are settled by Layout.cpp between lexer and parser, so that the rules below
// stay free of predicates:
//   - a NEWLINE token reaches the parser only where it ends a statement;
//   - the last statement before a '}' is ended too;
//   - brackets are balanced (a missing one has been reported and supplied);
//   - the name of a prefix reduction, `sum(c) x*y`, is a REDUCER token.
//
// A file is a sequence of items. Parse.cpp asks for one after the other, so that
// an error costs no more than its item; within an item, no more than its line.
grammar Moe;

tokens { REDUCER }

// The value of `--set path=value`.
lone : end* expression end* EOF ;

item : (definition | train | preset) (end | EOF) ;

end : NEWLINE | ';' ;

//===----------------------------------------------------------------------===//
// Definitions
//===----------------------------------------------------------------------===//

definition
  : kind=('layer' | 'expert' | 'router' | 'momentum' | 'optimizer' | 'schedule' | 'model' | 'fn')
    name lists+=parameterList lists+=parameterList? ('->' type)? ('where' constraints)?
    (block | '=' expression)
  ;

parameterList : '(' (parameter (',' parameter)*)? ')' ;

parameter : carry='carry'? name (':' type)? ('=' expression)? ;

constraints : operation (',' operation)* ;

train : 'train' settings ;

preset : 'preset' name settings ;

settings : '{' end* setting* '}' ;

setting : member ('.' member)* '=' expression end+ ;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

type
  : element=name? '[' (dim (',' dim)*)? ']'             # tensorType
  | name ('.' member)*                                  # namedType
  | '{' end* (fieldType (',' end* fieldType)*)? end* '}'  # recordType
  | '(' elementType (',' elementType)* ')'              # tupleType
  | 'fn' '(' (type (',' type)*)? ')' '->' type          # functionType
  | 'like' name ('.' member)*                           # likeType
  ;

dim : pack='*' name | operation absent='?'? ;

fieldType : name (':' type)? ;

elementType : (name ':')? type ;

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

block : '{' end* line* '}' ;

line : statement end+ ;

statement
  : name '=' expression                                                # let
  | '(' name (',' name)+ ')' '=' expression                            # let
  | target=name '[' name (',' name)* ']' '=' expression                # indexedLet
  | name '.' member '=' expression                                     # fieldLet
  | 'param' name (':' type)? ((sampled='~' | '=') expression)?         # param
  | stream='stream'? 'state' name (':' type)? ('=' expression)?        # state
  | 'tally' name (':' type)? '+=' expression                           # tally
  | name '<-' expression                                               # update
  | 'carry' name ':' type ('=' expression)?                            # carryDecl
  | word=('aux' | 'probe') name '=' expression                         # record
  | 'assert' condition=expression (',' message=operation)?             # assert
  | 'repeat' (name 'in')? expression block                             # repeat
  | 'each' name 'in' expression block                                  # eachIn
  | 'after' 'step' block                                               # afterStep
  | conditional                                                        # ifStatement
  | 'return' expression                                                # return
  | expression                                                         # bare
  ;

conditional : 'if' expression thenBlock=block ('else' (elseBlock=block | conditional))? ;

//===----------------------------------------------------------------------===//
// Expressions, from the loosest to the tightest
//===----------------------------------------------------------------------===//

expression
  : name '=>' expression                                # lambda
  | '(' (name (',' name)*)? ')' '=>' expression         # lambda
  | choice                                              # choose
  | pipeline                                            # value
  ;

// The `else` of a choice ends its `then` part: there, a default written with
// `else` needs parentheses.
choice : 'if' pipeline 'then' thenValue 'else' expression ;

thenValue : choice | masked ('|>' masked)* ;

pipeline : fallback ('|>' fallback)* ;

fallback : masked ('else' masked)* ;

masked : operation ('where' operation)* ;

operation
  : name                                                # reference
  | NUMBER                                              # number
  | STRING                                              # string
  | value=('true' | 'false')                            # truth
  | '(' expression (',' expression)* ')'                # parenthesis
  | '{' end* (field (',' end* field)*)? end* '}'        # recordValue
  | 'each' name ('where' operation)? block              # each
  | operation '(' arguments? ')'                        # call
  | operation '[' subscript (',' subscript)* ']'        # index
  | operation '.' member                                # access
  | 'quiet' operation                                   # quiet
  | <assoc=right> operation op='^' operation            # binary
  | '-' operation                                       # negate
  | operation op=('*' | '/') operation                  # binary
  | REDUCER '(' name (',' name)* ('in' expression)? ')' operation  # reduce
  | operation op=('+' | '-') operation                  # binary
  | operation op=('==' | '!=' | '<' | '<=' | '>' | '>=') operation # binary
  | 'not' operation                                     # not
  | operation op=('and' | '&') operation                # binary
  | operation op=('or' | '|') operation                 # binary
  ;

arguments : before+=argument (',' before+=argument)* ('->' after+=argument (',' after+=argument)*)? ;

argument : (member (named='=' | sampled='~'))? expression ;

subscript : from=expression? slice=':' to=expression? | expression ;

field : name ('=' expression)? ;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

// Words that mean something only where an item begins, or after `after`.
name
  : NAME
  | 'layer' | 'expert' | 'router' | 'momentum' | 'optimizer' | 'schedule' | 'model'
  | 'train' | 'preset' | 'step'
  ;

// After a point nothing else can stand, so every word is a name.
member
  : name
  | 'fn' | 'like' | 'param' | 'stream' | 'state' | 'tally' | 'carry' | 'aux' | 'probe' | 'assert' | 'repeat' | 'each'
  | 'in' | 'after' | 'if' | 'then' | 'else' | 'return' | 'where' | 'quiet' | 'and' | 'or' | 'not'
  | 'true' | 'false'
  ;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

// Named because Layout.cpp and the error messages speak of them.
LPAREN : '(' ;
RPAREN : ')' ;
LBRACKET : '[' ;
RBRACKET : ']' ;
LBRACE : '{' ;
RBRACE : '}' ;
SEMICOLON : ';' ;
COMMA : ',' ;
COLON : ':' ;
DOT : '.' ;
TILDE : '~' ;
ASSIGN : '=' ;
ADD_ASSIGN : '+=' ;
UPDATE : '<-' ;
ARROW : '->' ;
FAT_ARROW : '=>' ;
PIPE : '|>' ;
PLUS : '+' ;
MINUS : '-' ;
STAR : '*' ;
SLASH : '/' ;
CARET : '^' ;
AMPERSAND : '&' ;
BAR : '|' ;
EQ : '==' ;
NE : '!=' ;
LT : '<' ;
LE : '<=' ;
GT : '>' ;
GE : '>=' ;
QUESTION : '?' ;

LAYER : 'layer' ;
EXPERT : 'expert' ;
ROUTER : 'router' ;
MOMENTUM : 'momentum' ;
OPTIMIZER : 'optimizer' ;
SCHEDULE : 'schedule' ;
MODEL : 'model' ;
FN : 'fn' ;
TRAIN : 'train' ;
PRESET : 'preset' ;
STEP : 'step' ;
LIKE : 'like' ;
PARAM : 'param' ;
STREAM : 'stream' ;
STATE : 'state' ;
TALLY : 'tally' ;
CARRY : 'carry' ;
AUX : 'aux' ;
PROBE : 'probe' ;
ASSERT : 'assert' ;
REPEAT : 'repeat' ;
EACH : 'each' ;
IN : 'in' ;
AFTER : 'after' ;
IF : 'if' ;
THEN : 'then' ;
ELSE : 'else' ;
RETURN : 'return' ;
WHERE : 'where' ;
QUIET : 'quiet' ;
AND : 'and' ;
OR : 'or' ;
NOT : 'not' ;
TRUE : 'true' ;
FALSE : 'false' ;

NAME : [A-Za-z_] [A-Za-z_0-9]* ;

NUMBER : DIGITS ('.' DIGITS)? EXPONENT? | '.' DIGITS EXPONENT? ;
fragment DIGITS : [0-9] [0-9_]* ;
fragment EXPONENT : [eE] [+-]? [0-9]+ ;

STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '"' ;
OPEN_STRING : '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'? ;

NEWLINE : '\r'? '\n' ;
SPACE : [ \t\r\f]+ -> skip ;
COMMENT : '#' ~[\r\n]* -> skip ;

// Reported by Layout.cpp.
UNKNOWN : . ;
