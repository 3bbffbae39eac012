import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkParameters,
  familiesFor,
  familyInfos,
  fillParameters,
  searchSpaceOf,
} from '../../src/engine/families/registry';
import type { Matrix } from '../../src/engine/learning/fit';
import { fit } from '../../src/engine/learning/create-fit';
import { EngineError, type Task } from '../../src/engine/types';
import { randomSource } from './support/recorded';
import { listen } from './support/training';

const none = (width: number): Matrix => ({
  rows: 0,
  width,
  x: new Float32Array(),
  y: new Float32Array(),
  weight: null,
});
const converge = { epochs: 400, batchSize: 256, learningRate: 0.05, schedule: 'cosine', patience: 0 };

/** Solves a x = b by Gaussian elimination with pivoting. */
function solve(a: number[][], b: number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]]);
  const n = b.length;
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(rows[best][c]) ? i + c : best), c);
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r][c] / rows[c][c];
      for (let k = c; k <= n; k++) rows[r][k] -= factor * rows[c][k];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

describe('optima', () => {
  test.each([0, 0.3])('linear regression finds the ridge solution of the normal equations, l2 %f', async (l2) => {
    const random = randomSource(3);
    const [rows, width] = [200, 4];
    const x = Float32Array.from({ length: rows * width }, () => random() * 1.7);
    const y = Float32Array.from(
      { length: rows },
      (_, i) => 0.5 + x[i * width] - 0.7 * x[i * width + 2] + random() * 0.3,
    );
    // Columns of x and a one for the bias; the gradient of mean squared error + l2/2 |w|² is zero.
    const at = (i: number, j: number) => (j < width ? x[i * width + j] : 1);
    const normal = Array.from({ length: width + 1 }, (_, j) =>
      Array.from({ length: width + 1 }, (_, k) => {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += (2 / rows) * at(i, j) * at(i, k);
        return sum + (j === k && j < width ? l2 : 0);
      }),
    );
    const right = Array.from({ length: width + 1 }, (_, j) =>
      y.reduce((sum, v, i) => sum + (2 / rows) * v * at(i, j), 0),
    );
    const weights = solve(normal, right);

    const train = { rows, width, x, y, weight: null };
    const request = { family: 'linear', parameters: { ...converge, l2 }, task: 'regression' as const, outputs: 1 };
    const model = await fit({ ...request, train, validation: none(width), seed: 1, resume: null }, listen());
    const output = await model.predict(x, rows);
    await model.release();
    output.forEach((value, i) => {
      const expected = weights.reduce((sum, w, j) => sum + w * at(i, j), 0);
      expect(Math.abs(value - expected)).toBeLessThan(1e-3);
    });
  });

  test.each(['binary', 'multiclass'] as const)(
    'logistic regression finds the optimum of scikit-learn, %s',
    async (task) => {
      const file = join(__dirname, 'fixtures', 'logistic-optimum.json');
      const fixture = JSON.parse(readFileSync(file, 'utf8'));
      const { y, l2, probabilities } = fixture[task] as { y: number[]; l2: number; probabilities: number[][] };
      const rows = y.length;
      const width = fixture.x[0].length;
      const train = { rows, width, x: Float32Array.from(fixture.x.flat()), y: Float32Array.from(y), weight: null };
      const request = { family: 'logistic', parameters: { ...converge, l2 }, task, outputs: probabilities[0].length };
      const model = await fit({ ...request, train, validation: none(width), seed: 1, resume: null }, listen());
      const output = await model.predict(train.x, rows);
      await model.release();
      probabilities.flat().forEach((p, i) => expect(Math.abs(output[i] - p)).toBeLessThan(1e-3));
    },
  );

  test('a row of weight three counts as three rows', async () => {
    const random = randomSource(21);
    const [rows, width] = [120, 3];
    const x = Float32Array.from({ length: rows * width }, () => random() * 1.7);
    const y = Float32Array.from({ length: rows }, (_, i) => Number(x[i * width] + random() * 2 > 0));
    const copies = Array.from({ length: rows }, (_, i) => (y[i] === 1 ? [i, i, i] : [i])).flat();
    const repeated: Matrix = {
      rows: copies.length,
      width,
      x: Float32Array.from(copies.flatMap((i) => Array.from(x.subarray(i * width, (i + 1) * width)))),
      y: Float32Array.from(copies, (i) => y[i]),
      weight: null,
    };
    const outputOf = async (train: Matrix) => {
      const parameters = { ...converge, batchSize: 512, l2: 0 };
      const request = { family: 'logistic', parameters, task: 'binary' as const, outputs: 2, train };
      const model = await fit({ ...request, validation: none(width), seed: 1, resume: null }, listen());
      const output = await model.predict(x, rows);
      await model.release();
      return output;
    };
    const weighted = await outputOf({ rows, width, x, y, weight: y.map((label) => (label === 1 ? 3 : 1)) });
    const expected = await outputOf(repeated);
    const plain = await outputOf({ rows, width, x, y, weight: null });
    weighted.forEach((p, i) => expect(Math.abs(p - expected[i])).toBeLessThan(1e-3));
    expect(Math.max(...plain.map((p, i) => Math.abs(p - expected[i])))).toBeGreaterThan(0.1);
  });

  test('a network learns what a linear model cannot: exclusive or', async () => {
    const random = randomSource(8);
    const rows = 400;
    const x = Float32Array.from({ length: rows * 2 }, () => random());
    const y = Float32Array.from({ length: rows }, (_, i) => Number(x[2 * i] * x[2 * i + 1] > 0));
    const matrix = { rows, width: 2, x, y, weight: null };
    const accuracy = async (family: string) => {
      const request = {
        family,
        parameters: {},
        task: 'binary' as const,
        outputs: 2,
        train: matrix,
        validation: matrix,
      };
      const model = await fit({ ...request, seed: 1, resume: null }, listen());
      const output = await model.predict(x, rows);
      await model.release();
      return y.reduce((sum, label, i) => sum + Number(output[2 * i + label] > 0.5), 0) / rows;
    };
    expect(await accuracy('mlp')).toBeGreaterThan(0.97);
    expect(await accuracy('logistic')).toBeLessThan(0.7);
  });
});

