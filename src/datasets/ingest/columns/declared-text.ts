import { ANY_TEXT, COLUMN_TYPES } from '../../../formats';
import type { TypedColumn } from './infer';
import { info, shown, type Finding } from '../finding';

/**
 * A column of which the file itself says that it holds texts stays one, whatever the texts look like: codes such as "1_0" or
 * "007" were written as texts on purpose.
 */
export const asText = ({ index, name }: TypedColumn): TypedColumn => ({
  index,
  name,
  type: ANY_TEXT,
  expression: `c${index}`,
  format: null,
});

export const textKept = ({ name, type }: TypedColumn): Finding =>
  info('TEXT_KEPT', {
    column: name,
    message: `${shown(name)}: the values look like ${COLUMN_TYPES[type].plural}, but the file says that they are text, so the column is text.`,
    fix: 'If they are quantities, write them as numbers (in JSON without quotes), or say the type of the column on upload.',
  });
