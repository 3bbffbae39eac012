import { Arg, FieldResolver, Resolver, Root } from 'type-graphql';
import { Language } from '../../kernel';
import { waysOf } from './tree.conditions';
import { PICTURED_MAX, pictureOf } from './tree.picture';
import { DecisionTree, RULES_MAX, TreeRule } from './tree.type';
import { percentOf, TreeWriter } from './tree.words';

const LANGUAGE = { defaultValue: Language.EN, description: 'Default English.' };

@Resolver(() => DecisionTree)
export class DecisionTreeResolver {
  @FieldResolver(() => String, {
    description: `The tree as an SVG image with a title and a description for those who do not see it. Names and texts are escaped; it holds no script and refers to nothing. Of more than ${PICTURED_MAX} leaves the splits that most rows reach are shown, and how many lie below.`,
  })
  picture(
    @Root() { version, outline }: DecisionTree,
    @Arg('language', () => Language, LANGUAGE) language: Language,
  ): string {
    const { card, id } = version;
    const target = card.targets ? card.targets.map(({ name }) => name).join(', ') : (card.target ?? '');
    return pictureOf(outline, new TreeWriter(card, language), { id: `tree-${id}`, target: target.slice(0, 200) });
  }

  @FieldResolver(() => [TreeRule], {
    description: `The ways through the tree as rules in words, those of the most rows first, at most ${RULES_MAX}. Each row follows exactly one.`,
  })
  rules(
    @Root() { version, outline }: DecisionTree,
    @Arg('language', () => Language, LANGUAGE) language: Language,
  ): TreeRule[] {
    const writer = new TreeWriter(version.card, language);
    const [{ rows: all }] = outline.nodes;
    const ways = waysOf(outline).sort((a, b) => outline.nodes[b.leaf].rows - outline.nodes[a.leaf].rows);
    return ways.slice(0, RULES_MAX).map((way) => {
      const { rows, scores } = outline.nodes[way.leaf];
      const conditions = way.conditions.map((condition) => writer.condition(condition));
      const answer = writer.answer(scores);
      const share = rows / all;
      const text = writer.words.rule(conditions, answer, writer.count(rows), percentOf(share));
      return { text, conditions, answer, rowCount: rows, share };
    });
  }
}
