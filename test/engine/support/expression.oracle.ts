/** Random expressions with their values, by an evaluator that shares nothing with the product: missing is null. */
import { Random } from '../../../src/engine/random';

export type Cell = number | string | boolean | null;
export type Row = Record<string, Cell>;

export interface Sample {
  text: string;
  /** How strongly its outermost operator binds. */
  power: number;
  value: (row: Row) => Cell;
}

const NUMBERS = ['x', 'y', '温度', 'with space'];
const TEXTS = ['city', 'Ort'];
const WORDS = ['a', 'b', 'Zürich', '北京', "it's"];
const CONSTANTS = ['0', '1', '2', '0.5', '3.25', '1e308', '5e-324', '1e-3', '7', '12'];
const ATOM = 10;

const finite = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);
const half = (x: number): number => {
  const [low, rest] = [Math.floor(x), x - Math.floor(x)];
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
};

const numeric =
  (compute: (...values: number[]) => number) =>
  (...cells: Cell[]): Cell =>
    cells.includes(null) ? null : finite(compute(...(cells as number[])));

type Compute = (...cells: Cell[]) => Cell;

const BINARY: [sign: string, power: number, compute: Compute][] = [
  ['+', 5, numeric((a, b) => a + b)],
  ['-', 5, numeric((a, b) => a - b)],
  ['*', 6, numeric((a, b) => a * b)],
  ['/', 6, numeric((a, b) => a / b)],
  ['%', 6, numeric((a, b) => a % b)],
];

const CALLS: [name: string, count: number, compute: Compute][] = [
  ['abs', 1, numeric(Math.abs)],
  ['sqrt', 1, numeric(Math.sqrt)],
  ['floor', 1, numeric(Math.floor)],
  ['ceil', 1, numeric(Math.ceil)],
  ['round', 1, numeric(half)],
  ['sign', 1, numeric(Math.sign)],
  ['min', 3, numeric(Math.min)],
  ['max', 2, numeric(Math.max)],
  ['clip', 3, numeric((x, low, high) => Math.min(Math.max(x, low), high))],
];

/** Two libraries differ in the last bit of these: nothing that jumps is made of them. */
const SMOOTH: [name: string, compute: (x: number) => number][] = [
  ['exp', Math.exp],
  ['log', Math.log],
  ['log1p', Math.log1p],
  ['tanh', Math.tanh],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x))],
  ['sin', Math.sin],
  ['cos', Math.cos],
];

const COMPARISONS: [sign: string, holds: (a: number, b: number) => boolean][] = [
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
  ['=', (a, b) => a === b],
  ['!=', (a, b) => a !== b],
];

const PARTS: [name: string, read: (date: Date) => number][] = [
  ['year', (date) => date.getUTCFullYear()],
  ['month', (date) => date.getUTCMonth() + 1],
  ['day', (date) => date.getUTCDate()],
  ['weekday', (date) => ((date.getUTCDay() + 6) % 7) + 1],
  ['hour', (date) => date.getUTCHours()],
  ['minute', (date) => date.getUTCMinutes()],
];

/** Draws expressions over the columns x, y, 温度, `with space`, at, city, Ort, flag. */
export class Expressions {
  constructor(private readonly random: Random) {}

