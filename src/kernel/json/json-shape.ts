/** What a JSON text may unfold to. */
export interface JsonShape {
  /** Lists and objects within one another. */
  jsonDepth: number;
  /** Lists and objects. */
  jsonContainers: number;
  /** Different names of fields: each new one costs many times what a known one does. */
  jsonNames: number;
  /** Texts, names not counted. */
  jsonTexts: number;
  /** Values that are separated by commas, of any kind. */
  jsonValues: number;
}

/** What there is too much of, and how many of it are taken; null: it is nested too deeply. */
export type ShapeFault = { what: string | null; max: number };

/**
 * Bounds what a JSON text unfolds to before it is parsed: 10 MB of nothing but new names keep JSON.parse busy for seconds,
 * and what is nested deeply overflows the stack of whoever walks it. Texts of at most `unscanned` characters that are flat,
 * which their brackets tell at next to no cost, are not looked at.
 */
export function faultOfShape(text: string, shape: JsonShape, unscanned = 0): ShapeFault | null {
  return text.length > unscanned || depthAtMost(text) > shape.jsonDepth ? scan(text, shape) : null;
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

function scan(text: string, shape: JsonShape): ShapeFault | null {
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
      if (++texts > shape.jsonTexts) return { what: 'texts', max: shape.jsonTexts };
    } else if (code === COLON) {
      texts--;
      const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
      if (slots[slot] === 0 && ++names > shape.jsonNames) return { what: 'different names', max: shape.jsonNames };
      slots[slot] = 1;
    } else if (code === COMMA) {
      if (++values > shape.jsonValues) return { what: 'values', max: shape.jsonValues };
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (++depth > shape.jsonDepth) return { what: null, max: shape.jsonDepth };
      if (++containers > shape.jsonContainers) return { what: 'lists and objects', max: shape.jsonContainers };
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--;
  }
  return null;
}
