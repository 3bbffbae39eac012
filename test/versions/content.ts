/** What a stored installation holds: small tables of every kind of column, and a pipeline of every shape. */
import type { Questions } from './observed';

type Cell = string | number | null;
export type Rows = Record<string, Cell>[];
interface Step {
  id: string;
  kind: string;
  parameters: Record<string, unknown>;
}

export interface Training {
  /** Name of the pipeline, the run and the deployment. */
  name: string;
  dataset: string;
  steps: Step[];
  edges?: { from: string; to: string }[];
  precision?: 'FLOAT16' | 'INT8';
}

/** Numbers from 0 up to 1 that are the same on every machine. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const draw = (count: number, seed: number, row: (random: () => number, i: number) => Rows[number]): Rows => {
  const random = randomSource(seed);
  return Array.from({ length: count }, (_, i) => row(random, i));
};
const pick = (random: () => number, values: string[]): string => values[Math.floor(random() * values.length)];
const day = (i: number) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);

const machines = draw(160, 11, (random, i) => {
  const [speed, torque, grade] = [1200 + 600 * random(), 20 + 40 * random(), pick(random, ['L', 'M', 'H'])];
  const risk = (speed - 1500) / 300 + (torque - 40) / 15 + (grade === 'L' ? 0.5 : 0);
  return {
    ...{ speed: +speed.toFixed(1), torque: i % 17 === 3 ? null : +torque.toFixed(2), grade },
    ...{ measured: `${day(i % 90)}T0${i % 10}:30:00Z`, remark: `seen by ${pick(random, ['Ann', 'Bo'])} on round ${i}` },
    ...{ part: i % 5 === 4 ? 'test' : 'train', failure: risk + random() > 0.6 ? 'yes' : 'no' },
  };
});

const houses = draw(140, 23, (random, i) => {
  const [area, rooms, district] = [
    40 + 160 * random(),
    1 + Math.floor(6 * random()),
    pick(random, ['N', 'O', 'S', 'W']),
  ];
  const price = 2000 * area + 9000 * rooms + (district === 'S' ? 40000 : 0) + 10000 * random();
  return {
    ...{
      area: +area.toFixed(1),
      rooms,
      district,
      built: day(37 * (i % 40)),
      yard: i % 9 === 0 ? null : +(30 * random()).toFixed(1),
    },
    ...{ price: Math.round(price), rent: Math.round(price / 240) },
  };
});

const ratings = draw(240, 31, (random) => {
  const [user, item] = [Math.floor(12 * random()), Math.floor(10 * random())];
  return { user: `u${user}`, item: `i${item}`, stars: +(1 + ((user * item) % 5) + random() / 2).toFixed(1) };
});

const signals = draw(150, 43, (random, i) => {
  const rising = i % 2 === 0;
  const steps = Array.from({ length: 6 }, (_, t) => [`s${t}`, +((rising ? t : 5 - t) / 3 + random()).toFixed(2)]);
  const parts = Array.from({ length: 6 }, (_, t) => [`y${t}`, t < 3 === rising ? 'low' : 'high']);
  return { ...Object.fromEntries([...steps, ...parts]), shape: rising ? 'rising' : 'falling' };
});

const nodes = draw(90, 53, (random, i) => ({
  node: `n${i % 30}`,
  load: +random().toFixed(3),
  side: i % 30 < 15 ? 'left' : 'right',
}));

const orders = draw(120, 61, (random) => {
  const [weight, sweet] = [random(), random()];
  const kind = weight > 0.6 ? 'bread' : sweet > 0.5 ? 'cake' : 'roll';
  return { weight: +weight.toFixed(3), sweet: +sweet.toFixed(3), shop: pick(random, ['east', 'west']), kind };
});

/** By tenant. A file that is sent as Parquet has its dates as dates. */
export const TABLES: Record<string, Record<string, { rows: Rows; format: 'CSV' | 'PARQUET' | 'JSONL' }>> = {
  mill: {
    machines: { rows: machines, format: 'CSV' },
    houses: { rows: houses, format: 'PARQUET' },
    ratings: { rows: ratings, format: 'CSV' },
    signals: { rows: signals, format: 'CSV' },
    nodes: { rows: nodes, format: 'JSONL' },
  },
  bakery: { orders: { rows: orders, format: 'CSV' } },
};

const columns = (parameters: Record<string, unknown>): Step => ({ id: 'columns', kind: 'SELECT_COLUMNS', parameters });
const train = (family: string, parameters: Record<string, unknown>): Step => ({
  ...{ id: 'train', kind: 'TRAIN', parameters: { family, parameters: { epochs: 6, ...parameters } } },
});
const step = (kind: string, parameters: Record<string, unknown>): Step => ({
  id: kind.toLowerCase(),
  kind,
  parameters,
});
const STEPS_OF_SIGNALS = ['y0', 'y1', 'y2', 'y3', 'y4', 'y5'];

const allSteps = [
  columns({ target: 'failure', drop: ['remark', 'part'], task: 'binary', positiveClass: 'yes' }),
  step('SPLIT', { kind: 'random', testFraction: 0.25, stratify: true }),
  step('IMPUTE', { method: 'mean', missingIndicator: true }),
  step('SCALE', { method: 'robust' }),
  step('ENCODE', { rareFraction: 0.01, levelsMax: 10 }),
  train('logistic', {}),
];
const path = (ids: string[]) => ids.slice(1).map((to, i) => ({ from: ids[i], to }));

