import { didYouMean, normalText, shown } from '../../formats';
import { faultAt, type Expression, type ParsedExpression } from './expression';
import { findFunction, FUNCTION_NAMES, FUNCTIONS } from './functions';
import { readTime } from './functions/time-text';
import { tokensOf, type Token } from './tokens';

export const NODES_MAX = 500;
export const DEPTH_MAX = 50;

/** Operators between two values, by how strongly they bind. */
const BINARY: Record<string, { name: string; power: number }> = {
  or: { name: 'or', power: 1 },
  and: { name: 'and', power: 2 },
  '=': { name: 'equal', power: 4 },
  '==': { name: 'equal', power: 4 },
  '!=': { name: 'notEqual', power: 4 },
  '<>': { name: 'notEqual', power: 4 },
  '<': { name: 'less', power: 4 },
  '<=': { name: 'lessOrEqual', power: 4 },
  '>': { name: 'greater', power: 4 },
  '>=': { name: 'greaterOrEqual', power: 4 },
  in: { name: 'in', power: 4 },
  not: { name: 'in', power: 4 },
  '+': { name: 'add', power: 5 },
  '-': { name: 'subtract', power: 5 },
  '*': { name: 'multiply', power: 6 },
  '/': { name: 'divide', power: 6 },
  '%': { name: 'remainder', power: 6 },
  '^': { name: 'power', power: 8 },
};

/** Before a value. -2 ^ 2 is -(2 ^ 2), not a = b is not (a = b). */
const PREFIX: Record<string, { name: string | null; power: number }> = {
  not: { name: 'not', power: 3 },
  '-': { name: 'negate', power: 7 },
  '+': { name: null, power: 7 },
};

const COMPARISON = 4;
const POWER = 8;

const WORDS: Record<string, boolean | null> = { true: true, false: false, missing: null };
const RESERVED = new Set(['and', 'or', 'not', 'in', ...Object.keys(WORDS)]);

/** Reads an expression. Throws ExpressionFault with the place and what was expected. */
export function parseExpression(text: string): ParsedExpression {
  const parser = new Parser(text);
  return { text, root: parser.whole(), columns: [...parser.columns] };
}

