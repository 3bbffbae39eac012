import { PraxisError, REQUEST_ROWS_MAX, step, type Fault } from '../../kernel';
import { isStorable } from './cell.reader';
import { refuseMoreThan, type GivenRows } from './given-rows';
import type { HistoryEncoder } from './history.encoder';
import { read, type Row } from './row.cells';

/** An entity as the client sent it. */
export interface Entity {
  key: string;
  rows: Row[];
}

/** Less than the input objects that a request may have. */
export const ENTITIES_MAX = 900;

/** Entities with their rows, before it is known what a model makes of them. */
export interface GivenEntities {
  /** Of all entities. */
  rowCount: number;
  /** What is predicted: a row for each entity. @param key the column that names it */
  of(encoder: HistoryEncoder, key: string): GivenRows;
}

/** Throws VALIDATION_FAILED or PAYLOAD_TOO_LARGE when there are none, too many rows, or two of one key. */
export function givenEntities(entities: Entity[]): GivenEntities {
  const rows = entities.flatMap((entity) => entity.rows);
  refuseMoreThan(ENTITIES_MAX, entities.length, 'entities');
  refuseMoreThan(REQUEST_ROWS_MAX, rows.length, 'rows');
  const faults = [...faultsOf(entities)];
  if (faults.length > 0) throw PraxisError.invalid(faults);
  return { rowCount: rows.length, of: (encoder, key) => ofModel(entities, rows, { encoder, key }) };
}

function* faultsOf(entities: Entity[]): Generator<Fault> {
  if (entities.length === 0) yield { path: 'entities', message: 'is empty', hint: 'send at least one entity' };
  const places = new Map<string, number>();
  for (const [i, { key, rows }] of entities.entries()) {
    const path = `entities[${i}]`;
    const same = places.get(key);
    places.set(key, same ?? i);
    if (same !== undefined) {
      const hint = 'give all rows of an entity together';
      yield { path: `${path}.key`, message: `is that of entities[${same}] as well`, hint };
    }
    if (key === '' || !isStorable(key)) {
      const message = key === '' ? 'is empty' : 'holds a NUL or half a surrogate pair, or is too long';
      yield { path: `${path}.key`, message, hint: 'name the entity' };
    }
    if (rows.length === 0)
      yield { path: `${path}.rows`, message: 'is empty', hint: 'send at least the row to predict' };
  }
}

function ofModel(
  entities: Entity[],
  rows: Row[],
  { encoder, key }: { encoder: HistoryEncoder; key: string },
): GivenRows {
  const counts = Uint32Array.from(entities, (entity) => entity.rows.length);
  const places = entities.flatMap((entity, i) => entity.rows.map((_, row) => `entities[${i}].rows[${row}]`));
  const encoded = encoder.encode({ rows, counts, path: (row) => places[row] });
  const all = [...entities.keys()];
  return {
    rowCount: entities.length,
    encode: () => encoded.block,
    columns: (fields, of = all) =>
      fields.map((field) => {
        if (field.name === key) return of.map((i) => entities[i].key);
        const computed = encoded.computed.get(field.name);
        return of.map((i) => (computed ? computed[i] : read(rows[encoded.lastRows[i]], field)));
      }),
    path: (i, name) => places[encoded.lastRows[i]] + step(name),
  };
}
