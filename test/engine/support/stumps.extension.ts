/**
 * A family from outside the product, whose learner is no network: boosted decision stumps (AdaBoost: Freund & Schapire 1997), a
 * number compared with a threshold in each round. Probabilities as of Friedman, Hastie & Tibshirani 2000.
 */
import { z } from 'zod';
import type { FitPoint, Matrix } from '../../../src/engine/learning/fit';
import type { Learned, Learner, LearnRequest } from '../../../src/engine/learning/learner';
import type { Family } from '../../../src/engine/families/family';
import type { Engine } from '../../../src/engine/extensions';
import { inBlocks } from '../../../src/engine/learning/blocks';

interface StumpParameters {
  rounds: number;
}

/** Votes `vote` for the second class where the feature is below the threshold, and against it elsewhere. */
interface Stump {
  feature: number;
  threshold: number;
  vote: number;
}

interface State {
  round: number;
  /** One for each stump that was chosen; votes of the same one are added up. */
  stumps: Stump[];
  /** Of the training rows. */
  weights: number[];
  /** Sums of votes, by row. */
  sums: { train: number[]; validation: number[] };
}

/** Rounds between two reports. */
const ROUNDS_PER_REPORT = 500;
/** Of a point each, about. */
const POINTS = 50;
const TIE = 1e-12;

const signOf = (value: number) => (value > 0 ? 1 : -1);
const votesOf = ({ x, width, rows }: Matrix, { feature, threshold, vote }: Stump): number[] =>
  Array.from({ length: rows }, (_, row) => (x[row * width + feature] < threshold ? vote : -vote));

/** The stump of the smallest weighted error, the first of equals; its vote is 1 or -1. */
function bestStump({ x, y, rows, width }: Matrix, weights: number[], orders: number[][]): Stump & { error: number } {
  let best = { feature: 0, threshold: -Infinity, vote: 1, error: Infinity };
  for (let feature = 0; feature < width; feature++) {
    // Of a threshold below all rows: a vote of 1 below it says -1 everywhere.
    let error = weights.reduce((sum, weight, row) => sum + (y[row] > 0 ? weight : 0), 0);
    orders[feature].forEach((row, i) => {
      error += y[row] > 0 ? -weights[row] : weights[row];
      const next = orders[feature][i + 1];
      if (i === rows - 1 || x[next * width + feature] === x[row * width + feature]) return;
      for (const [vote, weight] of [
        [1, error],
        [-1, 1 - error],
      ]) {
        if (weight < best.error - TIE) best = { feature, threshold: x[next * width + feature], vote, error: weight };
      }
    });
  }
  return best;
}

/** Bytes of a state are JSON: its numbers come back as they were. */
const encode = (state: State) => new TextEncoder().encode(JSON.stringify(state));
const decode = (bytes: Uint8Array): State => JSON.parse(new TextDecoder().decode(bytes));

async function wholeOf(rows: LearnRequest['train']): Promise<Matrix> {
  const blocks = inBlocks(rows);
  const loaded: Matrix[] = [];
  for (let group = 0; group < blocks.groups.length; group++) {
    for (const { x, y, rows: count, width } of await blocks.load(group)) {
      loaded.push({ x: x.slice(), y: y.slice(), rows: count, width, weight: null });
    }
  }
  const joined = (of: (block: Matrix) => Float32Array) => Float32Array.from(loaded.flatMap((block) => [...of(block)]));
  return { rows: rows.rows, width: rows.width, x: joined(({ x }) => x), y: joined(({ y }) => y), weight: null };
}

