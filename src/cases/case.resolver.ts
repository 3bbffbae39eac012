import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { eitherOf, parseGlobalId, replacedBy, tenantOf, type GraphContext, type Page, Language } from '../kernel';
import { CaseDocument } from './case-document';
import { Case, CaseConnection } from './case.entity';
import { CasesArgs } from './case.input';
import type { CaseService } from './case.service';

/** Slug or uuid in what a client wrote. */
export function slugOrUuid(written: string): string {
  const parsed = parseGlobalId(written);
  return parsed?.kind === 'Case' ? parsed.uuid : written;
}

@Resolver(() => Case)
export class CaseResolver {
  constructor(private readonly service: CaseService) {}

  @Query(() => Case, {
    ...replacedBy('caseById'),
    description: 'One case of the library. NOT_FOUND when there is none.',
  })
  case(
    @Arg('id', () => ID, { description: 'Slug, such as `predictive-maintenance`, or global id.' }) id: string,
    @Ctx() context: GraphContext,
  ): Promise<Case> {
    return this.service.get(tenantOf(context), slugOrUuid(id));
  }

  @Query(() => Case, {
    nullable: true,
    description: 'The case of the library with this slug; null when there is none.',
  })
  caseBySlug(
    @Arg('slug', () => String, { description: 'Such as `predictive-maintenance`.' }) slug: string,
    @Ctx() context: GraphContext,
  ): Promise<Case | null> {
    return this.service.findBySlug(tenantOf(context), slug);
  }

  @Query(() => CaseConnection, { description: 'The case library, newest first.' })
  cases(@Args(() => CasesArgs) args: CasesArgs, @Ctx() context: GraphContext): Promise<Page<Case>> {
    const industry = args.industry ? [args.industry] : null;
    const industries = eitherOf({ 'filter.industries': args.filter?.industries, industry });
    return this.service.list(tenantOf(context), { ...args, filter: { ...args.filter, industries } });
  }

  @FieldResolver(() => CaseDocument, { description: 'The document.' })
  document(
    @Root() { documents }: Case,
    @Arg('language', () => Language, { defaultValue: Language.EN, description: 'Default English.' }) language: Language,
  ): CaseDocument {
    return documents[language === Language.ZH ? 'zh' : 'en'];
  }
}
