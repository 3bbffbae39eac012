/** What steps that read the history of an entity share. */
import { z } from 'zod';
import { columnName } from '../../columns/choice';

/** Of one step. */
export const HISTORY_COLUMNS_MAX = 1000;

export const unitFields = {
  key: columnName.describe('The column that names the entity: a machine, a customer. It is no feature.'),
  order: columnName.describe(
    'The column that says when a row was: times, dates or numbers. Rows of one time follow one another as in the file.',
  ),
};

/** The columns that a step reads. */
export const historyColumns = z.array(columnName).min(1).max(HISTORY_COLUMNS_MAX);
