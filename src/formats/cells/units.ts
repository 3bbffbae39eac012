/** What may stand around all numbers of a column. */

/** Characters of a currency or unit. */
export const AFFIX_MAX = 6;
/** Spellings of a unit that one format reads. */
export const SPELLINGS_MAX = 8;

const CURRENCIES = new Set(
  (
    'usd eur gbp chf jpy cny rmb inr cad aud nzd sek nok dkk isk pln czk huf ron bgn uah brl mxn ars clp cop pen zar rub try ils aed sar egp ' +
    'krw hkd sgd twd thb php idr myr vnd pkr bdt ngn kes rs rs. r$ kr kr. z\u0142 fr. sfr. us$ c$ a$ hk$ nt$ s$ nz$ mx$ s/ tl k\u010d ft lei ' +
    'rp rm \u0440\u0443\u0431 \u0440\u0443\u0431. \u0440. \u0433\u0440\u043d \u0433\u0440\u043d. \u043b\u0432 \u043b\u0432. \u0631.\u0633 \u0631.\u0633. \u062f.\u0625 \u062f.\u0625. \u062c.\u0645 \u062c.\u0645. ' +
    '\u5143 \u5186 \u5706 \uc6d0 \u0111'
  ).split(' '),
);
const UNITS = new Set(
  (
    'kg g mg \u00b5g \u03bcg ng t lb lbs oz \u2113 km m dm cm mm \u00b5m \u03bcm nm mi ft in yd l ml cl dl hl gal \u00b5l \u03bcl s sec secs ms min mins h hr hrs d day days ' +
    'week weeks wk month months mo year years yr yrs y tage tag jahre jahr std std. ans an jours \u00b0c \u00b0f \u00b0k \u2103 \u2109 \u00b0 \u00ba k c f bpm mmhg kpa hpa pa bar mbar psi v mv kv a ma w kw mw gw kwh mwh gwh va kva ' +
    'wh ah mah hz khz mhz ghz b kb mb gb tb kib mib gib tib bit bits px m2 m^2 m\u00b2 cm2 cm\u00b2 mm\u00b2 km2 km\u00b2 qm sqm m3 m^3 m\u00b3 cm3 cm\u00b3 cc ha acres km/h kmh kph km\u00b2 mph m/s m/s\u00b2 kn knots ' +
    'ft2 ft\u00b2 sqft sq_ft mg/dl mg/l \u00b5g/l \u03bcg/l ng/ml mmol/l g/dl g/l g/kg mg/kg kg/m\u00b3 g/cm\u00b3 u/l iu iu/l kg/m2 kg/m\u00b2 l/min ppm ppb db dba dbm lux lx lm cal kcal j kj mj n kn nm rpm ' +
    'mpa gpa \u00b5s \u03bcs us ns mbit kbit gbit mb/s kb/s gb/s mbps kbps gbps mbit/s kbit/s ohm \u03c9 \u2126 k\u03c9 \u00b5s/cm pcs pc stk st\u00fcck x pts pt \u4eba \u5c81 \u6b73 \u516c\u65a4 \u5343\u514b \u514b \u7c73 \u516c\u91cc \u5206 \u79d2 \u5929 \u5e74 \u4e2a \u4ef6 \u5ea6 \u540d \u500b \u56de \u672c \ud68c \uba85 ' +
    '\u043a\u0433 \u0433 \u0441\u043c \u043c\u043c \u043a\u043c \u043b \u043a\u043c/\u0447 \u043b\u0435\u0442 \u043c\u00b2 \u0448\u0442 \u0448\u0442.'
  )
    .split(' ')
    .map((unit) => unit.replace('_', ' ')),
);

/** What a share of something has before or behind it; without it, a number is no share. */
export const PERCENTS = '%\u2030\u066a\uff05';

/** Units of which the case of letters tells one from another, as in mW and MW, Mb and MB; these letters are capitals here. */
const CASE_TELLS = new Map(
  (
    'Mw Mwh Mva Mv Ma Mah Mhz Mpa Mbar Mj Mn Ml Mg Mm MS M Mg/dl Mg/l Mg/kg Mmol/l G B kB MB gB tB kiB miB giB tiB ' +
    'MB/s kB/s gB/s MBps kBps gBps S A T K N NM NS PA kN Cal \u00b5S \u03bcS'
  )
    .split(' ')
    .map((unit) => [unit.toLowerCase(), unit]),
);

export const isCurrency = (text: string): boolean => /^\p{Sc}$/u.test(text) || CURRENCIES.has(text.toLowerCase());
export const isPercent = (text: string): boolean => text !== '' && PERCENTS.includes(text);
export const isUnit = (text: string): boolean => UNITS.has(text.toLowerCase());

/** Of spellings that differ in case alone: those of one unit are the same text. */
export function unitMeant(spelling: string): string {
  const telling = CASE_TELLS.get(spelling.toLowerCase()) ?? '';
  return Array.from(spelling, (letter, at) => (/\p{Lu}/u.test(telling[at] ?? '') ? letter : letter.toLowerCase())).join(
    '',
  );
}
