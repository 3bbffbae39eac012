import { FLOAT32_OPTIONS, Packr } from 'msgpackr';
import type { ModelCard, Precision } from '../../engine';
import { newId } from '../../kernel';

/** A row of prediction_blocks. */
export interface BlockRow {
  id: string;
  deploymentId: string;
  modelVersionId: string;
  precision: Precision;
  count: number;
  /** JSON of [value, milliseconds after the block was begun], one for each prediction. */
  answers: string;
  /** MessagePack of one StoredRequest behind the other. */
  content: Buffer;
  createdAt: Date;
}

/** What was sent and answered in one request, but for the values that `answers` of its block holds. */
export type StoredRequest = [
  requestId: string,
  latencyMs: number,
  rowCount: number,
  /** As `recordedNames`, each a value for every row; undefined where it was not sent. */
  columns: (unknown[] | undefined)[],
  /** 32-bit floats, little-endian, as many for each row; null for numbers. */
  probabilities: Buffer | null,
];

/** The inputs of the model in the order of its card, which notes are taken of; of one that reads histories then the key of the entity, of a ranking the group. */
export const recordedNames = ({
  inputs,
  history,
  rankedWithin,
}: Pick<ModelCard, 'inputs' | 'history' | 'rankedWithin'>): string[] => [
  ...inputs.map(({ name }) => name),
  ...(history ? [history.key] : []),
  ...(rankedWithin === undefined ? [] : [rankedWithin]),
];

// A number of 7 digits, which most are, takes 4 bytes instead of 8 and comes back as the same decimal.
const packr = new Packr({ useRecords: false, useFloat32: FLOAT32_OPTIONS.DECIMAL_FIT });
export const packRequest = (request: StoredRequest): Buffer => packr.pack(request);
export const unpackRequests = (content: Buffer): StoredRequest[] => packr.unpackMultiple(content) as StoredRequest[];

// ---- ids --------------------------------------------------------------------------------------------------------
// A prediction's id is its block's with its place in the last 16 bits, which are zero in the block's own. The functions
// of the database that migrations make do the same.

const PREFIX_LENGTH = 32;

export const newBlockId = (): string => blockOf(newId());

export const predictionId = (blockId: string, place: number): string =>
  blockId.slice(0, PREFIX_LENGTH) + place.toString(16).padStart(4, '0');

export const blockOf = (predictionId: string): string => `${predictionId.slice(0, PREFIX_LENGTH)}0000`;

export const placeOf = (predictionId: string): number => parseInt(predictionId.slice(PREFIX_LENGTH), 16);
