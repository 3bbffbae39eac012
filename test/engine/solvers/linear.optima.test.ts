/** The exact solvers against scikit-learn (fixtures/linear-optima.json says by which parameters). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fit } from '../../../src/engine/learning/create-fit';
import type { Matrix } from '../../../src/engine/learning/fit';
import type { Task } from '../../../src/engine/types';
import { listen } from '../support/training';

interface Optimum {
  name: string;
  target: 'y' | 'two' | 'three' | 'counts' | 'amounts';
  penalty: { l1: number; l2: number };
  objective: number;
  answers: number[];
}
type Fixture = { x: number[][]; optima: Optimum[] } & Record<Optimum['target'], number[]>;

const sklearn = JSON.parse(readFileSync(join(__dirname, '..', 'fixtures', 'linear-optima.json'), 'utf8')) as Fixture;
const rows = sklearn.x.length;
const width = sklearn.x[0].length;
const x = Float32Array.from(sklearn.x.flat());

interface Kind {
  family: string;
  task: Task;
  outputs: number;
  loss?: string;
  /** Scores of a row from its answers. */
  scores(answers: number[]): number[];
}

const same = (answers: number[]) => answers;
const logs = (answers: number[]) => answers.map(Math.log);
/** Those of the classes add up to 0, as the penalty has it. */
const centeredLogs = (answers: number[]) => {
  const mean = logs(answers).reduce((a, b) => a + b) / answers.length;
  return logs(answers).map((value) => value - mean);
};

const KINDS: Record<Optimum['target'], Kind> = {
  y: { family: 'linear', task: 'regression', outputs: 1, scores: same },
  two: { family: 'logistic', task: 'binary', outputs: 2, scores: centeredLogs },
  three: { family: 'logistic', task: 'multiclass', outputs: 3, scores: centeredLogs },
  counts: { family: 'linear', task: 'regression', outputs: 1, loss: 'poisson', scores: logs },
  amounts: { family: 'linear', task: 'regression', outputs: 1, loss: 'tweedie', scores: logs },
};

const none: Matrix = { rows: 0, width, x: new Float32Array(), y: new Float32Array(), weight: null };

describe.each(sklearn.optima.map((one) => [`${one.name} ${JSON.stringify(one.penalty)}`, one] as const))(
  '%s',
  (_, { target, penalty, objective, answers }) => {
    const { family, task, outputs, loss, scores } = KINDS[target];

    test('has the objective of scikit-learn, and its answers', async () => {
      const { l1, l2 } = penalty;
      const parameters = { solver: 'exact', l2, ...(family === 'linear' && { l1 }), ...(loss && { loss }) };
      const train = { rows, width, x, y: Float32Array.from(sklearn[target]), weight: null };
      const heard = listen();
      const request = { family, parameters, task, outputs, train, validation: none, seed: 1, resume: null };
      const model = await fit(request, heard);
      const output = await model.predict(x, rows);
      // The answers for a row of zeros and for each feature alone tell the weights.
      const probes = Float32Array.from({ length: (width + 1) * width }, (__, i) =>
        Number(Math.floor(i / width) - 1 === i % width),
      );
      const probed = [...(await model.predict(probes, width + 1))];
      await model.release();
      const rowScores = Array.from({ length: width + 1 }, (__, row) =>
        scores(probed.slice(row * outputs, (row + 1) * outputs)),
      );
      const weights = rowScores.slice(1).flatMap((row) => row.map((score, k) => score - rowScores[0][k]));
      const sum = (of: (weight: number) => number) => weights.reduce((total, weight) => total + of(weight), 0);
      const { value } = heard.all.findLast(({ split }) => split === 'train')!;
      const reached = value + l1 * sum(Math.abs) + (l2 / 2) * sum((weight) => weight ** 2);
      expect(Math.abs(reached - objective)).toBeLessThan(1e-6 * objective);
      expect(output.length).toBe(answers.length);
      answers.forEach((answer, i) => expect(Math.abs(output[i] - answer)).toBeLessThan(1e-4 * Math.max(1, answer)));
    });
  },
);
