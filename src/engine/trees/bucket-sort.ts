/** Sorts numbers: spread over buckets of equal width, which are sorted one by one. Values that lie close together take longest. */

/** Of a bucket; more values than these are sorted by the engine of JavaScript. */
const INSERTED_MAX = 24;
/** Fewer values are not worth buckets. */
const SPREAD_MIN = 1024;

/** In place, ascending; no value is NaN. */
export function sortNumbers(values: Float64Array): Float64Array {
  const count = values.length;
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = (count - 1) / (high - low);
  if (count < SPREAD_MIN || !Number.isFinite(scale) || !Number.isFinite(low * scale)) return values.sort();
  const ends = new Uint32Array(count);
  for (let i = 0; i < count; i++) ends[((values[i] - low) * scale) | 0]++;
  for (let bucket = 1; bucket < count; bucket++) ends[bucket] += ends[bucket - 1];
  const spread = values.slice();
  // From the last value on, so that an end becomes the place of the bucket's first value.
  for (let i = count - 1; i >= 0; i--) values[--ends[((spread[i] - low) * scale) | 0]] = spread[i];
  for (let bucket = 0; bucket < count; bucket++) {
    const to = bucket + 1 < count ? ends[bucket + 1] : count;
    if (to - ends[bucket] > 1) sortRange(values, ends[bucket], to);
  }
  return values;
}

function sortRange(values: Float64Array, from: number, to: number): void {
  if (to - from > INSERTED_MAX) {
    values.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const value = values[i];
    let place = i;
    for (; place > from && values[place - 1] > value; place--) values[place] = values[place - 1];
    values[place] = value;
  }
}
