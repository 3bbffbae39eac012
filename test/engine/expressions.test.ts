import { readFileSync } from 'node:fs';
import {
  appendCondition,
  appendExpression,
  checkExpression,
  FUNCTIONS,
  parseExpression,
  type ColumnKind,
} from '../../src/engine/expressions';
import { encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { Random } from '../../src/engine/random';
import { OrtSession, type TensorData } from '../../src/engine/executors/ort';
import { functionRows } from './support/function-rows';
import { Expressions, type Cell, type Row } from './support/expression.oracle';

const KINDS = new Map<string, ColumnKind>([
  ['x', 'number'],
  ['y', 'number'],
  ['温度', 'number'],
  ['with space', 'number'],
  ['at', 'number'],
  ['city', 'text'],
  ['Ort', 'text'],
  ['flag', 'boolean'],
  ['both', 'category'],
]);
const EMPTY: Row = { x: 0, y: 0, 温度: 0, 'with space': 0, at: 0, city: 'a', Ort: 'a', flag: true, both: 'true' };

const check = (text: string) => checkExpression(parseExpression(text), KINDS);

/** The cells of several expressions over rows, all by one graph of ONNX Runtime. */
async function compute(texts: string[], rows: Row[]): Promise<Cell[][]> {
  const graph = new GraphBuilder('expressions');
  const names = new Map([...KINDS.keys()].map((name) => [name, name]));
  for (const [name, kind] of KINDS) graph.input(name, kind === 'number' ? 'float64' : 'string', ['batch', 1]);
  const typed = texts.map(check);
  typed.forEach((each, i) => {
    const value = appendExpression(graph, each, names);
    graph.node('Identity', [value], {}, { outputs: [`result ${i}`] });
    graph.output(`result ${i}`, each.type === 'text' ? 'string' : 'float64');
  });
  const session = await OrtSession.create(encodeModel(graph));
  const feeds = [...KINDS].map(([name, kind]): [string, TensorData] => {
    const cells = rows.map((row) => row[name]);
    const dims = [rows.length, 1];
    if (kind !== 'number') return [name, { type: 'string', dims, data: cells.map((cell) => String(cell ?? '')) }];
    return [name, { type: 'float64', dims, data: Float64Array.from(cells, (cell) => (cell as number) ?? NaN) }];
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return typed.map(({ type }, i) =>
    Array.from(results[`result ${i}`].data as ArrayLike<number | string>, (cell): Cell => {
      if (type === 'text') return cell === '' ? null : (cell as string);
      if (Number.isNaN(cell)) return null;
      return type === 'boolean' ? cell === 1 : (cell as number);
    }),
  );
}

const of = async (text: string, row: Partial<Row> = {}): Promise<Cell> =>
  (await compute([text], [{ ...EMPTY, ...row } as Row]))[0][0];

const same = (a: Cell, b: Cell): boolean => {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) || Math.abs(a - b) < 1e-300;
};

describe('calculated by hand', () => {
  const cases: [string, Partial<Row>, Cell][] = [
    ['x + y * 2', { x: 1, y: 3 }, 7],
    ['(x + y) * 2', { x: 1, y: 3 }, 8],
    ['x - y - 1', { x: 10, y: 3 }, 6],
    ['-x ^ 2', { x: 3 }, -9],
    ['2 ^ x ^ 2', { x: 3 }, 512],
    ['x ^ -1', { x: 4 }, 0.25],
    ['x ^ 0', { x: null }, null],
    ['1 ^ x', { x: null }, null],
    ['(x) ^ 0.5', { x: -4 }, null],
    ['x % 3', { x: -7 }, -1],
    ['x % 0', { x: 1 }, null],
    ['x / y', { x: 1, y: 0 }, null],
    ['x / y', { x: 0, y: -0 }, null],
    ['1 / (x / y)', { x: 1, y: 0 }, null],
    ['x * 10', { x: 1e308 }, null],
    ['x * 10 > 5', { x: 1e308 }, null],
    ['x / 2', { x: 5e-324 }, 0],
    ['x * 2', { x: 5e-324 }, 1e-323],
    ['x + 1', { x: Infinity }, null],
    ['(x * 1.000000000001 - 3) * 1e12', { x: 3 }, (3 * 1.000000000001 - 3) * 1e12],
    ['x + 1e-300', { x: 0 }, 1e-300],
    ['log(x)', { x: 0 }, null],
    ['log(x)', { x: -1 }, null],
    ['exp(x)', { x: 710 }, null],
    ['log1p(x)', { x: 1e-20 }, 1e-20],
    ['log1p(x)', { x: -1 }, null],
    ['round(x)', { x: 2.5 }, 2],
    ['round(x)', { x: -0.4 }, 0],
    ['min(x, y, 5)', { x: 7, y: 6 }, 5],
    ['max(x, y)', { x: 7, y: null }, null],
    ['clip(x, 0, 10)', { x: 12 }, 10],
    ['x > 1 and y > 1', { x: null, y: 0 }, false],
    ['x > 1 and y > 1', { x: null, y: 2 }, null],
    ['x > 1 or y > 1', { x: null, y: 2 }, true],
    ['not x > 1', { x: null }, null],
    ['not x = 1', { x: 2 }, true],
    ['x != 1', { x: null }, null],
    ['if(x > 1, 10, 20)', { x: null }, null],
    ['if(x = 999, missing, x)', { x: 999 }, null],
    ['if(x = 999, missing, x)', { x: 5 }, 5],
    ['if(x > 1, city, "none")', { x: 2, city: null }, null],
    ['coalesce(x, y, 3)', { x: null, y: null }, 3],
    ['coalesce(city, Ort, "none")', { city: null, Ort: 'b' }, 'b'],
    ['isMissing(city) or isMissing(x)', { city: null, x: 1 }, true],
    ['city = "it\'s"', { city: "it's" }, true],
    ["city = 'it''s'", { city: "it's" }, true],
    ['city = " a "', { city: 'a' }, true],
    ['city = Ort', { city: 'b', Ort: 'b' }, true],
    ['city = Ort', { city: null, Ort: null }, null],
    ['if(x > 0, "a", "b") = coalesce("a", "b")', { x: 1 }, true],
    ['city not in ("a", "b")', { city: 'c' }, true],
    ['city not in ("a", "b")', { city: null }, null],
    ['x in (1, y)', { x: 2, y: null }, null],
    ['flag', { flag: null }, null],
    ['flag = true', { flag: false }, false],
    ['flag != false', { flag: true }, true],
    ['if(both, 1, 0)', { both: 'true' }, 1],
    ['if(both, 1, 0)', { both: 'yes' }, null],
    ['both = "yes"', { both: 'yes' }, true],
    ['if(both = flag, 1, 0)', { both: 'false', flag: false }, 1],
    ['温度 + `with space`', { 温度: 20, 'with space': 1.5 }, 21.5],
    ['year(at)', { at: Date.UTC(2000, 1, 29) }, 2000],
    ['month(at) * 100 + day(at)', { at: Date.UTC(2000, 1, 29) }, 229],
    ['weekday(at)', { at: Date.UTC(1969, 11, 31, 23, 59) }, 3],
    ['hour(at)', { at: -1 }, 23],
    ['year(at)', { at: 8.64e15 + 1 }, null],
    ['at >= time("2024-05-17") and at < time("2024-05-18T00:00:00+02:00")', { at: Date.UTC(2024, 4, 17, 3) }, true],
  ];

  test.each(cases)('%s of %p is %p', async (text, row, wanted) => {
    expect(same(await of(text, row), wanted)).toBe(true);
  });

  test.each(Object.entries(FUNCTIONS))('the example of %s', async (_, { example: [text, wanted] }) => {
    // An expression reads a column; this one adds nothing.
    const cell = await of(`if(x = 0, ${text}, missing)`);
    expect(typeof cell === 'string' ? JSON.stringify(cell) : String(Math.round((cell as number) * 1e9) / 1e9)).toBe(
      typeof cell === 'boolean' ? String(Number(wanted === 'true')) : wanted,
    );
  });

  test('a condition is true where it is neither false nor missing', async () => {
    const graph = new GraphBuilder('condition');
    graph.input('x', 'float64', ['batch', 1]);
    const mask = appendCondition(graph, check('x > 1'), new Map([['x', 'x']]));
    graph.output(mask, 'bool');
    const session = await OrtSession.create(encodeModel(graph));
    const x: TensorData = { type: 'float64', dims: [3, 1], data: Float64Array.of(2, NaN, 0) };
    expect([...((await session.run({ x }))[mask].data as Uint8Array)].map(Number)).toEqual([1, 0, 0]);
    await session.release();
  });

  test('equal parts are appended once, in several expressions too', () => {
    const graph = new GraphBuilder('shared');
    const names = new Map([['at', 'at']]);
    graph.input('at', 'float64', ['batch', 1]);
    appendExpression(graph, check('year(at) * 12 + month(at)'), names);
    const count = graph.nodes.length;
    appendExpression(graph, check('month(at)'), names);
    appendExpression(graph, check('year(at) * 12'), names);
    expect(graph.nodes).toHaveLength(count);
    expect(graph.nodes.filter(({ op }) => op === 'IsInf')).toHaveLength(3);
  });

  test('a text that is compared leaves no constant which nothing reads', () => {
    const graph = new GraphBuilder('texts');
    graph.input('city', 'string', ['batch', 1]);
    appendExpression(graph, check('if(city in ("a", "b") or city = "c", "north", city)'), new Map([['city', 'city']]));
    const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
    expect(graph.initializers.filter(({ name }) => !read.has(name))).toEqual([]);
    expect(graph.initializers.filter(({ type }) => type === 'string').map(({ values }) => values)).toContainEqual([
      'north',
    ]);
  });
});

describe('random expressions are what an evaluator of plain JavaScript says', () => {
  const WILD = [null, 0, -0, 1, -1, 2.5, -2.5, 1e308, -1e308, 5e-324, -1e-310, 1e-17, 700, 710, 3, 17, 1e16];
  const TIMES = [null, 0, -1, Date.UTC(2024, 1, 29, 13), Date.UTC(1900, 2, 1), 8.64e15, 8.7e15, -8.64e15, 1.5];

  test.each([1, 2, 3, 4, 5, 6])('seed %i', async (seed) => {
    const random = new Random(seed, 0xe59);
    const one = <T>(items: readonly T[]): T => items[random.below(items.length)];
    const rows = Array.from({ length: 60 }, (): Row => {
      const number = () => one([() => one(WILD), () => random.below(2000) / 8 - 100])();
      const text = () => one([null, 'a', 'b', 'Zürich', '北京', "it's"]);
      return {
        ...{ x: number(), y: number(), 温度: number(), 'with space': number(), at: one(TIMES) },
        ...{ city: text(), Ort: text(), flag: one([true, false, null]), both: 'true' },
      };
    });
    const draw = new Expressions(random);
    const kinds = [() => draw.number(4), () => draw.boolean(4), () => draw.text(4), () => draw.inexact(2)];
    const samples = Array.from({ length: 160 }, (_, i) => ({ ...kinds[i % 4](), isExact: i % 4 < 3 }));
    const columns = samples.filter(({ text }) => parseExpression(text).columns.length > 0);
    expect(columns.length).toBeGreaterThan(80);
    const results = await compute(
      columns.map(({ text }) => text),
      rows,
    );
    const wrong = columns.flatMap(({ text, value, isExact }, i) =>
      rows.flatMap((row, r) => {
        const [found, wanted] = [results[i][r] ?? null, value(row)];
        return (isExact ? found === wanted : same(found, wanted)) ? [] : [{ text, row, found, wanted }];
      }),
    );
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});

describe('what cannot be read says where and what to do', () => {
  const faults: [text: string, message: string, hint: string][] = [
    ['', 'at character 1: expected a value, found the end', ''],
    ['x +', 'at character 4: expected a value, found the end', ''],
    ['x + * y', 'at character 5: expected a value, found "*"', ''],
    ['x y', 'at character 3: expected an operator or the end, found "y"', ''],
    ['(x + 1', 'at character 7: expected ")", found the end', ''],
    ['min(x; y)', 'at character 6: ";" has no meaning here', 'a column whose name has other characters'],
    ['min(x y)', 'at character 7: expected "," or ")", found "y"', ''],
    ['sqr(x)', 'at character 1: there is no function "sqr"', 'Did you mean "sqrt"'],
    ['sqrt(x, y)', 'at character 1: sqrt takes 1 value, not 2', 'write sqrt(a)'],
    ['if(x > 1, 2)', 'at character 1: if takes 3 values, not 2', 'write if(condition, a, b)'],
    ['min()', 'at character 1: min takes at least 1 value, not 0', 'write min(a, b, …)'],
    ['x > 1 && y > 1', 'at character 7: "&" has no meaning here', 'write and'],
    ['x ＞ 1', 'at character 3: "＞" has no meaning here', 'write >'],
    ['1 < x < 5', 'at character 7: comparisons do not follow one another', 'write a < b and b < c'],
    ['city = "a', 'at character 8: this text does not end', 'close it with "'],
    ['city = ""', 'at character 8: this text is empty', 'isMissing'],
    ['city = " "', 'at character 8: this text is empty', 'isMissing'],
    ['``', 'at character 1: this column is empty', 'back-ticks'],
    ['not', 'at character 4: expected a value, found the end', ''],
    ['in + 1', 'at character 1: expected a value, found "in"', 'back-ticks: `in`'],
    ['x in ()', 'at character 7: expected a value, found ")"', ''],
    ['x in 1', 'at character 6: expected "(", found "1"', ''],
    ['1e999 + x', 'at character 1: "1e999" is too large for a number', '1.797e308'],
    ['at > time("2024-02-30")', 'at character 11: time takes one time as a text', 'such as time('],
    ['😀', 'at character 1: "😀" has no meaning here', ''],
    ['"😀" = x +', 'at character 10: expected a value, found the end', ''],
    [`x${' + x'.repeat(300)}`, 'at character 999: an expression has at most 500 values and operators', 'divide it'],
    [`${'('.repeat(60)}x`, 'at character 51: an expression is nested at most 50 deep', 'divide it'],
    [`${'-'.repeat(60)}x`, 'at character 51: an expression is nested at most 50 deep', 'divide it'],
    ['x'.repeat(6000), 'at character 5001: an expression has at most 5000 characters', 'divide it'],
  ];

  test.each(faults)('%s', (text, message, hint) => {
    const fault = thrown(() => parseExpression(text));
    expect(fault.message).toBe(message);
    expect(fault.hint).toContain(hint);
  });

  const types: [text: string, message: string, hint: string][] = [
    ['x + citty', 'at character 5: there is no column "citty"', 'Did you mean "city"'],
    ['x + city', 'at character 5: "a + b" takes a number here, found a text', 'compared by ='],
    ['"x" > 5', 'at character 1: "a > b" takes a number here, found a text', 'a column stands in back-ticks: `x`'],
    [
      'x = "2024-05-17"',
      'at character 5: "a = b" takes values of one type, found a number and a text',
      'a time is written time("2024-05-17")',
    ],
    ['x = "a"', 'at character 5: "a = b" takes values of one type, found a number and a text', ''],
    ['if(x, 1, 2)', 'at character 4: "if(condition, a, b)" takes a boolean here, found a number', 'a > 0'],
    [
      'if(flag, 1, "a")',
      'at character 13: "if(condition, a, b)" takes values of one type, found a number and a text',
      '',
    ],
    ['flag + 1', 'at character 1: "a + b" takes a number here, found a boolean', 'if(a, 1, 0)'],
    ['city and flag', 'at character 1: "a and b" takes a boolean here, found a text', ''],
    ['1 + 2', 'at character 3: the expression reads no column', 'name one'],
  ];

  test.each(types)('%s', (text, message, hint) => {
    const fault = thrown(() => check(text));
    expect(fault.message).toBe(message);
    expect(fault.hint).toContain(hint);
  });

  test('the whole may have to be of a type', () => {
    const fault = thrown(() => checkExpression(parseExpression('x + 1'), KINDS, ['boolean']));
    expect(fault.message).toBe('at character 1: expected a boolean, found a number');
  });

  test('hostile texts end at once, with a fault', () => {
    const random = new Random(9);
    const pieces = [
      '(',
      ')',
      'x',
      '`',
      '"',
      "'",
      ',',
      '^',
      '-',
      'not ',
      'in',
      'if(',
      '1e',
      '.',
      '\u0000',
      '\ud800',
      ' ',
      'constructor',
      '__proto__(',
    ];
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: random.below(40) }, () => pieces[random.below(pieces.length)]).join('');
      try {
        check(text);
      } catch (error) {
        expect((error as Error).name).toBe('ExpressionFault');
      }
    }
  });
});

function thrown(act: () => unknown): { message: string; hint: string } {
  try {
    act();
  } catch (error) {
    return error as { message: string; hint: string };
  }
  throw new Error('Nothing was thrown.');
}

test('the guide lists every function as the table has it', () => {
  const plain = (text: string) => text.replace(/ +|-{3,}/g, ' ');
  const guide = plain(readFileSync('docs/guides/expressions.md', 'utf8'));
  for (const row of functionRows()) expect(guide).toContain(plain(row));
});
