/** Columns as features: scaled numbers with bins, one-hot texts. */
import { affordableBins, BINS_DEFAULT, fitPreprocess } from '../preprocess/fit';
import type { Reader } from './definition';

export const features: Reader = {
  name: 'features',
  inOrder: false,
  fit: (columns, rows, { options, rowCount }) => fitPreprocess(columns, rows, options, rowCount),
  widths: (columns, rowCount, options) => {
    const numbers = columns.filter(({ kind }) => kind === 'number').length;
    return columns.map(({ name, kind, distinct }) => {
      const { bins = BINS_DEFAULT, levelsMax, missingIndicator } = { ...options, ...options.of?.get(name) };
      if (kind === 'category') return Math.min(distinct, levelsMax) + 2;
      return 1 + affordableBins(numbers, rowCount, bins) + Number(missingIndicator);
    });
  },
};
