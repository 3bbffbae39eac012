/** Unions that say by `kind` which member they are, and tables over their members. */

interface Member {
  kind: string;
}

/** The member of a kind. */
export type OfKind<U extends Member, K extends U['kind']> = Extract<U, { kind: K }>;

/** An entry for each member: a member more does not compile before every table says what becomes of it. */
export type KindTable<U extends Member, R> = { [K in U['kind']]: (member: OfKind<U, K>) => R };

export const byKind = <U extends Member, R>(table: KindTable<U, R>, member: U): R =>
  table[member.kind as U['kind']](member as never);

/** For who knows the kind already, by the task of the model; another one is a fault of ours. */
export function ofKind<U extends Member, K extends U['kind']>(member: U, kind: K): OfKind<U, K> {
  if (member.kind !== kind) throw new Error(`This is of the kind ${member.kind}, not ${kind}.`);
  return member as OfKind<U, K>;
}
