import type { CaseDefinition } from '../../src/cases/case-definition';

/** How the probability of default moves with a column, as a credit officer would state it. */
export const DIRECTIONS = {
  age_years: 'falls',
  income: 'falls',
  months_with_bank: 'falls',
  card_balance: 'rises',
} as const;

/** Of the Statlog set "German Credit": a bad customer taken for a good one costs five times as much as the other way round. */
export const ERROR_COSTS = { missed: 5, falseAlarm: 1 };

const columns = {
  target: 'default_within_12_months',
  drop: ['sex'],
  errorCosts: ERROR_COSTS,
  groups: ['sex', 'age_years'],
};

export const definition: CaseDefinition = {
  rowCount: 40_000,
  seed: 2011,
  pipeline: {
    steps: [
      { id: 'columns', kind: 'SELECT_COLUMNS', parameters: columns },
      { id: 'split', kind: 'SPLIT', parameters: { kind: 'random', testFraction: 0.2, stratify: true } },
      {
        id: 'train',
        kind: 'TRAIN',
        parameters: {
          family: 'boosting',
          parameters: { leaves: 2, rowsPerLeaf: 100, learningRate: 0.1, monotone: DIRECTIONS },
        },
      },
    ],
    edges: [
      { from: 'columns', to: 'split' },
      { from: 'split', to: 'train' },
    ],
  },
  expected: [
    { metric: 'rocAuc', expected: 0.655, tolerance: 0.032 },
    { metric: 'logLoss', expected: 0.326, tolerance: 0.015 },
    { metric: 'cost', expected: 0.5, tolerance: 0.045 },
    { metric: 'expectedToObserved', expected: 1, tolerance: 0.06 },
  ],
  comparisons: [
    {
      name: 'logistic',
      train: { family: 'logistic', parameters: {} },
      expected: [
        { metric: 'rocAuc', expected: 0.647, tolerance: 0.032 },
        { metric: 'logLoss', expected: 0.328, tolerance: 0.015 },
        { metric: 'cost', expected: 0.507, tolerance: 0.045 },
      ],
    },
    {
      name: 'deep-network',
      train: { family: 'mlp', parameters: { hidden: [32, 32, 32], l2: 0.003, epochs: 20, patience: 20 } },
      expected: [
        { metric: 'rocAuc', expected: 0.65, tolerance: 0.032 },
        { metric: 'logLoss', expected: 0.327, tolerance: 0.015 },
        { metric: 'cost', expected: 0.505, tolerance: 0.045 },
      ],
    },
  ],
  samples: [
    {
      age_years: 53,
      income: 50_000,
      employment: 'unknown',
      residence: 'tenant',
      months_at_address: 62,
      months_with_bank: 55,
      other_card: 'yes',
      card_balance: 1055.93,
    },
    {
      age_years: 26,
      income: 24_000,
      employment: 'unknown',
      residence: 'tenant',
      months_at_address: 14,
      months_with_bank: 5,
      other_card: 'no',
      card_balance: 2100,
    },
    {
      age_years: 38,
      income: null,
      employment: 'employed',
      residence: 'owner',
      months_at_address: 30,
      months_with_bank: 25,
      other_card: 'yes',
      card_balance: 420,
    },
  ],
  deployment: 'credit-scoring',
};
