/** One small training over a table for every family, with weights large enough that each precision stores them. */
import type { NumberColumn, Task, TrainRequest } from '../../../src/engine/types';
import { DEFAULTS, draw, uniform } from '../tables';

interface Wanted {
  family: string;
  parameters: Record<string, unknown>;
  task: Task;
  /** Columns of the table: features, the steps of a series, the pixels of an image, or ids. */
  columns: number;
  ids?: number;
  scale?: 'standard' | 'none';
}

const ROWS = 160;
/** Rings with a chord, so that neighbourhoods differ. */
const EDGES = Array.from({ length: 40 }, (_, i) => [i, (i * 7 + 1) % 40]);

const WANTED: Wanted[] = [
  { family: 'linear', parameters: {}, task: 'regression', columns: 40 },
  { family: 'logistic', parameters: {}, task: 'multiclass', columns: 40 },
  { family: 'svm', parameters: { features: 128 }, task: 'binary', columns: 6 },
  { family: 'mlp', parameters: { hidden: [64, 32] }, task: 'multiclass', columns: 12 },
  { family: 'cnn1d', parameters: { filters: [8, 16] }, task: 'binary', columns: 24 },
  { family: 'cnn2d', parameters: { filters: [8, 16], shape: [8, 8, 1] }, task: 'multiclass', columns: 64 },
  { family: 'network', parameters: {}, task: 'regression', columns: 10 },
  { family: 'rnn', parameters: { units: 32 }, task: 'regression', columns: 12 },
  { family: 'lstm', parameters: { units: 32, bidirectional: true }, task: 'binary', columns: 12 },
  { family: 'gru', parameters: { units: 32, layers: 2 }, task: 'multiclass', columns: 12 },
  { family: 'transformer', parameters: { width: 32, feed: 64 }, task: 'binary', columns: 8 },
  { family: 'recommender', parameters: { users: 40, items: 40 }, task: 'regression', columns: 2, ids: 40 },
  { family: 'autoencoder', parameters: {}, task: 'anomaly', columns: 16 },
  { family: 'gcn', parameters: { edges: EDGES, nodes: 40 }, task: 'binary', columns: 1, ids: 40 },
];

export const FAMILY_REQUESTS: [string, TrainRequest][] = WANTED.map((wanted, i) => [wanted.family, request(wanted, i)]);

function request({ family, parameters, task, columns, ids }: Wanted, seed: number): TrainRequest {
  const features = Array.from({ length: columns }, (_, c): NumberColumn => {
    const values = draw(ROWS, seed * 100 + c, (random) => (ids ? random.below(ids) : uniform(random) * 4 - 2));
    return { name: `c${c}`, kind: 'number', values: Float64Array.from(values) };
  });
  const sum = Float64Array.from({ length: ROWS }, (_, row) =>
    features.reduce((total, { values }, c) => total + values[row] * (c % 3 === 0 ? 1 : -0.5), 0),
  );
  return {
    table: { rowCount: ROWS, columns: task === 'anomaly' ? features : [...features, targetColumn(sum, task)] },
    target: task === 'anomaly' ? [] : 'y',
    task,
    drop: [],
    split: { kind: 'random', testFraction: 0.25, validationFraction: 0.2, stratify: true },
    preprocess: { ...DEFAULTS, scale: ids ? 'none' : 'standard', bins: 0 },
    estimator: { family, parameters: { ...parameters, epochs: 3 } },
    seed: seed + 1,
    resume: null,
  };
}

function targetColumn(values: Float64Array, task: Task): TrainRequest['table']['columns'][number] {
  if (task === 'regression') return { name: 'y', kind: 'number', values };
  const classes = task === 'binary' ? 2 : 3;
  const sorted = [...values].sort((a, b) => a - b);
  const levels = ['low', 'middle', 'high'].slice(0, classes);
  const codes = Int32Array.from(values, (v) => Math.floor((sorted.indexOf(v) * classes) / values.length));
  return { name: 'y', kind: 'category', codes, levels };
}
