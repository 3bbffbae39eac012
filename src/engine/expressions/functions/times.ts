import type { NumberValue, Operations } from '../operations';
import { ofNumbers, type ExpressionFunction } from './definition';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A Date of JavaScript holds as many milliseconds before and after 1970 (ECMA-262, Time Range). */
const TIME_MS_MAX = 8.64e15;

/** Arithmetic on whole numbers below 2^53, which doubles hold exactly. */
export class Calendar {
  constructor(private readonly graph: Operations) {}

  apply = (op: string, a: string, b: string | number): string =>
    this.graph.call(op, [a, typeof b === 'number' ? this.graph.double(b) : b]);

  call = (op: string, a: string): string => this.graph.call(op, [a]);

  quotient = (a: string, by: number): string => this.graph.call('Floor', [this.apply('Div', a, by)]);

  /** Not negative, whatever the sign of `a`. */
  remainder = (a: string, by: number): string => this.apply('Sub', a, this.apply('Mul', this.quotient(a, by), by));

  /** Whole milliseconds; missing where no calendar names them. */
  time(x: string): string {
    const isNamed = this.apply('LessOrEqual', this.graph.call('Abs', [x]), TIME_MS_MAX);
    return this.graph.call('Where', [isNamed, this.graph.call('Floor', [x]), this.graph.double(NaN)]);
  }

  days = (x: string): string => this.quotient(this.time(x), DAY_MS);

  /** Days from 1970 to the first day of a year of the Gregorian calendar. */
  firstDay(year: string): string {
    const before = this.apply('Sub', year, 1);
    const leaps = this.apply('Sub', this.quotient(before, 4), this.quotient(before, 100));
    const days = this.apply(
      'Add',
      this.apply('Mul', before, 365),
      this.apply('Add', leaps, this.quotient(before, 400)),
    );
    return this.apply('Sub', days, 719_162);
  }

  /** Years begin in March, so that the leap day is their last one (Hinnant, chrono-Compatible Low-Level Date Algorithms). */
  date(x: string): { year: string; month: string; day: string } {
    const { apply, quotient, remainder } = this;
    const shifted = apply('Add', this.days(x), 719_468);
    const era = quotient(shifted, 146_097);
    const dayOfEra = remainder(shifted, 146_097);
    const leaps = apply('Sub', quotient(dayOfEra, 1460), quotient(dayOfEra, 36_524));
    const even = apply('Sub', dayOfEra, apply('Add', leaps, quotient(dayOfEra, 146_096)));
    const yearOfEra = quotient(even, 365);
    const before = apply(
      'Add',
      apply('Mul', yearOfEra, 365),
      apply('Sub', quotient(yearOfEra, 4), quotient(yearOfEra, 100)),
    );
    const dayOfYear = apply('Sub', dayOfEra, before);
    const fromMarch = quotient(apply('Add', apply('Mul', dayOfYear, 5), 2), 153);
    const monthStart = quotient(apply('Add', apply('Mul', fromMarch, 153), 2), 5);
    const day = apply('Add', apply('Sub', dayOfYear, monthStart), 1);
    const month = apply('Add', remainder(apply('Add', fromMarch, 2), 12), 1);
    const isNextYear = this.quotient(apply('Add', fromMarch, 2), 12);
    const year = apply('Add', apply('Add', yearOfEra, apply('Mul', era, 400)), isNextYear);
    return { year, month, day };
  }
}

const part = (name: string, description: string, result: string, append: (calendar: Calendar, x: string) => string) =>
  ofNumbers(
    1,
    {
      form: `${name}(time)`,
      description,
      missing: 'the time is missing, or beyond the years -271821 to 275760',
      example: [`${name}(time("2024-05-17T10:20:30Z"))`, result],
    },
    (graph: Operations, [x]: string[]): NumberValue => graph.number(append(new Calendar(graph), x)),
  );

export const TIMES = {
  year: part('year', 'The year of a time, UTC.', '2024', (calendar, x) => calendar.date(x).year),
  month: part('month', 'The month, 1 to 12.', '5', (calendar, x) => calendar.date(x).month),
  day: part('day', 'The day of the month, 1 to 31.', '17', (calendar, x) => calendar.date(x).day),
  weekday: part('weekday', 'The day of the week, 1 (Monday) to 7 (Sunday).', '5', (calendar, x) =>
    calendar.apply('Add', calendar.remainder(calendar.apply('Add', calendar.days(x), 3), 7), 1),
  ),
  hour: part('hour', 'The hour of the day, 0 to 23.', '10', (calendar, x) =>
    calendar.quotient(calendar.remainder(calendar.time(x), DAY_MS), HOUR_MS),
  ),
  minute: part('minute', 'The minute of the hour, 0 to 59.', '20', (calendar, x) =>
    calendar.quotient(calendar.remainder(calendar.time(x), HOUR_MS), 60_000),
  ),
} satisfies Record<string, ExpressionFunction>;
