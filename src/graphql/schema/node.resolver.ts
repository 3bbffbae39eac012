import { ArrayMaxSize } from 'class-validator';
import { Arg, Args, ArgsType, Ctx, Field, ID, Query, Resolver } from 'type-graphql';
import {
  type GraphContext,
  Node,
  type NodeKind,
  parseGlobalId,
  PraxisError,
  replacedBy,
  type TenantContext,
  tenantOf,
} from '../../kernel';

/** How a kind of object is read by its uuid; given by the features. Null, or NOT_FOUND thrown, when there is none. */
export type NodeResolvers = Partial<Record<NodeKind, (context: TenantContext, uuid: string) => Promise<object | null>>>;

const IDS_MAX = 100;

@ArgsType()
class NodesArgs {
  @Field(() => [ID], { description: `Up to ${IDS_MAX} global ids.` })
  @ArrayMaxSize(IDS_MAX)
  ids!: string[];
}

@Resolver()
export class NodeResolver {
  constructor(private readonly resolvers: NodeResolvers) {}

  @Query(() => Node, { nullable: true, description: 'Any object by its global id; null when this tenant has none with it.' })
  nodeById(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
  ): Promise<object | null> {
    return findNode(this.resolvers, tenantOf(context), id);
  }

  @Query(() => Node, {
    ...replacedBy('nodeById'),
    description: 'Any object by its global id. NOT_FOUND when this tenant has none with it.',
  })
  async node(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Global id.' }) id: string,
  ): Promise<object> {
    const found = await findNode(this.resolvers, tenantOf(context), id);
    if (!found) throw PraxisError.notFound('object', id);
    return found;
  }

  @Query(() => [Node], {
    nullable: 'items',
    description: 'Objects by their global ids, in the same order; null where this tenant has none with that id.',
  })
  async nodes(@Ctx() context: GraphContext, @Args() { ids }: NodesArgs): Promise<(object | null)[]> {
    const caller = tenantOf(context);
    const found: (object | null)[] = [];
    // One after the other: a list of ids must not take more than one database connection.
    for (const id of ids) found.push(await findNode(this.resolvers, caller, id));
    return found;
  }
}

/** The object with a global id; null when there is none, or none of this tenant. */
export async function findNode(
  resolvers: NodeResolvers,
  caller: TenantContext,
  id: string,
): Promise<object | null> {
  const parsed = parseGlobalId(id);
  const read = parsed && resolvers[parsed.kind];
  if (!read) return null;
  try {
    return await read(caller, parsed.uuid);
  } catch (error) {
    if (error instanceof PraxisError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
