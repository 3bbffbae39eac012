// Lists that clients page through: a table of filter fields and sort keys for each, one reader for all.
export {
  between,
  comparableTime,
  containing,
  equalTo,
  ofId,
  oneOf,
  withAll,
  type Filter,
  type FilterField,
  type FilterOf,
} from './filter';
export {
  byText,
  byTime,
  listOf,
  plainList,
  rowsOf,
  SortDirection,
  type List,
  type ListArgs,
  type ListOptions,
} from './list';
export { readList, type Reader } from './read-list';
