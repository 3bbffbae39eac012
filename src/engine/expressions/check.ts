import { didYouMean, shown } from '../../formats';
import {
  faultAt,
  VALUE_TYPES,
  type Call,
  type ColumnKind,
  type Expression,
  type Literal,
  type ParsedExpression,
  type ValueType,
} from './expression';
import { FUNCTIONS } from './functions';
import type { ExpressionFunction, TypeRule } from './functions/definition';
import { readTime } from './functions/time-text';

/** An expression of which every part has a type. */
export interface TypedExpression {
  type: ValueType;
  expression: Expression;
  arguments: TypedExpression[];
}

/** Types that a part may have, as bits in the order of VALUE_TYPES. A category is a text or a boolean, missing is any. */
type Types = number;

const bit = (type: ValueType): Types => 1 << VALUE_TYPES.indexOf(type);
const ANY: Types = bit('number') | bit('text') | bit('boolean');
const COLUMN_TYPES_OF: Record<ColumnKind, Types> = {
  number: bit('number'),
  text: bit('text'),
  boolean: bit('boolean'),
  category: bit('text') | bit('boolean'),
  any: ANY,
};
const typesOfLiteral = (value: Literal['value']): Types => {
  if (value === null) return ANY;
  return bit(typeof value === 'string' ? 'text' : (typeof value as ValueType));
};

/** Which is taken where several are left. */
const PREFERRED: readonly ValueType[] = ['text', 'number', 'boolean'];

const typeIn = (types: Types): ValueType => PREFERRED.find((type) => types & bit(type))!;
const namesOf = (types: Types): string => VALUE_TYPES.filter((type) => types & bit(type)).join(' or ');

/**
 * Gives every part its type. `wanted`: the types that the whole may have. Throws ExpressionFault for a column that is not
 * there, for a value of another type than a function takes, and for an expression that reads no column.
 */
export function checkExpression(
  parsed: ParsedExpression,
  columns: ReadonlyMap<string, ColumnKind>,
  wanted: readonly ValueType[] = VALUE_TYPES,
): TypedExpression {
  return new Checker(parsed, columns).check(wanted);
}

class Checker {
  private readonly known = new Map<Expression, Types>();

  constructor(
    private readonly parsed: ParsedExpression,
    private readonly columns: ReadonlyMap<string, ColumnKind>,
  ) {}

  check(wanted: readonly ValueType[]): TypedExpression {
    const { root, columns } = this.parsed;
    const found = this.typesOf(root);
    if (columns.length === 0) throw this.fault(root, 'the expression reads no column', 'name one');
    const allowed = wanted.map(bit).reduce((a, b) => a | b, 0);
    if (!(found & allowed)) {
      const [start] = parts(root);
      throw this.fault(start, `expected a ${namesOf(allowed)}, found a ${namesOf(found)}`, this.advice(root));
    }
    return this.typed(root, found & allowed);
  }

  private typesOf(node: Expression): Types {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const types = this.infer(node);
    this.known.set(node, types);
    return types;
  }

  private infer(node: Expression): Types {
    if (node.kind === 'literal') return typesOfLiteral(node.value);
    if (node.kind === 'call') return this.inferCall(node);
    const kind = this.columns.get(node.name);
    if (kind) return COLUMN_TYPES_OF[kind];
    throw this.fault(node, `there is no column ${shown(node.name)}`, didYouMean(node.name, [...this.columns.keys()]));
  }

  private inferCall(call: Call): Types {
    const rule = FUNCTIONS[call.name];
    let common = ANY;
    call.arguments.forEach((argument, i) => {
      const wanted = ruleOf(rule, i);
      const found = this.typesOf(argument);
      if (wanted !== 'any') return this.demand(call, argument, wanted);
      if (!(common & found)) {
        const message = `${shown(rule.form)} takes values of one type, found a ${namesOf(common)} and a ${namesOf(found)}`;
        throw this.fault(argument, message, this.advice(argument));
      }
      common &= found;
    });
    return rule.result === 'any' ? common : bit(rule.result);
  }

  private demand(call: Call, argument: Expression, wanted: ValueType): void {
    const found = this.typesOf(argument);
    if (found & bit(wanted)) return;
    const message = `${shown(FUNCTIONS[call.name].form)} takes a ${wanted} here, found a ${namesOf(found)}`;
    throw this.fault(argument, message, this.advice(argument));
  }

  /** A text where it does not fit may be meant as a column, or as a time. */
  private advice(node: Expression): string {
    const text = node.kind === 'literal' && typeof node.value === 'string' ? node.value : null;
    if (text !== null && this.columns.has(text)) return `a column stands in back-ticks: \`${text}\``;
    if (text !== null && readTime(text) !== null) return `a time is written time(${shown(text)})`;
    const types = this.typesOf(node);
    if (types & bit('text')) return 'texts are compared by =, != and in (…)';
    return types & bit('boolean')
      ? 'if(a, 1, 0) makes a number of it'
      : 'a comparison such as a > 0 makes a boolean of it';
  }

  private typed(expression: Expression, allowed: Types): TypedExpression {
    if (expression.kind !== 'call')
      return { type: typeIn(this.typesOf(expression) & allowed), expression, arguments: [] };
    const rule = FUNCTIONS[expression.name];
    const free = expression.arguments.filter((_, i) => ruleOf(rule, i) === 'any').map((node) => this.typesOf(node));
    const common = free.reduce((a, b) => a & b, rule.result === 'any' ? allowed : ANY);
    const one = bit(typeIn(common) ?? 'text');
    return {
      type: rule.result === 'any' ? typeIn(one) : rule.result,
      expression,
      arguments: expression.arguments.map((argument, i) => {
        const wanted = ruleOf(rule, i);
        return this.typed(argument, wanted === 'any' ? one : bit(wanted));
      }),
    };
  }

  private fault({ at }: Expression, message: string, hint: string): Error {
    return faultAt(this.parsed.text, at, message, hint);
  }
}

const ruleOf = ({ parameters, rest }: ExpressionFunction, i: number): TypeRule => parameters[i] ?? rest!;

/** The parts of an expression, the one that begins first in the text before the others. */
function parts(root: Expression): Expression[] {
  const all = [root];
  for (const node of all) if (node.kind === 'call') all.push(...node.arguments);
  return all.sort((a, b) => a.at - b.at);
}
