/**
 * The table a text file is loaded into: one VARCHAR column c0, c1 … per column of the file, in its order. Columns are
 * addressed by position throughout, so a column may have any name. Names become part of one statement only, which writes them into the file: see file-columns.ts.
 */
export const RAW_TABLE = 'raw';

/** A text in its normal form; NULL when nothing is left. */
export { normalTextSql as trimmedText } from '../../formats';
