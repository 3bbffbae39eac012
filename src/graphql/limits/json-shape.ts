import { PraxisError } from '../../kernel';
import { LIMITS } from './table';

/**
 * Bounds what a JSON text unfolds to before it is parsed: 10 MB of nothing but new names keep JSON.parse busy for seconds,
 * and what is nested deeply overflows the stack of whoever walks it. Most bodies are small and flat, which their length and
 * their brackets tell at next to no cost.
 * @throws PraxisError QUERY_TOO_COMPLEX, PAYLOAD_TOO_LARGE
 */
export function refuseShape(text: string, isAnonymous: boolean): void {
  const unscanned = isAnonymous ? LIMITS.anonymousUnscannedBytes : LIMITS.unscannedBytes;
  if (text.length > unscanned || depthAtMost(text) > LIMITS.jsonDepth) scan(text);
}

const [QUOTE, COLON, COMMA, BACKSLASH] = [...'":,\\'].map((each) => each.charCodeAt(0));
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [...'[]{}'].map((each) => each.charCodeAt(0));

/**
 * A bound of the depth from the opening brackets and what stands before each. On the way down, lists in objects and objects
 * in lists take turns, so that a thousand rows in one list count as two levels. Brackets in texts only raise the bound.
 */
function depthAtMost(text: string): number {
  let objects = 0;
  let objectsInLists = 0;
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
    if (before(text, at) === COLON) objects++;
    else objectsInLists++;
  }
  let lists = 0;
  let listsInObjects = 0;
  for (let at = text.indexOf('['); at >= 0; at = text.indexOf('[', at + 1)) {
    if (before(text, at) === COLON) listsInObjects++;
    else lists++;
  }
  return objects + lists + 2 * Math.min(objectsInLists, listsInObjects) + 2;
}

/** The character before a place, blanks left out. */
function before(text: string, at: number): number {
  let code = NaN;
  do code = text.charCodeAt(--at);
  while (code <= 32);
  return code;
}

/** One bit for each hash of a name: those that share one are counted once, which errs on the side of the caller. */
const SLOTS = 1 << 17;
const slots = new Uint8Array(SLOTS);

function scan(text: string): void {
  slots.fill(0);
  let [depth, containers, names, texts, values, hash] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      hash = 0;
      // Past the end of a text that is never closed the code is NaN.
      for (let inner = text.charCodeAt(++at); inner !== QUOTE && inner >= 0; inner = text.charCodeAt(++at)) {
        hash = (Math.imul(hash, 31) + inner) | 0;
        if (inner === BACKSLASH) at++;
      }
      if (++texts > LIMITS.jsonTexts) throw tooMuch('texts', LIMITS.jsonTexts);
    } else if (code === COLON) {
      texts--;
      const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
      if (slots[slot] === 0 && ++names > LIMITS.jsonNames) throw tooMuch('different names', LIMITS.jsonNames);
      slots[slot] = 1;
    } else if (code === COMMA) {
      if (++values > LIMITS.jsonValues) throw tooMuch('values', LIMITS.jsonValues);
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (++depth > LIMITS.jsonDepth) throw tooDeep();
      if (++containers > LIMITS.jsonContainers) throw tooMuch('lists and objects', LIMITS.jsonContainers);
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--;
  }
}

export const tooDeep = (): PraxisError =>
  new PraxisError('QUERY_TOO_COMPLEX', `The body nests lists and objects more than ${LIMITS.jsonDepth} deep.`);

const tooMuch = (what: string, max: number): PraxisError =>
  new PraxisError('PAYLOAD_TOO_LARGE', `The body holds more than ${max} ${what}; send rows in several requests.`);
