/** What a family of models says of itself. */
import type { Task } from './requests';

/** What the columns of a row are to a family: features in any order, steps, pixels, a node of a graph, or ids. */
export const DATA_KINDS = ['table', 'sequence', 'image', 'graph', 'ids', 'any'] as const;
export type DataKind = (typeof DATA_KINDS)[number];

/** One entry of the family registry; `parameters` is validated by the JSON Schema before a run is queued. */
export interface FamilyInfo {
  name: string;
  title: string;
  description: string;
  data: DataKind;
  tasks: Task[];
  /** Whether answers of its models can be explained by what columns add to them. */
  explains: boolean;
  /** JSON Schema (draft 2020-12) of the parameters, with defaults and bounds. */
  parameterSchema: Record<string, unknown>;
}
