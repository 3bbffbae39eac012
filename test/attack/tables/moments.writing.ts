/** How dates, times, times of day and durations are written in files of text. */
import type { Random } from '../../support/random';
import { MOMENT_TYPES, type MomentType, pick, type SmallColumn, type Value } from './small-table';

interface Form {
  /** Of milliseconds since 1970, or of seconds. */
  write(value: number): string;
  /** Whether the values of a column can be told from what is written; all can where it is absent. */
  holds?(values: readonly number[]): boolean;
}

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const two = (part: number): string => String(part).padStart(2, '0');
/** Of seconds below 60, with what they have behind the point. */
const seconds = (part: number): string => `${two(Math.floor(part))}${String(part % 1).slice(1)}`;
const isEach =
  (unit: number) =>
  (values: readonly number[]): boolean =>
    values.every((value) => value % unit === 0);
/** A day beyond the twelfth tells days from months. */
const isOrdered = (values: readonly number[]): boolean =>
  isEach(1_000)(values) && values.some((value) => new Date(value).getUTCDate() > 12);

const ofIso =
  (write: (iso: string) => string): Form['write'] =>
  (value) =>
    write(new Date(value).toISOString());
/** Year, month and day of an ISO text, without zeros before them. */
const dayOf = (value: number): [number, number, number] => {
  const date = new Date(value);
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
};

function halfDay(value: number): string {
  const [hours, minutes] = [Math.floor(value / 3_600) % 24, Math.floor(value / 60) % 60];
  return `${hours % 12 || 12}:${two(minutes)}:${two(value % 60)} ${hours < 12 ? 'AM' : 'PM'}`;
}

function hourParts(value: number): [sign: string, hours: number, minutes: number, seconds: number] {
  const size = Math.abs(value);
  return [value < 0 ? '-' : '', Math.floor(size / 3_600), Math.floor(size / 60) % 60, size % 60];
}

/** ISO 8601 first, which holds all; then as it is written here and there, and by programs of several countries. */
const FORMS: Record<MomentType, Record<string, Form>> = {
  TIMESTAMP: {
    'T and Z': { write: ofIso((iso) => iso) },
    'a blank': { write: ofIso((iso) => iso.replace('T', ' ').replace('Z', '')) },
    'no parts of seconds': { write: ofIso((iso) => iso.replace('.000Z', 'Z').replace('T', ' ')) },
    /** Whole days may leave out the time. */
    'days among times': { write: ofIso((iso) => iso.replace('T00:00:00.000Z', '')) },
    'an offset': { write: ofIso((iso) => iso.replace('Z', '+00:00')) },
    'another zone': {
      write: (value) => new Date(value + 5.5 * 3_600_000).toISOString().replace('Z', '+05:30'),
    },
    'no signs': { write: ofIso((iso) => iso.replace(/[-:]/g, '').replace('.000Z', 'Z')), holds: isEach(1_000) },
    'points, day first': {
      write: ofIso((iso) => `${iso.slice(0, 10).split('-').reverse().join('.')} ${iso.slice(11, 19)}`),
      holds: isOrdered,
    },
    'month first, half of the day': {
      write: (value) => {
        const [year, month, day] = dayOf(value);
        return `${month}/${day}/${year} ${halfDay((((value % DAY_MS) + DAY_MS) % DAY_MS) / 1_000)}`;
      },
      holds: isOrdered,
    },
    'RFC 2822': { write: (value) => new Date(value).toUTCString(), holds: isEach(1_000) },
  },
  DATE: {
    'ISO 8601': { write: ofIso((iso) => iso.slice(0, 10)) },
    slashes: { write: ofIso((iso) => iso.slice(0, 10).replaceAll('-', '/')) },
    'points, day first': { write: ofIso((iso) => iso.slice(0, 10).split('-').reverse().join('.')), holds: isOrdered },
    'slashes, day first': { write: ofIso((iso) => iso.slice(0, 10).split('-').reverse().join('/')), holds: isOrdered },
    'slashes, month first': {
      write: (value) => {
        const [year, month, day] = dayOf(value);
        return `${month}/${day}/${year}`;
      },
      holds: isOrdered,
    },
    'name of the month first': {
      write: (value) => {
        const [year, month, day] = dayOf(value);
        return `${MONTHS[month - 1]} ${day}, ${year}`;
      },
    },
    'name of the month between hyphens': {
      write: (value) => {
        const [year, month, day] = dayOf(value);
        return `${two(day)}-${MONTHS[month - 1]}-${year}`;
      },
    },
    weekday: {
      write: (value) => {
        const [year, month, day] = dayOf(value);
        return `${WEEKDAYS[new Date(value).getUTCDay()]}, ${day} ${MONTHS[month - 1]} ${year}`;
      },
    },
    'years, months, days of China': {
      write: (value) => {
        const [year, month, day] = dayOf(value);
        return `${year}年${month}月${day}日`;
      },
    },
  },
  TIME: {
    'ISO 8601': {
      write: (value) => `${two(Math.floor(value / 3_600))}:${two(Math.floor(value / 60) % 60)}:${seconds(value % 60)}`,
    },
    'hours and minutes': {
      write: (value) => `${two(Math.floor(value / 3_600))}:${two(Math.floor(value / 60) % 60)}`,
      holds: isEach(60),
    },
    'half of the day': { write: halfDay, holds: isEach(1) },
  },
  DURATION: {
    'ISO 8601': {
      write: (value) => {
        const [sign, hours, minutes, rest] = hourParts(value);
        return `${sign}PT${hours}H${minutes}M${rest}S`;
      },
    },
    'hours, minutes, seconds': {
      write: (value) => {
        const [sign, hours, minutes, rest] = hourParts(value);
        return `${sign}${hours}:${two(minutes)}:${seconds(rest)}`;
      },
    },
    'units of time': {
      write: (value) => {
        const [sign, hours, minutes, rest] = hourParts(value);
        return `${sign}${hours}h ${minutes}m ${rest}s`;
      },
    },
    'days and a clock': {
      write: (value) => {
        const [, hours, minutes, rest] = hourParts(value);
        return `${Math.floor(hours / 24)} days ${two(hours % 24)}:${two(minutes)}:${seconds(rest)}`;
      },
      holds: (values) => values.every((value) => value >= 0),
    },
  },
};

/** The name of a form for each type. */
export type MomentStyle = Record<MomentType, string>;

const styleOf = (choose: (names: string[]) => string): MomentStyle =>
  Object.fromEntries(MOMENT_TYPES.map((type) => [type, choose(Object.keys(FORMS[type]))])) as MomentStyle;

export const momentStyle = (random: Random): MomentStyle => styleOf((names) => pick(random, names));
export const ISO_STYLE: MomentStyle = styleOf(([first]) => first);

export const isMoment = (type: string): type is MomentType => MOMENT_TYPES.includes(type as MomentType);

/** How the values of a column are written: in the style, or as ISO 8601 where the style does not hold them. Null for other columns. */
export function momentWriter({ type, cells }: SmallColumn, style: MomentStyle): ((value: Value) => string) | null {
  if (!isMoment(type)) return null;
  const form = FORMS[type][style[type]];
  const values = cells.filter((cell) => typeof cell === 'number');
  const { write } = form.holds?.(values) === false ? FORMS[type][ISO_STYLE[type]] : form;
  return (value) => write(value as number);
}
