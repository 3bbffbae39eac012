/** Recommender and graph network: what they compute, against plain arithmetic, and problems that only they can solve. */
import * as tf from '@tensorflow/tfjs-core';
import { fillParameters, findGradientFamily } from '../../src/engine/families/registry';
import type { Matrix } from '../../src/engine/learning/fit';
import { fit } from '../../src/engine/learning/create-fit';
import { train as trainTable } from '../../src/engine/run';
import { openModel } from '../../src/engine/serving/serving';
import { EngineError, type Task } from '../../src/engine/types';
import { float, onReference, randomSource } from './support/recorded';
import { listen } from './support/training';

const outputsOf = (task: Task) => (task === 'regression' ? 1 : 2);

function programOf(family: string, parameters: Record<string, unknown>, task: Task, width: number) {
  return findGradientFamily(family).program(fillParameters(family, parameters, 100), {
    task,
    width,
    outputs: outputsOf(task),
  });
}

type Chosen = { family: string; parameters: Record<string, unknown>; task: Task };

async function predictions(chosen: Chosen, train: Matrix, x: Matrix) {
  const request = { ...chosen, outputs: outputsOf(chosen.task), train, validation: x, seed: 1, resume: null };
  const model = await fit(request, listen());
  const output = await model.predict(x.x, x.rows);
  await model.release();
  return output;
}

describe('recommender', () => {
  test('the score is the product of the factors plus the biases; an unknown id is the mean of all', () => {
    const program = programOf('recommender', { users: 4, items: 3, factors: 2 }, 'binary', 2);
    const tensors = Object.fromEntries(program.parameters.map(({ name, shape }) => [name, float(...shape)]));
    const x = { shape: [3, 2], dtype: 'float32' as const, values: Float32Array.of(3, 1, 0, 2, 9, NaN) };
    const [{ values }] = onReference({ ...tensors, x }, (t) => program.forward(t, t.x, null));
    const pairs = [
      [3, 1],
      [0, 2],
      [-1, -1],
    ];
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b) / values.length;
    /** Column `k` of a table of so many, in one row or over all. */
    const of = ({ values }: { values: ArrayLike<number> }, row: number, k = 0, width = 1) =>
      row < 0 ? mean(Array.from(values).filter((_, i) => i % width === k)) : values[row * width + k];
    const { user_factors: p, item_factors: q, user_bias: a, item_bias: b, bias } = tensors;
    const expected = pairs.flatMap(([u, i]) => [
      0,
      of(p, u, 0, 2) * of(q, i, 0, 2) + of(p, u, 1, 2) * of(q, i, 1, 2) + of(a, u) + of(b, i) + bias.values[0],
    ]);
    expect(values).toEqual(expected.map((v) => expect.closeTo(v, 5)));
  });

  test.each(['factorization', 'towers'])('%s fills in the pairs left out of a rank-two table', async (model) => {
    const random = randomSource(4);
    const [users, items] = [40, 30];
    const [p, q] = [users, items].map((n) => Array.from({ length: 2 * n }, () => random() * 1.5));
    const cells = Array.from({ length: users * items }, (_, i) => [Math.floor(i / items), i % items, random()]);
    const part = (held: boolean): Matrix => {
      const chosen = cells.filter(([, , r]) => r > 0.6 === held);
      const y = Float32Array.from(chosen, ([u, i]) => p[2 * u] * q[2 * i] + p[2 * u + 1] * q[2 * i + 1]);
      return {
        rows: chosen.length,
        width: 2,
        x: Float32Array.from(chosen.flatMap(([u, i]) => [u, i])),
        y,
        weight: null,
      };
    };
    const [train, held] = [part(false), part(true)];
    const parameters = { model, users, items, factors: 4, hidden: 32, epochs: 60, batchSize: 32 };
    const output = await predictions({ family: 'recommender', parameters, task: 'regression' }, train, held);
    const squares = (of: (i: number) => number) => held.y.reduce((sum, y, i) => sum + (y - of(i)) ** 2, 0);
    expect(squares((i) => output[i]) / squares(() => 0)).toBeLessThan(0.15);
  });

  test('too few columns are refused', () => {
    const build = () => programOf('recommender', { model: 'towers', userFeatures: 3 }, 'regression', 4);
    expect(build).toThrow(EngineError);
    expect(build).toThrow('at least 5 columns');
  });
});

