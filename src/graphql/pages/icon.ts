/** The mark of the product: a path through three points, as data, model and prediction. Reads on light and on dark ground. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" role="img" aria-label="Praxis">
<rect width="32" height="32" rx="8" fill="#3b5bdb"/>
<path d="M8 23 L15 13 L24 9" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/>
<g fill="#fff"><circle cx="8" cy="23" r="3.2"/><circle cx="15" cy="13" r="3.2"/><circle cx="24" cy="9" r="3.2"/></g>
</svg>
`;
