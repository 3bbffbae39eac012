/** Losses of boosting against what calculus says of them, by differences of numbers. */
import {
  lossOf,
  type BoostingLossName,
  type Derivatives,
  type Targets,
} from '../../../src/engine/trees/boosting/losses';
import { Random } from '../../../src/engine/random';
import { fitTrees, uniform } from './boosting.fixture';

const SETTINGS = { delta: 0.7, quantile: 0.3, power: 1.3 };
const ROWS = 40;
const STEP = 1e-4;

const ofNumber = (random: Random): number => 4 * uniform(random) - 2;
const ofCount = (random: Random): number => random.below(4);
/** What targets a loss takes, and whether its Hessian is that of calculus, or a bound that a step keeps to. */
const CASES: Record<
  Exclude<BoostingLossName, 'lambdarank'>,
  { outputs: number; target(random: Random): number; exact: boolean }
> = {
  squared: { outputs: 2, target: ofNumber, exact: true },
  absolute: { outputs: 1, target: ofNumber, exact: false },
  huber: { outputs: 2, target: ofNumber, exact: false },
  quantile: { outputs: 1, target: ofNumber, exact: false },
  poisson: { outputs: 2, target: ofCount, exact: false },
  tweedie: { outputs: 1, target: ofCount, exact: true },
  logistic: { outputs: 2, target: (random) => random.below(2), exact: true },
  softmax: { outputs: 3, target: (random) => random.below(3), exact: false },
};

describe.each(Object.keys(CASES) as (keyof typeof CASES)[])('the loss %s', (name) => {
  const { outputs, target, exact } = CASES[name];
  const loss = lossOf({ name, settings: SETTINGS });
  const random = new Random(7);
  const count = name === 'softmax' ? 1 : outputs;
  const targets: Targets = {
    ...{ rows: ROWS, count },
    y: Float32Array.from({ length: ROWS * count }, () => target(random)),
    weight: Float32Array.from({ length: ROWS * count }, () => random.below(4)),
  };
  const scores = Float64Array.from({ length: ROWS * outputs }, () => 2 * uniform(random) - 1);
  const lossOfRow = (row: number, at: number, change: number): number => {
    const moved = scores.slice();
    moved[at] += change;
    return loss.total({ targets, scores: moved, outputs }, { from: row, to: row + 1 })[0];
  };
  const derived = (output: number): Derivatives => {
    const into = { gradients: new Float64Array(ROWS), hessians: new Float64Array(ROWS) };
    loss.derive({ targets, scores, outputs }, output, into, { from: 0, to: ROWS });
    return into;
  };

  test('has the gradient of its value, times the weight of the row', () => {
    for (let output = 0; output < outputs; output++) {
      const { gradients } = derived(output);
      for (let row = 0; row < ROWS; row++) {
        const at = row * outputs + output;
        const slope = (lossOfRow(row, at, STEP) - lossOfRow(row, at, -STEP)) / (2 * STEP);
        expect(gradients[row]).toBeCloseTo(slope, 5);
      }
    }
  });

  test(exact ? 'has the Hessian of its value' : 'has a Hessian that is no smaller than that of its value', () => {
    for (let output = 0; output < outputs; output++) {
      const { hessians } = derived(output);
      for (let row = 0; row < ROWS; row++) {
        const at = row * outputs + output;
        const bend = lossOfRow(row, at, STEP) - 2 * lossOfRow(row, at, 0) + lossOfRow(row, at, -STEP);
        if (exact) expect(hessians[row]).toBeCloseTo(bend / STEP ** 2, 4);
        else expect(hessians[row]).toBeGreaterThan(bend / STEP ** 2 - 1e-4);
      }
    }
  });

  test('starts where one score for all rows loses least', () => {
    const start = loss.start(targets, outputs);
    const all = (values: number[]): number => {
      const same = Float64Array.from(scores, (_, i) => values[i % outputs]);
      return loss.total({ targets, scores: same, outputs }, { from: 0, to: ROWS })[0];
    };
    // The huber loss starts at the median, which is near enough.
    const slack = name === 'huber' ? 1 : 1e-9;
    for (let output = 0; output < outputs; output++)
      for (const change of [-0.05, 0.05]) {
        const moved = start.map((value, k) => (k === output ? value + change : value));
        expect(all(start)).toBeLessThanOrEqual(all(moved) + slack);
      }
  });
});

test.each(['poisson', 'tweedie'] as const)(
  'scores of the %s loss stay finite where a leaf is out of all proportion',
  (loss) => {
    const x = Float64Array.from({ length: 400 }, (_, i) => Number(i >= 375));
    const y = Float32Array.from(x, (value) => (value === 1 ? 3e7 : 0));
    const columns = [{ name: 'x', kind: 'number' as const, values: x }];
    const { scores } = fitTrees(columns, y, { loss, rules: { rounds: 300, learningRate: 0.1 } });
    const [few, many] = [scores(columns, 400)[0], scores(columns, 400)[399]];
    expect(Math.exp(many) / 3e7).toBeCloseTo(1, 0);
    expect(few).toBeLessThan(many - 5);
  },
);
