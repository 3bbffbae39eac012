import { escaped } from '../../formats/words/text';

/** Of a name in a path. */
const NAME_LENGTH_MAX = 100;

/** A property as a step of a path: `.age`, or `["body mass"]` where it is no plain name. */
export const step = (name: string): string =>
  name.length <= NAME_LENGTH_MAX && /^[A-Za-z_]\w*$/.test(name)
    ? `.${name}`
    : `[${escaped(name.slice(0, NAME_LENGTH_MAX))}]`;
