import type { ColumnType, TypedColumn } from './infer';
import { info, shown, type Finding } from './finding';

/** What a type is called behind "look like". */
const LOOKS: Record<ColumnType, string> = {
  INTEGER: 'numbers',
  NUMBER: 'numbers',
  BOOLEAN: 'booleans',
  TIMESTAMP: 'times',
  TEXT: 'text',
};

/**
 * A column of which the file itself says that it holds texts stays one, whatever the texts look like: codes such as "1_0" or
 * "007" were written as texts on purpose.
 */
export const asText = ({ index, name }: TypedColumn): TypedColumn => ({
  index,
  name,
  type: 'TEXT',
  expression: `c${index}`,
  format: null,
});

export const textKept = ({ name, type }: TypedColumn): Finding =>
  info('TEXT_KEPT', {
    column: name,
    message: `${shown(name)}: the values look like ${LOOKS[type]}, but the file says that they are text, so the column is text.`,
    fix: 'If they are quantities, write them as numbers (in JSON without quotes), or say the type of the column on upload.',
  });
