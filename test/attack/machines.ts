/** Readings of machines of which those that run hot and shake fail more often; the same rows for the same seed. */
export function machinesCsv(rows: number, seed: number): string {
  let state = seed * 2_654_435_761 + 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = ['temperature,vibration,hours,failure'];
  for (let row = 0; row < rows; row++) {
    const [temperature, vibration, hours] = [20 + 80 * random(), 10 * random(), 5_000 * random()];
    const risk = temperature / 100 + vibration / 10 + random();
    lines.push(`${temperature.toFixed(2)},${vibration.toFixed(3)},${hours.toFixed(0)},${risk > 1.6 ? 'yes' : 'no'}`);
  }
  return lines.join('\n');
}
