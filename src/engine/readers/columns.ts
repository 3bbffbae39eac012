/** Columns as they are, for learners that read them so. */
import { fitPlain } from '../preprocess/plain/plain';
import { plainColumns } from '../preprocess/plain/plain.rows';
import type { Reader } from './definition';

export const columns: Reader = {
  name: 'columns',
  inOrder: false,
  fit: (columns, rows, { options }) => fitPlain(columns, rows, options),
  columns: (features, { plain }) => plainColumns(features, plain!),
  // Of a number; a text takes less.
  featureBytes: 8,
  widths: (columns) => columns.map(() => 1),
};