  private one<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)];
  }

  private atom = (text: string, value: Sample['value']): Sample => ({ text, power: ATOM, value });

  private call(name: string, samples: Sample[], compute: Compute): Sample {
    const text = `${name}(${samples.map((each) => each.text).join(', ')})`;
    return this.atom(text, (row) => compute(...samples.map((each) => each.value(row))));
  }

  /** With no more parentheses than the rules ask for. */
  private infix([left, right]: Sample[], sign: string, power: number, compute: Compute): Sample {
    const isRight = sign === '^';
    const isAlone = power === 4;
    const inner = (each: Sample, isLoose: boolean) =>
      each.power < power || (each.power === power && isLoose) ? `(${each.text})` : each.text;
    const text = `${inner(left, isRight || isAlone)} ${sign} ${inner(right, !isRight)}`;
    return { text, power, value: (row) => compute(left.value(row), right.value(row)) };
  }

  number(depth: number): Sample {
    const kind = depth <= 0 ? this.random.below(2) : this.random.below(9);
    if (kind === 0) {
      const name = this.one(NUMBERS);
      return this.atom(name.includes(' ') ? `\`${name}\`` : name, (row) => row[name]);
    }
    if (kind === 1) {
      const text = this.one(CONSTANTS);
      return this.atom(text, () => Number(text));
    }
    if (kind === 2) {
      const operand = this.number(depth - 1);
      const text = operand.power < 7 ? `-(${operand.text})` : `-${operand.text}`;
      return { text, power: 7, value: (row) => numeric((a) => -a)(operand.value(row)) };
    }
    if (kind < 6) {
      const [sign, power, compute] = this.one(BINARY);
      return this.infix([this.number(depth - 1), this.number(depth - 1)], sign, power, compute);
    }
    if (kind === 6) {
      const [name, count, compute] = this.one(CALLS);
      return this.call(
        name,
        Array.from({ length: count }, () => this.number(depth - 1)),
        compute,
      );
    }
    if (kind === 7) {
      const [name, read] = this.one(PARTS);
      const compute = numeric((ms) => read(new Date(Math.floor(ms))));
      return this.call(name, [this.one([() => this.atom('at', (row) => row.at), () => this.number(1)])()], compute);
    }
    return this.choice(() => this.number(depth - 1), depth);
  }

  /** A number that depends on the library of functions, by a relative error. */
  inexact(depth: number): Sample {
    if (this.random.below(3) === 0) {
      const operands = [this.number(depth), this.number(depth)];
      return this.infix(operands, '^', 8, (a, b) => numeric((x, y) => x ** y)(a, b));
    }
    const [name, compute] = this.one(SMOOTH);
    return this.call(name, [this.number(depth)], numeric(compute));
  }

  text(depth: number): Sample {
    const kind = depth <= 0 ? this.random.below(2) : this.random.below(3);
    if (kind === 0) {
      const name = this.one(TEXTS);
      return this.atom(name, (row) => row[name]);
    }
    if (kind === 1) {
      const word = this.one(WORDS);
      const quote = this.one(['"', "'"]);
      return this.atom(`${quote}${word.replaceAll(quote, quote + quote)}${quote}`, () => word);
    }
    return this.choice(() => this.text(depth - 1), depth);
  }

  private choice(draw: () => Sample, depth: number): Sample {
    if (this.random.below(3) === 0) {
      return this.call('coalesce', [draw(), draw()], (a, b) => a ?? b);
    }
    const condition = this.boolean(depth - 1);
    return this.call('if', [condition, draw(), draw()], (is, a, b) => (is === null ? null : is ? a : b));
  }

  boolean(depth: number): Sample {
    const kind = depth <= 0 ? this.random.below(4) : this.random.below(9);
    if (kind === 0) return this.atom('flag', (row) => row.flag);
    if (kind === 1) return this.one([this.atom('true', () => true), this.atom('FALSE', () => false)]);
    if (kind < 4) {
      const [sign, holds] = this.one(COMPARISONS);
      const operands = [this.number(depth - 1), this.number(depth - 1)];
      return this.infix(operands, sign, 4, (a, b) =>
        a === null || b === null ? null : holds(a as number, b as number),
      );
    }
    if (kind === 4) {
      const is = this.one([true, false]);
      const operands = [this.text(depth - 1), this.text(depth - 1)];
      return this.infix(operands, is ? '==' : '<>', 4, (a, b) => (a === null || b === null ? null : (a === b) === is));
    }
    if (kind === 5) {
      const operand = this.boolean(depth - 1);
      const text = operand.power < 3 ? `not (${operand.text})` : `not ${operand.text}`;
      return { text, power: 3, value: (row) => (operand.value(row) === null ? null : !operand.value(row)) };
    }
    if (kind === 6) return this.within(depth);
    if (kind === 7) {
      const draw = this.one([() => this.number(depth - 1), () => this.text(depth - 1), () => this.boolean(depth - 1)]);
      return this.call('isMissing', [draw()], (a) => a === null);
    }
    const decisive = this.one([true, false]);
    const operands = [this.boolean(depth - 1), this.boolean(depth - 1)];
    return this.infix(operands, decisive ? 'or' : 'AND', decisive ? 1 : 2, (a, b) => {
      if (a === decisive || b === decisive) return decisive;
      return a === null || b === null ? null : !decisive;
    });
  }

  private within(depth: number): Sample {
    const draw = this.one([() => this.number(depth - 1), () => this.text(depth - 1)]);
    const [value, ...items] = Array.from({ length: 2 + this.random.below(3) }, draw);
    const left = value.power <= 4 ? `(${value.text})` : value.text;
    const text = `${left} in (${items.map((item) => item.text).join(', ')})`;
    return {
      text,
      power: 4,
      value: (row) => {
        const cell = value.value(row);
        const cells = items.map((item) => item.value(row));
        if (cell === null) return null;
        if (cells.includes(cell)) return true;
        return cells.includes(null) ? null : false;
      },
    };
  }
}
