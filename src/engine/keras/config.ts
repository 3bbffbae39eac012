/** Reads the fields of a Keras layer's config, and says which layer is at fault. */
import { EngineError } from '../types';
import { shown, shownValue } from '../../formats';

export type Config = Record<string, unknown>;

/** A fault in an uploaded model; `place` names the layer, weight or file. */
export const modelFault = (place: string, message: string, hint: string) =>
  new EngineError(`${place}: ${message}.`, 'model', hint);

export const isObject = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const RANK_MAX = 8;

/** What stands in the place of a tuple, a NumPy array or a tensor: Keras 2 writes its items, Keras 3 its value. */
function plain(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { class_name: className, items, config } = value;
  if (!['__tuple__', '__numpy__', '__tensor__'].includes(className as string)) return value;
  return items ?? (isObject(config) ? config.value : undefined);
}

/** A layer as the topology has it. */
export class KerasConfig {
  constructor(
    readonly name: string,
    readonly className: string,
    readonly config: Config,
    /** Major version of the Keras that wrote it; nonlinearities differ between 2 and 3. */
    readonly major: number,
  ) {}

  fault(message: string, hint: string): EngineError {
    return modelFault(
      `layer ${shown(this.name)} (${/^\w{1,60}$/.test(this.className) ? this.className : shown(this.className)})`,
      message,
      hint,
    );
  }

  number(key: string, fallback?: number): number {
    const value = this.config[key] ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw this.fault(`${key} is not a number`, 'Convert the model again from a Keras model that builds.');
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.config[key];
    return typeof value === 'boolean' ? value : fallback;
  }

  text(key: string, fallback: string): string {
    const value = this.config[key];
    return typeof value === 'string' ? value : fallback;
  }

  /** A list of numbers, or one number repeated `count` times. */
  numbers(key: string, count?: number, fallback?: number): number[] {
    const value = plain(this.config[key]) ?? fallback;
    if (typeof value === 'number' && count !== undefined) return new Array<number>(count).fill(value);
    const good = Array.isArray(value) && value.every((n) => typeof n === 'number');
    if (good && (count === undefined || value.length === count)) return value as number[];
    throw this.fault(`${key} is not a list of ${count ?? 'some'} numbers`, 'Convert the model again.');
  }

  /** All numbers of an array of any rank, row by row, or one number; null where the layer has none. */
  array(key: string): number[] | null {
    const value = plain(this.config[key]) ?? null;
    if (value === null) return null;
    const numbers = [value].flat(RANK_MAX);
    if (numbers.every((n): n is number => typeof n === 'number' && Number.isFinite(n))) return numbers;
    throw this.fault(`${key} is not an array of numbers`, 'Convert the model again.');
  }

  /** The layer that this one wraps. */
  inner(): KerasConfig {
    const layer = this.config['layer'];
    if (isObject(layer) && typeof layer.class_name === 'string' && isObject(layer.config)) {
      const { name } = layer.config;
      return new KerasConfig(typeof name === 'string' ? name : this.name, layer.class_name, layer.config, this.major);
    }
    throw this.fault('wraps no layer', 'Convert the model again.');
  }

  /** Refuses settings under which the layer would compute something else than what is built. */
  need(key: string, wanted: unknown, hint: string): void {
    const value = this.config[key];
    if (value === undefined || value === null || value === wanted) return;
    throw this.fault(`${key} is ${shownValue(value)}, which is not supported`, hint);
  }
}
