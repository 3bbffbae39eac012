const LENGTH_MAX = 80;

/** Letters and digits of a name with hyphens between, as any system and any header takes it for a file. */
export const slugOf = (name: string, fallback: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LENGTH_MAX)
    .replace(/^-+|-+$/g, '') || fallback;
