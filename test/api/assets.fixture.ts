import type { ModelAsset } from '../../src/engine';

/** Larger than a piece of a stream. */
const WORDS = JSON.stringify(Array.from({ length: 20_000 }, (_, i) => `word ${i}`));

export const ASSETS: ModelAsset[] = [
  { name: 'tokenizer/words.json', mediaType: 'application/json', bytes: new TextEncoder().encode(WORDS) },
  { name: 'index.bin', mediaType: 'application/octet-stream', bytes: Uint8Array.of(1, 2, 3) },
];
