import { z } from 'zod';
import { COLUMN_TYPES, shown } from '../../../formats';
import { chooseColumns, columnChoice } from '../../columns/choice';
import type { KnownColumn, KnownColumns, TellFault } from '../../columns/definition';
import { Operations } from '../../expressions/operations';
import { Calendar, DAY_MS } from '../../expressions/functions/times';
import { defineStep } from '../definition';

/** Of a time: how much of the day, week or year has passed, from 0 to below 1. */
const CYCLES = {
  hour: (calendar: Calendar, time: string) => calendar.apply('Div', calendar.remainder(time, DAY_MS), DAY_MS),
  weekday: (calendar: Calendar, time: string) =>
    calendar.apply('Div', calendar.remainder(calendar.apply('Add', calendar.days(time), 3), 7), 7),
  month: (calendar: Calendar, time: string) =>
    calendar.apply('Div', calendar.apply('Sub', calendar.date(time).month, 1), 12),
  dayOfYear: (calendar: Calendar, time: string) => {
    const { year } = calendar.date(time);
    const [first, next] = [year, calendar.apply('Add', year, 1)].map((each) => calendar.firstDay(each));
    return calendar.apply('Div', calendar.apply('Sub', calendar.days(time), first), calendar.apply('Sub', next, first));
  },
};
type Cycle = keyof typeof CYCLES;

const NAMES: Record<Cycle, string> = { hour: 'hour', weekday: 'weekday', month: 'month', dayOfYear: 'day of year' };
const ELAPSED = 'days since 1970';

const parameters = z.strictObject({
  columns: columnChoice,
  parts: z
    .array(z.enum(Object.keys(CYCLES) as [Cycle, ...Cycle[]]))
    .min(1)
    .optional()
    .describe(
      'hour (with its minutes), weekday, month, dayOfYear, each as a sine and a cosine, UTC. Left out: all of them, of a column of days ' +
        'without the hour.',
    ),
  elapsed: z
    .boolean()
    .default(false)
    .describe(
      'Whether the time itself is a feature as well, in days since 1970: a trend that goes on beyond the rows.',
    ),
});
type Parameters = z.output<typeof parameters>;

export const calendar = defineStep({
  kind: 'CALENDAR',
  title: 'Calendar',
  summary: 'Makes hour, weekday, month and day of the year of dates and times.',
  description:
    'Makes features of columns of dates and times, which are none themselves any more: hour, weekday, month and day of the year, as sines ' +
    'and cosines, so that 23:59 is near 0:00. The column that a split by time reads is one of them where it is named.',
  stage: 'columns',
  rank: 4,
  isRepeatable: true,
  parameters,
  columns: {
    touches: (options, known, fault) => {
      const times = chooseTimes(options, known, fault);
      const writes = times.flatMap((column) =>
        featuresOf(column, options).map((feature): KnownColumn => ({ name: feature.name, kind: 'number' })),
      );
      const taken = writes.find(({ name }) => known.columns.some((column) => column.name === name));
      if (taken)
        fault('.columns', `there is a column ${shown(taken.name)} already`, 'give one of the two another name');
      return { reads: times, writes, spends: times };
    },
    fit: (options, columns) => ({
      append: (graph, { take, set }) => {
        const operations = new Operations(graph);
        for (const column of columns) {
          const at = new Calendar(operations);
          const time = at.time(take([column.name]));
          for (const { name, append } of featuresOf(column, options)) set([name], append(at, time));
        }
      },
      changesUnit: true,
    }),
  },
  places: {},
});

type Named = Pick<KnownColumn, 'name' | 'traits'>;

function featuresOf(
  { name, traits }: Named,
  { parts, elapsed }: Parameters,
): { name: string; append(calendar: Calendar, time: string): string }[] {
  const isDay = traits !== undefined && COLUMN_TYPES[traits.type].isDay === true;
  const cycles = (Object.keys(CYCLES) as Cycle[]).filter((cycle) =>
    parts ? parts.includes(cycle) : !(isDay && cycle === 'hour'),
  );
  const waves = cycles.flatMap((cycle) =>
    ['Sin', 'Cos'].map((op) => ({
      name: `${name} ${NAMES[cycle]} ${op.toLowerCase()}`,
      append: (at: Calendar, time: string) => at.call(op, at.apply('Mul', CYCLES[cycle](at, time), 2 * Math.PI)),
    })),
  );
  const days = { name: `${name} ${ELAPSED}`, append: (at: Calendar, time: string) => at.apply('Div', time, DAY_MS) };
  return elapsed ? [...waves, days] : waves;
}

/** Those that hold times; a column that the split reads, and one that a step makes, where they are named. */
function chooseTimes({ columns: choice }: Parameters, known: KnownColumns, fault: TellFault): KnownColumn[] {
  const named = new Set(choice?.names);
  const columns = known.columns.map((column) => {
    const { reserved, ...others } = column;
    return reserved !== undefined && named.has(column.name) ? others : column;
  });
  const isTime = ({ traits }: KnownColumn) => traits !== undefined && COLUMN_TYPES[traits.type].isTime === true;
  const chosen = chooseColumns(choice, { ...known, columns }, TIMES, fault);
  const wrong = chosen.find((column) => named.has(column.name) && column.traits && !isTime(column));
  if (wrong) {
    const at = choice!.names!.indexOf(wrong.name);
    const message = `column ${shown(wrong.name)} holds no dates or times (its type is ${wrong.traits!.type})`;
    fault(`.columns.names[${at}]`, message, TIMES.remedy);
  }
  return chosen.filter((column) => isTime(column) || (named.has(column.name) && !column.traits));
}

const TIMES = {
  kind: 'number' as const,
  remedy: 'name columns of dates or times; where its values are such, read the file again with that type (reingest)',
};