export const TRAININGS: Record<string, Training[]> = {
  mill: [
    { name: 'all-steps', dataset: 'machines', steps: allSteps, edges: path(allSteps.map(({ id }) => id)) },
    {
      ...{ name: 'column-split', dataset: 'machines', precision: 'INT8' },
      steps: [
        columns({ target: 'failure', drop: ['remark'] }),
        step('SPLIT', { kind: 'column', column: 'part' }),
        train('mlp', { hidden: [6] }),
      ],
    },
    {
      ...{ name: 'grades', dataset: 'machines' },
      steps: [columns({ target: 'grade', drop: ['remark', 'part'] }), train('svm', { features: 8 })],
    },
    {
      ...{ name: 'odd-machines', dataset: 'machines' },
      steps: [
        columns({ task: 'anomaly', drop: ['remark', 'part', 'failure'] }),
        step('SCALE', { method: 'minmax' }),
        train('autoencoder', { hidden: [6], code: 2 }),
      ],
    },
    {
      ...{ name: 'prices', dataset: 'houses' },
      steps: [columns({ target: 'price', drop: ['rent'] }), train('linear', {})],
    },
    {
      ...{ name: 'price-and-rent', dataset: 'houses', precision: 'FLOAT16' },
      steps: [
        columns({ targets: ['price', 'rent'] }),
        step('IMPUTE', { method: 'zero' }),
        train('mlp', { hidden: [40, 40] }),
      ],
    },
    {
      ...{ name: 'stars', dataset: 'ratings' },
      steps: [columns({ target: 'stars' }), train('recommender', { factors: 4 })],
    },
    {
      ...{ name: 'shapes', dataset: 'signals' },
      steps: [columns({ target: 'shape', drop: STEPS_OF_SIGNALS }), train('gru', { units: 4 })],
    },
    {
      ...{ name: 'steps', dataset: 'signals' },
      steps: [
        columns({ targets: STEPS_OF_SIGNALS, drop: ['shape'], task: 'sequence_labeling' }),
        train('lstm', { units: 4 }),
      ],
    },
    {
      ...{ name: 'attention', dataset: 'signals' },
      steps: [
        columns({ target: 'shape', drop: STEPS_OF_SIGNALS }),
        train('transformer', { width: 4, heads: 2, layers: 1, feed: 8 }),
      ],
    },
    {
      ...{ name: 'sides', dataset: 'nodes' },
      steps: [
        columns({ target: 'side' }),
        train('gcn', { units: 3, edges: Array.from({ length: 29 }, (_, i) => [`n${i}`, `n${i + 1}`]) }),
      ],
    },
  ],
  bakery: [
    { name: 'all-steps', dataset: 'orders', steps: [columns({ target: 'kind' }), train('mlp', { hidden: [4] })] },
  ],
};

/** Trains so long that it can be paused at a checkpoint, and as long again when it is resumed. */
export const PAUSED: Training = {
  ...{ name: 'paused', dataset: 'machines' },
  steps: [
    columns({ target: 'failure', drop: ['remark', 'part'] }),
    train('mlp', { hidden: [4], epochs: 800, patience: 0 }),
  ],
};

/** Fails in its worker: the column says no part of the rows. */
export const FAILED: Training = {
  ...{ name: 'failed', dataset: 'machines' },
  steps: [columns({ target: 'failure' }), step('SPLIT', { kind: 'column', column: 'remark' }), train('linear', {})],
};

/** Goes on from the weights of a Keras model. */
export const pretrainedTraining = (model: string): Training => ({
  ...{ name: 'pretrained', dataset: 'signals' },
  steps: [columns({ target: 'shape', drop: STEPS_OF_SIGNALS }), train('pretrained', { model })],
});

const first = (rows: Rows, without: string[]): Questions[string] =>
  rows.slice(0, 5).map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !without.includes(name))));
const odd = { speed: 99999, grade: 'unheard of', measured: null };

/** What deployments are asked: rows of the table without the targets, and one that training never saw. */
export const QUESTIONS: Record<string, Questions> = {
  mill: {
    'all-steps': [...first(machines, ['failure', 'remark', 'part']), odd],
    'column-split': [...first(machines, ['failure', 'remark', 'part']), odd],
    'odd-machines': [...first(machines, ['failure', 'remark', 'part']), odd],
    prices: first(houses, ['price', 'rent']),
    'price-and-rent': first(houses, ['price', 'rent']),
    stars: [...first(ratings, ['stars']), { user: 'nobody', item: 'i1' }],
    shapes: first(signals, ['shape', ...STEPS_OF_SIGNALS]),
    steps: first(signals, ['shape', ...STEPS_OF_SIGNALS]),
    attention: first(signals, ['shape', ...STEPS_OF_SIGNALS]),
    sides: first(nodes, ['side']),
    pretrained: first(signals, ['shape', ...STEPS_OF_SIGNALS]),
  },
  bakery: { 'all-steps': first(orders, ['kind']) },
};
