/** Records of CSV that is at hand as text. */
import type { CsvDialect } from './csv-scan';

/** The records of a text that has been cut out of a file where a record begins; without its blank lines. */
export function splitRecords(
  text: string,
  dialect: CsvDialect,
  recordsMax: number,
): { line: number; fields: string[] }[] {
  const records: { line: number; fields: string[] }[] = [];
  const { quote } = dialect;
  let [start, line, startLine, quoted] = [0, 1, 1, false];
  for (let index = 0; index <= text.length && records.length < recordsMax; index++) {
    const character = text[index] ?? '\n';
    if (character === quote) quoted = !quoted && opensQuote(text, index, dialect);
    if (character !== '\n' && character !== '\r') continue;
    if (character === '\r' && text[index + 1] === '\n') continue;
    line++;
    if (quoted && index < text.length) continue;
    const record = text
      .slice(start, index)
      .replace(/\r$/, '')
      .replace(/^\ufeff/, '');
    if (record.trim() !== '' || record.includes(dialect.delimiter)) {
      records.push({ line: startLine, fields: splitRecord(record, dialect) });
    }
    [start, startLine, quoted] = [index + 1, line, false];
  }
  return records;
}

/** A quote opens a quoted field where only blanks stand before it in its field, or closes and opens one that is doubled. */
function opensQuote(text: string, index: number, { delimiter, quote }: CsvDialect): boolean {
  let before = index - 1;
  if (text[before] === quote) return true;
  while (text[before] === ' ') before--;
  return before < 0 || ['\n', '\r', '\ufeff', delimiter].includes(text[before]);
}

/** The fields of one record; `text` holds exactly one. */
export function splitRecord(text: string, dialect: CsvDialect): string[] {
  const { delimiter, quote } = dialect;
  const fields: string[] = [];
  let [field, isBlank, quoted] = ['', true, false];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === quote && text[index + 1] === quote) field += text[++index];
    else if (character === quote && (quoted || isBlank)) {
      if (!quoted) field = '';
      if (quoted) isBlank = field.trim() === '';
      quoted = !quoted;
    } else if (character === delimiter && !quoted) {
      fields.push(field);
      [field, isBlank] = ['', true];
    } else {
      field += character;
      isBlank &&= character.trim() === '';
    }
  }
  return [...fields, field];
}
