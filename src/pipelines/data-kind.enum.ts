import { registerEnumType } from 'type-graphql';
import type { DataKind } from '../engine';

export const DataKindEnum = {
  TABLE: 'table',
  SEQUENCE: 'sequence',
  IMAGE: 'image',
  GRAPH: 'graph',
  IDS: 'ids',
  ANY: 'any',
} as const satisfies Record<Uppercase<DataKind>, DataKind>;

registerEnumType(DataKindEnum, {
  name: 'DataKind',
  description: 'What the columns of a row are to a family of models.',
  valuesConfig: {
    TABLE: { description: 'Features, in any order.' },
    SEQUENCE: { description: 'Steps in time, in the order of the columns.' },
    IMAGE: { description: 'Pixels, row by row.' },
    GRAPH: { description: 'The id of a node of a graph, then its features.' },
    IDS: { description: 'The ids of a user and of an item, then features of either.' },
    ANY: { description: 'What its parameters say.' },
  },
});
