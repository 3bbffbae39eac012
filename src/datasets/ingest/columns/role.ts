import { COLUMN_TYPES, type ColumnRole } from '../../../formats';
import { counted, info, shown, type Finding } from '../finding';
import type { ColumnSummary } from '../profile/profile';

const TARGET_NAME =
  /^(y|target|label|class|outcome|response|diagnosis|survived|churn(ed)?|default(ed)?|fraud|revenue|price|rul|subscribed)$|(failure|_label|_target|_class)$/i;
const IDENTIFIER_NAME = /(^|[_\s.-])(id|uid|udi|uuid|guid|key|index|no|nr|number|code)$|[a-z]I[Dd]$/i;
/** Fewer rows than this prove nothing about uniqueness. */
const ROWS_PROVING = 20;
const NAME_LENGTH_MAX = 64;

/** A guess at what a column is for; a person or a pipeline may say otherwise. */
export function guessRole(summary: ColumnSummary, rowCount: number, isLast: boolean): ColumnRole {
  if (summary.missingCount === rowCount) return 'EMPTY';
  if (summary.distinctCount === 1) return 'CONSTANT';
  if (isSplit(summary)) return 'SPLIT';
  if (isIdentifier(summary, rowCount)) return 'IDENTIFIER';
  if (COLUMN_TYPES[summary.type].isTime) return 'TIME';
  if (isFreeText(summary, rowCount)) return 'FREE_TEXT';
  return TARGET_NAME.test(summary.name) || isLast ? 'TARGET_CANDIDATE' : 'FEATURE';
}

export function identifierFinding(summary: ColumnSummary): Finding {
  return info('IDENTIFIER', {
    column: summary.name,
    count: summary.distinctCount,
    message: `${shown(summary.name)} has ${counted(summary.distinctCount, 'value')}, each once: it names the row.`,
    fix: 'Leave it out of training: a model would learn the rows by heart.',
  });
}

/** Whole numbers are names when they count the rows, or when they are called so; measurements may be all different too. */
function isIdentifier(summary: ColumnSummary, rowCount: number): boolean {
  const { distinctCount, numbers, text, type, name } = summary;
  if (rowCount < ROWS_PROVING || distinctCount !== rowCount) return false;
  if (text) return text.withBlank === 0 && text.maximumLength <= NAME_LENGTH_MAX;
  if (!COLUMN_TYPES[type].isWhole || !numbers) return false;
  return numbers.maximum - numbers.minimum + 1 === rowCount || IDENTIFIER_NAME.test(name);
}

function isFreeText({ text, distinctCount, missingCount }: ColumnSummary, rowCount: number): boolean {
  if (!text) return false;
  const present = rowCount - missingCount;
  return text.meanLength > 20 && text.withBlank > present / 2 && distinctCount > present / 2;
}

function isSplit({ type, topValues, distinctCount }: ColumnSummary): boolean {
  const values = topValues.map(({ value }) => value);
  const known = values.every((value) => ['train', 'test', 'validation'].includes(value));
  return (
    COLUMN_TYPES[type].isText === true &&
    distinctCount <= 3 &&
    known &&
    values.includes('train') &&
    values.includes('test')
  );
}