describe('registry', () => {
  test('loads no native library', () => {
    const code =
      "require('./src/engine/families/registry'); " +
      "process.stdout.write(String(Object.keys(require.cache).filter((f) => f.endsWith('.node') || f.includes('onnxruntime')).length))";
    // SWC is itself native, and is what compiles the sources here.
    const out = execFileSync(
      process.execPath,
      ['-r', './register.cjs', '-e', code.replace("'.node')", "'binding.node')")],
      {
        cwd: join(__dirname, '..', '..'),
      },
    );
    expect(String(out)).toBe('0');
  });

  test('parameters are described by a JSON Schema with bounds and defaults', () => {
    const schema = familyInfos.find(({ name }) => name === 'mlp')!.parameterSchema as {
      properties: Record<string, Record<string, unknown>>;
      additionalProperties: boolean;
    };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.dropout).toMatchObject({ type: 'number', minimum: 0, maximum: 0.9, default: 0 });
    for (const [name, field] of Object.entries(schema.properties)) {
      expect([name, 'default' in field, typeof field.description]).toEqual([name, true, 'string']);
    }
  });

  test('every family passes its own defaults and the corners of its search space', () => {
    for (const { name, tasks } of familyInfos) {
      const needed = name === 'pretrained' ? { model: 'id' } : {};
      expect(checkParameters(name, needed, tasks[0])).toEqual([]);
      for (const [key, range] of Object.entries(searchSpaceOf(name))) {
        const corners = range.kind === 'choice' ? range.values : [range.minimum, range.maximum];
        for (const value of corners) expect(checkParameters(name, { ...needed, [key]: value }, tasks[0])).toEqual([]);
      }
    }
    const names = (task: Task) => familiesFor(task).map(({ name }) => name);
    expect(names('regression').slice(0, 3)).toEqual(['linear', 'svm', 'mlp']);
    expect(names('multiclass').slice(0, 3)).toEqual(['logistic', 'svm', 'mlp']);
  });

  test.each([
    ['bush', {}, 'binary', 'family', 'There is no model family "bush".', 'linear, logistic, svm, mlp'],
    ['linear', {}, 'binary', 'family', 'cannot do binary', 'logistic, svm, mlp'],
    ['mlp', { dropout: 2 }, 'binary', 'parameters.dropout', '<=0.9', 'left out at random'],
    ['mlp', { hidden: [0] }, 'binary', 'parameters.hidden.0', '>=1', 'Units of each hidden layer'],
    [
      'mlp',
      { loss: 'hinge' },
      'regression',
      'parameters.loss',
      'hinge is not a loss for',
      'mse, mae, huber, quantile;',
    ],
    ['mlp', { learningRate: 'fast' }, null, 'parameters.learningRate', 'number', 'Size of a step'],
    ['mlp', { learningrate: 1 }, null, 'parameters', 'learningrate', 'learningRate'],
  ] as const)('%s %j for %s is refused at %s', (...args) => {
    const [family, parameters, task, path, message, hint] = args;
    const [issue, ...others] = checkParameters(family, parameters, task);
    expect(others).toEqual([]);
    expect(issue.path).toBe(path);
    expect(issue.message).toContain(message);
    expect(issue.hint).toContain(hint);
  });

  test('what null leaves open is decided from the rows, and what is given is kept', () => {
    expect(fillParameters('mlp', {}, 600)).toMatchObject({ batchSize: 16, epochs: 300, patience: 50 });
    expect(fillParameters('mlp', {}, 1_000_000)).toMatchObject({ batchSize: 512, epochs: 20, patience: 8 });
    expect(fillParameters('mlp', { epochs: 7, patience: 0, batchSize: 3 }, 600)).toMatchObject({
      batchSize: 3,
      epochs: 7,
      patience: 0,
    });
    expect(() => fillParameters('mlp', { epochs: 0 }, 600)).toThrow(EngineError);
  });
});
