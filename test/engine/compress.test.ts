import { onnx } from 'onnx-proto';
import { compressModel } from '../../src/engine/onnx/compress';
import { decodeModel, encodeModel } from '../../src/engine/onnx/encode';
import { GraphBuilder } from '../../src/engine/onnx/graph';
import { halfBits } from '../../src/engine/onnx/weight-codec';
import { OrtSession } from '../../src/engine/executors/ort';
import { draw, normal } from './tables';

const random = (count: number, seed: number): Float32Array => Float32Array.from(draw(count, seed, normal));

/** y = x · W, with a Relu and a second product where there is one more width. */
function network(widths: number[], weights: Float32Array[]): Uint8Array {
  const graph = new GraphBuilder('net');
  let value = graph.input('x', 'float32', ['batch', widths[0]]);
  weights.forEach((w, i) => {
    if (i > 0) value = graph.call('Relu', [value]);
    value = graph.call('MatMul', [value, graph.initializer(`w${i}`, 'float32', [widths[i], widths[i + 1]], w)]);
  });
  graph.node('Identity', [value], {}, { outputs: ['y'] });
  graph.output('y', 'float32', ['batch', widths.at(-1)!]);
  graph.metadata.card = 'kept';
  return encodeModel(graph);
}

async function run(model: Uint8Array, x: Float32Array, dims: number[]): Promise<Float32Array> {
  const session = await OrtSession.create(model);
  const { y } = await session.run({ x: { type: 'float32', dims, data: x } });
  await session.release();
  return y.data as Float32Array;
}

const peakOf = (values: ArrayLike<number>): number => Array.from(values).reduce((a, v) => Math.max(a, Math.abs(v)), 0);
const opsOf = (model: Uint8Array): string[] => decodeModel(model).graph!.node!.map(({ opType }) => opType!);

/** Rows of x, each with one large number, so that a scale shared by the batch would ruin the small ones. */
function unlikeRows(rows: number, width: number): Float32Array {
  return random(rows * width, 5).map((value, i) => value * 10 ** (Math.floor(i / width) % 5));
}

/** x · W in float64, and how far the integer product may be off: half a step of each factor, and both at once. */
function expected(x: Float32Array, w: Float32Array, [rows, inner, columns]: number[], exactRows: boolean) {
  const scale = Array.from({ length: columns }, (_, c) => peakOf(w.filter((_, i) => i % columns === c)) / 127);
  const y = new Float64Array(rows * columns);
  const bound = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * inner, (r + 1) * inner);
    const step = exactRows ? 0 : peakOf(row) / 127;
    for (let c = 0; c < columns; c++) {
      const at = r * columns + c;
      for (let k = 0; k < inner; k++) {
        y[at] += row[k] * w[k * columns + c];
        bound[at] += (Math.abs(row[k]) * scale[c] + Math.abs(w[k * columns + c]) * step) / 2 + (scale[c] * step) / 4;
      }
    }
  }
  return { y, bound };
}

describe('int8', () => {
  test('a large product is computed in integers, within the bound that the scales give', async () => {
    const dims = [6, 512, 256];
    const [x, w] = [unlikeRows(6, 512), random(512 * 256, 1)];
    const model = compressModel(network([512, 256], [w]), 'int8');
    expect(opsOf(model)).toContain('MatMulInteger');
    const y = await run(model, x, [6, 512]);
    const { y: exact, bound } = expected(x, w, dims, false);
    const excess = Array.from(y, (value, i) => Math.abs(value - exact[i]) / bound[i]);
    expect(Math.max(...excess)).toBeLessThan(1);
    expect(Math.max(...excess)).toBeGreaterThan(1e-4);
  });

  test('it is the integer product of the definition, to the last bits of float32', async () => {
    const [rows, inner, columns] = [3, 512, 256];
    const [x, w] = [unlikeRows(rows, inner), random(inner * columns, 2)];
    const y = await run(compressModel(network([inner, columns], [w]), 'int8'), x, [rows, inner]);
    for (const [r, c] of [0, 1, 2].flatMap((r) => [0, 17, 255].map((c) => [r, c]))) {
      const column = w.filter((_, i) => i % columns === c);
      const row = x.subarray(r * inner, (r + 1) * inner);
      const [a, b] = [Math.fround(peakOf(row)), Math.fround(peakOf(column) / 127)];
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += evenly((row[k] / a) * 127) * Math.round(column[k] / b);
      expect(y[r * columns + c] / ((sum * a * b) / 127)).toBeCloseTo(1, 3);
    }
  });

  test('the answer to a row does not depend on the rows beside it, not by one bit', async () => {
    const widths = [300, 512, 300];
    const model = compressModel(network(widths, [random(300 * 512, 3), random(512 * 300, 4)]), 'int8');
    expect(opsOf(model).filter((op) => op === 'MatMulInteger')).toHaveLength(2);
    const x = unlikeRows(20, 300);
    const together = await run(model, x, [20, 300]);
    for (const row of [0, 7, 19]) {
      const alone = await run(model, x.slice(row * 300, (row + 1) * 300), [1, 300]);
      expect(alone).toEqual(together.slice(row * 300, (row + 1) * 300));
    }
  });

  test('a small product keeps its float arithmetic, on weights of 8 bits; a row of zeros gives zero', async () => {
    const [x, w] = [random(4 * 32, 6), random(32 * 16, 7)];
    const model = compressModel(network([32, 16], [w]), 'int8');
    expect(opsOf(model)).toEqual(['Cast', 'Mul', 'MatMul', 'Identity']);
    const { y: exact, bound } = expected(x, w, [4, 32, 16], true);
    const y = await run(model, x, [4, 32]);
    y.forEach((value, i) => expect(Math.abs(value - exact[i])).toBeLessThan(bound[i]));
    const large = compressModel(network([512, 256], [random(512 * 256, 8)]), 'int8');
    expect(peakOf(await run(large, new Float32Array(512), [1, 512]))).toBe(0);
  });
});

