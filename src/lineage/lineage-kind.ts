import type { NodeKind } from '../kernel';

/** What a feature tells of one kind of its objects, as SQL under the tenant's row-level security. $1 are ids (uuid[]). */
export interface LineageKind {
  /** Gives `id, label, created_at`, the label short and for people; of all objects, or of those among $1. */
  labels: string;
  /** The row of an object is written behind the answer that tells of it. */
  writtenLater?: boolean;
  /** Gives the `id` of what is deleted with the objects $1, by its kind. */
  parts?: Record<string, string>;
  /** Gives `id, created_at` of the objects that were made from those among $1, by the kind of the latter. */
  madeFrom?: Record<string, string>;
  /** Kinds of what they were made from that stored edges tell of alone, as their rows tell of the latest. */
  linkedFrom?: NodeKind[];
  /** Edges to objects of this kind that follow from their rows, where they are too many to be stored. */
  edges?: DerivedEdges;
}

export interface DerivedEdges {
  /** Gives `kind, id` one edge down from `reach.id`. */
  downstream: string;
  /** Gives `kind, id` one edge up from `reach.id`. */
  upstream: string;
  /** Gives `from_kind, from_id, to_kind, to_id, created_at` of the edges with both ends among $1. */
  among: string;
}

export type LineageKinds = Partial<Record<NodeKind, LineageKind>>;
