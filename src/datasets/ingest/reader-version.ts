/**
 * Counts the ways in which files were read. Raise it when a change makes any file read otherwise: other types, values,
 * findings or profiles. Versions keep the number of the reader that made them, and `reingest` makes one with this reader.
 */
export const READER_VERSION = 5;
