import { either, type Format, replace } from '../format';
import { inAnyBlanks } from './blanks';

const [SIXTY, FRACTION] = ['[0-5][0-9]', '(?:[.][0-9]{1,9})?'];
/** A time of day is held in microseconds. */
const MICROSECONDS = '(?:[.][0-9]{1,6})?';
const NO_SECONDS = replace('^(-?[0-9]+:[0-9]+)$', '$1:0');

const clock = (hours: string): Format => ({
  kind: 'clock',
  name: 'hour, minute, second',
  pattern: `${hours}:${SIXTY}(?::${SIXTY}${MICROSECONDS})?`,
  rewrites: [NO_SECONDS],
});

/** Times of day. */
export const CLOCK_FORMATS: readonly Format[] = [
  clock('(?:[01][0-9]|[2][0-3])'),
  {
    kind: 'clock',
    name: 'hour, minute, second, am or pm',
    pattern: `(?:[0]?[1-9]|[1][0-2]):${SIXTY}(?::${SIXTY}${MICROSECONDS})?[ \u00a0\u202f]?[ap][.]?m[.]?`,
    rewrites: [
      { do: 'lower' },
      replace('^([0-9]+):([0-9]+)(?::([0-9.]+))?[ \u00a0\u202f]?([ap]).*$', '$1:$2:$3 $4'),
      replace(': ', ':0 '),
      // Noon and midnight are 12.
      replace('^12:([^ ]*) a', '0:$1 '),
      ...Array.from({ length: 11 }, (_, i) => replace(`^0?${i + 1}:([^ ]*) p`, `${i + 13}:$1 `)),
      replace(' [ap]?$', ''),
    ],
  },
];

/** Hours of one digit are those of a duration unless a person says otherwise. */
export const SAID_CLOCK_FORMATS: readonly Format[] = [clock('(?:[01]?[0-9]|[2][0-3])')];

const part = (unit: string): string => `[0-9]{1,6}${unit}`;
const [DAYS, HOURS, MINUTES, SECONDS] = [part('D'), part('H'), part('M'), `[0-9]{1,6}${FRACTION}S`];
const ISO_CLOCK = `T${either(`${HOURS}(?:${MINUTES})?(?:${SECONDS})?`, `${MINUTES}(?:${SECONDS})?`, SECONDS)}`;

/** As programs write durations: ISO 8601, without years and months, which have no length. */
export const ISO_DURATION: Format = {
  kind: 'seconds',
  name: 'ISO 8601 duration',
  pattern: `-?P${either(`${DAYS}(?:${ISO_CLOCK})?`, ISO_CLOCK)}`,
  rewrites: [replace('^(-?)P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9.]+)S)?)?$', '$1$2 $3:$4:$5')],
};

const worded = (number: string, words: string): string => `${number} ?(?:${words})`;
const WORDS = [
  'd|days?|tage?|jours?|d[ií]as?|дней|дня|день|дн[.]?|天|日',
  'h|hrs?|hours?|std[.]?|stunden?|heures?|horas?|часов|часа|час|ч[.]?|小时|小時|時間',
  'm|mins?[.]?|minutes?|minuten?|minutos?|минуты?|минут|мин[.]?|分钟|分鐘|分間|分',
  's|secs?[.]?|seconds?|sek[.]?|sekunden?|secondes?|segundos?|секунды?|секунд|сек[.]?|秒間|秒',
];
const [WORD_DAYS, WORD_HOURS, WORD_MINUTES] = WORDS.map((words) => worded('[0-9]{1,6}', words));
const WORD_SECONDS = worded(`[0-9]{1,6}${FRACTION}`, WORDS[3]);
const BETWEEN = '(?:, ?| (?:and|und|et|y|e|и) | )?';
const behind = (first: string, ...others: string[]): string =>
  `${first}${others.map((other) => `(?:${BETWEEN}${other})?`).join('')}`;

/** 1h 30m, 2 hours and 5 minutes. A single part such as 45 min is a number with a unit, unless others stand beside it. */
export const WORDED_DURATION: Format = inAnyBlanks({
  kind: 'seconds',
  name: 'duration with units',
  pattern: `-?${either(
    behind(WORD_DAYS, WORD_HOURS, WORD_MINUTES, WORD_SECONDS),
    behind(WORD_HOURS, WORD_MINUTES, WORD_SECONDS),
    behind(WORD_MINUTES, WORD_SECONDS),
    WORD_SECONDS,
  )}`,
  rewrites: [
    replace(
      `^(-?)${WORDS.map((words, at) => `(?:${worded(at < 3 ? '([0-9]+)' : '([0-9.]+)', words)}${BETWEEN})?`).join('')}$`,
      '$1$2 $3:$4:$5',
    ),
  ],
});

/** Durations as seconds. */
export const SECONDS_FORMATS: readonly Format[] = [
  {
    kind: 'seconds',
    name: 'hours, minutes, seconds',
    pattern: `-?[0-9]{1,6}:${SIXTY}(?::${SIXTY}${FRACTION})?`,
    rewrites: [NO_SECONDS],
  },
  ISO_DURATION,
  inAnyBlanks({
    kind: 'seconds',
    name: 'days, hours, minutes, seconds',
    pattern: `(?:[0-9]{1,6} days?,? )?[0-9]{1,2}:${SIXTY}:${SIXTY}${FRACTION}`,
    rewrites: [replace(' days?,? ', ' ')],
  }),
  WORDED_DURATION,
];

/** 3:45 is read as hours and minutes unless a person says otherwise. */
export const MINUTES_SECONDS: Format = {
  kind: 'seconds',
  name: 'minutes, seconds',
  pattern: `-?[0-9]{1,6}:${SIXTY}${FRACTION}`,
  rewrites: [replace('^(-?)(.+)$', '$1 :$2')],
};