/** Halfway to the even one, as QuantizeLinear rounds. */
function evenly(value: number): number {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

describe('float16', () => {
  test('weights are rounded to the nearest half', async () => {
    const w = random(32 * 16, 9);
    const model = compressModel(network([32, 16], [w]), 'float16');
    const identity = Float32Array.from({ length: 32 * 32 }, (_, i) => (i % 33 === 0 ? 1 : 0));
    const y = await run(model, identity, [32, 32]);
    // Eleven significant bits: half a unit in the last place is 2^-11 of the value at most.
    y.forEach((value, i) =>
      expect(Math.abs(value - w[i])).toBeLessThanOrEqual(Math.max(Math.abs(w[i]), 2 ** -14) * 2 ** -11),
    );
  });

  test.each([
    // Of the standard, IEEE 754-2019, table 3.5 and the values it implies.
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -14 - 2 ** -26, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000],
    [1 / 3, 0x3555],
  ])('%d is %i', (value, bits) => {
    expect(halfBits(value)).toBe(bits);
  });

  test('a weight beyond the range of half precision stays as it is', async () => {
    const w = random(32 * 16, 10);
    w[3] = 70_000;
    const model = network([32, 16], [w]);
    expect(compressModel(model, 'float16')).toEqual(model);
  });
});

describe.each([
  ['int8', 0.3],
  ['float16', 0.55],
] as const)('%s', (precision, ratio) => {
  test('inputs, outputs, their symbolic batch and the metadata stay; the file shrinks', () => {
    const model = network([512, 256, 64], [random(512 * 256, 11), random(256 * 64, 12)]);
    const small = compressModel(model, precision);
    const head = (bytes: Uint8Array) => {
      const { graph, metadataProps } = onnx.ModelProto.toObject(decodeModel(bytes));
      return [graph!.input, graph!.output, metadataProps];
    };
    expect(head(small)).toEqual(head(model));
    expect(small.length / model.length).toBeLessThan(ratio);
  });

  test('a convolution whose filter is transposed, and a table that is looked up, are restored channel by channel', async () => {
    const graph = new GraphBuilder('mixed');
    const [filter, table] = [random(3 * 3 * 4 * 8, 13), random(40 * 8, 14)];
    // Channels of very different size: one scale for all would lose the small ones.
    filter.forEach((value, i) => (filter[i] = value * 10 ** (-(i % 8) / 2)));
    graph.input('x', 'float32', ['batch', 4, 5, 5]);
    graph.input('id', 'int64', ['batch']);
    const turned = graph.call('Transpose', [graph.initializer('filter', 'float32', [3, 3, 4, 8], filter)], {
      perm: [3, 2, 0, 1],
    });
    const image = graph.call('Conv', ['x', turned], { kernel_shape: [3, 3] });
    const pixel = graph.call('ReduceMean', [image, graph.int64s([2, 3])], { keepdims: 0 });
    const row = graph.call('Gather', [graph.initializer('table', 'float32', [40, 8], table), 'id']);
    graph.node('Add', [pixel, row], {}, { outputs: ['y'] });
    graph.output('y', 'float32', ['batch', 8]);
    const model = encodeModel(graph);
    const small = compressModel(model, precision);
    const names = decodeModel(small).graph!.initializer!.map(({ name }) => name);
    expect(names.filter((name) => name === 'filter' || name === 'table')).toEqual([]);
    const x = random(2 * 100, 15);
    const feeds = {
      x: { type: 'float32' as const, dims: [2, 4, 5, 5], data: x },
      id: { type: 'int64' as const, dims: [2], data: BigInt64Array.of(39n, 7n) },
    };
    const [before, after] = await Promise.all(
      [model, small].map(async (bytes) => {
        const session = await OrtSession.create(bytes);
        const { y } = await session.run(feeds);
        await session.release();
        return y.data as Float32Array;
      }),
    );
    const tablePeak = (r: number) => peakOf(table.subarray([39, 7][r] * 8, [39, 7][r] * 8 + 8));
    before.forEach((value, i) => {
      const [r, c] = [Math.floor(i / 8), i % 8];
      const channel = peakOf(filter.filter((_, k) => k % 8 === c));
      // 36 taps of images whose numbers are below 4.
      const bound =
        precision === 'int8' ? (36 * 4 * channel + tablePeak(r)) / 254 : (36 * 4 * channel + tablePeak(r)) / 2048;
      expect(Math.abs(after[i] - value)).toBeLessThan(bound);
    });
  });
});

test('a model without weights of some size comes back as it is', () => {
  const model = network([4, 2], [random(8, 16)]);
  expect(compressModel(model, 'int8')).toBe(model);
});