const learner = (stateVersion: number): Learner => ({
  stateVersion,
  fit: async (request, port) => {
    const [train, validation] = [await wholeOf(request.train), await wholeOf(request.validation)];
    const { rounds } = request.parameters as unknown as StumpParameters;
    const orders = Array.from({ length: train.width }, (_, feature) =>
      Array.from({ length: train.rows }, (_, row) => row).sort(
        (a, b) => train.x[a * train.width + feature] - train.x[b * train.width + feature],
      ),
    );
    const state: State = request.resume
      ? decode(request.resume)
      : {
          round: 0,
          stumps: [],
          weights: new Array<number>(train.rows).fill(1 / train.rows),
          sums: {
            train: new Array<number>(train.rows).fill(0),
            validation: new Array<number>(validation.rows).fill(0),
          },
        };
    const stride = Math.max(1, Math.round(rounds / POINTS));
    let points: FitPoint[] = [];
    while (state.round < rounds) {
      boost(state, { train, validation, orders });
      if (state.round % stride === 0 || state.round === rounds)
        points.push(...pointsOf(state, { train, validation, rounds }));
      if (state.round % ROUNDS_PER_REPORT !== 0 && state.round < rounds) continue;
      port.report({ points, state: () => encode(state), finished: state.round === rounds });
      points = [];
    }
    return modelOf(state.stumps);
  },
});

function boost(
  state: State,
  { train, validation, orders }: { train: Matrix; validation: Matrix; orders: number[][] },
): void {
  const { error, ...stump } = bestStump(train, state.weights, orders);
  const alpha = Math.log((1 - error) / Math.max(error, 1e-9)) / 2;
  const chosen = { ...stump, vote: stump.vote * alpha };
  const votes = votesOf(train, chosen);
  votes.forEach((vote, row) => (state.sums.train[row] += vote));
  votesOf(validation, chosen).forEach((vote, row) => (state.sums.validation[row] += vote));
  const next = state.weights.map((weight, row) => weight * Math.exp(-votes[row] * signOf(train.y[row])));
  const total = next.reduce((a, b) => a + b, 0);
  state.weights = next.map((weight) => weight / total);
  const known = state.stumps.find(
    ({ feature, threshold }) => feature === stump.feature && threshold === stump.threshold,
  );
  if (known) known.vote += chosen.vote;
  else state.stumps.push(chosen);
  state.round++;
}

function pointsOf(
  { round, sums }: State,
  { train, validation, rounds }: { train: Matrix; validation: Matrix; rounds: number },
): FitPoint[] {
  const errorOf = (votes: number[], { y, rows }: Matrix) =>
    votes.filter((sum, row) => signOf(sum) !== signOf(y[row])).length / Math.max(1, rows);
  return [
    { step: round, split: 'train', name: 'error', value: errorOf(sums.train, train) },
    {
      ...{ step: round, split: 'validation', name: 'error', value: errorOf(sums.validation, validation) },
      fraction: round / rounds,
    },
  ];
}

const modelOf = (stumps: Stump[]): Learned => ({
  parameterCount: 3 * stumps.length,
  append: (graph, features) => {
    const places = graph.int64s(stumps.map(({ feature }) => feature));
    const values = graph.call('Gather', [features, places], { axis: 1 });
    const below = graph.call('Less', [values, graph.floats(stumps.map(({ threshold }) => threshold))]);
    const votes = [1, -1].map((sign) => graph.floats(stumps.map(({ vote }) => sign * vote)));
    const sum = graph.call('ReduceSum', [graph.call('Where', [below, ...votes]), graph.int64s([1])], { keepdims: 1 });
    const yes = graph.call('Sigmoid', [graph.call('Mul', [sum, graph.floats(2)])]);
    return graph.call('Concat', [graph.call('Sub', [graph.floats(1), yes]), yes], { axis: 1 });
  },
});

export const stumps = (stateVersion = 1): Family => {
  const family: Family<StumpParameters> = {
    name: 'stumps',
    title: 'Boosted stumps',
    description: 'Comparisons of one number with a threshold, each trained on what those before it get wrong.',
    data: 'table',
    tasks: ['binary'],
    schema: z.strictObject({
      rounds: z.int().min(1).max(1_000_000).default(100).describe('Stumps, one after the other.'),
    }),
    searchSpace: { rounds: { kind: 'choice', values: [10, 100, 1000] } },
    learner: learner(stateVersion),
    cost: ({ rounds }, { rows, width }) => ({ operations: 4 * rounds * rows * width, bytes: 4 * rows * width }),
    advise: ({ rows }) => ({ rank: 10, reason: `Its ${rows} rows are quickly sorted.` }),
    candidates: () => [{ name: 'ten stumps', parameters: { rounds: 10 } }],
  };
  return family as unknown as Family;
};

export const register = ({ registerFamily }: Engine) => registerFamily(stumps());
