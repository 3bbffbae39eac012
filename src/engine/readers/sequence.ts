/** Columns in their order: ids, then steps of a sequence, samples of a signal or pixels, as the layout of the family says. */
import { fitSequence } from '../preprocess/sequence';
import type { Reader } from './definition';

export const sequence: Reader = {
  name: 'sequence',
  inOrder: true,
  fit: (columns, rows, { layout, options, ids }) => fitSequence(columns, rows, { layout: layout!, options, ids }),
  widths: (columns) => columns.map(() => 1),
};
