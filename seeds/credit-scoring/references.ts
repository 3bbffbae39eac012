import type { CaseDocument } from '../../src/cases/case-document';

/** The same in every language. */
export const REFERENCES: CaseDocument['references'] = [
  {
    citation:
      'The MathWorks: Case Study for Credit Scorecard Analysis. Documentation of Financial Toolbox (creditscorecard).',
    url: 'https://www.mathworks.com/help/finance/case-study-for-a-credit-scorecard-analysis.html',
  },
  {
    citation: 'M. Refaat: Credit Risk Scorecards. Development and Implementation Using SAS. Lulu.com, 2011.',
    url: 'https://www.mathworks.com/help/finance/creditscorecard.html',
  },
  {
    citation:
      'N. Siddiqi: Credit Risk Scorecards. Developing and Implementing Intelligent Credit Scoring. Wiley, 2006.',
    url: 'https://doi.org/10.1002/9781119201731',
  },
  {
    citation: 'H. Hofmann: Statlog (German Credit Data). UCI Machine Learning Repository, 1994.',
    url: 'https://doi.org/10.24432/C5NC77',
  },
  {
    citation: 'C. Elkan: The Foundations of Cost-Sensitive Learning. IJCAI 2001, pp. 973–978.',
    url: 'https://dl.acm.org/doi/10.5555/1642194.1642224',
  },
  {
    citation:
      'J. Kleinberg, S. Mullainathan, M. Raghavan: Inherent Trade-Offs in the Fair Determination of Risk Scores. ITCS 2017.',
    url: 'https://doi.org/10.4230/LIPIcs.ITCS.2017.43',
  },
];
