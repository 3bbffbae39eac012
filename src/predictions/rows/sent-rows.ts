import { PraxisError } from '../../kernel';
import { givenEntities, type Entity } from './given-entities';
import { givenRows, type GivenRows } from './given-rows';
import type { HistoryEncoder } from './history.encoder';
import type { Row } from './row.cells';

export interface SentRequest {
  rows?: Row[] | null;
  columns?: Row | null;
  entities?: Entity[] | null;
}

/** What a model takes: rows, or entities with a history. */
interface Taking {
  history: { encoder: HistoryEncoder; key: string } | null;
}

/** What was sent, before the model is known. */
export interface SentRows {
  /** Of all entities, where they are sent. */
  rowCount: number;
  /** Throws VALIDATION_FAILED where the model takes the other. */
  of(model: Taking): GivenRows;
}

/** Throws VALIDATION_FAILED or PAYLOAD_TOO_LARGE when there are none, too many, or not one of the forms. */
export function sentRows({ entities, rows, columns }: SentRequest): SentRows {
  if (!entities) {
    const input = givenRows({ rows, columns });
    return { rowCount: input.rowCount, of: ({ history }) => (history ? refuseRows(rows ? 'rows' : 'columns') : input) };
  }
  const [other] = [rows && 'rows', columns && 'columns'].filter(Boolean);
  if (other) {
    const message = `cannot be given together with ${other}`;
    throw PraxisError.invalid([{ path: 'entities', message, hint: 'give one of the three' }]);
  }
  const input = givenEntities(entities);
  const of = ({ history }: Taking): GivenRows => (history ? input.of(history.encoder, history.key) : refuseEntities());
  return { rowCount: input.rowCount, of };
}

function refuseRows(path: string): never {
  const message = 'is not what this model takes: it reads the history of an entity';
  const hint =
    'send entities: [{ key, rows }], each with its rows up to the one to predict; `history` of the model card says what they hold';
  throw PraxisError.invalid([{ path, message, hint }]);
}

function refuseEntities(): never {
  const message = 'is for models that read the history of an entity, which this one does not';
  throw PraxisError.invalid([{ path: 'entities', message, hint: 'send rows' }]);
}
