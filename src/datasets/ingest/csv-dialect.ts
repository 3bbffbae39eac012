import { CsvScan, type CsvDialect } from './csv-scan';

const DELIMITERS = [',', ';', '\t', '|'];
const QUOTES = ['"', "'"];
const RFC_4180: CsvDialect = { delimiter: ',', quote: '"' };

interface Score {
  dialect: CsvDialect;
  /** Share of sampled rows with as many fields as the header; 0 when the header has one field only. */
  agreement: number;
  columns: number;
  quotedFields: number;
}

/**
 * Guesses delimiter and quote from the head of a file: the pair under which most rows have as many fields as the
 * header. Ties go to more columns, then to the earlier candidate; a single-column file gets the standard dialect.
 */
export function sniffDialect(sample: Uint8Array): CsvDialect {
  const scores = QUOTES.flatMap((quote) => DELIMITERS.map((delimiter) => score({ delimiter, quote }, sample)));
  const usable = scores.filter((entry) => entry.dialect.quote === '"' || entry.quotedFields > 0);
  const best = usable.reduce((left, right) => (isBetter(right, left) ? right : left));
  return best.agreement > 0 ? best.dialect : RFC_4180;
}

function score(dialect: CsvDialect, sample: Uint8Array): Score {
  const scan = new CsvScan(dialect);
  scan.feed(sample);
  const agreeing = scan.rows - scan.raggedCount;
  const broken = scan.fault || scan.columns < 2;
  const agreement = broken ? 0 : (agreeing + 1) / (scan.rows + 1);
  return { dialect, agreement, columns: scan.columns, quotedFields: scan.quotedFields };
}

/** Single quotes win a tie only when they quote fields and double quotes do not: apostrophes are common in text. */
function isBetter(right: Score, left: Score): boolean {
  if (right.agreement !== left.agreement) return right.agreement > left.agreement;
  if (right.columns !== left.columns) return right.columns > left.columns;
  return right.dialect.quote === "'" && left.dialect.quote === '"' && right.quotedFields > 0 && left.quotedFields === 0;
}