describe('graph network', () => {
  test('one layer is the textbook formula with a dense adjacency matrix', () => {
    const edges = [
      [0, 1],
      [1, 2],
      [1, 0],
      [3, 3],
    ];
    const program = programOf('gcn', { edges, nodes: 5, units: 3, layers: 1 }, 'multiclass', 2);
    const tensors = Object.fromEntries(program.parameters.map(({ name, shape }) => [name, float(...shape)]));
    const x = { shape: [5, 2], dtype: 'float32' as const, values: Float32Array.of(0, 1, 1, 2, 2, 3, 3, 4, 4, 5) };
    const [actual] = onReference({ ...tensors, x }, (t) => program.forward(t, t.x, null));
    const linked = [
      [1, 1, 0, 0, 0],
      [1, 1, 1, 0, 0],
      [0, 1, 1, 0, 0],
      [0, 0, 0, 1, 0],
      [0, 0, 0, 0, 1],
    ];
    const degree = linked.map((row) => row.reduce((a, b) => a + b));
    const dense = linked.map((row, i) => row.map((v, j) => v / Math.sqrt(degree[i] * degree[j])));
    const [expected] = onReference(tensors, (t) => {
      const spread = tf.matMul(tf.tensor2d(dense), t.nodes as tf.Tensor2D);
      const hidden = tf.relu(tf.add(tf.matMul(spread, t.kernel_0 as tf.Tensor2D), t.bias_0));
      const input = tf.concat([hidden, tf.tensor2d([1, 2, 3, 4, 5], [5, 1])], 1);
      return tf.add(tf.matMul(input as tf.Tensor2D, t.kernel_head as tf.Tensor2D), t.bias_head);
    });
    expect(actual.values).toEqual(expected.values.map((v) => expect.closeTo(v, 5)));
  });

  test('two communities are told apart from the labels of a tenth of their nodes', async () => {
    const random = randomSource(9);
    const nodes = 80;
    const edges: [number, number][] = [];
    for (let a = 0; a < nodes; a++) {
      for (let b = 0; b < a; b++) if ((random() + 1) / 2 < (a % 2 === b % 2 ? 0.2 : 0.01)) edges.push([a, b]);
    }
    const matrix = (ids: number[]): Matrix => ({
      rows: ids.length,
      width: 1,
      x: Float32Array.from(ids),
      y: Float32Array.from(ids, (id) => id % 2),
      weight: null,
    });
    const all = Array.from({ length: nodes }, (_, i) => i);
    const [known, rest] = [all.slice(0, 8), all.slice(8)];
    const parameters = { edges, nodes, epochs: 200, patience: 0, l2: 0.001 };
    const output = await predictions({ family: 'gcn', parameters, task: 'binary' }, matrix(known), matrix(rest));
    const right = rest.filter((id, i) => output[2 * i + (id % 2)] > 0.5);
    expect(right.length / rest.length).toBeGreaterThan(0.9);
  });

  test('an edge to a node that is not there is refused', () => {
    const build = () => programOf('gcn', { edges: [[0, 7]], nodes: 5 }, 'binary', 1);
    expect(build).toThrow(expect.objectContaining({ path: 'estimator.parameters.edges' }));
  });
});

test.each(['recommender', 'gcn', 'transformer'])(
  '%s: ids pass from the table to the served file as they are',
  async (family) => {
    const random = randomSource(5);
    const rowCount = 600;
    const ids = () => Float64Array.from({ length: rowCount }, () => Math.floor((random() + 1) * 4));
    const [a, b] = [ids(), ids()];
    // Which of eight levels goes with which is arbitrary, so no scaled number would tell.
    const [u, v] = [
      [1, -1, -1, 1, -1, 1, 1, -1],
      [-1, 1, 1, -1, -1, 1, -1, 1],
    ];
    const yes = (i: number) => (family === 'recommender' ? u[a[i]] * v[b[i]] : u[a[i]]) > 0;
    const columns = [
      { name: 'a', kind: 'number' as const, values: a },
      { name: 'b', kind: 'number' as const, values: b },
      {
        name: 'y',
        kind: 'category' as const,
        codes: Int32Array.from(a, (_, i) => Number(yes(i))),
        levels: ['no', 'yes'],
      },
    ];
    const parameters = {
      recommender: { users: 8, items: 8, factors: 4, epochs: 60 },
      gcn: { nodes: 8, epochs: 60 },
      transformer: {
        input: 'tokens',
        vocabulary: 8,
        padding: null,
        width: 8,
        heads: 2,
        feed: 16,
        layers: 1,
        epochs: 40,
      },
    }[family]!;
    const result = await trainTable(
      {
        table: { rowCount, columns },
        target: 'y',
        task: null,
        drop: [],
        split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
        preprocess: {
          impute: 'median',
          missingIndicator: true,
          scale: 'standard',
          rareFraction: 0.01,
          levelsMax: 50,
        },
        estimator: { family, parameters },
        seed: 2,
        resume: null,
      },
      { emit: () => {}, checkpoint: () => {}, control: () => 'continue' },
    );
    expect(result.evaluation.metrics.find(({ name }) => name === 'accuracy')!.value).toBeGreaterThan(0.95);
    const served = await openModel(result.model);
    const rows = [0, 1, 2, 3, 4, 5];
    const picked = [a, b].map((values) => Float32Array.from(rows, (i) => values[i]));
    const { prediction } = await served.predict({ rowCount: rows.length, columns: picked });
    await served.release();
    expect(prediction).toEqual(rows.map((i) => (yes(i) ? 'yes' : 'no')));
  },
);