/** Precedence climbing (Richards 1979). */
class Parser {
  readonly columns = new Set<string>();
  private readonly tokens: Token[];
  private next = 0;
  private nodes = 0;
  private depth = 0;

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.expression(0);
    if (this.token.kind !== 'end') throw this.unexpected('an operator or the end');
    return expression;
  }

  private get token(): Token {
    return this.tokens[this.next];
  }

  /** What binds more strongly than `power`. */
  private expression(power: number): Expression {
    if (++this.depth > DEPTH_MAX) {
      throw this.fault(
        this.token.at,
        `an expression is nested at most ${DEPTH_MAX} deep`,
        'divide it into several steps',
      );
    }
    let left = this.prefixed();
    for (;;) {
      const found = this.operator();
      if (!found || found.power <= power) break;
      const { at } = this.token;
      left = this.joined(left, found, at);
      const again = this.operator();
      if (found.power === COMPARISON && again?.power === COMPARISON) {
        throw this.fault(this.token.at, 'comparisons do not follow one another', 'write a < b and b < c');
      }
    }
    this.depth--;
    return left;
  }

  private operator() {
    const key = keyOf(this.token);
    if (key === 'not' && keyOf(this.tokens[this.next + 1]) !== 'in') return undefined;
    return Object.hasOwn(BINARY, key) ? BINARY[key] : undefined;
  }

  private joined(left: Expression, { name, power }: { name: string; power: number }, at: number): Expression {
    const isNegated = keyOf(this.token) === 'not';
    this.next += isNegated ? 2 : 1;
    if (name === 'in') {
      const items = this.list('in');
      const within = this.call('in', [left, ...items], at);
      return isNegated ? this.call('not', [within], at) : within;
    }
    // 2 ^ 3 ^ 2 is 2 ^ (3 ^ 2), and 2 ^ -1 needs no parentheses.
    return this.call(name, [left, this.expression(power === POWER ? power - 1 : power)], at);
  }

  private prefixed(): Expression {
    const { at } = this.token;
    const key = keyOf(this.token);
    if (!Object.hasOwn(PREFIX, key)) return this.value();
    const { name, power } = PREFIX[key];
    this.next++;
    const operand = this.expression(power - 1);
    return name === null ? operand : this.call(name, [operand], at);
  }

  private value(): Expression {
    const { kind, text, at } = this.token;
    const follows = this.tokens[this.next + 1]?.text === '(' && this.tokens[this.next + 1].kind === 'sign';
    if (kind === 'sign' && text === '(') return this.parenthesized();
    if (kind === 'word' && Object.hasOwn(WORDS, text.toLowerCase())) return this.literal(WORDS[text.toLowerCase()], at);
    if (kind === 'word' && RESERVED.has(text.toLowerCase())) throw this.unexpected('a value');
    if (kind === 'word' && follows) return this.functionCall();
    if (kind === 'word' || kind === 'column') {
      this.next++;
      this.count(at);
      this.columns.add(text);
      return { kind: 'column', name: text, at };
    }
    if (kind === 'text') return this.literal(normalText(text), at);
    if (kind === 'number') return this.literal(this.finite(text, at), at);
    throw this.unexpected('a value');
  }

  private parenthesized(): Expression {
    this.next++;
    const inside = this.expression(0);
    this.expect(')');
    return inside;
  }

  private functionCall(): Expression {
    const { text: written, at } = this.token;
    const name = findFunction(written);
    if (name === 'time') return this.time();
    if (name === null) {
      throw this.fault(at, `there is no function ${shown(written)}`, didYouMean(written, FUNCTION_NAMES));
    }
    this.next++;
    return this.call(name, this.list(name), at);
  }

  /** A time is read once, with the expression. */
  private time(): Expression {
    const { at } = this.token;
    this.next++;
    const [argument, ...others] = this.list('time');
    const value = argument?.kind === 'literal' && typeof argument.value === 'string' ? readTime(argument.value) : null;
    if (value === null || others.length > 0) {
      throw this.fault(
        argument?.at ?? at,
        'time takes one time as a text',
        'such as time("2024-05-17T10:20:00Z"), UTC without a zone',
      );
    }
    return { kind: 'literal', value, at };
  }

  /** In parentheses, divided by commas. */
  private list(name: string): Expression[] {
    const items: Expression[] = [];
    this.expect('(');
    if (this.token.text === ')' && this.token.kind === 'sign') {
      if (name === 'in') throw this.unexpected('a value');
      this.next++;
      return items;
    }
    for (;;) {
      items.push(this.expression(0));
      if (this.token.kind !== 'sign' || this.token.text !== ',') break;
      this.next++;
    }
    this.expect(')', '"," or ")"');
    return items;
  }

  private expect(sign: string, expected = shown(sign)): void {
    if (this.token.kind !== 'sign' || this.token.text !== sign) throw this.unexpected(expected);
    this.next++;
  }

  private call(name: string, values: Expression[], at: number): Expression {
    const { parameters, rest } = FUNCTIONS[name];
    const isFitting = rest ? values.length >= parameters.length : values.length === parameters.length;
    if (!isFitting) {
      const count = `${rest ? 'at least ' : ''}${parameters.length} ${parameters.length === 1 ? 'value' : 'values'}`;
      throw this.fault(at, `${name} takes ${count}, not ${values.length}`, `write ${FUNCTIONS[name].form}`);
    }
    this.count(at);
    return { kind: 'call', name, arguments: values, at };
  }

  private literal(value: number | string | boolean | null, at: number): Expression {
    if (value === '')
      throw this.fault(at, 'this text is empty', 'an empty text is a missing value: write isMissing(…)');
    this.next++;
    this.count(at);
    return { kind: 'literal', value, at };
  }

  private finite(text: string, at: number): number {
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw this.fault(at, `${shown(text)} is too large for a number`, 'numbers go up to 1.797e308');
  }

  private count(at: number): void {
    if (++this.nodes <= NODES_MAX) return;
    throw this.fault(at, `an expression has at most ${NODES_MAX} values and operators`, 'divide it into several steps');
  }

  private unexpected(expected: string): Error {
    const { kind, text, at } = this.token;
    const found = kind === 'end' ? 'the end' : shown(text);
    const hint =
      kind === 'word' && RESERVED.has(text.toLowerCase())
        ? `a column of this name stands in back-ticks: \`${text}\``
        : '';
    return this.fault(at, `expected ${expected}, found ${found}`, hint);
  }

  private fault(at: number, message: string, hint = ''): Error {
    return faultAt(this.text, at, message, hint);
  }
}

/** Of a word or sign that may be an operator; others have none. */
const keyOf = (token: Token | undefined): string =>
  token?.kind === 'sign' ? token.text : token?.kind === 'word' ? token.text.toLowerCase() : '';
